"""The rule of promotion and the decision it leads to, as stored in the bundle and shown to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from servicequal.stats.comparison import Gain
from servicequal.stats.intervals import to_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionRule:
    """What a challenger must show.

    Attributes:
        metric: ``brier`` (0–2) or ``log-loss`` (nats) of the four answers, mean over contacts and criteria.
        confidence: of the lower bound of the gain, 0–1.
        margin: loss by which it may be worse if there is a reason other than being better.
        worse: p-value, adjusted for several criteria, below which a criterion counts as worse.
        slope: calibration slope allowed, from and to, over all criteria.
        coverage_loss: by how much the certified coverage may fall, 0–1, mean over criteria.
        draws: resamples.
        seed: of the resampling.
    """

    metric: str = "brier"
    confidence: float = 0.95
    margin: float = 0.02
    worse: float = 0.05
    slope: tuple[float, float] = (0.8, 1.25)
    coverage_loss: float = 0.05
    draws: int = 4000
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of the rule.

    Attributes:
        name: of the condition.
        passed: whether it holds.
        found: in words, with its figure.
    """

    name: str
    passed: bool
    found: str


@dataclass(frozen=True, slots=True)
class CriterionGain:
    """One criterion under both; the p-value is adjusted for several criteria (Holm)."""

    contacts: int
    champion: float
    challenger: float
    gain: Gain
    p_worse: float
    champion_coverage: float
    challenger_coverage: float


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the challenger takes over, and why.

    Attributes:
        promoted: all checks hold.
        champion: as its scorecards name it.
        challenger: likewise.
        contacts: compared.
        clusters: of cases, customers or contacts among them, which are resampled whole.
        champion_slope: of calibration, over all criteria.
        challenger_slope: likewise.
        gain: over all criteria.
        criteria: by criterion.
        checks: the rule's conditions.
        rule: as applied.
        reason: why a challenger that is no better may still be promoted; None if none was given.
        left_out: criteria or contacts that were not compared, with the reason.
    """

    promoted: bool
    champion: str
    challenger: str
    contacts: int
    clusters: int
    champion_slope: float
    challenger_slope: float
    gain: Gain
    criteria: Mapping[str, CriterionGain]
    checks: tuple[Check, ...]
    rule: PromotionRule
    reason: str | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        verdict = "promoted" if self.promoted else "not promoted, the champion stays"
        lines = [f"challenger {verdict}: {self.contacts} contacts in {self.clusters} clusters, {self.rule.metric}"]
        lines += [f"  {'yes' if check.passed else 'NO ':3} {check.name}: {check.found}" for check in self.checks]
        lines += [
            f"  {name:20} {one.champion:.3f} → {one.challenger:.3f}  gain {one.gain.value:+.3f}  "
            f"worse: p {one.p_worse:.2f}  automatic {one.champion_coverage:.0%} → {one.challenger_coverage:.0%}"
            for name, one in self.criteria.items()
        ]
        return "\n".join([*lines, *(f"  not compared, {what}: {why}" for what, why in self.left_out.items())])

    def to_dict(self) -> dict[str, Any]:
        """Write the decision as a JSON object; NaN becomes null."""
        return dict(to_plain(self))
