"""Demand, consistency, causes, coaching and alarms find what was planted, and nothing where nothing was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from servicequal.annotation import Annotation, Span
from servicequal.errors import ServicequalError
from servicequal.reference import Fact, Reference
from servicequal.reporting.alarms import analyse_alarms
from servicequal.reporting.analyses import analyse
from servicequal.reporting.causes import analyse_causes
from servicequal.reporting.chains import chains
from servicequal.reporting.coaching import analyse_coaching
from servicequal.reporting.consistency import analyse_consistency, contradictory
from servicequal.reporting.demand import analyse_demand
from servicequal.reporting.section import Estimate
from servicequal.scheme import LEVELS
from servicequal.scorecard import Claim, Scorecard
from tests.insight.simulate import CRITERIA, SCHEME, card, corpus, evidence
from tests.insight.test_comparisons import rows, texts

MET = dict.fromkeys(CRITERIA, "fully_met")
REFERENCE = Reference(
    (
        Fact("window", "Within 30 days.", topic="returns", valid_until="2026-03-31"),
        Fact("window", "Within 14 days.", topic="returns", valid_from="2026-04-01"),
        Fact("price", "It costs 99 euros.", topic="prices"),
    )
)


def claim(fact: str | None, verdict: str, text: str = "You have 30 days.", probability: float = 0.9) -> Claim:
    return Claim(1, 0, len(text), text, fact, verdict, probability)


def contact(name: str, day: str, *claims: Claim, customer: str = "x", **attributes: Any) -> Scorecard:
    levels = {"courtesy": "partly_met"} | attributes.pop("levels", {})
    made = card(name, levels, started_at=f"2026-{day}T10:00:00Z", customer=customer, company="a", **attributes)
    return replace(made, claims=claims)


def test_chains_are_of_one_customer_and_end_after_thirty_days() -> None:
    cards = [contact("c", "03-20"), contact("a", "01-01"), contact("b", "01-31"), contact("d", "01-02", customer="y")]
    assert [[one.contact for one in chain] for chain in chains(cards)] == [["a", "b"]]
    assert not chains([replace(one, attributes={"customer": "x"}) for one in cards])


def test_contradictory_answers_are_found_and_the_rest_is_not() -> None:
    right, wrong = claim("price", "supported"), claim("price", "contradicted", "No, you cannot.")
    first, second = contact("a", "01-01", right), contact("b", "01-05", wrong)
    found = contradictory((first, second))
    assert [(one.first[0].contact, one.second[0].contact) for one in found] == [("a", "b")]
    innocent = (
        claim("price", "supported"),
        claim("window", "contradicted"),
        claim(None, "contradicted"),
        claim("price", "not_in_reference"),
        replace(wrong, probability=0.4),
    )
    for other in innocent:
        assert not contradictory((first, contact("b", "01-05", other)))
    assert not contradictory((contact("a", "01-01", right, wrong),))  # put right within one contact


def test_differing_numbers_are_enough_and_the_same_number_in_other_words_is_none() -> None:
    faint = replace(claim("price", "contradicted", "Within three weeks."), probability=0.4)
    first = contact("a", "01-01", claim("price", "supported", "You have 30 days."))
    assert contradictory((first, contact("b", "01-05", faint)))
    same = replace(faint, text="Dreißig Tage haben Sie.")
    assert not contradictory((first, contact("b", "01-05", same)))


def test_a_rule_that_changed_in_between_is_no_contradiction() -> None:
    chain = (
        contact("a", "03-30", claim("window", "supported")),
        contact("b", "04-02", claim("window", "contradicted")),
    )
    assert contradictory(chain)
    assert not contradictory(chain, REFERENCE)
    earlier = (chain[0], contact("b", "03-31", claim("window", "contradicted")))
    assert contradictory(earlier, REFERENCE)


def test_both_quotes_promises_and_what_was_told_again() -> None:
    promise = evidence("commits", text="I will call you back.")
    chain = [
        contact("a", "01-01", claim("price", "supported")),
        contact("b", "01-05", claim("price", "contradicted", "No."), levels={"complaint_handling": "not_met"}),
    ]
    chain[0] = replace(chain[0], ratings={k: replace(v, evidence=(promise,)) for k, v in chain[0].ratings.items()})
    quiet = replace(contact("q", "01-01", customer="z"), ratings=chain[0].ratings)
    cards = [*chain, contact("p", "12-30", customer="z"), contact("o", "01-02", customer="z"), quiet]
    again = [Annotation("b", "r", {}, (Span(0, 0, 3, "repeat_contact"),))]
    section = analyse_consistency(cards, scheme=SCHEME, annotations=again)
    counts = {row["what"].key: row["count"] for row in rows(section, "counts")}
    assert counts["consistency.chains"] == 2
    assert counts["consistency.told_again"] == 1
    assert counts["consistency.contradicted"] == 1
    assert (counts["consistency.promise_not_kept"], counts["consistency.promise_unknown"]) == (1, 1)
    assert [(one.contact, one.quote, one.good, one.pair) for one in section.examples] == [
        ("a", "You have 30 days.", True, 0), ("b", "No.", False, 0),
    ]  # fmt: skip
    without = analyse_consistency(cards, scheme=SCHEME)
    assert {row["what"].key: row["count"] for row in rows(without, "counts")}["consistency.told_again"] is None
    with pytest.raises(ServicequalError, match="there is no chain"):
        analyse_consistency(chain[:1], scheme=SCHEME)


def test_failure_demand_is_corrected_by_raters_and_leaves_shoppers_out() -> None:
    made = corpus(1, [{"reason": "abcd"[n % 4]} for n in range(800)], lambda *_: 50.0, applies=0.4, annotated=0.5)
    shoppers = [replace(one, contact=f"m-{n}", attributes={"mystery": True}) for n, one in enumerate(made.cards)]
    section = analyse_demand([*made.cards, *shoppers], scheme=SCHEME, annotations=made.annotations)
    share = texts(section)["demand.lead"].values["failure"]
    assert isinstance(share, Estimate)
    assert share.low < 0.4 < share.high
    assert share.n == 800
    assert {row["reason"]: row["contacts"] for row in rows(section, "reasons")} == dict.fromkeys("abcd", 200)
    with pytest.raises(ServicequalError, match="real customer"):
        analyse_demand(shoppers, scheme=SCHEME)


def test_a_reason_comes_from_the_facts_stated_where_nothing_names_it() -> None:
    cards = [contact(f"c-{n}", "01-01", claim("price", "supported"), customer=f"k{n}") for n in range(12)]
    section = analyse_demand(cards, scheme=SCHEME, reference=REFERENCE)
    assert [row["reason"] for row in rows(section, "reasons")] == ["prices"]


def miss(number: int, criterion: str, *shown: str, claims: tuple[Claim, ...] = (), level: str = "not_met") -> Scorecard:
    found = [evidence(name) for name in shown]
    return replace(card(f"c-{number}", MET | {criterion: level}, evidence=found), claims=claims)


@pytest.mark.parametrize(
    ("criterion", "shown", "claims", "cause"),
    [
        ("empathy", (), (), "missed"),
        ("empathy", ("acknowledges",), (), "half_done"),
        ("empathy", ("acknowledges", "dismisses"), (), "against"),
        ("courtesy", (), (), "left_out"),
        ("correct_answers", ("defers_answer",), (), "deferred"),
        ("correct_answers", ("defers_answer",), (claim("price", "contradicted"),), "wrong"),
        ("correct_answers", (), (claim("price", "supported"),), "half_done"),
    ],
)
def test_each_cause_is_recognised(
    criterion: str, shown: tuple[str, ...], claims: tuple[Claim, ...], cause: str
) -> None:
    section = analyse_causes([miss(n, criterion, *shown, claims=claims) for n in range(12)], scheme=SCHEME)
    found = {row["criterion"]: row for row in rows(section, "causes")}
    assert found.keys() == {criterion}
    assert found[criterion][cause] == 1.0
    assert found[criterion]["points_lost"] == 100.0


def test_what_raters_marked_goes_before_the_evidence() -> None:
    cards = [miss(n, "empathy") for n in range(12)]
    marked = [
        Annotation(one.contact, "r", {"empathy": "not_met"}, (Span(1, 0, 2, "acknowledges"),)) for one in cards
    ]  # fmt: skip
    row = rows(analyse_causes(cards, scheme=SCHEME, annotations=marked), "causes")[0]
    assert row["half_done"] == 1.0


def test_wrong_answers_are_counted_by_topic_and_quoted() -> None:
    cards = [
        miss(n, "correct_answers", claims=(claim("price", "contradicted"), claim("window", "supported")))
        for n in range(12)
    ]
    section = analyse_causes(cards, scheme=SCHEME, reference=REFERENCE)
    assert [(row["topic"], row["stated"], row["wrong"]) for row in rows(section, "topics")] == [
        ("prices", 12, 12), ("returns", 12, 0),
    ]  # fmt: skip
    assert [(one.quote, one.good) for one in section.examples] == [("You have 30 days.", False)]


def coached(seed: int = 0) -> list[Scorecard]:
    """Three teams; that of the middle acknowledges less, and acknowledging makes empathy better everywhere."""
    draw, cards = np.random.default_rng(seed), []
    for number in range(900):
        team = f"t{number % 3}"
        shows = draw.random() < (0.3 if team == "t1" else 0.7)
        level = LEVELS[int(draw.binomial(2, 0.8 if shows else 0.2))]
        found = [evidence("acknowledges" if shows else "concern", text="I see." if shows else "I am worried.")]
        cards.append(card(f"c-{number}", MET | {"empathy": level}, evidence=found, team=team, company="a"))
    return cards


def test_the_planted_behaviour_is_coached_with_passages_good_and_bad() -> None:
    section = analyse_coaching(coached(), scheme=SCHEME)
    found = rows(section, "by_team")
    assert [(row["team"], row["behaviour"], row["advice"].key) for row in found] == [
        ("t1", "acknowledges", "coaching.more")
    ]
    assert found[0]["gap"].low < -0.4 < found[0]["gap"].high
    assert found[0]["gain"] == pytest.approx(0.4 * 60 * 1.0 / 3.5, rel=0.3)  # points of empathy, by its weight
    assert [(one.quote, one.good) for one in section.examples] == [("I see.", True), ("I am worried.", False)]


def test_a_bad_habit_is_shown_as_more_frequent_than_elsewhere() -> None:
    draw, cards = np.random.default_rng(2), []
    for number in range(900):
        team = f"t{number % 3}"
        dismisses = draw.random() < (0.6 if team == "t1" else 0.2)
        level = LEVELS[int(draw.binomial(2, 0.2 if dismisses else 0.8))]
        found = [evidence("dismisses" if dismisses else "concern")]
        cards.append(card(f"c-{number}", MET | {"empathy": level}, evidence=found, team=team))
    (row,) = rows(analyse_coaching(cards, scheme=SCHEME), "by_team")
    assert (row["team"], row["behaviour"], row["advice"].key) == ("t1", "dismisses", "coaching.less")
    assert row["gap"].low < row["gap"].value < row["gap"].high
    assert row["gap"].low < 0.4 < row["gap"].high
    assert row["gain"] > 0


def test_a_gain_comes_from_within_the_groups() -> None:
    """A team that is worse for other reasons too: what it would gain is the behaviour's own effect."""
    draw, cards = np.random.default_rng(1), []
    for number in range(3000):
        team = f"t{number % 3}"
        shows = draw.random() < (0.3 if team == "t1" else 0.7)
        level = LEVELS[int(draw.binomial(2, (0.7 if shows else 0.5) - 0.4 * (team == "t1")))]
        found = [evidence("acknowledges" if shows else "concern")]
        cards.append(card(f"c-{number}", MET | {"empathy": level}, evidence=found, team=team))
    row = rows(analyse_coaching(cards, scheme=SCHEME), "by_team")[0]
    assert row["gain"] == pytest.approx(0.4 * 20 * 1.0 / 3.5, rel=0.3)


def test_nothing_is_coached_where_the_groups_are_alike() -> None:
    alike = [
        replace(one, attributes={"team": f"t{n % 4}"})
        for n, one in enumerate(c for c in coached() if c.attributes["team"] != "t1")
    ]
    section = analyse_coaching(alike, scheme=SCHEME)
    assert not rows(section, "by_team")
    assert "coaching.nothing" in texts(section)
    with pytest.raises(ServicequalError, match="no two groups"):
        analyse_coaching([one for one in alike if one.attributes["team"] == "t0"], scheme=SCHEME)


def alarming(rise: float, seed: int = 0) -> list[Scorecard]:
    def points(criterion: str, given: Mapping[str, Any]) -> float:
        late = given["wave"] == "w2" and given["team"] == "t0" and criterion == "correct_answers"
        return 75 - rise * late

    attributes = [{"wave": f"w{n % 3}", "team": f"t{n // 3 % 5}", "reason": f"r{n // 15 % 4}"} for n in range(1200)]
    return corpus(seed, attributes, points, annotated=0).cards


def test_an_alarm_is_raised_for_the_planted_team_only() -> None:
    found = rows(analyse_alarms(alarming(50), scheme=SCHEME), "alarms")
    (alarm,) = [row for row in found if row["alarm"]]
    assert (alarm["group"], alarm["event"]) == ("t0", "correct_answers")
    assert alarm["before"] < 0.2 < alarm["now"]
    assert not any(row["alarm"] for row in rows(analyse_alarms(alarming(0), scheme=SCHEME), "alarms"))


def test_one_angry_customer_is_one_event_and_periods_may_be_months() -> None:
    calm = [contact(f"c-{n}", f"0{1 + n % 3}-05", customer=f"k{n}", team="t", levels=MET) for n in range(90)]
    angry = [
        contact(f"x-{n}", "03-06", customer="angry", team="t", levels=MET | {"correct_answers": "not_met"})
        for n in range(9)
    ]
    assert not rows(analyse_alarms([*calm, *angry], scheme=SCHEME), "alarms")[0]["alarm"]
    many = [replace(one, attributes=dict(one.attributes) | {"customer": one.contact}) for one in angry]
    assert rows(analyse_alarms([*calm, *many], scheme=SCHEME), "alarms")[0]["alarm"]
    with pytest.raises(ServicequalError, match="two"):
        analyse_alarms(angry, scheme=SCHEME)


def test_all_analyses_run_and_say_what_they_need() -> None:
    made = corpus(2, [{"company": "ab"[n % 2]} for n in range(60)], lambda *_: 50.0)
    sections = analyse(made.cards, scheme=SCHEME, annotations=made.annotations, company="a")
    needing = {one.id for one in sections if one.text[0].key == f"{one.id}.needs"}
    assert needing == {"benchmark", "trend", "drivers", "mystery", "consistency", "coaching", "alarms"}
    assert [one.id for one in sections][:2] == ["means", "benchmark"]
    with pytest.raises(ServicequalError, match="no scorecard"):
        analyse([], scheme=SCHEME)
