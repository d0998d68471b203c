"""Dates above quoted mails in three languages, with and without times and zones; those that are unclear."""

import pytest

from servicequal.files.quote_dates import date_in


@pytest.mark.parametrize(
    "text",
    [
        "On Tue, Mar 3, 2026 at 10:12 AM Anna Berg <> wrote:",
        "On 3 March 2026, at 10:12, Voltana Customer Care <> wrote:",
        "On March 3rd, 2026, 10:12 a.m., Anna wrote:",
        "On 2026-03-03 10:12, Anna wrote:",
        "On 2026/03/03 10:12, Anna wrote:",
        "On 3/3/26, 10:12 Anna wrote:",
        "Tuesday, March 3, 2026 10:12 AM",
        "Am Di., 3. März 2026 um 10:12 Uhr schrieb Anna <>:",
        "Am 03.03.2026 um 10:12 schrieb Anna Berg:",
        "Am 3.3.26, 10.12 Uhr, schrieb Anna Berg:",
        "Anna Berg schrieb am Di., 3. Mrz. 2026 um 10:12 Uhr:",
        "Die 3 Maerz 2026 10:12",
        "Dnia 3 mar 2026 o godz. 10:12 Anna Nowak <> napisał(a):",
        "Dnia 3 marca 2026 10:12 Anna Nowak <> napisała:",
        "W dniu 3.03.2026 o 10:12, Anna Nowak pisze:",
        "W dniu 3 marca 2026 r. o godz. 10:12 Anna pisze:",
        "wt., 3 mar 2026 o 10:12 Anna Nowak <> napisał(a):",
    ],
)
def test_one_moment_written_in_many_ways(text: str) -> None:
    found = date_in(text)
    assert str(found) == "2026-03-03 10:12:00"


MONTHS = {
    "en": "January February March April May June July August September October November December",
    "en short": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "de short": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "pl short": "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "pl bare": "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
}


@pytest.mark.parametrize("names", MONTHS.values(), ids=MONTHS)
def test_months(names: str) -> None:
    found = [date_in(f"9 {name} 2026 23:05") for name in names.split()]
    assert [date and (date.month, date.day, date.hour) for date in found] == [(month, 9, 23) for month in range(1, 13)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wed, 4 Apr 2012 22:22:42 -0700 (PDT)", "2012-04-04 22:22:42-07:00"),
        ("2026-05-03T10:12:30Z", "2026-05-03 10:12:30+00:00"),
        ("Sun, 3 May 2026 10:12:30 GMT", "2026-05-03 10:12:30+00:00"),
        ("2026-05-03 10:12 GMT+02:00", "2026-05-03 10:12:00+02:00"),
        ("2026-05-03 10:12 UTC+2", "2026-05-03 10:12:00+02:00"),
        ("May 3, 2026 12:05 AM", "2026-05-03 00:05:00"),
        ("May 3, 2026 12:05 PM", "2026-05-03 12:05:00"),
        ("4/28/2026 1:05 pm", "2026-04-28 13:05:00"),
        ("28/4/2026 13:05", "2026-04-28 13:05:00"),
        ("On 28-04-2026 Anna wrote:", "2026-04-28 00:00:00+00:00"),
        ("Am 3.5.2026 schrieb Anna:", "2026-05-03 00:00:00+00:00"),
    ],
)
def test_zones_halves_of_the_day_and_dates_alone(text: str, expected: str) -> None:
    assert str(date_in(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "On 3/5/2026, 10:12 Anna wrote:",  # May or March
        "03-05-2026 10:12",
        "March-09-12 4:22 PM",  # the year may come last or first
        "Monday",
        "3. Mai",
        "am 03.05. 10:12",
        "31.02.2026 10:12",
        "3 Marlene 2026",
        "3.5.2026 25:12",
        "3 May 1026",
        "1.2.3.4",
        "9999999 99.99.9999",
        "",
    ],
)
def test_what_is_unclear_is_no_date(text: str) -> None:
    assert date_in(text) is None


def test_long_hostile_texts_are_read_in_time() -> None:
    for text in ("1" * 100_000, "1 " * 50_000, "May " * 50_000, "1.1." * 50_000, "3 May 2026" + " " * 100_000 + "x"):
        date_in(text)
