"""Captions: who speaks, rolling displays, tags, and captions without speakers."""

from pathlib import Path

import pytest

from servicequal.contact import Contact
from servicequal.files import captions
from servicequal.files.rejected import Rejected

SAMPLES = Path(__file__).parents[2].parent / "shared" / "formats"


def vtt(*cues: str) -> str:
    times = (f"00:00:{2 * at:02}.000 --> 00:00:{2 * at + 1:02}.500" for at in range(len(cues)))
    return "WEBVTT\n\n" + "\n\n".join(f"{time}\n{cue}" for time, cue in zip(times, cues, strict=False))


def srt(*cues: str) -> str:
    times = (f"00:00:{2 * at:02},000 --> 00:00:{2 * at + 1:02},500" for at in range(len(cues)))
    return "\n\n".join(f"{at}\n{time}\n{cue}" for at, (time, cue) in enumerate(zip(times, cues, strict=False), start=1))


def read(path: Path, text: str) -> list[Contact | Rejected]:
    path.write_text(text, encoding="utf-8")
    assert captions.recognises(path, path.read_bytes())
    return list(captions.read(path))


def spoken(path: Path, text: str) -> list[tuple[str, str]]:
    (contact,) = read(path, text)
    assert isinstance(contact, Contact), contact
    assert contact.channel == "phone"
    return [(turn.speaker, turn.text) for turn in contact.turns]


EXPECTED = [("agent", "Hello, Voltana here. How can I help?"), ("customer", "Where is it?"), ("agent", "Let me look.")]


def test_voices(tmp_path: Path) -> None:
    cues = (
        "<v Agent>Hello, <b>Voltana</b> here.",
        "<v Agent>How can I help?</v>",
        "<v Anna>Where is it?\n<v Agent>Let me look.",
    )
    assert spoken(tmp_path / "a.vtt", vtt(*cues)) == EXPECTED


@pytest.mark.parametrize("form", [vtt, srt])
def test_names(tmp_path: Path, form: object) -> None:
    cues = ("Berater: Hello, Voltana here.", "How can I help?", "Kunde: Where is it?", "BERATER: Let me look.")
    assert callable(form)
    assert spoken(tmp_path / "a.srt", form(*cues)) == EXPECTED


@pytest.mark.parametrize("mark", ["- ", "-", "\u2013 ", ">> "])
def test_dashes_alternate(tmp_path: Path, mark: str) -> None:
    cues = (f"{mark}Hello, Voltana here.", "How can I help?", f"{mark}Where is it?\n{mark}Let me look.")
    assert spoken(tmp_path / "a.srt", srt(*cues)) == EXPECTED


def test_times_and_roles_of_names(tmp_path: Path) -> None:
    (contact,) = read(
        tmp_path / "a.vtt", vtt("<v Anna>Welcome to Voltana, how can I help you?", "<v Bob>My parcel is lost.")
    )
    assert isinstance(contact, Contact)
    assert [(turn.start, turn.end) for turn in contact.turns] == [(0.0, 1.5), (2.0, 3.5)]
    assert "roles_inferred" in contact.attributes


def test_a_rolling_display_says_each_line_once(tmp_path: Path) -> None:
    cues = (
        "Agent: hello<00:00:00.500><c> Voltana</c>",
        "Agent: hello Voltana",
        "Agent: hello Voltana\nhow can<00:00:04.500><c> I help</c>",
        "how can I help",
        "how can I help\nCustomer: my<00:00:08.500><c> parcel</c>",
        "Customer: my parcel",
    )
    assert spoken(tmp_path / "a.vtt", vtt(*cues)) == [
        ("agent", "hello Voltana how can I help"),
        ("customer", "my parcel"),
    ]


def test_what_is_said_twice_stays_twice(tmp_path: Path) -> None:
    cues = ("<v Agent>Yes.", "<v Customer>Yes.", "<v Agent>Sure?", "<v Customer>Yes.", "<v Agent>Good &amp; done.")
    assert [text for _, text in spoken(tmp_path / "a.vtt", vtt(*cues))] == [
        "Yes.",
        "Yes.",
        "Sure?",
        "Yes.",
        "Good & done.",
    ]


@pytest.mark.parametrize("form", [vtt, srt])
def test_without_speakers_all_is_one_speaker(tmp_path: Path, form: object) -> None:
    assert callable(form)
    (contact,) = read(tmp_path / "a.srt", form("Where is my\nparcel?", "It is late.", "- Hello?"))
    assert isinstance(contact, Contact)
    assert [turn.text for turn in contact.turns] == ["Where is my parcel?", "It is late.", "- Hello?"]
    assert [(turn.start, turn.end) for turn in contact.turns] == [(0.0, 1.5), (2.0, 3.5), (4.0, 5.5)]
    assert len({turn.speaker for turn in contact.turns}) == 1
    assert contact.attributes["roles_inferred"] == 0.5


def test_a_single_voice_stays_unsure(tmp_path: Path) -> None:
    (contact,) = read(tmp_path / "a.vtt", vtt("<v Anna>Where is my parcel?", "<v Anna>It is late."))
    assert isinstance(contact, Contact)
    assert contact.attributes["roles_inferred"] == 0.5


def test_times_are_whole_milliseconds(tmp_path: Path) -> None:
    (contact,) = read(tmp_path / "a.vtt", "WEBVTT\n\n00:01:01.029 --> 00:02:02.058\n<v Agent>Hello.\n")
    assert isinstance(contact, Contact)
    assert (contact.turns[0].start, contact.turns[0].end) == (61.029, 122.058)


def test_no_cues_are_rejected(tmp_path: Path) -> None:
    (item,) = read(tmp_path / "a.vtt", "WEBVTT\n\n00:xx --> 00:yy\nsecret")
    assert isinstance(item, Rejected)
    assert "no cue" in item.reason
    assert "secret" not in item.reason


def test_captions_without_their_beginning_are_rejected(tmp_path: Path) -> None:
    (tmp_path / "a.vtt").write_text("00:00:01.000 --> 00:00:02.000\nAgent: secret")
    (item,) = captions.read(tmp_path / "a.vtt")
    assert isinstance(item, Rejected)
    assert "secret" not in item.reason


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")
@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("captions_sample.srt", [f"Caption text #{number}" for number in range(1, 6)]),
        ("captions_youtube_dl.vtt", ["yeah", "what", "this will happen is I'm telling"]),
    ],
)
def test_real_captions_without_speakers(name: str, texts: list[str]) -> None:
    assert captions.recognises(SAMPLES / name, (SAMPLES / name).read_bytes())
    (contact,) = captions.read(SAMPLES / name)
    assert isinstance(contact, Contact)
    assert [turn.text for turn in contact.turns] == texts
    assert contact.attributes["roles_inferred"] == 0.5
