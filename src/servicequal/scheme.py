"""Scheme, Criterion and Indicator: what is rated, when it applies, and what shows it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from servicequal.errors import SchemeError, nearest
from servicequal.records import check_keys

LEVELS = ("not_met", "partly_met", "fully_met")
NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Indicator:
    """What a customer or an agent does in a sentence.

    Attributes:
        id: the indicator's name in annotations and evidence.
        speaker: ``customer`` or ``agent``.
        description: for raters.
        serves: the criterion that an agent's indicator is evidence for, if any.
        polarity: 1 if it speaks for the criterion, -1 if against it.
    """

    id: str
    speaker: str
    description: str
    serves: str | None = None
    polarity: int = 1


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a contact is rated on, at one of three levels or as not applicable.

    Attributes:
        id: the criterion's name in annotations and scorecards.
        description: when it applies, for raters.
        levels: for each of ``LEVELS``, what it takes.
        trigger: the customer's indicator without which it does not apply, if there is one.
        always: whether it applies to every contact.
        weight: its share in the overall score.
        critical: whether a confident ``not_met`` caps the overall score.
        grounded: whether it is judged against a reference, and without one does not apply.
    """

    id: str
    description: str
    levels: Mapping[str, str]
    trigger: str | None = None
    always: bool = False
    weight: float = 1.0
    critical: bool = False
    grounded: bool = False


@dataclass(frozen=True)
class Scheme:
    """A rating scheme: criteria on contacts, indicators on sentences.

    Attributes:
        id: the scheme's name; it opens the name of every scorer trained on it.
        criteria: in the order of the scorecard.
        indicators: what raters mark on sentences.
        cap: the highest overall score (0–100) of a contact that fails a critical criterion.

    Raises:
        SchemeError: if ids are twice, a reference between parts leads nowhere, or a weight is not positive.

    Example:
        >>> scheme = Scheme("shop", (Criterion("courtesy", "always", dict.fromkeys(LEVELS, "…"), always=True),), ())
        >>> scheme["courtesy"].weight
        1.0
        >>> scheme["curtesy"]
        Traceback (most recent call last):
        servicequal.errors.SchemeError: scheme 'shop': no criterion 'curtesy'; did you mean 'courtesy'?
    """

    id: str
    criteria: tuple[Criterion, ...]
    indicators: tuple[Indicator, ...]
    cap: float = 50.0

    def __post_init__(self) -> None:
        where = f"scheme {self.id!r}"
        if not self.criteria:
            raise SchemeError(f"{where}: no criterion; expected at least one")
        if not 0 <= self.cap <= 100:
            raise SchemeError(f"{where}: cap is {self.cap}; expected 0 to 100")
        ids = [criterion.id for criterion in self.criteria] + [indicator.id for indicator in self.indicators]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise SchemeError(f"{where}: {twice[0]!r} is defined twice; give each criterion and indicator its own id")
        triggers = {indicator.id for indicator in self.indicators if indicator.speaker == "customer"}
        for criterion in self.criteria:
            _check_criterion(criterion, triggers, where)
        for indicator in self.indicators:
            self._check_indicator(indicator, where)

    def _check_indicator(self, indicator: Indicator, where: str) -> None:
        names = {criterion.id for criterion in self.criteria}
        if indicator.speaker not in ("customer", "agent"):
            raise SchemeError(f"{where}, indicator {indicator.id!r}: speaker is neither 'customer' nor 'agent'")
        if indicator.serves is not None and indicator.serves not in names:
            hint = nearest(indicator.serves, names)
            raise SchemeError(f"{where}, indicator {indicator.id!r}: serves no criterion {indicator.serves!r}; {hint}")
        if indicator.polarity not in (1, -1):
            raise SchemeError(f"{where}, indicator {indicator.id!r}: polarity is neither 1 nor -1")

    def __getitem__(self, criterion: str) -> Criterion:
        if criterion not in self._by_id:
            raise SchemeError(f"scheme {self.id!r}: no criterion {criterion!r}; {nearest(criterion, self._by_id)}")
        return self._by_id[criterion]

    @cached_property
    def _by_id(self) -> dict[str, Criterion]:
        return {criterion.id: criterion for criterion in self.criteria}

    def serving(self, criterion: Criterion) -> tuple[Indicator, ...]:
        """Give the indicators that are evidence for a criterion: its trigger and those that serve it."""
        return tuple(i for i in self.indicators if i.serves == criterion.id or i.id == criterion.trigger)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Scheme:
        """Read a scheme from a JSON file.

        Raises:
            SchemeError: naming the file, the part and the key that is wrong.
        """
        file = Path(path)
        try:
            return cls.from_dict(json.loads(file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise SchemeError(f"{file}: there is no such file; expected a rating scheme as JSON") from None
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise SchemeError(f"{file}: not JSON in UTF-8 ({error})") from None
        except SchemeError as error:
            raise SchemeError(f"{file}: {error}") from None

    @classmethod
    def from_dict(cls, record: Any) -> Scheme:
        """Read a scheme from a JSON object."""
        types: dict[str, type | tuple[type, ...]] = {
            "id": str,
            "criteria": list,
            "indicators": list,
            "cap": (float, int),
        }
        required, optional = {"id", "criteria"}, {"indicators", "cap"}
        check_keys(record, required=required, optional=optional, where="scheme", error=SchemeError, types=types)
        return cls(
            record["id"],
            tuple(_part(Criterion, item, "criterion") for item in record["criteria"]),
            tuple(_part(Indicator, item, "indicator") for item in record.get("indicators") or ()),
            50.0 if record.get("cap") is None else float(record["cap"]),
        )

    def to_dict(self) -> dict[str, Any]:
        """Write the scheme as a JSON object."""

        def plain(part: Any) -> dict[str, Any]:
            return {name: getattr(part, name) for name in type(part).__slots__}

        return {
            "id": self.id,
            "cap": self.cap,
            "criteria": [plain(criterion) | {"levels": dict(criterion.levels)} for criterion in self.criteria],
            "indicators": [plain(indicator) for indicator in self.indicators],
        }


_Part = TypeVar("_Part", Criterion, Indicator)
_TYPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("id", "description", "trigger", "speaker", "serves"), str),
    **dict.fromkeys(("always", "critical", "grounded"), bool),
    "levels": dict,
    "weight": (float, int),
    "polarity": int,
}


def _check_criterion(criterion: Criterion, triggers: set[str], where: str) -> None:
    where = f"{where}, criterion {criterion.id!r}"
    if set(criterion.levels) != set(LEVELS):
        raise SchemeError(f"{where}: levels are {sorted(criterion.levels)}; expected {list(LEVELS)}")
    if not isfinite(criterion.weight) or criterion.weight <= 0:
        raise SchemeError(f"{where}: weight is {criterion.weight}; expected a number above 0")
    if criterion.trigger is not None and criterion.trigger not in triggers:
        hint = nearest(criterion.trigger, triggers) if triggers else "the scheme has no customer indicator"
        raise SchemeError(f"{where}: trigger {criterion.trigger!r} is no customer indicator; {hint}")
    if criterion.always and criterion.trigger:
        raise SchemeError(f"{where}: it has a trigger and applies always; choose one")


def _part(noun: type[_Part], record: Any, name: str) -> _Part:
    required = {"id", "description", *(("levels",) if noun is Criterion else ("speaker",))}
    types = {key: expected for key, expected in _TYPES.items() if key in noun.__slots__}
    check_keys(record, required=required, optional=set(noun.__slots__), where=name, error=SchemeError, types=types)
    return noun(**{key: value for key, value in record.items() if value is not None or key in ("trigger", "serves")})
