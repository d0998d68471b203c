"""The line above a quoted mail that says who wrote it, and often when, in English, German and Polish."""

from __future__ import annotations

import re
from collections.abc import Sequence

from servicequal.files.persons import names_displayed, person, without_addresses

_VERB = r"(?:wrote|writes|schrieb(?:en)?|geschrieben|napisa[lł](?:a|/a|\(a\))?|pisa[lł](?:a|/a|\(a\))?|pisze)(?!\w)"
_BEGINS = r"(?:On|Am|Dnia|W dniu|W dn\.|Dn\.|Użytkownik|pon|wt|śr|czw|pt|sob|niedz|ndz|nd)\b"
_OPENING = re.compile(
    rf"\W*(?:{_BEGINS}|\d{{1,4}}[-./]\d{{1,2}}[-./]\d)|.{{0,80}}[<(\[].{{0,64}}@|.{{2,80}}\b{_VERB}", re.IGNORECASE
)
_ATTRIBUTION = re.compile(rf".{{2,300}}\b{_VERB}.{{0,120}}:\W*", re.IGNORECASE)
_DATED = re.compile(r"@|\d{1,2}[:.]\d{2}|\d{4}|\d{1,2}[./]\d{1,2}[./]")
_PRONOUN = r"(?:you|I|we|he|she|they|Sie|ich|wir|er|man|Pan|Pani|Państwo)"
_IN_A_SENTENCE = re.compile(rf"\b{_PRONOUN}\s+{_VERB}|\b{_VERB}\s+{_PRONOUN}\b", re.IGNORECASE)
_BETWEEN_DATE_AND_NAME = re.compile(
    r"^\W*(?:(?:[AP]\.?M\.?|Uhr|godz\.?|użytkownik|UTC|GMT|CES?T|MES?Z|(?-i:hat|um|o|at|r\.?|roku))(?=\W|$)\W*)+",
    re.IGNORECASE,
)
_LINES = 3  # over which mail programs wrap an attribution
_CHARACTERS = 500


def attribution_at(lines: Sequence[str], at: int) -> tuple[str, int] | None:
    """Read an attribution that starts at a line.

    Returns:
        Its text and how many lines it takes, or None.

    Example:
        >>> attribution_at(["On Tue, May 3, 2026 at 10:12 AM Anna Berg", "<anna@shop.de> wrote:", "> Hi"], 0)
        ('On Tue, May 3, 2026 at 10:12 AM Anna Berg <anna@shop.de> wrote:', 2)
        >>> attribution_at(["On 3 May 2026 you wrote:"], 0)
    """
    for count in range(1, min(_LINES, len(lines) - at) + 1):
        last = lines[at + count - 1].strip()
        if not last or last.startswith(">"):
            return None
        if not last.rstrip("\u200b\xa0 *").endswith(":"):
            continue
        text = " ".join(line.strip() for line in lines[at : at + count])
        opens = count == 1 or _OPENING.match(lines[at][:200])
        told = _ATTRIBUTION.fullmatch(text[:_CHARACTERS]) and _DATED.search(text)
        if opens and told and not _IN_A_SENTENCE.search(text):
            return text[:_CHARACTERS], count
    return None


def writer_in(attribution: str) -> str | None:
    """Find the writer: the address, or the name right before or after the verb.

    Example:
        >>> writer_in("Am 3. Mai 2026 um 10:12 hat Anna Berg geschrieben:")
        'Anna Berg'
    """
    if without_addresses(attribution) != attribution:
        return person(attribution)
    after = re.search(rf"\b{_VERB}\s+(?!am\b|um\b|on\b|w dniu\b|dnia\b)([^\d<:,]{{2,60}})", attribution, re.IGNORECASE)
    before = re.search(rf"([^\d:,<>]{{2,60}})\s{_VERB}", attribution, re.IGNORECASE)
    name = after[1] if after else before[1] if before else ""
    return person(_BETWEEN_DATE_AND_NAME.sub("", name))


def names_in(attribution: str) -> dict[str, str]:
    """Find the name that stands before the writer's address.

    Example:
        >>> names_in("Am Di., 3. Mai 2026 um 10:12 Uhr schrieb Anna Berg <anna@shop.de>:")
        {'anna@shop.de': 'Anna Berg'}
        >>> names_in("On Monday Anna <anna@shop.de> wrote:")
        {}
    """
    found = {}
    for address, name in names_displayed(attribution).items():
        last = re.split(r"[\d:]", re.sub(rf"^.*\b{_VERB}", "", name, flags=re.IGNORECASE))[-1]
        cut = person(_BETWEEN_DATE_AND_NAME.sub("", last))
        if cut and not re.match(_BEGINS, cut, re.IGNORECASE):
            found[address] = cut
    return found
