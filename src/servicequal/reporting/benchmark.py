"""The own company beside each competitor on the very same cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from servicequal.annotation import Annotation
from servicequal.errors import ServicequalError, nearest
from servicequal.reporting.differences import COLUMNS, SURE, Difference, cells, corrected, differences, verdict
from servicequal.reporting.means import ON_THEIR_OWN
from servicequal.reporting.measures import OVERALL, Measures, estimate, how_measured, measure, number
from servicequal.reporting.section import Cell, Column, Plot, Point, Section, Table, Text
from servicequal.scheme import Scheme
from servicequal.scorecard import Scorecard
from servicequal.stats.prediction_powered import Domains

FEWEST_CASES = 6  # pairs of companies with fewer cases in common are not compared
SHOWN_CASES = 8


def analyse_benchmark(
    cards: Sequence[Scorecard],
    *,
    scheme: Scheme,
    company: str,
    annotations: Sequence[Annotation] = (),
) -> Section:
    """Compare a company with each competitor, case by case.

    A case counts once for each wave in which both companies were put to it, whatever the number of their contacts;
    cases are the clusters, so that what makes a case hard for everybody cancels.

    Args:
        cards: past the privacy gate; those with the attributes ``company`` and ``case`` count.
        scheme: that they were scored with.
        company: the own one.
        annotations: the blind ones correct the scorer's errors, company by company.

    Raises:
        ServicequalError: if the company has no case in common with another.
    """
    paired = [card for card in cards if card.attributes.get("case") and card.attributes.get("company")]
    names = sorted({str(card.attributes["company"]) for card in paired})
    if company not in names:
        hint = nearest(company, names) if names else "no scorecard has the attributes 'company' and 'case'"
        raise ServicequalError(f"company {company!r} has no contact with a case; {hint}")
    measures = measure(paired, annotations, scheme)
    found: dict[str, list[Difference]] = {}
    deciding: list[tuple[Cell, ...]] = []
    pairs: dict[str, int] = {}
    for other in names:
        sides, weights, cases = matched(paired, company, other)
        if other == company or len(set(cases[sides >= 0])) < FEWEST_CASES:
            continue
        pairs[other] = len({(_case(card), card.attributes.get("wave")) for card in _of(paired, sides >= 0)})
        found[other] = differences(measures, sides, number(cases.tolist()), weights=weights)
        deciding += _deciding_cases(other, measures, sides, weights, cases)
    if not found:
        raise ServicequalError(f"company {company!r} has fewer than {FEWEST_CASES} cases in common with any other")
    return _section(company, found, pairs, deciding, measures, _few_labels(paired, measures, (company, *found)))


def matched(cards: Sequence[Scorecard], company: str, other: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the contacts of two companies in the same case and wave.

    Returns:
        Sides, int [cards]: 0 own, 1 other, −1 neither; weights, float [cards], by which each case in each wave counts
        once; cases, str [cards].
    """
    keys = [(_case(card), str(card.attributes.get("wave"))) for card in cards]
    companies = [str(card.attributes["company"]) for card in cards]
    counts = Counter(zip(companies, keys, strict=True))
    sides, weights = np.full(len(cards), -1), np.zeros(len(cards))
    for row, (key, name) in enumerate(zip(keys, companies, strict=True)):
        if name in (company, other) and counts[company, key] and counts[other, key]:
            sides[row] = int(name == other)
            weights[row] = 1 / counts[name, key]
    return sides, weights, np.array([case for case, _ in keys])


def _deciding_cases(
    other: str, measures: Measures, sides: np.ndarray, weights: np.ndarray, cases: np.ndarray
) -> list[tuple[Cell, ...]]:
    """Name the cases that move the overall difference most, and whether it would be told apart without them."""
    clustered = number(cases.tolist())
    whole = measures.means(OVERALL, sides, clustered, weights=weights)
    told = _told(whole)
    names = list(dict.fromkeys(cases[sides >= 0].tolist()))
    moves = []
    for case in names:
        without = measures.means(OVERALL, np.where(cases == case, -1, sides), clustered, weights=weights)
        own = measures.means(OVERALL, np.where(cases == case, sides, -1), clustered, weights=weights)
        moved = whole.contrast([1, -1]).value - without.contrast([1, -1]).value
        moves.append((case, own, moved, _told(without) != told))
    moves.sort(key=lambda move: -abs(move[2]))
    return [
        (other, case, estimate(own.contrast([1, -1]).interval, own.contacts.sum()), moved, decides)
        for case, own, moved, decides in moves[:SHOWN_CASES]
    ]


def _told(domains: Domains) -> int:
    contrast = domains.contrast([1, -1])
    return int(np.sign(contrast.value)) if contrast.p_value < SURE else 0


def _section(
    company: str,
    found: dict[str, list[Difference]],
    pairs: dict[str, int],
    deciding: Sequence[tuple[Cell, ...]],
    measures: Measures,
    few: Sequence[str],
) -> Section:
    flat = [(other, one) for other, every in found.items() for one in every]
    p_values = corrected([one for _, one in flat])
    rows = tuple(
        (other, one.measure, *cells(one, p), verdict(one, p)) for (other, one), p in zip(flat, p_values, strict=True)
    )
    told = [(other, one) for (other, one), p in zip(flat, p_values, strict=True) if p < SURE]
    _, warnings = how_measured(measures, "customer")
    texts = [Text("benchmark.lead", {"company": company, "competitors": len(found), "pairs": max(pairs.values())})]
    for other, one in told:
        if one.measure == OVERALL:
            texts.append(Text("benchmark.overall", {"company": company, "other": other, "difference": one.estimate}))
    for good in (True, False):
        named = [f"{one.measure}" for _, one in told if one.measure != OVERALL and (one.contrast.value > 0) == good]
        kept = Counter(named).most_common()
        if kept:
            key = "benchmark.strength" if good else "benchmark.weakness"
            texts.append(Text(key, {"criterion": kept[0][0], "count": kept[0][1], "competitors": len(found)}))
    if few:
        warnings = (*warnings, Text("benchmark.few_labels", {"companies": ", ".join(few), "enough": ON_THEIR_OWN}))
    columns = (Column("competitor"), Column("criterion"), *COLUMNS, Column("verdict"))
    case_columns = (
        Column("competitor"),
        Column("case"),
        Column("difference", "points"),
        Column("moves", "points"),
        Column("decides"),
    )
    points = tuple(Point(one.measure, one.estimate, other) for other, one in flat)
    return Section(
        "benchmark",
        Text("benchmark.title"),
        (*texts, Text("benchmark.how")),
        (
            Table("differences", Text("benchmark.differences", {"company": company}), columns, rows),
            Table("cases", Text("benchmark.cases"), case_columns, tuple(deciding)),
        ),
        (Plot("differences", "dots", Text("benchmark.differences", {"company": company}), points, reference=0.0),),
        warnings,
    )


def _few_labels(cards: Sequence[Scorecard], measures: Measures, companies: Sequence[str]) -> list[str]:
    """Name the companies for which the scorer's errors cannot be corrected reliably."""
    if not measures.annotated:
        return []
    known = ~np.isnan(measures.labelled[0, :, 0])
    labels = Counter(str(card.attributes["company"]) for card, one in zip(cards, known, strict=True) if one)
    return [company for company in companies if labels[company] < ON_THEIR_OWN]


def _of(cards: Sequence[Scorecard], inside: np.ndarray) -> list[Scorecard]:
    return [card for card, one in zip(cards, inside, strict=True) if one]


def _case(card: Scorecard) -> str:
    return str(card.attributes["case"])
