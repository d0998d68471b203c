"""Stages: what is fitted on sentences and on pairs of statement and fact, once for each fold left out, and on all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from servicequal.grounding.verification import GroundingHeads
from servicequal.inference.context import ContextNetwork
from servicequal.inference.workers import Workers
from servicequal.training.examples import Example
from servicequal.training.fit_grounding import fit_grounding
from servicequal.training.fit_network import fit_networks
from servicequal.training.material import Material


@dataclass(frozen=True, slots=True)
class Stage:
    """What is fitted on sentences and on pairs of statement and fact."""

    networks: tuple[ContextNetwork, ...]
    grounding: GroundingHeads | None


@dataclass(frozen=True, slots=True)
class _Fitting:
    """Fits stages, in this process or in others."""

    examples: Sequence[Example]
    material: Material

    def fitter(self) -> Callable[[int | None], Stage]:
        """Give what a process of its own applies to the folds that it is handed."""
        return self.fit

    def fit(self, without: int | None) -> Stage:
        """Fit the context networks, and what verifies claims, on the contacts outside one fold; on all for None."""
        kept = [example for example in self.examples if example.fold != without]
        grounding = fit_grounding(kept, self.material.knowledge, seed=self.material.config.seed)
        return Stage(fit_networks(kept, self.material), grounding)


def fit_stages(examples: Sequence[Example], material: Material, *, workers: int = 0) -> dict[int | None, Stage]:
    """Fit a stage for each fold, on the others, and one on all contacts, under None.

    Args:
        examples: of all folds.
        material: what all folds share.
        workers: processes that fit side by side; 0 to fit one after the other in this one. The result is the same.
    """
    folds: list[int | None] = [None, *sorted({example.fold for example in examples})]
    fitting = _Fitting(examples, material)
    return dict(zip(folds, _fitted(fitting, folds, min(workers, len(folds))), strict=True))


def _fitted(fitting: _Fitting, folds: Sequence[int | None], workers: int) -> Iterator[Stage]:
    if workers < 2:
        yield from map(fitting.fit, folds)
        return
    with Workers(fitting.fitter, workers) as processes:
        yield from processes.apply(folds)
