"""evaluate(): scorecards and blind annotations in, figures out; what cannot be said is refused with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from servicequal.annotation import Annotation
from servicequal.errors import AnnotationError, nearest
from servicequal.evaluation.figures import ALL, CriterionFigures, Evaluation, VerdictFigures
from servicequal.evaluation.ratings import criterion_figures
from servicequal.evaluation.verdicts import verdict_figures
from servicequal.scheme import Scheme
from servicequal.scorecard import SEEN_IN_TRAINING, Scorecard


def evaluate(
    scorecards: Iterable[Scorecard],
    annotations: Sequence[Annotation],
    *,
    by: str | Sequence[str] | None = None,
    scheme: Scheme | None = None,
) -> Evaluation:
    """Measure scorecards against blind annotations.

    Annotations made after seeing a model's answer are left out. Where a contact has several raters, each counts with an
    equal share of the contact. The scorecards must come from a scorer that was not trained on these contacts; of
    training contacts, ``servicequal train`` measures out-of-fold cards.

    Args:
        scorecards: of any contacts.
        annotations: of any raters.
        by: also give figures per ``language``, ``channel`` or value of an attribute such as ``company``, or of several.
        scheme: says which indicators serve which criterion; without it evidence is not measured.

    Raises:
        AnnotationError: if no blind annotation belongs to a scorecard, or a scorecard is of a contact that its scorer
            was trained on.
    """
    cards = {card.contact: card for card in scorecards}
    blind = blind_annotations(cards, annotations)
    criteria = list(dict.fromkeys(name for annotation in blind for name in annotation.ratings))
    rated = {name for card in cards.values() for name in card.ratings}
    for name in criteria:
        if name not in rated:
            raise AnnotationError(f"criterion {name!r} is on no scorecard; {nearest(name, rated)}")
    groups: dict[str, dict[str, CriterionFigures]] = {}
    verdicts: dict[str, VerdictFigures] = {}
    unsaid = _left_out(annotations, blind)
    for group, given in grouped(cards, blind, by).items():
        at = "" if group == ALL else f"{group}, "
        for name in criteria:
            serving = scheme.serving(scheme[name]) if scheme else None
            found = criterion_figures(name, cards, given, serving)
            if isinstance(found, str):
                unsaid[f"{at}{name}"] = found
            else:
                groups.setdefault(group, {})[name] = found
        judged = verdict_figures(cards, given)
        if isinstance(judged, str):
            unsaid[f"{at}statements of fact"] = judged
        else:
            verdicts[group] = judged
    return Evaluation(
        len({annotation.contact for annotation in blind}), len(blind), groups.pop(ALL, {}), groups, verdicts, unsaid
    )


def blind_annotations(cards: Mapping[str, Scorecard], annotations: Sequence[Annotation]) -> list[Annotation]:
    """Keep the annotations that may measure these scorecards, by contact.

    Raises:
        AnnotationError: if there is none, a rater rated a contact twice, or the scorer was trained on a contact.
    """
    blind = [annotation for annotation in annotations if annotation.blind and annotation.contact in cards]
    if not blind:
        raise AnnotationError("no blind annotation belongs to any of these scorecards; give those of the same contacts")
    seen = sorted({one.contact for one in blind if SEEN_IN_TRAINING in cards[one.contact].warnings})
    if seen:
        raise AnnotationError(
            f"{len(seen)} of the contacts, such as {seen[0]!r}, are of those that the scorer was trained on; an honest "
            "figure needs others, or their out-of-fold scorecards: leave them out"
        )
    twice = [pair for pair, n in Counter((a.contact, a.rater) for a in blind).items() if n > 1]
    if twice:
        raise AnnotationError(f"contact {twice[0][0]!r}, rater {twice[0][1]!r}: annotated twice; keep one annotation")
    return blind


def group_of(card: Scorecard, by: str) -> str:
    """Name a contact's group: by language, channel or the value of an attribute."""
    value = {"language": card.language, "channel": card.channel}.get(by, card.attributes.get(by))
    return f"{by} {value}" if value is not None else f"no {by}"


def grouped(
    cards: Mapping[str, Scorecard], given: list[Annotation], by: str | Sequence[str] | None
) -> dict[str, list[Annotation]]:
    """Give all annotations, then those of each group of contacts, the groups of a kind by name."""
    groups = {ALL: given}
    for kind in [by] if isinstance(by, str) else by or ():
        own: dict[str, list[Annotation]] = {}
        for annotation in given:
            own.setdefault(group_of(cards[annotation.contact], kind), []).append(annotation)
        groups |= dict(sorted(own.items()))
    return groups


def _left_out(annotations: Sequence[Annotation], blind: Sequence[Annotation]) -> dict[str, str]:
    told = sum(not one.blind for one in annotations)
    if not told:
        return {}
    return {
        "annotations that are not blind": f"{told} left out of {told + len(blind)}: their raters "
        "wrote the contacts, or saw a model’s answer"
    }
