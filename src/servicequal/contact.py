"""Contact and Turn: one call, chat or e-mail thread, as read from a file and before anything is scored."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from servicequal.errors import ContactError, nearest
from servicequal.records import check_keys, kind

CHANNELS = ("phone", "email", "chat")
SPEAKERS = ("agent", "customer", "system")
MAX_TURNS = 20_000
MAX_CHARACTERS = 2_000_000
LONGEST = 1e9  # seconds; not a number and infinity are not below it

_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
_MARKUP = re.compile(r"<(!doctype|html|head|body|script|style|iframe|table|div)\b[^<>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says before another speaks: an utterance, a chat message or a whole e-mail.

    Attributes:
        speaker: ``agent``, ``customer`` or ``system``.
        text: what is said, exactly as evidence offsets will count it (Unicode code points).
        start: seconds since the contact began, if known.
        end: seconds since the contact began, if known.
    """

    speaker: str
    text: str
    start: float | None = None
    end: float | None = None

    def __post_init__(self) -> None:
        if self.speaker not in SPEAKERS:
            raise ContactError(f"unknown speaker {self.speaker!r}; {nearest(str(self.speaker), SPEAKERS)}")
        if not isinstance(self.text, str):
            raise ContactError(f"text is {kind(self.text)}; expected a string")
        if _UNREADABLE.search(self.text):
            raise ContactError("the text holds a NUL byte or half a surrogate pair; remove it or mend the encoding")
        if _MARKUP.search(self.text):
            raise ContactError("the text holds HTML; expected plain text: strip the markup first")
        for name, value in (("start", self.start), ("end", self.end)):
            if value is not None and not (type(value) in (int, float) and abs(value) < LONGEST):
                raise ContactError(f"{name} is {kind(value)}; expected seconds as a finite number")

    def __repr__(self) -> str:
        return f"Turn({self.speaker}, {len(self.text)} characters)"


def group_of(attributes: Mapping[str, Any], contact: str) -> str:
    """Name what a contact varies together with: its case, else its customer, else itself (its id).

    Example:
        >>> group_of({"customer": "cust-7"}, "c-1"), group_of({}, "c-1")
        ('cust-7', 'c-1')
    """
    return str(attributes.get("case") or attributes.get("customer") or contact)


@dataclass(frozen=True, slots=True)
class Contact:
    """One call, chat or e-mail thread between a customer and a company.

    Attributes:
        id: unique within a source; folds and scorecards go by it.
        channel: ``phone``, ``email`` or ``chat``.
        turns: in the order spoken or sent; at least one with text.
        language: ISO 639-1 code, or None to have it detected.
        attributes: company, agent, team, case, wave … ; they ride through to the scorecard untouched.
        facts: ids of the reference facts that a complete answer needs, beside those of the case.

    Raises:
        ContactError: if a value is outside what is written here, or the contact is longer than
            ``MAX_TURNS`` turns or ``MAX_CHARACTERS`` characters.

    Example:
        >>> contact = Contact("c-1", "chat", (Turn("customer", "Hello?"), Turn("agent", "Good morning!")))
        >>> contact
        Contact('c-1', chat, 2 turns)
        >>> Contact.from_dict(contact.to_dict()) == contact
        True
    """

    id: str
    channel: str
    turns: tuple[Turn, ...]
    language: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    facts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not self.id or _UNREADABLE.search(self.id):
            raise ContactError(f"id is {kind(self.id)}; expected a string that is not empty and fits UTF-8")
        if self.channel not in CHANNELS:
            raise ContactError(f"unknown channel {self.channel!r}; {nearest(str(self.channel), CHANNELS)}")
        if not isinstance(self.attributes, Mapping):
            raise ContactError(f"attributes is {kind(self.attributes)}; expected an object")
        if self.language is not None and not re.fullmatch("[a-z]{2}", str(self.language)):
            raise ContactError("language is not a two-letter code; expected one such as 'de', or none")
        if len(self.turns) > MAX_TURNS:
            raise ContactError(
                f"{len(self.turns)} turns; expected at most {MAX_TURNS}: is this several contacts in one?"
            )
        length = sum(len(turn.text) for turn in self.turns)
        if length > MAX_CHARACTERS:
            raise ContactError(
                f"{length} characters; expected at most {MAX_CHARACTERS}: is this several contacts in one?"
            )
        if not any(turn.text.strip() for turn in self.turns):
            raise ContactError("no turn with text; expected at least one")

    @property
    def fingerprint(self) -> str:
        """Give sixteen hexadecimal digits of a hash of who says what; id and attributes do not count.

        Example:
            >>> Contact("a", "chat", (Turn("agent", "Hi!"),)).fingerprint
            '443beac466643190'
        """
        said = json.dumps([(turn.speaker, turn.text) for turn in self.turns], ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"Contact({self.id!r}, {self.channel}, {len(self.turns)} turns)"

    @classmethod
    def from_dict(cls, record: Any) -> Contact:
        """Read a contact from a JSON object.

        Raises:
            ContactError: naming the contact, the turn and the key that is wrong.
        """
        check_keys(
            record,
            required={"id", "channel", "turns"},
            optional={"language", "attributes", "facts"},
            where="contact",
            error=ContactError,
        )
        where = f"contact {record['id']!r}"
        turns, facts = record["turns"], record.get("facts") or ()
        if not isinstance(turns, list):
            raise ContactError(f"{where}: turns is {kind(turns)}; expected a list")
        if not isinstance(facts, list | tuple) or not all(isinstance(fact, str) for fact in facts):
            raise ContactError(f"{where}: facts is {kind(facts)}; expected a list of fact ids")
        if len(turns) > MAX_TURNS:  # before a million small objects are built
            raise ContactError(
                f"{where}: {len(turns)} turns; expected at most {MAX_TURNS}: is this several contacts in one?"
            )
        parsed = tuple(_turn(turn, f"{where}, turn {number}") for number, turn in enumerate(turns))
        attributes = record.get("attributes")
        try:
            return cls(
                record["id"], record["channel"], parsed, record.get("language"),
                {} if attributes is None else attributes, tuple(facts),
            )  # fmt: skip
        except ContactError as error:
            raise ContactError(f"{where}: {error}") from None

    def to_dict(self) -> dict[str, Any]:
        """Write the contact as a JSON object; keys without a value are left out."""
        record: dict[str, Any] = {"id": self.id, "channel": self.channel}
        if self.language:
            record["language"] = self.language
        record["turns"] = [
            {name: value for name in ("speaker", "text", "start", "end") if (value := getattr(turn, name)) is not None}
            for turn in self.turns
        ]
        if self.attributes:
            record["attributes"] = dict(self.attributes)
        if self.facts:
            record["facts"] = list(self.facts)
        return record


def _turn(record: Any, where: str) -> Turn:
    check_keys(record, required={"speaker", "text"}, optional={"start", "end"}, where=where, error=ContactError)
    try:
        return Turn(record["speaker"], record["text"], record.get("start"), record.get("end"))
    except ContactError as error:
        raise ContactError(f"{where}: {error}") from None
