"""Heads: the context network and a head per criterion, as named arrays; sentence vectors in, probabilities out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import count

import numpy as np

from servicequal.errors import BundleError
from servicequal.features import Shown, contact_features, feature_names
from servicequal.inference.context import ContextNetwork, arrays_of
from servicequal.inference.reading import Reader
from servicequal.scheme import Criterion, Scheme
from servicequal.stats.logistic import ordinal_probabilities, sigmoid


@dataclass(frozen=True, slots=True)
class CriterionHead:
    """From a contact's features to whether a criterion applies, and at which level.

    Attributes:
        mean: float [features], of the training contacts.
        scale: float [features].
        opportunity: float [features + 1], coefficients and intercept of "applies".
        level: float [features], coefficients of the level.
        steps: float [2], falling intercepts of the level.
        calibration: float [4]: scale and shift of "applies", scale and shift of the level.
        threshold: float [1], confidence from which on a rating is certified; above 1 where none is.
    """

    mean: np.ndarray
    scale: np.ndarray
    opportunity: np.ndarray
    level: np.ndarray
    steps: np.ndarray
    calibration: np.ndarray
    threshold: np.ndarray

    def logits(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give the raw logit of "applies" and the score of the level, [contacts] each, for [contacts, features]."""
        z = (x - self.mean) / self.scale
        # a sum by row, for a matrix product may round a row otherwise among others than alone
        return (z * self.opportunity[:-1]).sum(axis=1) + self.opportunity[-1], (z * self.level).sum(axis=1)

    def probabilities(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give calibrated P(applies) [contacts] and P(level | applies) [contacts, 3]."""
        applies, level = self.logits(x)
        a, b, c, d = self.calibration
        return sigmoid(a * applies + b), ordinal_probabilities(c * level, c * self.steps + d)


@dataclass(frozen=True, slots=True)
class Described:
    """Contacts as the heads of criteria see them.

    Attributes:
        shown: what their sentences show.
        applies: float [contacts, criteria], what the network says: logit that the criterion applies.
        level: float [contacts, criteria], likewise: score of its level.
        claims: float [contacts, 7], see ``servicequal.features.CLAIM_FEATURES``.
    """

    shown: Shown
    applies: np.ndarray
    level: np.ndarray
    claims: np.ndarray

    def features(self, scheme: Scheme, criterion: Criterion) -> np.ndarray:
        """Describe the contacts for one criterion: float [contacts, features]."""
        number = scheme.criteria.index(criterion)
        network = np.column_stack([self.applies[:, number], self.level[:, number]])
        return contact_features(scheme, criterion, self.shown, network, self.claims)


@dataclass(frozen=True)
class Heads:
    """All that is learned beside the encoder and the verification of claims, for one scheme.

    Attributes:
        scheme: what is rated.
        networks: read a contact's sentence vectors, each in its own way.
        criteria: head by criterion.
    """

    scheme: Scheme
    networks: tuple[ContextNetwork, ...]
    criteria: Mapping[str, CriterionHead]

    @cached_property
    def reader(self) -> Reader:
        """Reads contacts with the networks."""
        return Reader(self.networks)

    def answer(self, criterion: Criterion, contacts: Described) -> tuple[np.ndarray, np.ndarray]:
        """Give P(applies) [contacts] and P(level | applies) [contacts, 3] of one criterion."""
        applies, levels = self.criteria[criterion.id].probabilities(contacts.features(self.scheme, criterion))
        return np.ones_like(applies) if criterion.always else applies, levels

    def arrays(self) -> dict[str, np.ndarray]:
        """Name all arrays, to be stored."""
        named = {
            _prefix(number) + name: array
            for number, network in enumerate(self.networks)
            for name, array in arrays_of(network).items()
        }
        for criterion, head in self.criteria.items():
            named |= {f"criterion.{criterion}.{f.name}": getattr(head, f.name) for f in fields(CriterionHead)}
        return named

    @classmethod
    def from_arrays(cls, scheme: Scheme, arrays: Mapping[str, np.ndarray]) -> Heads:
        """Put stored arrays together again.

        Raises:
            BundleError: naming the array that is missing or has not the shape that the scheme asks for.
        """
        of_agent = [indicator.speaker == "agent" for indicator in scheme.indicators]
        try:
            networks = tuple(
                ContextNetwork.from_arrays(own, of_agent=of_agent, criteria=len(scheme.criteria))
                for own in _by_network(arrays)
            )
            criteria = {
                criterion.id: CriterionHead(
                    *(arrays[f"criterion.{criterion.id}.{f.name}"] for f in fields(CriterionHead))
                )
                for criterion in scheme.criteria
            }
        except KeyError as error:
            raise BundleError(f"heads.safetensors: array {error} is missing; the scheme asks for it") from None
        except RuntimeError:
            raise BundleError(
                "heads.safetensors: the context network has not the shape that the scheme's "
                f"{len(scheme.criteria)} criteria and {len(scheme.indicators)} indicators ask for"
            ) from None
        for criterion in scheme.criteria:
            expected, found = len(feature_names(scheme, criterion)), len(criteria[criterion.id].level)
            if expected != found:
                raise BundleError(
                    f"heads.safetensors: criterion {criterion.id!r} has {found} features; expected {expected}"
                )
        return cls(scheme, networks, criteria)


def _prefix(number: int) -> str:
    """Tell the arrays of networks apart: ``context.``, ``context2.`` and so on."""
    return f"context{number + 1 if number else ''}."


def _by_network(arrays: Mapping[str, np.ndarray]) -> Iterator[dict[str, np.ndarray]]:
    """Give the arrays of each context network by their own names, at least of one."""
    for number in count():
        prefix = _prefix(number)
        own = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
        if number and not own:
            return
        yield own
