"""Dates above quoted mails, in English, German and Polish → a moment; or none, if they may be read in two ways."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "jan january januar janner stycznia styczen sty",
            "feb february februar lutego luty lut",
            "mar march marz mrz maerz marca marzec",
            "apr april kwietnia kwiecien kwi",
            "may mai maja maj",
            "jun june juni czerwca czerwiec cze",
            "jul july juli lipca lipiec lip",
            "aug august sierpnia sierpien sie",
            "sep sept september wrzesnia wrzesien wrz",
            "oct october okt oktober pazdziernika pazdziernik paz",
            "nov november listopada listopad lis",
            "dec december dez dezember grudnia grudzien gru",
        ),
        start=1,
    )
    for name in names.split()
}
_WORD = r"(?P<month>[^\W\d_]{3,12})"
_YEAR = r"(?P<year>\d{4})(?!\d)"
_SHORT_YEAR = r"(?P<year>\d{4}|\d{2})(?!\d|[:.]\d)"
_FORMS = tuple(
    map(
        re.compile,
        (
            rf"(?<!\d)(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th)?[\s-]{{0,3}}(?:of\s)?{_WORD}\.?,?[\s-]{{1,3}}{_YEAR}",
            rf"(?<!\w){_WORD}\.?[\s-]{{1,3}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[\s-]{{1,3}}{_YEAR}",
            r"(?<!\d)(?P<year>\d{4})([-./])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?!\d)",
            rf"(?<![\d.])(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?{_SHORT_YEAR}",
            rf"(?<!\d)(?P<either>\d{{1,2}})([-/])(?P<other>\d{{1,2}})\2{_SHORT_YEAR}",
        ),
    )
)
_TIME = re.compile(
    r"\D{0,20}?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d{1,9})?)?(?![:.]?\d)"
    r"\s*(?P<half>[ap]\.?\s?m\b\.?)?\s*(?P<utc>Z\b|UTC|GMT)?"
    r"\s?(?:(?P<sign>[+-])(?P<hours>[01]?\d)(?::?(?P<minutes>[0-5]\d))?(?![\d.:]))?",
    re.IGNORECASE,
)


def date_in(text: str) -> datetime | None:
    """Find the date in a header or an attribution.

    Returns:
        The moment: without a zone where none is written, for it is the writer's; where no time is written, the day's
        beginning in UTC. None where there is no date, or one that may be read in two ways.

    Example:
        >>> str(date_in("Am Di., 3. März 2026 um 10:12 Uhr schrieb Anna:"))
        '2026-03-03 10:12:00'
        >>> str(date_in("Wed, 4 Apr 2012 10:22:42 PM -0700")), str(date_in("W dniu 3 maja 2026 r. Anna pisze:"))
        ('2012-04-04 22:22:42-07:00', '2026-05-03 00:00:00+00:00')
        >>> date_in("On 3/5/2026 Anna wrote:"), date_in("Monday, 3 May")
        (None, None)
    """
    for form in _FORMS:
        for match in form.finditer(text):
            if day := _day(match.groupdict()):
                return _at(day, _TIME.match(text, match.end()))
    return None


def _day(found: dict[str, str]) -> datetime | None:
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    if "either" in found:
        month, day = sorted((int(found["either"]), int(found["other"])))
        month = month if day > 12 or day == month else 0  # else nobody knows which one is the day
    else:
        day, month = int(found["day"]), _month(found["month"])
    try:
        return datetime(year, month, day, tzinfo=UTC) if 1990 <= year < 2100 else None
    except ValueError:
        return None


def _month(written: str) -> int:
    """Read a month, a number or a name with or without diacritics; 0 if it is none."""
    if written.isdecimal():
        return int(written)
    letters = unicodedata.normalize("NFKD", written.casefold())
    return _MONTHS.get("".join(letter for letter in letters if not unicodedata.combining(letter)), 0)


def _at(day: datetime, time: re.Match[str] | None) -> datetime | None:
    if time is None:
        return day
    hour = int(time["hour"])
    if time["half"] and hour <= 12:
        hour = hour % 12 + (12 if time["half"].lower().startswith("p") else 0)
    try:
        return day.replace(hour=hour, minute=int(time["minute"]), second=int(time["second"] or 0), tzinfo=_zone(time))
    except ValueError:
        return None


def _zone(time: re.Match[str]) -> tzinfo | None:
    if not time["hours"]:
        return UTC if time["utc"] else None
    ahead = timedelta(hours=int(time["hours"]), minutes=int(time["minutes"] or 0))
    return timezone(-ahead if time["sign"] == "-" else ahead)
