"""Means, ranks and plans find what was planted, and say nothing of what cannot be known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from servicequal.annotation import Annotation
from servicequal.errors import ServicequalError
from servicequal.overall import overall
from servicequal.reporting.means import analyse_means
from servicequal.reporting.measures import clusters, measure, rated_score
from servicequal.reporting.plan import analyse_plan
from servicequal.reporting.section import Estimate, Section
from servicequal.scheme import NOT_APPLICABLE, Scheme
from servicequal.scorecard import SEEN_IN_TRAINING
from tests.insight.simulate import SCHEME, Corpus, Scorer, card, corpus

TRUTH = {"a": 70.0, "b": 50.0, "c": 50.0}


def three_companies(seed: int = 0, *, scorer: Scorer | None = None, annotated: float = 0.3) -> Corpus:
    attributes = [
        {"company": "abc"[n % 3], "agent": f"{'abc'[n % 3]}{n % 36}", "team": f"t{n % 3}"} for n in range(1200)
    ]

    def points(_: str, given: Mapping[str, Any]) -> float:
        return TRUTH[given["company"]]

    return corpus(seed, attributes, points, scorer=scorer, annotated=annotated)


def column(section: Section, table: str, name: str) -> dict[Any, Any]:
    found = next(one for one in section.tables if one.id == table)
    place = [one.name for one in found.columns].index(name)
    return {row[0]: row[place] for row in found.rows}


def test_planted_means_are_covered_and_told_apart_though_the_scorer_flatters_one_company() -> None:
    flattering = Scorer(bias=lambda given: 1.5 if given["company"] == "b" else 0.0)
    made = three_companies(scorer=flattering)
    scored = column(analyse_means(made.cards, scheme=SCHEME), "by_company", "courtesy")
    section = analyse_means(made.cards, scheme=SCHEME, annotations=made.annotations)
    corrected = column(section, "by_company", "courtesy")
    assert scored["b"].low > TRUTH["b"] + 3
    for company, truth in TRUTH.items():
        assert corrected[company].low <= truth <= corrected[company].high
        assert corrected[company].high - corrected[company].low < 15
    assert column(section, "by_company", "rank") == {"a": "1", "b": "2–3", "c": "2–3"}
    assert column(section, "by_company", "alike") == {"a": "A", "b": "B", "c": "B"}


def test_warnings_say_what_the_figures_rest_on() -> None:
    made = three_companies()
    keys = {text.key for text in analyse_means(made.cards, scheme=SCHEME).warnings}
    assert keys == {"method.uncorrected"}
    seen = [replace(one, warnings=(SEEN_IN_TRAINING,)) for one in made.cards]
    trained = analyse_means(seen, scheme=SCHEME, annotations=made.annotations)
    assert {text.key for text in trained.warnings} == {"method.seen"}


def test_what_a_scorer_has_learned_by_heart_does_not_help() -> None:
    """It is right where it was told, and flatters elsewhere: only the labels may count."""
    made = three_companies(scorer=Scorer(0.9, lambda _: 3.0))
    told = {one.contact: one.ratings for one in made.annotations}
    cards = [
        card(one.contact, told[one.contact], **one.attributes) if one.contact in told else one for one in made.cards
    ]
    seen = [replace(one, warnings=(SEEN_IN_TRAINING,)) if one.contact in told else one for one in cards]
    truth = float(np.mean(list(TRUTH.values())))
    values = []
    for some in (cards, seen):
        found = analyse_means(some, scheme=SCHEME, annotations=made.annotations).text[0].values["overall"]
        assert isinstance(found, Estimate)
        assert found.value is not None
        values.append(found.value)
    assert values[0] > truth + 8
    assert values[1] == pytest.approx(truth, abs=4)


def test_not_blind_annotations_do_not_measure() -> None:
    made = three_companies()
    shown = [replace(one, blind=False) for one in made.annotations]
    assert measure(made.cards, shown, SCHEME).annotated == 0


def test_small_groups_are_shrunken_and_marked_and_tiny_ones_silent() -> None:
    made = three_companies()
    teams = {f"c-{n}": "tiny" if n < 6 else "small" if n < 106 else f"big{n % 3}" for n in range(1200)}
    cards = [replace(one, attributes=dict(one.attributes) | {"team": teams[one.contact]}) for one in made.cards]
    found = column(analyse_means(cards, scheme=SCHEME, annotations=made.annotations), "by_team", "overall")
    assert found["tiny"] == Estimate(None, None, None, 6)
    assert found["small"].shrunken
    assert not found["big0"].shrunken
    labels = {one.contact for one in made.annotations}
    assert sum(team == "small" and name in labels for name, team in teams.items()) < 40


def test_single_agents_only_on_demand() -> None:
    made = three_companies()
    plain = analyse_means(made.cards, scheme=SCHEME)
    asked = analyse_means(made.cards, scheme=SCHEME, by=("agent",))
    assert "by_agent" not in {one.id for one in plain.tables}
    assert len(asked.tables[0].rows) == 36


def test_intervals_are_clustered_by_agent_where_there_are_ten_in_every_group() -> None:
    cards = three_companies().cards
    one_group = np.zeros(len(cards), int)
    assert clusters(cards, one_group)[1] == "agent"
    assert clusters(cards[:27], np.arange(27) % 3)[1] == "customer"
    hidden = [replace(one, attributes={"cluster": one.attributes["agent"]}) for one in cards]
    assert clusters(hidden, one_group)[1] == "agent"
    assert (clusters(hidden, one_group)[0] == clusters(cards, one_group)[0]).all()


def test_inclusion_is_read_and_checked() -> None:
    made = three_companies()
    cards = [replace(one, attributes=dict(one.attributes) | {"inclusion": 0.3}) for one in made.cards]
    same = analyse_means(cards, scheme=SCHEME, annotations=made.annotations)
    plain = analyse_means(made.cards, scheme=SCHEME, annotations=made.annotations)
    assert column(same, "by_company", "overall")["a"].value == pytest.approx(
        column(plain, "by_company", "overall")["a"].value
    )
    wrong = [replace(cards[0], attributes={"inclusion": 0}), *cards[1:]]
    with pytest.raises(ServicequalError, match="'c-0': inclusion is no probability"):
        analyse_means(wrong, scheme=SCHEME)


def test_no_card_and_a_scheme_of_others_are_refused() -> None:
    with pytest.raises(ServicequalError, match="no scorecard"):
        analyse_means([], scheme=SCHEME)
    with pytest.raises(ServicequalError, match="on no scorecard"):
        analyse_means([replace(card("c", {}), ratings={})], scheme=SCHEME)


def test_several_raters_count_as_one_contact() -> None:
    cards = [card("c", {"courtesy": "fully_met"})]
    given = [Annotation("c", rater, {"courtesy": level}) for rater, level in (("r1", "fully_met"), ("r2", "not_met"))]
    made = measure(cards, [*given, Annotation("c", "r3", {"courtesy": NOT_APPLICABLE})], SCHEME)
    points, applies = made.labelled[made.names.index("courtesy"), 0]
    assert (points, applies) == (pytest.approx(100 / 3), pytest.approx(2 / 3))
    assert np.isnan(made.labelled[made.names.index("empathy"), 0]).all()


def test_a_raters_score_is_the_scorers_formula() -> None:
    scheme = Scheme.load("annotations/scheme.json")
    draw = np.random.default_rng(0)
    for _ in range(50):
        levels = {
            c.id: str(draw.choice(["not_met", "partly_met", "fully_met", NOT_APPLICABLE])) for c in scheme.criteria
        }
        sure = {c: _sure(level) for c, level in levels.items()}
        expected, ours = overall(scheme, sure).score, rated_score(scheme, levels)
        assert ours == (None if expected is None else pytest.approx(expected, abs=0.051))


def _sure(level: str) -> Any:
    return card("c", {"courtesy": level}).ratings["courtesy"]


def test_a_plan_needs_fewer_annotations_than_contacts_and_more_for_less() -> None:
    made = three_companies(annotated=0.5)
    five = analyse_plan(made.cards, scheme=SCHEME, annotations=made.annotations, difference=5.0)
    ten = analyse_plan(made.cards, scheme=SCHEME, annotations=made.annotations, difference=10.0)
    contacts, annotations = (column(five, "needed", name) for name in ("contacts_needed", "annotations_needed"))
    assert annotations["courtesy"] < contacts["courtesy"]
    assert column(ten, "needed", "contacts_needed")["courtesy"] == pytest.approx(contacts["courtesy"] / 4, abs=2)
    spread = column(five, "needed", "spread")["courtesy"]
    levels = [50 * ["not_met", "partly_met", "fully_met"].index(one.ratings["courtesy"]) for one in made.annotations]
    assert spread == pytest.approx(np.std(levels), rel=1e-6)
