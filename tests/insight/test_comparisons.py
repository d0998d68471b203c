"""Benchmark, trend, bridge, mystery and drivers find what was planted in made-up corpora."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from servicequal.errors import ServicequalError
from servicequal.reporting.benchmark import analyse_benchmark
from servicequal.reporting.drivers import analyse_drivers, fit_drivers, reweighted
from servicequal.reporting.mystery import analyse_mystery
from servicequal.reporting.section import Estimate, Section, Text
from servicequal.reporting.trend import analyse_trend
from servicequal.scheme import LEVELS
from tests.insight.simulate import CRITERIA, SCHEME, Corpus, Scorer, card, corpus


def rows(section: Section, table: str) -> list[dict[str, Any]]:
    found = next(one for one in section.tables if one.id == table)
    return [dict(zip([column.name for column in found.columns], row, strict=True)) for row in found.rows]


def texts(section: Section) -> dict[str, Text]:
    return {text.key: text for text in (*section.text, *section.warnings)}


def _cases(companies: str = "ab", waves: int = 3) -> list[dict[str, Any]]:
    return [
        {"company": company, "case": f"case-{case}", "wave": f"w{wave}", "mystery": True}
        for wave in range(waves)
        for case in range(30)
        for company in companies
    ]


def _hard(given: Mapping[str, Any]) -> float:
    """What makes a case hard for everybody, from −30 to 30."""
    return (int(given["case"].removeprefix("case-")) - 14.5) * 2


def test_a_strength_and_a_weakness_are_found_on_the_same_cases() -> None:
    planted = {("a", "empathy"): 20, ("a", "courtesy"): -20}

    def points(criterion: str, given: Mapping[str, Any]) -> float:
        return 50 + planted.get((given["company"], criterion), 0) + 0.6 * _hard(given)

    made = corpus(1, _cases(), points, annotated=1.0)
    section = analyse_benchmark(made.cards, scheme=SCHEME, company="a", annotations=made.annotations)
    found = {row["criterion"]: row for row in rows(section, "differences")}
    assert found["empathy"]["first"].value == pytest.approx(70, abs=6)
    assert found["empathy"]["second"].value == pytest.approx(50, abs=6)
    assert found["empathy"]["verdict"].key == "word.strength"
    assert found["courtesy"]["verdict"].key == "word.weakness"
    assert found["correct_answers"]["verdict"].key == "word.not_told_apart"
    assert found["empathy"]["difference"].low < 20 < found["empathy"]["difference"].high
    assert found["courtesy"]["difference"].low < -20 < found["courtesy"]["difference"].high


def test_pairing_makes_intervals_narrower_where_cases_differ() -> None:
    def points(_: str, given: Mapping[str, Any]) -> float:
        return 50 + (10 if given["company"] == "a" else 0) + 1.5 * _hard(given)

    made = corpus(2, _cases(), points, annotated=1.0)
    paired = rows(
        analyse_benchmark(made.cards, scheme=SCHEME, company="a", annotations=made.annotations), "differences"
    )
    mixed = list(np.random.default_rng(0).permutation(30))
    other = [
        replace(one, attributes=dict(one.attributes) | {"case": f"case-{mixed[int(one.attributes['case'][5:])]}"})
        if one.attributes["company"] == "b" else one
        for one in made.cards
    ]  # fmt: skip
    apart = rows(analyse_benchmark(other, scheme=SCHEME, company="a", annotations=made.annotations), "differences")
    assert _width(paired[0]["difference"]) < 0.7 * _width(apart[0]["difference"])


def _width(found: Estimate) -> float:
    assert found.low is not None
    assert found.high is not None
    return found.high - found.low


def test_a_case_that_only_one_company_had_does_not_count() -> None:
    made = corpus(3, _cases(), lambda _, given: 60 if given["company"] == "a" else 50, annotated=1.0)
    extra = [
        card(f"x-{n}", dict.fromkeys(CRITERIA, "fully_met"), company="a", case=f"own-{n}", wave="w0")
        for n in range(200)
    ]
    plain = analyse_benchmark(made.cards, scheme=SCHEME, company="a")
    with_more = analyse_benchmark([*made.cards, *extra], scheme=SCHEME, company="a")
    assert [row["difference"].value for row in rows(plain, "differences")] == pytest.approx(
        [row["difference"].value for row in rows(with_more, "differences")]
    )


def test_a_case_counts_once_however_many_contacts_it_has() -> None:
    cards = corpus(3, _cases(), lambda _, given: 60 if given["company"] == "a" else 50, annotated=0).cards
    one_case = [one for one in cards if one.attributes["case"] == "case-3" and one.attributes["company"] == "a"]
    again = [replace(one, contact=f"{one.contact}-{n}") for one in one_case for n in range(9)]
    plain, repeated = (
        [row["difference"].value for row in rows(analyse_benchmark(some, scheme=SCHEME, company="a"), "differences")]
        for some in (cards, [*cards, *again])
    )
    assert repeated == pytest.approx(plain)


def test_the_deciding_case_is_named() -> None:
    def points(_: str, given: Mapping[str, Any]) -> float:
        return (
            100.0 if given["company"] == "a" and given["case"] == "case-7" else 0.0 if given["case"] == "case-7" else 50
        )

    made = corpus(4, _cases(waves=6), points, annotated=1.0)
    section = analyse_benchmark(made.cards, scheme=SCHEME, company="a", annotations=made.annotations)
    assert rows(section, "cases")[0]["case"] == "case-7"
    assert rows(section, "cases")[0]["difference"].value == pytest.approx(100)


def test_a_company_without_labels_is_warned_of_and_an_unknown_one_refused() -> None:
    made = corpus(5, _cases(), lambda *_: 50.0, annotated=1.0)
    own = [one for one in made.annotations if int(one.contact[2:]) % 2 == 0]
    section = analyse_benchmark(made.cards, scheme=SCHEME, company="a", annotations=own)
    assert texts(section)["benchmark.few_labels"].values["companies"] == "b"
    with pytest.raises(ServicequalError, match="did you mean 'a'"):
        analyse_benchmark(made.cards, scheme=SCHEME, company="aa")
    with pytest.raises(ServicequalError, match="attributes 'company' and 'case'"):
        analyse_benchmark([card("c", {"courtesy": "not_met"})], scheme=SCHEME, company="a")


def _waves(effect: float, trained: str = "empathy", contacts: int = 300) -> tuple[list[dict[str, Any]], Any]:
    attributes = [{"wave": f"w{wave}", "agent": f"g{n % 15}"} for wave in range(3) for n in range(contacts)]

    def points(criterion: str, given: Mapping[str, Any]) -> float:
        late = given["wave"] != "w0"
        return 40 + 3 * int(given["agent"][1:]) - 20 + 10 * late + effect * (late and criterion == trained)

    return attributes, points


def test_trained_criteria_improve_more_and_the_common_rise_cancels() -> None:
    made = corpus(6, *_waves(20.0), annotated=0.5)
    section = analyse_trend(made.cards, scheme=SCHEME, annotations=made.annotations, trained=["empathy"])
    difference = texts(section)["trend.trained"].values["difference"]
    assert isinstance(difference, Estimate)
    assert difference.low < 20 < difference.high
    assert {row["criterion"]: row["verdict"].key for row in rows(section, "waves")}["empathy"] == "word.better"
    none = corpus(7, *_waves(0.0), annotated=0.5)
    unsure = analyse_trend(none.cards, scheme=SCHEME, annotations=none.annotations, trained=["empathy"])
    assert "trend.trained_unsure" in texts(unsure)


def test_each_wave_has_its_own_mean() -> None:
    attributes = [{"wave": f"w{n % 3}"} for n in range(900)]
    made = corpus(9, attributes, lambda _, given: 20 + 30 * int(given["wave"][1:]), annotated=0.5)
    for row in rows(analyse_trend(made.cards, scheme=SCHEME, annotations=made.annotations), "waves"):
        assert [row[f"w{wave}"].value for wave in range(3)] == pytest.approx([20, 50, 80], abs=8)
        assert row["change"].value == pytest.approx(row["w2"].value - row["w0"].value)


def test_a_change_of_the_scorer_between_waves_is_told() -> None:
    cards = corpus(9, [{"wave": f"w{n % 2}"} for n in range(80)], lambda *_: 50.0, annotated=0.0).cards
    one = texts(analyse_trend(cards, scheme=SCHEME))
    assert "trend.one_scorer" in one
    assert "trend.scorers" not in one
    mixed = [replace(card, scorer="a newer one") if card.attributes["wave"] == "w1" else card for card in cards]
    two = texts(analyse_trend(mixed, scheme=SCHEME))
    assert two["trend.scorers"].values == {"scorers": 2}
    assert "trend.one_scorer" not in two


def test_trained_from_a_later_wave() -> None:
    made = corpus(8, *_waves(20.0), annotated=1.0)
    section = analyse_trend(
        made.cards, scheme=SCHEME, annotations=made.annotations, trained=["empathy"], trained_from="w2"
    )
    found = {
        str(row["criterion"]): row["change"].value for row in rows(section, "training") if row["trained"] is not None
    }
    assert found["empathy"] == pytest.approx(15, abs=6)  # half of the waves before it had the effect already
    with pytest.raises(ServicequalError, match="no wave 'w9'"):
        analyse_trend(made.cards, scheme=SCHEME, trained=["empathy"], trained_from="w9")
    with pytest.raises(ServicequalError, match="did you mean 'empathy'"):
        analyse_trend(made.cards, scheme=SCHEME, trained=["emphaty"])
    with pytest.raises(ServicequalError, match="two waves"):
        analyse_trend(made.cards[:300], scheme=SCHEME)


def test_shoppers_served_better_are_found_though_they_met_better_agents() -> None:
    attributes = [
        {"mystery": n % 4 == 0, "company": "a", "agent": f"g{int(n // 4 % 5 > 0) if n % 4 == 0 else int(n % 5 == 0)}"}
        for n in range(1600)
    ]  # shoppers meet the second agent four times in five, real customers the first

    def points(criterion: str, given: Mapping[str, Any]) -> float:
        return 20 + 40 * int(given["agent"][1:]) + (20 if given["mystery"] and criterion == "courtesy" else 0)

    made = corpus(10, attributes, points, annotated=0.5)
    section = analyse_mystery(made.cards, scheme=SCHEME, annotations=made.annotations)
    found = {row["criterion"]: row for row in rows(section, "differences")}
    assert found["courtesy"]["p_holm"] < 0.05
    assert found["courtesy"]["difference"].low < 20 < found["courtesy"]["difference"].high
    assert found["empathy"]["p_holm"] > 0.05
    assert found["empathy"]["difference"].low < 0 < found["empathy"]["difference"].high
    with pytest.raises(ServicequalError, match="both mystery and real"):
        analyse_mystery([one for one in made.cards if one.attributes["mystery"]], scheme=SCHEME)


EFFECTS = {"complaint_handling": 2.5, "empathy": 1.5, "courtesy": 0.7, "correct_answers": 0.0}


def rated_contacts(seed: int = 11, contacts: int = 900, *, scorer: Scorer | None = None) -> Corpus:
    """Contacts with a customer's rating that depends on the criteria as planted; six in ten answer."""
    draw = np.random.default_rng(seed)
    made = corpus(seed, [{"company": "a"}] * contacts, lambda *_: 50.0, annotated=1.0, scorer=scorer)
    cards = []
    for one, rated in zip(made.cards, made.annotations, strict=True):
        effect = sum(
            EFFECTS[name] * (LEVELS.index(level) / 2 - 0.5) for name, level in rated.ratings.items() if level in LEVELS
        )
        rating = int(np.digitize(effect + draw.logistic(), [-2.0, -0.7, 0.7, 2.0])) + 1
        answers = draw.random() < 0.6
        cards.append(replace(one, attributes=dict(one.attributes) | ({"rating": rating} if answers else {})))
    return replace(made, cards=cards)


def test_who_answers_is_corrected_for() -> None:
    """Courtesy matters where the overall score is low; those customers answer ten times as often."""
    draw = np.random.default_rng(12)
    made = corpus(12, [{"company": "a"}] * 4000, lambda *_: 50.0, annotated=1.0, scorer=Scorer(1.0))
    everybody, some = [], []
    for one, rated in zip(made.cards, made.annotations, strict=True):
        low = (one.overall.score or 0) < 50
        effect = (5.0 if low else 0.0) * (LEVELS.index(rated.ratings["courtesy"]) / 2 - 0.5)
        rating = int(np.digitize(effect + draw.logistic(), [-2.0, -0.7, 0.7, 2.0])) + 1
        everybody.append(replace(one, attributes={"rating": rating}))
        some.append(everybody[-1] if draw.random() < (0.9 if low else 0.09) else one)
    whole, answered = (fit_drivers(cards, scheme=SCHEME).effects["courtesy"] for cards in (everybody, some))
    alone = fit_drivers([one for one in some if "rating" in one.attributes], scheme=SCHEME).effects["courtesy"]
    assert abs(answered.value - whole.value) < 0.6 * abs(alone.value - whole.value)


def test_the_planted_order_of_drivers_is_recovered_and_becomes_weights() -> None:
    made = rated_contacts()
    found = fit_drivers(made.cards, scheme=SCHEME, annotations=made.annotations)
    assert found.ordinal
    assert sorted(found.effects, key=lambda name: -found.effects[name].value) == list(EFFECTS)
    assert found.effects["correct_answers"].interval.low < 0 < found.effects["correct_answers"].interval.high
    weights = found.weights(SCHEME)
    assert sum(weights.values()) == pytest.approx(sum(one.weight for one in SCHEME.criteria), abs=0.01)
    assert min(weights.values()) > 0
    scheme = reweighted(SCHEME, weights)
    assert scheme["complaint_handling"].weight > scheme["courtesy"].weight
    assert scheme.id == "simulated-impact"
    section = analyse_drivers(made.cards, scheme=SCHEME, annotations=made.annotations)
    assert texts(section)["drivers.first"].values["criterion"] == "complaint_handling"
    assert "drivers.cause" in texts(section)


def test_expected_levels_do_not_dampen_the_effect() -> None:
    made = rated_contacts(contacts=3000, scorer=Scorer(0.7))
    rated = fit_drivers(made.cards, scheme=SCHEME, annotations=made.annotations).effects["complaint_handling"]
    scored = fit_drivers(made.cards, scheme=SCHEME).effects["complaint_handling"]
    assert scored.value == pytest.approx(rated.value, rel=0.3)
    assert scored.error > rated.error


def test_few_ratings_make_the_model_linear_and_fewer_none() -> None:
    made = rated_contacts(contacts=160)
    assert not fit_drivers(made.cards, scheme=SCHEME, annotations=made.annotations).ordinal
    with pytest.raises(ServicequalError, match="drivers need 60"):
        fit_drivers(made.cards[:60], scheme=SCHEME)


def test_shoppers_are_not_asked() -> None:
    made = rated_contacts()
    shoppers = [
        replace(one, contact=f"m-{n}", attributes=dict(one.attributes) | {"mystery": True, "rating": 5})
        for n, one in enumerate(made.cards[:300])
    ]
    plain = fit_drivers(made.cards, scheme=SCHEME)
    assert fit_drivers([*made.cards, *shoppers], scheme=SCHEME).effects == plain.effects
