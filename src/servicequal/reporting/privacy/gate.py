"""The gate that scorecards, annotations and contacts pass before anything is reported of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from servicequal.annotation import Annotation
from servicequal.contact import Contact
from servicequal.reporting.privacy.policy import LEAST_AGENTS, LEAST_CONTACTS, Privacy
from servicequal.reporting.privacy.pseudonyms import pseudonym
from servicequal.reporting.privacy.redaction import Redactor, names_in
from servicequal.reporting.privacy.suppression import Threshold, told
from servicequal.reporting.section import Text
from servicequal.scorecard import Claim, Evidence, Rating, Scorecard

# what passes as it is; whatever else a contact carries stays outside
OPEN = (
    "company", "channel", "language", "wave", "case", "area", "reason", "mystery", "rating", "started_at", "inclusion",
)  # fmt: skip
BESIDE = ("company", "channel", "language", "wave", "area")  # what a report goes by, besides groups of agents
_Said = TypeVar("_Said", Evidence, Claim)
_Key = tuple[str, ...]  # of a group: within a company, a team


class Gate:
    """Lets through what a report may say of people, and nothing else.

    Past it, a card's attributes are those in ``OPEN``; ``team``, or the attribute that the report goes by instead;
    ``customer`` as a pseudonym; ``agent`` as a pseudonym, at the agent level only; and ``cluster``, an opaque name of
    the agent that is there at every level, so that intervals can be clustered, and is never shown. A group too small
    to be told, or without which another could be worked out, is taken from its cards: they count in totals only.
    One grouping of agents a report: two that overlap could be subtracted from each other.

    Attributes:
        cards: that passed, in the order given.
        grouping: the attribute that groups agents, ``team`` or another.
        suppressed: how many groups were taken away, by attribute; those without any are left out.
        few: values of other attributes behind which few agents stand, by attribute. These are told, because they are
            no groups of agents; the report's head warns of them.

    Args:
        cards: of everything to be reported; groups are counted over all of them.
        privacy: how closely the report may look.
        by: the attribute that the report goes by.
    """

    def __init__(self, cards: Sequence[Scorecard], privacy: Privacy, *, by: str | None = None) -> None:
        self._privacy = privacy
        self.grouping = by if by is not None and by not in (*OPEN, "agent") else "team"
        self._redactor = Redactor({name for card in cards for name in names_in(card.attributes)})
        keys = [_keys(card.attributes, self.grouping) for card in cards]
        kept = self._kept(keys)
        self.suppressed = {
            name: missing
            for name, groups in kept.items()
            if (missing := len({key[name] for key in keys if name in key} - groups))
        }
        self.few = {} if privacy.level == "agent" else _few(cards, keys, privacy.least_agents)
        clusters: dict[_Key, str] = {}
        for key in keys:
            if "agent" in key:
                clusters.setdefault(key["agent"], f"{len(clusters):06}")
        self.cards = tuple(
            self._card(
                card, {name: key[name] in kept.get(name, ()) for name in key}, clusters.get(key.get("agent", ()))
            )
            for card, key in zip(cards, keys, strict=True)
        )

    def annotations(self, annotations: Iterable[Annotation]) -> list[Annotation]:
        """Pass annotations: under their contacts' names in the report, without the raters' own attributes."""
        return [replace(one, contact=self.contact_id(one.contact), attributes={}) for one in annotations]

    def contacts(self, contacts: Iterable[Contact], wanted: Iterable[str]) -> dict[str, Contact]:
        """Pass the wanted contacts only: names blackened, without attributes; by their ids in the report."""
        chosen = set(wanted)
        passed = ((self.contact_id(contact.id), contact) for contact in contacts)
        return {name: self._contact(contact, name) for name, contact in passed if name in chosen}

    def notes(self) -> Iterator[Text]:
        """Say at which level the report looks at people, and what was suppressed."""
        privacy = self._privacy
        yield Text(f"privacy.{privacy.level}", {"purpose": privacy.purpose})
        lowered = privacy.least_agents < LEAST_AGENTS or privacy.least_contacts < LEAST_CONTACTS
        limits = {"least_agents": privacy.least_agents, "least_contacts": privacy.least_contacts}
        yield Text("privacy.lowered" if lowered else "privacy.limits", limits)
        for name, count in self.suppressed.items():
            yield Text("privacy.suppressed", {"groups": count, "attribute": name})
        for name, values in self.few.items():
            yield Text("privacy.few", {"groups": ", ".join(values), "attribute": name})

    def contact_id(self, contact: str) -> str:
        """Give a contact's id in the report."""
        if self._privacy.shows_contact_ids:
            return contact
        return pseudonym("contact", contact, self._privacy.key)

    def _contact(self, contact: Contact, name: str) -> Contact:
        turns = tuple(replace(turn, text=self._redactor.text(turn.text)) for turn in contact.turns)
        return replace(contact, id=name, turns=turns, attributes={}, facts=())

    def _kept(self, keys: Sequence[Mapping[str, _Key]]) -> dict[str, set[_Key]]:
        """Choose the groups to tell: companies, then teams within them, then agents within those."""
        contacts = self._privacy.least_contacts
        several = Threshold(self._privacy.least_agents, contacts)
        kept = {"company": _told(keys, "company", Threshold(0, contacts), Threshold(0, 0))}  # no person
        kept[self.grouping] = _told(keys, self.grouping, several, several)
        if self._privacy.level == "agent":
            kept["agent"] = _told(keys, "agent", Threshold(1, contacts), Threshold(2, contacts))
        return kept

    def _card(self, card: Scorecard, kept: Mapping[str, bool], cluster: str | None) -> Scorecard:
        given = card.attributes
        attributes = {name: given[name] for name in OPEN if name in given and kept.get(name, True)}
        if kept.get(self.grouping):
            attributes[self.grouping] = given[self.grouping]
        if kept.get("agent"):
            attributes["agent"] = pseudonym("agent", str(agent_name(card)), self._privacy.key)
        if given.get("customer") is not None:
            attributes["customer"] = pseudonym("customer", str(given["customer"]), self._privacy.key)
        if cluster is not None:
            attributes["cluster"] = cluster
        return replace(
            card,
            contact=self.contact_id(card.contact),
            attributes=attributes,
            ratings={name: self._rating(rating) for name, rating in card.ratings.items()},
            claims=tuple(self._said(claim) for claim in card.claims),
        )

    def _rating(self, rating: Rating) -> Rating:
        evidence = tuple(self._said(item) for item in rating.evidence)
        return rating if evidence == rating.evidence else replace(rating, evidence=evidence)

    def _said(self, part: _Said) -> _Said:
        text = self._redactor.text(part.text)
        return part if text == part.text else replace(part, text=text)


def agent_name(card: Scorecard) -> str | None:
    """Name a card's agent with the company, since two companies may each have a Sophie; None where it is not known."""
    key = _keys(card.attributes, "").get("agent")
    return None if key is None else "\0".join(key)


def _keys(attributes: Mapping[str, Any], grouping: str) -> dict[str, _Key]:
    """Name the groups that a card belongs to; an agent is one within a company, whatever the team is today."""
    company = str(attributes.get("company") or "")
    names: dict[str, _Key] = {"company": (company,)} if company else {}
    for name in ("agent", grouping):
        if attributes.get(name) not in (None, ""):
            names[name] = (company, str(attributes[name]))
    return names


def _told(keys: Sequence[Mapping[str, _Key]], name: str, group: Threshold, remainder: Threshold) -> set[_Key]:
    """Choose among the groups under one name, within each total that is told too."""
    totals: dict[_Key, tuple[dict[_Key, Counter[str | None]], Counter[str | None]]] = defaultdict(
        lambda: (defaultdict(Counter), Counter())
    )
    for key in keys:
        agent = key.get("agent")
        total = () if name == "company" else key.get("company", ())
        groups, rest = totals[total]
        members = groups[key[name]] if name in key else rest
        members["\0".join(agent) if agent else None] += 1
    return set(_all(told(groups, rest=rest, group=group, remainder=remainder) for groups, rest in totals.values()))


def _few(cards: Sequence[Scorecard], keys: Sequence[Mapping[str, _Key]], least: int) -> dict[str, list[str]]:
    """Find the values of ``BESIDE`` whose contacts are all known to be those of fewer than ``least`` agents."""
    agents: dict[tuple[str, str], set[_Key | None]] = defaultdict(set)
    for card, key in zip(cards, keys, strict=True):
        found = {"channel": card.channel, "language": card.language, **card.attributes}
        for name in BESIDE:
            if found.get(name) not in (None, ""):
                agents[name, str(found[name])].add(key.get("agent"))
    few: dict[str, list[str]] = defaultdict(list)
    for (name, value), members in sorted(agents.items()):
        if None not in members and len(members) < least:
            few[name].append(value)
    return dict(few)


def _all(parts: Iterable[set[_Key]]) -> Iterator[_Key]:
    for part in parts:
        yield from part
