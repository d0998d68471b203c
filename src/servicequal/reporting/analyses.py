"""All analyses of the report, in its order; each is a function and a command of its own too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from servicequal.annotation import Annotation
from servicequal.errors import ServicequalError
from servicequal.reference import Reference
from servicequal.reporting.alarms import analyse_alarms
from servicequal.reporting.benchmark import analyse_benchmark
from servicequal.reporting.causes import analyse_causes
from servicequal.reporting.coaching import BY as COACHED
from servicequal.reporting.coaching import analyse_coaching
from servicequal.reporting.consistency import analyse_consistency
from servicequal.reporting.demand import analyse_demand
from servicequal.reporting.drivers import analyse_drivers
from servicequal.reporting.means import AGENT, BY, analyse_means
from servicequal.reporting.mystery import analyse_mystery
from servicequal.reporting.plan import analyse_plan
from servicequal.reporting.section import Section, Text
from servicequal.reporting.trend import analyse_trend
from servicequal.scheme import Scheme
from servicequal.scorecard import Scorecard


def analyse(
    cards: Sequence[Scorecard],
    *,
    scheme: Scheme,
    annotations: Sequence[Annotation] = (),
    reference: Reference | None = None,
    company: str | None = None,
    by: str | None = None,
) -> tuple[Section, ...]:
    """Run every analysis; one that the data do not allow gives a section that says what it needs.

    Args:
        cards: past the privacy gate.
        scheme: that the cards were scored with.
        annotations: blind ones correct the scorer's bias; without them the figures are the scorer's own, and marked so.
        reference: names the topics of wrong answers.
        company: whose report it is; competitors are compared with it.
        by: an attribute to group by, beside the usual ones.

    Raises:
        ServicequalError: without a scorecard.
    """
    if not cards:
        raise ServicequalError("no scorecard; an analysis needs those of some contacts")
    rated = {"scheme": scheme, "annotations": annotations}
    own = rated | {"company": company}
    more = (
        AGENT,
        *(() if by is None or by in (*BY, AGENT) else (by,)),
    )  # no card names its agent unless the gate let it
    runs: dict[str, tuple[Callable[..., Section], dict[str, Any]]] = {
        "means": (analyse_means, rated | {"by": (*BY, *more)}),
        "benchmark": (analyse_benchmark, rated | {"company": company or ""}),
        "trend": (analyse_trend, own),
        "drivers": (analyse_drivers, rated),
        "mystery": (analyse_mystery, rated),
        "demand": (analyse_demand, rated | {"reference": reference}),
        "consistency": (analyse_consistency, rated | {"reference": reference}),
        "causes": (analyse_causes, own | {"reference": reference}),
        "coaching": (analyse_coaching, own | {"by": (*COACHED, *more)}),
        "alarms": (analyse_alarms, {"scheme": scheme, "reference": reference, "company": company}),
        "plan": (analyse_plan, rated),
    }
    return tuple(or_needs(name, partial(analysis, cards, **options)) for name, (analysis, options) in runs.items())


def or_needs(name: str, analysis: Callable[[], Section]) -> Section:
    """Run an analysis; where the data do not allow it, give a section that says what it needs."""
    try:
        return analysis()
    except ServicequalError:
        return Section(name, Text(f"{name}.title"), (Text(f"{name}.needs"),))
