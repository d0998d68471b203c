"""servicequal: how good is the service, really? Rates calls, chats and e-mails, with evidence.

Public names are loaded on first use, so that ``import servicequal`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "2026.11"

_MODULE_OF = {
    "Agreement": "servicequal.raters.figures",
    "Annotation": "servicequal.annotation",
    "Contact": "servicequal.contact",
    "Decision": "servicequal.waves.decision",
    "Evaluation": "servicequal.evaluation.figures",
    "Finding": "servicequal.corpus.finding",
    "Gate": "servicequal.reporting.privacy.gate",
    "History": "servicequal.history.folder",
    "Phrase": "servicequal.phrase",
    "PromotionRule": "servicequal.waves.decision",
    "Privacy": "servicequal.reporting.privacy.policy",
    "Query": "servicequal.history.sources",
    "Reference": "servicequal.reference",
    "Rejected": "servicequal.files.rejected",
    "Report": "servicequal.reporting.report",
    "Scheme": "servicequal.scheme",
    "Scorecard": "servicequal.scorecard",
    "Scorer": "servicequal.scorer",
    "Section": "servicequal.reporting.section",
    "TrainConfig": "servicequal.training.config",
    "Turn": "servicequal.contact",
    "agreement": "servicequal.raters.agreement",
    "analyse_alarms": "servicequal.reporting.alarms",
    "analyse_benchmark": "servicequal.reporting.benchmark",
    "analyse_causes": "servicequal.reporting.causes",
    "analyse_coaching": "servicequal.reporting.coaching",
    "analyse_consistency": "servicequal.reporting.consistency",
    "analyse_demand": "servicequal.reporting.demand",
    "analyse_drivers": "servicequal.reporting.drivers",
    "analyse_means": "servicequal.reporting.means",
    "analyse_mystery": "servicequal.reporting.mystery",
    "analyse_plan": "servicequal.reporting.plan",
    "analyse_trend": "servicequal.reporting.trend",
    "bridge": "servicequal.waves.bridge",
    "check_annotations": "servicequal.corpus.check",
    "consensus": "servicequal.raters.consensus",
    "difference": "servicequal.waves.difference",
    "drift": "servicequal.waves.drift",
    "evaluate": "servicequal.evaluation.evaluate",
    "fit_drivers": "servicequal.reporting.drivers",
    "read_annotations": "servicequal.annotation",
    "read_contacts": "servicequal.files.source",
    "read_phrases": "servicequal.phrase",
    "read_scorecards": "servicequal.files.scorecards",
    "report": "servicequal.reporting.report",
    "retrain": "servicequal.waves.retrain",
    "score": "servicequal.scorer",
    "score_history": "servicequal.history.run",
    "select": "servicequal.waves.selection",
    "train": "servicequal.training.train",
}

__all__ = sorted(_MODULE_OF)  # noqa: PLE0605 - the table above is the list

if TYPE_CHECKING:
    from servicequal.annotation import Annotation as Annotation
    from servicequal.annotation import read_annotations as read_annotations
    from servicequal.contact import Contact as Contact
    from servicequal.contact import Turn as Turn
    from servicequal.corpus.check import check_annotations as check_annotations
    from servicequal.corpus.finding import Finding as Finding
    from servicequal.evaluation.evaluate import evaluate as evaluate
    from servicequal.evaluation.figures import Evaluation as Evaluation
    from servicequal.files.rejected import Rejected as Rejected
    from servicequal.files.scorecards import read_scorecards as read_scorecards
    from servicequal.files.source import read_contacts as read_contacts
    from servicequal.history.folder import History as History
    from servicequal.history.run import score_history as score_history
    from servicequal.history.sources import Query as Query
    from servicequal.phrase import Phrase as Phrase
    from servicequal.phrase import read_phrases as read_phrases
    from servicequal.raters.agreement import agreement as agreement
    from servicequal.raters.consensus import consensus as consensus
    from servicequal.raters.figures import Agreement as Agreement
    from servicequal.reference import Reference as Reference
    from servicequal.reporting.alarms import analyse_alarms as analyse_alarms
    from servicequal.reporting.benchmark import analyse_benchmark as analyse_benchmark
    from servicequal.reporting.causes import analyse_causes as analyse_causes
    from servicequal.reporting.coaching import analyse_coaching as analyse_coaching
    from servicequal.reporting.consistency import analyse_consistency as analyse_consistency
    from servicequal.reporting.demand import analyse_demand as analyse_demand
    from servicequal.reporting.drivers import analyse_drivers as analyse_drivers
    from servicequal.reporting.drivers import fit_drivers as fit_drivers
    from servicequal.reporting.means import analyse_means as analyse_means
    from servicequal.reporting.mystery import analyse_mystery as analyse_mystery
    from servicequal.reporting.plan import analyse_plan as analyse_plan
    from servicequal.reporting.privacy.gate import Gate as Gate
    from servicequal.reporting.privacy.policy import Privacy as Privacy
    from servicequal.reporting.report import Report as Report
    from servicequal.reporting.report import report as report
    from servicequal.reporting.section import Section as Section
    from servicequal.reporting.trend import analyse_trend as analyse_trend
    from servicequal.scheme import Scheme as Scheme
    from servicequal.scorecard import Scorecard as Scorecard
    from servicequal.scorer import Scorer as Scorer
    from servicequal.scorer import score as score
    from servicequal.training.config import TrainConfig as TrainConfig
    from servicequal.training.train import train as train
    from servicequal.waves.bridge import bridge as bridge
    from servicequal.waves.decision import Decision as Decision
    from servicequal.waves.decision import PromotionRule as PromotionRule
    from servicequal.waves.difference import difference as difference
    from servicequal.waves.drift import drift as drift
    from servicequal.waves.retrain import retrain as retrain
    from servicequal.waves.selection import select as select


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'servicequal' has no attribute {name!r}")
    value = getattr(import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
