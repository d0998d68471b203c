"""Which groups may be told: those large enough, and none that could be worked out from a total."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

MOST_BY_ONE = 0.8  # of a group's contacts; with more, the group's figures are one agent's

Group = TypeVar("Group", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Threshold:
    """When a group is large enough for a figure.

    Attributes:
        agents: at least so many; where they are not known, they count as none.
        contacts: at least so many.
    """

    agents: int
    contacts: int

    def met_by(self, members: Mapping[str | None, int]) -> bool:
        """Tell whether a group is large enough, and not almost all one agent's.

        Args:
            members: contacts by agent; None for those whose agent is not known.

        Example:
            >>> Threshold(agents=2, contacts=10).met_by({"a": 5, "b": 5})
            True
            >>> Threshold(agents=2, contacts=10).met_by({"a": 99, "b": 1})
            False
        """
        total = sum(members.values())
        known = [count for agent, count in members.items() if agent is not None]
        if total < self.contacts or len(known) < self.agents:
            return False
        return self.agents < 2 or max(known) <= MOST_BY_ONE * total


def told(
    groups: Mapping[Group, Mapping[str | None, int]],
    *,
    rest: Mapping[str | None, int],
    group: Threshold,
    remainder: Threshold,
) -> set[Group]:
    """Choose the groups of one total that may be told.

    A group below its threshold is suppressed. Since the total is told too, what is left when the told groups are taken
    from it is known as well; so the smallest further groups are suppressed until that remainder is itself large enough
    (complementary suppression; Hundepool et al. 2012, "Statistical Disclosure Control", § 4.4).

    Args:
        groups: contacts by agent, of each group of this total.
        rest: contacts by agent, of those in the total that belong to no group.
        group: what a group must meet.
        remainder: what everything suppressed and the rest must meet together, once anything is suppressed.

    Example:
        >>> teams = {"north": {"a": 9, "b": 9}, "south": {"c": 9, "d": 9}, "west": {"e": 9}}
        >>> two = Threshold(agents=2, contacts=10)
        >>> told(teams, rest={}, group=two, remainder=two)  # west alone is one agent; with north it is three
        {'south'}
    """
    kept = {name for name, members in groups.items() if group.met_by(members)}
    left = Counter(rest)
    for name in groups.keys() - kept:
        left.update(groups[name])
    by_size = sorted(kept, key=lambda name: (sum(groups[name].values()), str(name)))
    if len(kept) == len(groups):
        return kept
    for name in by_size:
        if remainder.met_by(left):
            break
        kept.remove(name)
        left.update(groups[name])
    return kept
