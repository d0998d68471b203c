"""An own scheme, sixty annotated contacts and one command: a scorer that works on contacts it has not seen."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from servicequal import Contact, Scheme, Scorer, Turn, read_annotations, read_contacts, train
from servicequal.cli import main
from servicequal.inference.encoder import Encoder

MENTIONS = [
    "By the way, you collect bonus points with every order in our loyalty programme.",
    "Are you already a member of our loyalty club? You would save on this order.",
    "With the customer card you would get three percent back on that.",
    "Übrigens sammeln Sie bei uns mit der Kundenkarte Treuepunkte.",
    "Sind Sie schon in unserem Bonusprogramm? Da gäbe es Punkte für diesen Kauf.",
    "Przypominam o naszym programie lojalnościowym, za zakup są punkty.",
]
OTHERS = [
    "The parcel is on its way and arrives tomorrow.",
    "You can pay by card, by invoice or by bank transfer.",
    "Please send us a photo of the damage.",
    "Das Gerät ist auf Lager, die Lieferung dauert drei Tage.",
    "Ich habe die Adresse gerade für Sie geändert.",
    "Faktura jest dostępna na koncie klienta.",
    "I have passed it on to the workshop.",
    "Die Gutschrift kommt in den nächsten Tagen.",
]
ASKS = ["Hello, I have a question about my order.", "Guten Tag, wo bleibt mein Paket?", "Dzień dobry, co z paczką?"]
SCHEME = {
    "id": "loyalty",
    "criteria": [
        {
            "id": "loyalty_programme",
            "description": "applies always",
            "always": True,
            "levels": {"not_met": "not mentioned", "partly_met": "hinted at", "fully_met": "mentioned"},
        }
    ],
}


def make(number: int, *, mentioned: bool, rng: random.Random) -> Contact:
    said = rng.sample(OTHERS, 3) + ([rng.choice(MENTIONS)] if mentioned else [])
    rng.shuffle(said)
    turns = [
        Turn("customer", rng.choice(ASKS)),
        *(Turn("agent", sentence) for sentence in said),
        Turn("customer", "OK."),
    ]
    return Contact(f"c-{number}", "chat", tuple(turns), language="en")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, rng = tmp_path_factory.mktemp("own"), random.Random(0)
    contacts = [make(number, mentioned=number % 2 == 0, rng=rng) for number in range(60)]
    levels = ["fully_met" if number % 2 == 0 else "not_met" for number in range(60)]
    (folder / "contacts.jsonl").write_text("".join(json.dumps(c.to_dict()) + "\n" for c in contacts))
    annotations = [
        {"contact": contact.id, "rater": "r1", "ratings": {"loyalty_programme": level}}
        for contact, level in zip(contacts, levels, strict=True)
    ]
    (folder / "annotations.jsonl").write_text("".join(json.dumps(a) + "\n" for a in annotations))
    (folder / "scheme.json").write_text(json.dumps(SCHEME))
    command = ["train", f"{folder}/annotations.jsonl", "--contacts", f"{folder}/contacts.jsonl"]
    options = ["--scheme", f"{folder}/scheme.json", "--vectors", f"{folder}/vectors", "--workers", "2"]
    done = CliRunner().invoke(main, [*command, *options, "--out", f"{folder}/scorer"])
    assert done.exit_code == 0, done.output
    assert "out of fold" in done.output
    return folder


def test_it_rates_contacts_it_has_not_seen(trained: Path) -> None:
    rng = random.Random(1)
    truth = [number % 2 == 0 for number in range(40)]
    contacts = [make(1000 + number, mentioned=mentioned, rng=rng) for number, mentioned in enumerate(truth)]
    cards = Scorer.load(trained / "scorer").score(contacts)
    right = [(card["loyalty_programme"].level == "fully_met") == met for card, met in zip(cards, truth, strict=True)]
    assert sum(right) >= 36
    shown = [card["loyalty_programme"].evidence[0].text for card, met in zip(cards, truth, strict=True) if met]
    assert sum(any(text in mention for mention in MENTIONS) for text in shown) >= 16


def test_evidence_is_named_after_the_criterion(trained: Path) -> None:
    card = Scorer.load(trained / "scorer").score([make(1, mentioned=True, rng=random.Random(2))])[0]
    assert {item.indicator for item in card["loyalty_programme"].evidence} == {"loyalty_programme"}


def test_the_bundle_tells_what_happened(trained: Path) -> None:
    folder = trained / "scorer"
    assert json.loads((folder / "bundle.json").read_text())["training"]["contacts"] == 60
    card = (folder / "README.md").read_text()
    assert "60 contacts with 60 annotations by 1 raters" in card
    assert "loyalty_programme" in card
    assert CliRunner().invoke(main, ["inspect", str(folder)]).output.startswith("# Scorer loyalty")


def test_training_again_gives_the_same_scorer_and_encodes_nothing(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Encoder, "encode_windows", lambda *_: pytest.fail("encoded again"))
    again = train(
        read_contacts(trained / "contacts.jsonl"), read_annotations(trained / "annotations.jsonl"),
        Scheme.load(trained / "scheme.json"), base=trained / "scorer", vectors=trained / "vectors",
    )  # fmt: skip
    monkeypatch.undo()
    assert again.bundle.digest == Scorer.load(trained / "scorer").bundle.digest


def test_an_existing_folder_is_refused_before_the_work(trained: Path) -> None:
    command = ["train", f"{trained}/annotations.jsonl", "--contacts", f"{trained}/contacts.jsonl"]
    done = CliRunner().invoke(main, [*command, "--scheme", f"{trained}/scheme.json", "--out", f"{trained}/scorer"])
    assert done.exit_code == 1
    assert "exists already" in done.stderr
