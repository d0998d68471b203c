"""The header row of a CSV file: which column is the contact, the speaker, the text …, and what parts the columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass

_NAMES = {
    "contact": "contact contact_id conversation conversation_id call call_id chat chat_id ticket ticket_id session"
    " session_id dialog dialog_id dialogue dialogue_id thread thread_id interaction_id gespräch gespräch_id rozmowa"
    " id_rozmowy id",
    "speaker": "speaker role participant sender author from sprecher rolle mówca rola nadawca",
    "text": "text message utterance content body transcript nachricht transkript wiadomość treść tekst transkrypcja",
    "channel": "channel kanal kanał",
    "language": "language lang sprache język",
    "start": "start start_time starttime timestamp time created_at sent_at zeit beginn czas początek",
    "end": "end end_time endtime ende koniec",
}  # the first that is there counts
_TRANSCRIPT = frozenset(("transcript", "transkript", "transkrypcja"))
_CHANNELS = {
    "call": "phone", "calls": "phone", "voice": "phone", "telephone": "phone", "telefon": "phone", "anruf": "phone",
    "mail": "email", "e_mail": "email", "live_chat": "chat", "livechat": "chat", "webchat": "chat", "messaging": "chat",
    "whatsapp": "chat", "czat": "chat",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """Where to find what.

    Attributes:
        delimiter: comma, semicolon or tab.
        known: position of the contact, the speaker, the text …; those that are missing are left out.
        others: names and positions of the remaining columns; they become attributes.
        transcripts: whether the text's column calls itself a transcript.
    """

    delimiter: str
    known: Mapping[str, int]
    others: Mapping[str, int]
    transcripts: bool

    @property
    def tell(self) -> bool:
        """Whether the header row is a contact table's beyond doubt."""
        return "text" in self.known and ("speaker" in self.known or "contact" in self.known or self.transcripts)

    def value(self, row: list[str], name: str) -> str:
        """Give a row's value; the empty string if the column or the cell is missing."""
        at = self.known.get(name)
        return row[at].strip() if at is not None and at < len(row) else ""


def columns_of(first_line: str) -> Columns:
    """Read the header row with the delimiter that makes most sense of it.

    Example:
        >>> columns = columns_of("Call ID;Sprecher;Text;Team")
        >>> columns.delimiter, dict(columns.known), dict(columns.others)
        (';', {'contact': 0, 'speaker': 1, 'text': 2}, {'team': 3})
    """
    return max((_columns(first_line, delimiter) for delimiter in ",;\t"), key=lambda found: len(found.known))


def channel_named(word: str) -> str | None:
    """Give a channel by the name that a table has for it; an unknown one comes back, for the contact to refuse.

    Example:
        >>> channel_named("E-Mail"), channel_named("Telefon"), channel_named("")
        ('email', 'phone', None)
    """
    name = _plain(word)
    return _CHANNELS.get(name, name) or None


def language_named(word: str) -> str | None:
    """Give a language's two-letter code from a code with a region.

    Example:
        >>> language_named("de-DE"), language_named("")
        ('de', None)
    """
    word = word.strip().lower()
    return word[:2] if re.fullmatch(r"[a-z]{2}[-_].*", word) else word or None


def _columns(first_line: str, delimiter: str) -> Columns:
    names = [_plain(name) for name in next(csv.reader([first_line], delimiter=delimiter), [])]
    known: dict[str, int] = {}
    for what, words in _NAMES.items():
        for word in words.split():
            if what not in known and word in names:
                known[what] = names.index(word)
    others = {name: at for at, name in enumerate(names) if name and at not in known.values()}
    text = names[known["text"]] if "text" in known else ""
    return Columns(delimiter, known, others, text in _TRANSCRIPT)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")
