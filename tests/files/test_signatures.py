"""What is cut below a mail, and what stays because it is courtesy or content."""

import pytest

from servicequal.files.signatures import cut_signature


@pytest.mark.parametrize(
    "below",
    [
        "\n-- \nAnna Berg\nVoltana GmbH",
        "\n--\nAnna Berg",
        "\nSent from my iPhone",
        "\nVon meinem iPhone gesendet",
        "\nGesendet von Outlook für Android",
        "\nWysłane z iPhone\u2019a",
        "\nGet Outlook for iOS",
        "\nThis e-mail and any attachments are confidential and intended for the addressee.\nDelete it.",
        "\nDiese E-Mail enthält vertrauliche Informationen.",
        "\nNiniejsza wiadomość zawiera informacje poufne.",
        "\nAdministratorem Pani/Pana danych osobowych jest Voltana sp. z o.o.",
    ],
)
def test_what_is_cut(below: str) -> None:
    assert cut_signature("Ihr Paket kommt morgen.\n" + below) == "Ihr Paket kommt morgen."


@pytest.mark.parametrize(
    ("closing", "address"),
    [
        ("Mit freundlichen Grüßen\nAnna Berg", "Voltana GmbH\nHauptstraße 1\n10115 Berlin\nTel. 030 1234567"),
        ("Best regards,\nBob\nCustomer Care", "Phone: +44 20 1234567\nwww.voltana.com"),
        ("Z poważaniem\nEwa Nowak", "Voltana sp. z o.o.\nul. Długa 1\n00-950 Warszawa\nNIP 1234567890"),
        (
            "Viele Grüße",
            "Geschäftsführer: Max Muster, Sitz der Gesellschaft: Berlin, eingetragen am Amtsgericht, HRB 1",
        ),
    ],
)
def test_the_closing_stays_and_the_address_goes(closing: str, address: str) -> None:
    assert cut_signature(f"Gern.\n\n{closing}\n\n{address}") == f"Gern.\n\n{closing}"
    assert (
        cut_signature(f"Gern.\n\n{closing}\n{address}\nPS: Schönen Tag!") == f"Gern.\n\n{closing}\n\nPS: Schönen Tag!"
    )


@pytest.mark.parametrize(
    "text",
    [
        "Thanks,\nmy phone is 030 1234567, please call me there after six in the evening.\nAnna",
        "My address:\nHauptstraße 1\n10115 Berlin",
        "Vielen Dank\n\nAnna",
        "It costs -- as you know -- 5 EUR.",
        "--\nonly a line above",
        "",
    ],
)
def test_what_stays(text: str) -> None:
    assert cut_signature(text) == text


def test_hostile_text_is_cut_in_time() -> None:
    for line in ("--", "This message ", "Viele Grüße", "Tel. 1", "Sent from my "):
        assert isinstance(cut_signature(f"{line}\n" * 20_000), str)
