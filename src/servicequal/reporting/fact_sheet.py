"""Facts on the system for a works council, and for whoever has duties under the EU's AI Act; no legal advice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from servicequal.bundle import DEFAULT, models_folder, read_bundle
from servicequal.errors import BundleError
from servicequal.reporting.privacy.policy import Privacy
from servicequal.reporting.section import Column, Estimate, Section, Table, Text, Unit
from servicequal.scheme import Scheme

TOPICS = (
    "purpose", "not_for", "input", "output", "no_emotions", "where", "trained_on", "quality", "limits", "oversight",
    "level", "small_groups", "pseudonyms", "names", "log", "employees",
)  # fmt: skip
DUTIES = ("ban", "high_risk", "deployer", "transparency", "explanation", "gdpr", "betrvg", "whose_duty")
_FIGURES: tuple[tuple[str, Unit], ...] = (
    ("kappa", "ratio"), ("raters", "ratio"), ("opportunity", "share"), ("calibration_error", "ratio"),
    ("automatic", "share"),
)  # fmt: skip


@dataclass(frozen=True)
class System:
    """What is told of a scorer without running it.

    Attributes:
        name: as scorecards quote it.
        scheme: that it rates by.
        languages: that it rates in.
        training: counts of what it learned from.
        figures: of its evaluation, as in ``evaluation.json``; empty where there is none.
    """

    name: str
    scheme: Scheme
    languages: tuple[str, ...]
    training: Mapping[str, Any]
    figures: Mapping[str, Any]

    @classmethod
    def load(cls, scorer: Path | None = None) -> System:
        """Read a trained scorer's folder; no model is loaded.

        Args:
            scorer: its folder; without it the bundled scorer.

        Raises:
            BundleError: if the folder holds no scorer, or its evaluation cannot be read.
        """
        folder = scorer or models_folder() / DEFAULT
        bundle = read_bundle(folder)
        file = folder / "evaluation.json"
        try:
            figures = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        except ValueError:
            raise BundleError(f"{file}: not JSON in UTF-8; train again or remove it") from None
        return cls(bundle.name, bundle.scheme, bundle.languages, bundle.training, figures)


def fact_sheet(system: System, privacy: Privacy) -> Section:
    """Write the fact sheet: purpose, data, figures with intervals, limits, oversight, and which law to look at.

    Args:
        system: the scorer.
        privacy: how closely the report looks at people.
    """
    values = {
        "scorer": system.name, "scheme": system.scheme.id, "languages": ", ".join(system.languages),
        "contacts": system.training.get("contacts"), "annotations": system.training.get("annotations"),
        "raters": system.training.get("raters"), "least_agents": privacy.least_agents,
        "least_contacts": privacy.least_contacts,
        "level": Text(f"privacy.{privacy.level}", {"purpose": privacy.purpose}),
    }  # fmt: skip
    tables = [_statements("facts", TOPICS, values), _statements("duties", DUTIES, values)]
    if system.figures.get("criteria"):
        tables.insert(1, _quality(system.figures["criteria"]))
    return Section(
        "facts", Text("facts.title"), (Text("facts.lead"),), tuple(tables), warnings=(Text("facts.no_advice"),)
    )


def _statements(name: str, topics: tuple[str, ...], values: Mapping[str, Any]) -> Table:
    rows = tuple((Text(f"facts.{topic}"), Text(f"facts.{topic}.text", values)) for topic in topics)
    return Table(name, Text(f"facts.{name}"), (Column("topic"), Column("holds")), rows)


def _quality(criteria: Mapping[str, Any]) -> Table:
    def estimate(figures: Mapping[str, Any], name: str, unit: Unit) -> Estimate:
        found = figures.get(name) or {}
        return Estimate(found.get("value"), found.get("low"), found.get("high"), figures["contacts"], unit)

    rows = tuple(
        (criterion, figures["contacts"], *(estimate(figures, name, unit) for name, unit in _FIGURES))
        for criterion, figures in criteria.items()
    )
    columns = (Column("criterion"), Column("contacts", "count"), *(Column(name) for name, _ in _FIGURES))
    return Table("quality", Text("facts.quality_table"), columns, rows)
