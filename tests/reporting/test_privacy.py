"""Works-council mode: what the gate lets through, whatever the scorecards hold."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicequal import Annotation, Privacy, Scorecard
from servicequal.errors import ServicequalError
from servicequal.reporting.privacy.audit import log_request
from servicequal.reporting.privacy.gate import Gate
from servicequal.reporting.privacy.pseudonyms import fresh_key, kept_key
from servicequal.reporting.privacy.redaction import Redactor
from servicequal.reporting.privacy.reveal import reveal
from servicequal.reporting.privacy.suppression import Threshold, told
from tests.reporting.conftest import make_card, make_contact

Teams = Callable[[dict[str, dict[str, int]]], list[Scorecard]]
FIVE = {f"a{number}": 4 for number in range(5)}


def told_teams(gate: Gate, attribute: str = "team") -> set[str]:
    return {card.attributes[attribute] for card in gate.cards if attribute in card.attributes}


def test_by_default_no_figure_leads_to_an_agent(teams: Teams) -> None:
    secret = {"phone_number": "4711", "started_at": "2026-01-01T10:00:00Z", "customer": "Ruth Hannemann"}
    cards = [replace(card, attributes={**card.attributes, **secret}) for card in teams({"north": FIVE})]
    (first, *_), text = (passed := Gate(cards, Privacy())).cards, json.dumps([c.to_dict() for c in passed.cards])
    assert set(first.attributes) == {"company", "team", "customer", "cluster", "started_at"}
    assert len({card.attributes["cluster"] for card in passed.cards}) == 5
    assert not any(hidden in text for hidden in ("a0", "4711", "Hannemann", "north-"))
    assert first.attributes["customer"].startswith("customer-")


def test_small_teams_have_no_name_and_cannot_be_worked_out(teams: Teams) -> None:
    alone = teams({"north": FIVE, "south": {f"b{n}": 9 for n in range(6)}, "west": {"c": 30}})
    assert told_teams(Gate(alone, Privacy())) == {"south"}  # west is one agent; north goes with it, being the smaller
    both = teams({"north": FIVE, "west": {"c": 15, "d": 9, "e": 3}, "east": {"f": 9, "g": 9}})
    assert told_teams(Gate(both, Privacy())) == {"north"}  # west and east together are five agents
    assert Gate(both, Privacy()).suppressed == {"team": 2}
    assert told_teams(Gate(both, Privacy(least_agents=2))) == {"north", "west", "east"}


def test_a_team_of_five_that_is_one_agent_is_suppressed(teams: Teams) -> None:
    assert told_teams(Gate(teams({"north": {"a": 96, "b": 1, "c": 1, "d": 1, "e": 1}}), Privacy())) == set()


def test_where_agents_are_not_known_no_team_is_large_enough() -> None:
    for known in (0, 4):  # who else is in it may be one or many
        agents = [{"agent": f"a{n}"} if n < known else {} for n in range(50)]
        cards = [make_card(f"c{n}", company="voltana", team="north", **agents[n]) for n in range(50)]
        assert told_teams(Gate(cards, Privacy())) == set()


def test_the_report_warns_where_few_agents_stand_behind_a_language(teams: Teams) -> None:
    cards = teams({"north": FIVE | {"a5": 4}})
    polish = [replace(card, language="pl") if card.attributes["agent"] == "a0" else card for card in cards]
    assert Gate(cards, Privacy()).few == {}
    assert Gate(polish, Privacy()).few == {"language": ["pl"]}
    assert [note.key for note in Gate(polish, Privacy()).notes()] == ["privacy.team", "privacy.limits", "privacy.few"]


def test_another_grouping_of_agents_is_gated_like_a_team_and_stands_alone(teams: Teams) -> None:
    cards = [
        replace(card, attributes={**card.attributes, "site": "X" if card.attributes["agent"] == "c" else "Y"})
        for card in teams({"north": FIVE, "south": {f"b{n}": 9 for n in range(6)}, "west": {"c": 30}})
    ]
    gate = Gate(cards, Privacy(), by="site")
    assert told_teams(gate, "site") == set()  # Y without X is X
    assert told_teams(gate) == set()


def test_two_companies_may_each_have_a_team_a_and_a_sophie() -> None:
    cards = [
        make_card(f"{company}-{n}", company=company, team="a", agent=f"agent {n % 5}")
        for company, count in (("voltana", 50), ("zappio", 8))
        for n in range(count)
    ]
    gate = Gate(cards, Privacy())
    assert told_teams(gate, "company") == {"voltana"}  # zappio has too few contacts
    assert {card.attributes.get("company") for card in gate.cards if "team" in card.attributes} == {"voltana"}
    assert len({card.attributes["cluster"] for card in gate.cards}) == 10


def test_agents_have_pseudonyms_only_for_a_purpose(teams: Teams, tmp_path: Path) -> None:
    cards, key = teams({"north": {"Sophie": 20, "Jana": 20, "Marek": 3, "Ola": 9}}), b"k" * 32
    with pytest.raises(ValueError, match="audit"):
        Privacy("coaching")
    gate = Gate(cards, Privacy("coaching", key=key, audit=tmp_path / "log"))
    names = told_teams(gate, "agent")
    assert len(names) == 2
    assert all(name.startswith("agent-") for name in names)
    assert set(reveal(sorted(names), cards, key).values()) == {"voltana / Sophie", "voltana / Jana"}
    with pytest.raises(ServicequalError, match="under this key"):
        reveal(sorted(names), cards, fresh_key())
    other = Gate(cards, Privacy("coaching", key=fresh_key(), audit=tmp_path / "log"))
    assert told_teams(other, "agent").isdisjoint(names)


def test_contacts_and_annotations_keep_together_under_another_name() -> None:
    gate = Gate([make_card("c-1", agent="Sophie", customer="cust-9")], Privacy())
    (annotation,) = gate.annotations([Annotation("c-1", "r1", {}, attributes={"note": "Sophie again"})])
    name = gate.cards[0].contact
    contacts = gate.contacts([make_contact("c-1"), make_contact("c-2")], [name])
    assert annotation.contact == name != "c-1"
    assert annotation.attributes == {}
    assert set(contacts) == {name}
    text = contacts[name].turns[1].text
    assert "Sophie" not in text
    assert "Hinrichsen" not in text
    for item in gate.cards[0]["empathy"].evidence:
        assert text[item.start : item.end] == item.text


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Tu Zofia, proszę zapytać Zofii albo Zofię.", "Tu █████, proszę zapytać █████ albo █████."),
        ("Rozmawiałem z Markiem, panie Marku!", "Rozmawiałem z ███████, panie █████!"),
        ("Guten Tag, Herr von Ahn; Frau Müller-Lüdenscheidt war Sophies Kollegin",
         "Guten Tag, Herr von ███; Frau ███████████████████ war ███████ Kollegin"),
        ("Mail to ruth.h@example.org or +49 40 1234567, order 12345",
         "Mail to ██████████████████ or ██████████████, order 12345"),
        ("will this be delivered? Will said so", "will this be delivered? ████ said so"),
        ("hi will here", "hi ████ here"),
    ],
)  # fmt: skip
def test_names_are_blackened_and_everything_keeps_its_place(said: str, left: str) -> None:
    redactor = Redactor(["Zofia", "pan Marek", "Sophie Meier", "Will"])
    assert redactor.text(said) == left
    assert len(left) == len(said)


@given(
    groups=st.dictionaries(st.sampled_from("ABCDEF"), st.dictionaries(st.sampled_from("uvwxyz"), st.integers(1, 9))),
    rest=st.dictionaries(st.sampled_from([*"uvwxyz", None]), st.integers(1, 9), max_size=3),
    least=st.integers(1, 5),
)
def test_what_is_left_of_a_total_is_never_a_small_group(
    groups: dict[str, dict[str | None, int]], rest: dict[str | None, int], least: int
) -> None:
    threshold = Threshold(least, 8)
    kept = told(groups, rest=rest, group=threshold, remainder=threshold)
    assert all(threshold.met_by(groups[name]) for name in kept)
    hidden = groups.keys() - kept
    left = Counter(rest)
    for name in hidden:
        left.update(groups[name])
    assert not kept or not hidden or threshold.met_by(left)


def test_the_log_is_appended_to_and_a_change_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    for number in range(3):
        log_request(path, {"asked": f"report {number}\u2028", "level": "team"})
    lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    entries = [json.loads(line) for line in lines]
    assert [entry["asked"][:8] for entry in entries] == ["report 0", "report 1", "report 2"]
    assert all(entry["who"] and entry["at"] for entry in entries)
    for changed in ([lines[0], lines[2]], [lines[1], lines[2]], [lines[0].replace("team", "agent"), *lines[1:]]):
        path.write_text("".join(line + "\n" for line in changed), encoding="utf-8")
        with pytest.raises(ServicequalError, match="was changed"):
            log_request(path, {"asked": "report"})
        assert len(path.read_text(encoding="utf-8").rstrip("\n").split("\n")) == len(changed)


def test_a_key_is_drawn_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "key"
    assert kept_key(path) == kept_key(path) != kept_key(tmp_path / "other")
    assert path.stat().st_mode & 0o077 == 0
    path.write_text("no key\n")
    with pytest.raises(ServicequalError, match="64 hexadecimal digits"):
        kept_key(path)


@pytest.mark.parametrize("wrong", [{"purpose": " "}, {"least_agents": 0}, {"least_contacts": 0}])
def test_a_policy_that_says_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Privacy(**wrong)  # type: ignore[arg-type]


def test_the_key_is_in_no_repr() -> None:
    key = b"s" * 32
    assert "sss" not in repr(Privacy(key=key))
