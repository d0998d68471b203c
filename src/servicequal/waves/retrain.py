"""retrain(): all waves to date in; a challenger, the champion beside it, and the decision between them out."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

from servicequal.annotation import Annotation
from servicequal.contact import Contact, group_of
from servicequal.corpus.folder import Corpus
from servicequal.errors import AnnotationError
from servicequal.reference import Reference
from servicequal.scheme import Scheme
from servicequal.scorecard import Scorecard
from servicequal.scorer import Scorer
from servicequal.training.config import TrainConfig
from servicequal.training.train import Trained, fit
from servicequal.waves.decision import Decision, PromotionRule
from servicequal.waves.promotion import decide

FAIR = 100  # contacts of cases and customers new to both scorers, from which on no others are compared


@dataclass(frozen=True, slots=True)
class Retrained:
    """A challenger and what became of it.

    Attributes:
        trained: the challenger, with lineage and decision in its bundle.
        decision: whether it takes over.
    """

    trained: Trained
    decision: Decision


def retrain(  # noqa: PLR0913 - as train
    champion: Scorer,
    corpus: Corpus,
    *,
    newest: Collection[str],
    config: TrainConfig | None = None,
    rule: PromotionRule | None = None,
    reason: str | None = None,
    workers: int = 0,
    vectors: str | PathLike[str] | None = None,
) -> Retrained:
    """Train a challenger on all waves to date and hold it against the champion on the newest one.

    Held out for both are the contacts of the newest wave that the champion was not trained on. The challenger rates
    each by heads of its cross-fitting that saw neither it nor any contact of the same case or customer, of whatever
    wave. So that the champion has no advantage, contacts whose case or customer it knows from earlier waves are left
    out where ``FAIR`` others remain. A contact that occurs twice among all waves, under whatever id, is left out.

    Args:
        champion: the scorer in use; its encoder is used again.
        corpus: all waves to date; annotations of the newest wave measure, all of them train.
        newest: ids of the newest wave's contacts.
        config: how to fit.
        rule: what the challenger must show.
        reason: why a challenger that is no better may take over within the rule's margin.
        workers: processes that fit folds side by side, see ``train``.
        vectors: a folder of sentence vectors, likewise.

    Raises:
        AnnotationError: if too few contacts of the newest wave are held out for both.
    """
    annotations = corpus.annotations
    rated = {one.contact for one in annotations if one.blind and one.contact in newest}
    said = Counter(contact.fingerprint for contact in corpus.contacts)
    held = [
        contact
        for contact in corpus.contacts
        if contact.id in rated and said[contact.fingerprint] == 1 and contact.fingerprint not in champion.bundle.seen
    ]
    if not held:
        raise AnnotationError(
            "the champion was trained on all contacts of the newest wave; give a wave that is new to it, or its base"
        )
    trained = fit(
        corpus.contacts, annotations, corpus.scheme,
        reference=corpus.reference, phrases=tuple(corpus.phrases.values()), base=champion,
        config=config, workers=workers, vectors=vectors,
    )  # fmt: skip
    compared = _fair(held, corpus.contacts, champion)
    ids = {contact.id for contact in compared}
    decision = decide(
        _rated(compared, champion, trained, corpus.reference),
        [card for card in trained.out_of_fold if card.contact in ids],
        [one for one in annotations if one.contact in ids],
        rule=rule,
        reason=reason,
    )
    if known := len(held) - len(compared):
        why = "of cases or customers that the champion has learned and the challenger rates without"
        decision = replace(decision, left_out={**decision.left_out, f"{known} contacts": why})
    told = {"lineage": lineage(champion, corpus.scheme, annotations, newest), "promotion": decision.to_dict()}
    bundle = trained.scorer.bundle
    scorer = Scorer(replace(bundle, training={**bundle.training, **told}), trained.scorer.encoder)
    return Retrained(replace(trained, scorer=scorer), decision)


def _rated(
    contacts: Sequence[Contact], champion: Scorer, trained: Trained, reference: Reference | None
) -> list[Scorecard]:
    """Let the champion rate contacts that the challenger learned from: what both read alike is not encoded again."""
    old, new = champion.bundle, trained.scorer.bundle
    if (old.encoder, old.prefix, old.languages) != (new.encoder, new.prefix, new.languages):
        return champion.score(contacts, reference=reference)
    return list(champion.rate((trained.encoded[contact.id] for contact in contacts), reference=reference))


def _fair(held: Sequence[Contact], every: Iterable[Contact], champion: Scorer) -> Sequence[Contact]:
    """Keep the contacts whose case or customer the champion has not learned, where they are enough."""
    learned = {group_of(one.attributes, one.id) for one in every if one.fingerprint in champion.bundle.seen}
    new = [one for one in held if group_of(one.attributes, one.id) not in learned]
    return new if len(new) >= FAIR else held


def lineage(
    base: Scorer, scheme: Scheme, annotations: Iterable[Annotation], newest: Collection[str]
) -> Mapping[str, Any]:
    """Say where a scorer comes from: its base, the waves it learned from, and which version of the scheme."""
    told = list(annotations)
    waves = sorted({one.wave for one in told if one.wave})
    return {
        "base": base.bundle.name,
        "base_digest": base.bundle.digest,
        "waves": waves,
        "newest": sorted({one.wave for one in told if one.wave and one.contact in newest}),
        "scheme": scheme.id,
        "scheme_digest": scheme_digest(scheme),
        "base_scheme_digest": scheme_digest(base.scheme),
    }


def scheme_digest(scheme: Scheme) -> str:
    """Give twelve hexadecimal digits that change with any word of the scheme."""
    text = json.dumps(scheme.to_dict(), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
