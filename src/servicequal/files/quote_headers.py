"""Where a quoted mail begins: attributions, 'Original Message' rules, header blocks, in English, German and Polish."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_ADDRESS = re.compile(r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_FIELD = re.compile(
    r"\s*\**(?:(?P<sender>From|Von|Od|Nadawca)|(?P<recipient>To|An|Do|Adresat)"
    r"|(?P<about>Sent|Date|Subject|Gesendet(?: am)?|Datum|Betreff|Wysłano|Wysłane|Data|Temat)"
    r"|Cc|Bcc|Kopie|DW|UDW|Reply-To|Antwort an|Odpowiedź do|Importance|Priorität|Wichtigkeit|Ważność"
    r"|Attachments|Anlagen|Załączniki)\s*:\**(?:\s+(?P<value>.*)|)\s*",
    re.IGNORECASE,
)
_RULE_WORDS = (
    r"(?:Original(?: Message| E?-?Mail|nachricht)|(?:Ursprüngliche|Weitergeleitete) Nachricht|Forwarded message"
    r"|Wiadomość (?:oryginalna|przekazana|pierwotna)|(?:Oryginalna|Przekazana) wiadomość|Reply message"
    r"|Treść (?:oryginalnej|przekazanej) wiadomości)"
)
_RULE = re.compile(
    rf"[\s>*]*(?:[-_=]{{2,}}\s*{_RULE_WORDS}\s*[-_=]{{2,}}|Begin forwarded message\s*:"
    r"|Anfang der weitergeleiteten (?:Nachricht|E-Mail)\s*:|Początek przekaz(?:yw)?anej wiadomości\s*:)\s*",
    re.IGNORECASE,
)
_VERB = r"(?:wrote|writes|schrieb(?:en)?|geschrieben|napisa[lł](?:a|/a|\(a\))?|pisa[lł](?:a|/a|\(a\))?|pisze)(?!\w)"
_OPENING = re.compile(
    r"\W*(?:(?:On|Am|Dnia|W dniu|W dn\.|Dn\.|Użytkownik|pon|wt|śr|czw|pt|sob|niedz|ndz|nd)\b"
    r"|\d{1,4}[-./]\d{1,2}[-./]\d)"
    rf"|.{{0,80}}[<(\[].{{0,64}}@|.{{2,80}}\b{_VERB}",
    re.IGNORECASE,
)
_ATTRIBUTION = re.compile(rf".{{2,300}}\b{_VERB}.{{0,120}}:\W*", re.IGNORECASE)
_DATED = re.compile(r"@|\d{1,2}[:.]\d{2}|\d{4}|\d{1,2}[./]\d{1,2}[./]")
_PRONOUN = r"(?:you|I|we|he|she|they|Sie|ich|wir|er|man|Pan|Pani|Państwo)"
_IN_A_SENTENCE = re.compile(rf"\b{_PRONOUN}\s+{_VERB}|\b{_VERB}\s+{_PRONOUN}\b", re.IGNORECASE)
_BETWEEN_DATE_AND_NAME = re.compile(
    r"^\W*(?:(?:[AP]\.?M\.?|Uhr|godz\.?|hat|um|o|at|użytkownik)(?=\W|$)\W*)+", re.IGNORECASE
)
_LINES = 3  # over which mail programs wrap an attribution
_BLOCK = 40  # lines of a header block, at most


@dataclass(frozen=True, slots=True)
class Header:
    """What stands above a quoted mail: addresses, or names where there is no address."""

    sender: str | None = None
    recipient: str | None = None

    def over(self, other: Header) -> Header:
        """Fill in what this header lacks."""
        return Header(self.sender or other.sender, self.recipient or other.recipient)


def header_at(lines: Sequence[str], at: int) -> tuple[Header, int] | None:
    """Read the header of a quoted mail that starts at a line.

    Returns:
        The header and how many lines it takes, or None.

    Example:
        >>> header_at(["W dniu 3.05.2026 o 10:12, Anna Nowak pisze:", "> Dzień dobry"], 0)
        (Header(sender='Anna Nowak', recipient=None), 1)
    """
    if not lines[at].strip():
        return None
    if _RULE.fullmatch(lines[at]):
        return Header(), 1
    return _block(lines, at) or _attribution(lines, at)


def person(text: str) -> str | None:
    """Take the address, or else the name, from what names a person.

    Example:
        >>> person('"Anna Nowak" <Anna@Shop.pl>'), person(" Nowak, Anna "), person("")
        ('anna@shop.pl', 'Nowak, Anna', None)
    """
    if address := _ADDRESS.search(text):
        return address[0].lower()
    return text.strip(" \t\"'<>[]()*,;") or None


def addresses(text: str) -> list[str]:
    """Find all addresses in a header.

    Example:
        >>> addresses("Voltana, Help <Help@voltana.de>, anna@web.de")
        ['help@voltana.de', 'anna@web.de']
    """
    return [address.lower() for address in _ADDRESS.findall(text)]


def _block(lines: Sequence[str], at: int) -> tuple[Header, int] | None:
    """Read From, Sent, To, Subject … in any order; blank lines may part them."""
    found: dict[str, str] = {}
    end = at
    for number, line in enumerate(lines[at : at + _BLOCK], start=at):
        if field := _FIELD.fullmatch(line):
            found |= {name: field["value"] or "" for name in ("sender", "recipient", "about") if field[name]}
            end = number + 1
        elif found and end == number and line[:1].isspace() and line.strip():  # a value goes on
            end = number + 1
        elif line.strip() or number > end:
            break
    if not {"sender", "about"} <= found.keys():
        return None
    return Header(person(found["sender"]), person(found.get("recipient", ""))), end - at


def _attribution(lines: Sequence[str], at: int) -> tuple[Header, int] | None:
    for count in range(1, min(_LINES, len(lines) - at) + 1):
        last = lines[at + count - 1].strip()
        if not last or last.startswith(">"):
            return None
        if not last.rstrip("\u200b\xa0 *").endswith(":"):
            continue
        text = " ".join(line.strip() for line in lines[at : at + count])
        opens = count == 1 or _OPENING.match(lines[at][:200])
        if opens and _ATTRIBUTION.fullmatch(text[:500]) and _DATED.search(text) and not _IN_A_SENTENCE.search(text):
            return Header(_writer(text)), count
    return None


def _writer(text: str) -> str | None:
    """Find the name in an attribution: an address, or what stands right before or after the verb."""
    if _ADDRESS.search(text):
        return person(text)
    after = re.search(rf"\b{_VERB}\s+(?!am\b|um\b|on\b|w dniu\b|dnia\b)([^\d<:,]{{2,60}})", text, re.IGNORECASE)
    before = re.search(rf"([^\d:,<>]{{2,60}})\s{_VERB}", text, re.IGNORECASE)
    name = after[1] if after else before[1] if before else ""
    return person(_BETWEEN_DATE_AND_NAME.sub("", name))
