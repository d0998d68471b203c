"""Splitting a mail's body: attributions, rules and header blocks of three languages; answers above, below, between."""

import pytest

from servicequal.files.quotes import split


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ("On Tue, May 3, 2026 at 10:12 AM Anna Berg <anna@shop.de> wrote:", "anna@shop.de"),
        ("On Tue, May 3, 2026 at 10:12 AM Anna Berg wrote:", "Anna Berg"),
        ("On 3 May 2026, at 10:12, Voltana Customer Care\n<help@voltana.com> wrote:", "help@voltana.com"),
        ("--- On Wed, 4/4/12, Anna <anna@shop.de> wrote:", "anna@shop.de"),
        ("Am 03.05.2026 um 10:12 schrieb Anna Berg <anna@shop.de>:", "anna@shop.de"),
        ("Am 03.05.2026 um 10:12 schrieb Anna Berg:", "Anna Berg"),
        ("Am Di., 3. Mai 2026 um 10:12 Uhr schrieb Anna Berg\n<anna@shop.de>:", "anna@shop.de"),
        ("Am 3. Mai 2026 um 10:12 hat Anna Berg geschrieben:", "Anna Berg"),
        ("Anna Berg <anna@shop.de> schrieb am Di., 3.\nMai 2026 um 10:12 Uhr:", "anna@shop.de"),
        ("Anna Berg schrieb am 03.05.2026 10:12:", "Anna Berg"),
        ("Dnia 3 maj 2026 o godz. 10:12 Anna Nowak <anna@shop.pl> napisał(a):", "anna@shop.pl"),
        ("Dnia 3 maja 2026 10:12 Anna Nowak <anna@shop.pl> napisała:", "anna@shop.pl"),
        ("W dniu 03.05.2026 o 10:12, Anna Nowak pisze:", "Anna Nowak"),
        ("W dniu 2026-05-03 10:12, anna@shop.pl napisał(a):", "anna@shop.pl"),
        ("pt., 1 maj 2026 o 10:12 Anna Nowak\n<anna@shop.pl> napisał(a):", "anna@shop.pl"),
        (
            "-----Original Message-----\nFrom: Anna Berg <anna@shop.de>\nSent: Monday\nTo: Bob\nSubject: Parcel",
            "anna@shop.de",
        ),
        ("________________\nFrom: Anna Berg\nSent: Monday\nTo: Bob\nSubject: Parcel", "Anna Berg"),
        (
            "-----Ursprüngliche Nachricht-----\nVon: anna@shop.de\nGesendet: Montag\nAn: Bob\nBetreff: AW: x",
            "anna@shop.de",
        ),
        ("*Von:* Anna Berg\n*Datum:* 3. Mai\n*An:* Bob\n*Betreff:* x", "Anna Berg"),
        ("Od: Anna Nowak <anna@shop.pl>\nWysłano: 3 maja\nDo: Jan; Ewa;\n  Ola\nTemat: x", "anna@shop.pl"),
        ("---- Wiadomość oryginalna ----\nOd: anna@shop.pl\nData: 3 maja\nDo: Jan\nTemat: x", "anna@shop.pl"),
        (
            "---------- Forwarded message ----------\nFrom: Anna <anna@shop.de>\nDate: x\nSubject: y\nTo: z",
            "anna@shop.de",
        ),
        (
            "-------- Weitergeleitete Nachricht --------\nBetreff: x\nDatum: y\nVon: Anna <anna@shop.de>\nAn: z",
            "anna@shop.de",
        ),
        ("Begin forwarded message:\n\nFrom: anna@shop.de\n\nSubject: x\n\nDate: y", "anna@shop.de"),
    ],
)
@pytest.mark.parametrize("mark", ["", "> "])
def test_headers(header: str, sender: str, mark: str) -> None:
    quoted = "\n".join(mark + line for line in ("Your parcel: on its way.", "", "Regards"))
    newest, older = split(f"Thank you!\nBob\n\n{header}\n\n{quoted}\n")
    assert newest.text == "Thank you!\nBob"
    assert older.header.sender == sender
    assert older.text == "Your parcel: on its way.\n\nRegards"


def test_answers_below_and_between() -> None:
    below = split("On 3 May 2026, anna@shop.de wrote:\n> When?\n\nTomorrow.")
    assert [part.text for part in below] == ["Tomorrow.", "When?"]
    between = split("Hi,\n> When?\nTomorrow.\n> Where?\nHere.")
    assert [part.text for part in between] == ["Hi,\nTomorrow.\nHere.", "When?\nWhere?"]


def test_depth() -> None:
    body = "C\n\nAm 3.5.2026 schrieb b@x.de:\n> B\n>\n> Am 2.5.2026 schrieb a@x.de:\n> > A\n> >> older"
    assert [(part.text, part.header.sender) for part in split(body)] == [
        ("C", None),
        ("B", "b@x.de"),
        ("A", "a@x.de"),
        ("older", None),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "Sie schrieben am 3.5.2026 um 10:12:\nDas geht nicht.",
        "On 3 May 2026 you wrote:\nnothing works",
        "Von: Berlin\nnach Hamburg",
        "I ordered this:\n5 > 3",
        "Am Montag schrieb ich Ihnen am 3.5.2026:\nkeine Antwort",
        "",
    ],
)
def test_what_quotes_nothing_stays_whole(body: str) -> None:
    (part,) = split(body)
    assert part.text == body


def test_a_mail_that_only_forwards_has_an_empty_own_part() -> None:
    own, forwarded = split("----- Forwarded message -----\nFrom: a@x.de\nSubject: x\n\nHello")
    assert (own.text, forwarded.text, forwarded.header.sender) == ("", "Hello", "a@x.de")


def test_hostile_bodies_are_split_in_time() -> None:
    assert len(split(">" * 100_000 + " x")) <= 2
    assert len(split("\n".join(">" * depth + " x" for depth in range(300)))) <= 60
    assert len(split("From: a\n" * 20_000)) == 1
    assert len(split("a wrote 12:\n" * 20_000)) <= 60
    assert len(split(("w" * 300 + " wrote 12:30") * 2000)) == 1
