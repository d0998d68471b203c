"""Plain text: a transcript with ``Agent:`` and ``Customer:`` before the turns, or a mail with quoted history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from servicequal.contact import Contact
from servicequal.errors import ContactError
from servicequal.files.assemble import Labelled, assemble
from servicequal.files.encoding import decode_head, read_text
from servicequal.files.letters import letters_of_text
from servicequal.files.mail_thread import assemble_mail
from servicequal.files.named_after import named_after
from servicequal.files.rejected import Rejected
from servicequal.files.role_words import speaker_of
from servicequal.files.speaker_labels import label_of, speakers_in
from servicequal.files.turn_times import turn_times


def recognises(path: Path, head: bytes) -> bool:  # noqa: ARG001 - every format has this signature
    """Tell a text with speakers, or with quoted mails, by trying."""
    text = decode_head(head)
    return bool(speakers_in(text)) or len(letters_of_text(text)) > 1


def read(path: Path) -> Iterator[Contact | Rejected]:
    r"""Read one contact.

    The text says nothing of its channel: with times from the start of a recording it is taken for a call, otherwise
    for a chat, and with quoted mails for a mail.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "c-1.txt"
        ...     _ = path.write_text("[00:01] Agent: Hello!\n[00:03] Customer: Hi, my parcel …")
        ...     list(read(path))
        [Contact('c-1', phone, 2 turns)]
    """
    try:
        text = read_text(path)
    except ContactError as error:
        yield Rejected(path.name, str(error))
        return
    yield read_contact(text, path, named_after(path))


def read_contact(
    text: str,
    path: Path,
    contact_id: str,
    *,
    channel: str | None = None,
    language: str | None = None,
    attributes: Mapping[str, Any] | None = None,
    line: int | None = None,
) -> Contact | Rejected:
    r"""Read one contact from a text, with what is known of it from elsewhere.

    Example:
        >>> read_contact("Klient: Halo?\nKonsultant: Dzień dobry!", Path("calls.csv"), "c-1", channel="phone")
        Contact('c-1', phone, 2 turns)
    """
    roles = {speaker_of(label) for label in speakers_in(text)}
    if not {"agent", "customer"} <= roles and len(letters := letters_of_text(text)) > 1:
        return assemble_mail(path, contact_id, letters, language=language, attributes=attributes, line=line)
    if not roles:
        reason = "no speakers; expected lines such as 'Agent: …' and 'Customer: …', or a mail's history"
        return Rejected(path.name, reason, line, contact_id if line else None)
    turns, likely = read_transcript(text)
    channel = channel or likely
    return assemble(path, contact_id, channel, turns, language=language, attributes=attributes, line=line)


def read_transcript(text: str) -> tuple[list[Labelled], str]:
    r"""Split a transcript at its speakers' labels, and tell its channel; no turns if it has no labels.

    Text before the first label becomes the system's.

    Example:
        >>> read_transcript("Kunde: Hallo?\nIst da wer?\nBerater: Ja, guten Tag!")
        ([('Kunde', 'Hallo?\nIst da wer?', None, None), ('Berater', 'Ja, guten Tag!', None, None)], 'chat')
    """
    speakers = speakers_in(text)
    turns: list[tuple[str, list[str], str, str]] = [("System", [], "", "")]
    for line in text.split("\n") if speakers else ():
        found = label_of(line)
        if found and found.label in speakers:
            turns.append((found.label, [found.text], found.start, found.end))
        else:
            turns[-1][1].append(line)
    said = [(label, text, start, end) for label, lines, start, end in turns if (text := "\n".join(lines).strip())]
    times = turn_times([(start, end) for _, _, start, end in said])
    labelled = [(label, text, *span) for (label, text, *_), span in zip(said, times.spans, strict=True)]
    return labelled, "phone" if times.recording else "chat"
