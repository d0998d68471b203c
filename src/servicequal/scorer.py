"""Scorer and score(): the composition of all that happens between a contact and its scorecard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from os import PathLike
from pathlib import Path

from servicequal.annotation import Annotation
from servicequal.bundle import DEFAULT, Bundle, encoder_folder, models_folder, read_bundle, write_bundle
from servicequal.contact import Contact
from servicequal.errors import BundleError
from servicequal.evidence import rate
from servicequal.files.rejected import Rejected
from servicequal.files.roles import swapped_probability
from servicequal.grounding.knowledge import Knowledge
from servicequal.grounding.verification import GroundingHeads
from servicequal.heads import Heads
from servicequal.inference.encoder import Encoder, encoder_digest
from servicequal.inference.pipeline import Encoded, encode_contacts, preparation
from servicequal.inference.workers import Workers
from servicequal.overall import overall
from servicequal.rating import BLOCK, Findings, find, find_all
from servicequal.reference import Fact, Reference, started_on
from servicequal.scheme import Scheme
from servicequal.scorecard import SEEN_IN_TRAINING, Rating, Scorecard

SWAPPED = 0.8  # probability from which on swapped speakers are worth a warning
ROLES = "roles_inferred"  # the attribute that readers give a contact whose speakers carried no role


class Scorer:
    """A trained scorer. Made by ``Scorer.load`` or ``servicequal.train``; there is no untrained one.

    Attributes:
        bundle: scheme, arrays and words of the scorer.
        encoder: turns sentences into vectors.

    Example:
        >>> from servicequal import Contact, Scorer, Turn
        >>> scorer = Scorer.load()
        >>> turns = (Turn("customer", "My kettle arrived broken."), Turn("agent", "Not our problem. Ask the carrier."))
        >>> card = scorer.score([Contact("c-1", "chat", turns)])[0]
        >>> card["correct_answers"].level, card.warnings
        ('not_applicable', ('no reference',))
    """

    def __init__(self, bundle: Bundle, encoder: Encoder, *, workers: int = 0) -> None:
        self.bundle = bundle
        self.encoder = encoder
        make = preparation(encoder, bundle.languages, prefix=bundle.prefix)
        self._workers = Workers(make, workers) if workers else None
        self._heads = Heads.from_arrays(bundle.scheme, bundle.arrays)
        self._grounding = GroundingHeads.from_arrays(bundle.arrays)
        self._name = bundle.name
        self._known: Knowledge | None = None

    def __repr__(self) -> str:
        return f"Scorer({self._name})"

    @property
    def scheme(self) -> Scheme:
        """The rating scheme it was trained on."""
        return self.bundle.scheme

    @classmethod
    def load(
        cls,
        path: str | PathLike[str] | None = None,
        *,
        device: str = "auto",
        backend: str = "auto",
        workers: int = 0,
    ) -> Scorer:
        """Load a scorer from its folder, or the one that comes with the library.

        Args:
            path: a folder written by ``save``; None for the bundled scorer.
            device: ``auto``, ``cpu``, ``cuda`` or ``cuda:1``.
            backend: what runs the encoder: ``torch-bf16``, ``torch-fp32``, or with an extra ``openvino`` and ``onnx``,
                faster and coarser as ``openvino-int8`` and ``onnx-int8``; ``auto`` is the first of them where the
                device multiplies bf16 faster, else the second.
            workers: processes that split and tokenise beside this one, so that a GPU need not wait; 0 for none, which
                is fastest on a CPU. A script that asks for them starts under ``if __name__ == "__main__"``.

        Raises:
            BundleError: if a file is missing, changed, or of another encoder; or if the backend gives other vectors.
            MissingExtraError: if the backend is not installed.
        """
        folder = models_folder() / DEFAULT if path is None else Path(path)
        bundle = read_bundle(folder)
        weights = encoder_folder(folder)
        if encoder_digest(weights) != bundle.encoder:
            raise BundleError(f"{folder}: trained on another encoder than {weights}; put its own into {folder}/encoder")
        return cls(bundle, Encoder(weights, device=device, backend=backend), workers=workers)

    def save(self, path: str | PathLike[str], *, documents: dict[str, str] | None = None) -> None:
        """Write the scorer to a new folder, whole or not at all.

        Args:
            path: the folder to create.
            documents: further texts by file name, such as a card.

        Raises:
            BundleError: if the folder exists.
        """
        write_bundle(self.bundle, Path(path), encoder=self.encoder.folder, documents=documents)

    def score(
        self,
        contacts: Iterable[Contact],
        *,
        reference: Reference | None = None,
        reject: Callable[[Rejected], None] | None = None,
    ) -> list[Scorecard]:
        """Score contacts, in the order given; see ``stream``."""
        return list(self.stream(contacts, reference=reference, reject=reject))

    def stream(
        self,
        contacts: Iterable[Contact],
        *,
        reference: Reference | None = None,
        reject: Callable[[Rejected], None] | None = None,
    ) -> Iterator[Scorecard]:
        """Score contacts one block at a time, for histories that do not fit in memory.

        A contact scores the same alone, in any order and in any batch.

        Args:
            contacts: any number.
            reference: what is true at the companies; without it, grounded criteria do not apply.
            reject: is handed a contact that cannot be scored; without it, such a contact raises.

        Raises:
            ContactError: where a contact cannot be scored and ``reject`` is None.
        """
        return self.rate(self.encode(contacts, reject=reject), reference=reference)

    def encode(
        self, contacts: Iterable[Contact], *, reject: Callable[[Rejected], None] | None = None
    ) -> Iterator[Encoded]:
        """Split contacts into sentences with their vectors: the costly half, alike for all scorers of one encoder.

        Args:
            contacts: any number.
            reject: is handed a contact that cannot be scored; without it, such a contact raises.

        Raises:
            ContactError: where a contact cannot be scored and ``reject`` is None.
        """
        bundle = self.bundle
        return encode_contacts(
            contacts, self.encoder, bundle.languages, prefix=bundle.prefix, reject=reject, workers=self._workers
        )

    def rate(self, encoded: Iterable[Encoded], *, reference: Reference | None = None) -> Iterator[Scorecard]:
        """Write the scorecards of contacts that are encoded: the cheap half of scoring.

        Args:
            encoded: as ``encode`` gives them.
            reference: what is true at the companies; without it, grounded criteria do not apply.
        """
        knowledge = self._knowledge(reference)
        remaining = iter(encoded)
        while block := list(islice(remaining, BLOCK)):
            findings = find_all(block, self._heads, self._grounding, knowledge)
            for found, card in zip(findings, make_cards(findings, reference, self._name), strict=True):
                seen = found.encoded.contact.fingerprint in self.bundle.seen
                yield replace(card, warnings=(*card.warnings, SEEN_IN_TRAINING)) if seen else card

    def annotate(self, contact: Contact) -> Annotation:
        """Mark and rate one contact as a rater would: every indicator of probability 0.5 or more, on its sentence."""
        knowledge = self._knowledge(None)
        findings = find(next(self.encode([contact])), self._heads, self._grounding, knowledge)
        (card,) = make_cards([findings], None, self._name)
        ratings = {name: rating.level for name, rating in card.ratings.items()}
        return Annotation(contact.id, self._name, ratings, findings.spans(), blind=False)

    def _knowledge(self, reference: Reference | None) -> Knowledge:
        """Encode a reference, once as long as the same one is asked for: a history comes shard by shard."""
        if self._known is None or self._known.reference is not reference:
            space = None if self._grounding is None else self._grounding.space
            self._known = Knowledge(reference, self.encoder, self.bundle.prefix, space)
        return self._known


def make_cards(findings: Sequence[Findings], reference: Reference | None, scorer: str) -> list[Scorecard]:
    """Write the scorecards of contacts, a block at most, from what the same heads found in them."""
    rated = zip(findings, rate(findings), strict=True)
    return [_card(found, ratings, reference, scorer) for found, ratings in rated]


def _card(findings: Findings, ratings: Mapping[str, Rating], reference: Reference | None, scorer: str) -> Scorecard:
    contact, scheme = findings.encoded.contact, findings.heads.scheme
    return Scorecard(
        contact.id,
        contact.channel,
        findings.encoded.language,
        overall(scheme, ratings),
        ratings,
        findings.claims(),
        tuple(_warnings(contact, scheme, reference, findings.facts)),
        contact.attributes,
        scorer,
    )


def _warnings(contact: Contact, scheme: Scheme, reference: Reference | None, facts: Sequence[Fact]) -> Iterator[str]:
    if ROLES in contact.attributes:
        yield f"speakers' roles were inferred from the text ({contact.attributes[ROLES]})"
    elif (swapped := swapped_probability(contact)) >= SWAPPED:
        yield f"speakers may be swapped ({swapped:.2f})"
    if not any(turn.speaker == "agent" for turn in contact.turns):
        yield "no agent turn"
    if facts and started_on(contact) is None:
        yield "started_at is missing or no ISO 8601 day: checked against the facts valid today"
    if not facts and any(criterion.grounded for criterion in scheme.criteria):
        company = contact.attributes.get("company")
        missing = f" for company {company!r}" if company else ": the contact names no company"
        yield "no reference" if reference is None else f"no reference{missing}"


def score(
    contacts: Iterable[Contact],
    *,
    scorer: Scorer | str | PathLike[str] | None = None,
    reference: Reference | None = None,
    device: str = "auto",
    backend: str = "auto",
    reject: Callable[[Rejected], None] | None = None,
) -> list[Scorecard]:
    """Score contacts: one scorecard each, in the order given.

    Args:
        contacts: any number.
        scorer: a loaded scorer or its folder; None for the bundled one.
        reference: what is true at the companies.
        device: ``auto``, ``cpu``, ``cuda``; used when the scorer is loaded here.
        backend: what runs the encoder, see ``Scorer.load``; likewise.
        reject: is handed a contact that cannot be scored; without it, such a contact raises.

    Example:
        >>> import servicequal as sq
        >>> turns = [sq.Turn("agent", "Dzień dobry, w czym mogę pomóc?"), sq.Turn("customer", "Szukam słuchawek.")]
        >>> sq.score([sq.Contact("c-1", "chat", tuple(turns))])[0].language
        'pl'
    """
    loaded = scorer if isinstance(scorer, Scorer) else Scorer.load(scorer, device=device, backend=backend)
    return loaded.score(contacts, reference=reference, reject=reject)
