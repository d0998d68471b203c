"""Should a sentence be encoded alone, after the one before it, or within its contact? Held-out cases and customers.

    python benchmarks/quality/surroundings.py BUILT --folds 0 > benchmarks/results/surroundings.json

``BUILT`` is what ``models/build_encoder.py`` writes: the encoder before it was tuned on sentences alone, so that no way
has an advantage. A sentence's vector is the mean over its own tokens, whatever else the window held; contacts are cut
into windows of whole sentences, as many as fit. The context network is fitted on that as in training, on all contacts
outside a fold, and asked about the corpus's in it, as in ``networks.py``: nothing is calibrated, rows compare vectors.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from networks import ANNOTATIONS, examples_of, measure, reader
from tokenizers import Tokenizer
from transformers import AutoModel

sys.path.insert(0, str(Path(__file__).parents[1] / "throughput"))
from checkpoint import write_checkpoint

from servicequal import Scheme, TrainConfig, read_phrases
from servicequal.inference.encoder import Encoder
from servicequal.training.examples import Example
from servicequal.training.fit_network import fit_network
from servicequal.training.material import Material, PhraseRows, phrase_rows

AT_ONCE = 8_192  # tokens
Texts = Sequence[str]  # of a contact's sentences, in order


@dataclass(frozen=True, slots=True)
class Window:
    """Neighbouring sentences that are encoded at once, and those of them whose vectors are wanted."""

    sentences: range
    wanted: range


def after_the_one_before(lengths: Sequence[int], room: int) -> Iterator[Window]:
    """Give each sentence a window, with the one before it where both fit."""
    for number in range(len(lengths)):
        first = max(0, number - 1)
        if sum(lengths[first : number + 1]) > room:
            first = number
        yield Window(range(first, number + 1), range(number, number + 1))


def within_the_contact(lengths: Sequence[int], room: int) -> Iterator[Window]:
    """Cut a contact into windows of as many sentences as fit."""
    first = 0
    while first < len(lengths):
        fit = int(np.searchsorted(np.cumsum(lengths[first:]), room, side="right"))
        last = first + max(1, fit)
        yield Window(range(first, last), range(first, last))
        first = last


class Surrounded:
    """The encoder, asked for sentences among others."""

    def __init__(self, built: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self._model = AutoModel.from_pretrained(write_checkpoint(Path(folder), built), dtype=torch.bfloat16).eval()
        self._tokenizer = Tokenizer.from_file(str(built / "tokenizer.json"))
        self._first, self._last = self._tokenizer.encode("").ids
        self._room = Encoder(built).window - 1

    @torch.inference_mode()
    def encode(self, contacts: Sequence[Texts], cut) -> list[np.ndarray]:
        """Give the vectors, float32 [sentences, width], of each contact's sentences."""
        vectors = [np.empty((len(texts), self._model.config.hidden_size), dtype=np.float32) for texts in contacts]
        rows = sorted(self._rows(contacts, cut), key=lambda row: len(row[1]))
        while rows:
            longest = len(rows[-1][1])
            batch, rows = rows[-max(1, AT_ONCE // longest) :], rows[: -max(1, AT_ONCE // longest)]
            ids = torch.zeros(len(batch), longest, dtype=torch.long)
            seen = torch.zeros_like(ids)
            for place, (_, own, _) in enumerate(batch):
                ids[place, : len(own)], seen[place, : len(own)] = torch.tensor(own), 1
            hidden = self._model(ids, seen).last_hidden_state.float().numpy()
            for states, (owner, _, spans) in zip(hidden, batch, strict=True):
                for sentence, start, end in spans:
                    vectors[owner][sentence] = states[start:end].mean(0)
        return vectors

    def _rows(self, contacts: Sequence[Texts], cut) -> Iterator[tuple[int, list[int], list[tuple[int, int, int]]]]:
        """Give windows: whose they are, their ids, and where the wanted sentences stand in them."""
        for owner, texts in enumerate(contacts):
            tokenised = self._tokenizer.encode_batch(texts, add_special_tokens=False)
            pieces = [one.ids[: self._room - 1] for one in tokenised]
            for window in cut([len(piece) + 1 for piece in pieces], self._room):
                ids, spans = [self._first], []
                for sentence in window.sentences:
                    start = len(ids) if len(ids) > 1 else 0  # who is first takes the mark of the beginning
                    ids += [*pieces[sentence], self._last]
                    if sentence in window.wanted:
                        spans.append((sentence, start, len(ids)))
                yield owner, ids, spans


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("built", type=Path)
    parser.add_argument("--folds", type=int, nargs="+", default=[0, 1])
    options = parser.parse_args()
    config, scheme = TrainConfig(), Scheme.load(ANNOTATIONS / "scheme.json")
    encoder, surrounded = Encoder(options.built, backend="auto"), Surrounded(options.built)
    phrases = read_phrases(ANNOTATIONS / "phrases")
    kinds = ("20*", "other-trades", "training-only")
    shop, *only = (examples_of(kind, encoder, scheme, config) for kind in kinds)
    alone = [*shop, *only[0], *only[1]], phrase_rows(phrases, scheme, encoder, config.prefix)

    def encoded(cut) -> tuple[list[Example], PhraseRows]:
        examples, bank = alone
        vectors = surrounded.encode([[s.text for s in one.encoded.sentences] for one in examples], cut)
        said = [[one.before, one.text] if one.before else [one.text] for one in phrases]
        pairs = surrounded.encode(said, cut)
        before = np.stack([pair[0] if len(pair) == 2 else np.zeros_like(pair[0]) for pair in pairs])
        return [
            replace(one, encoded=replace(one.encoded, vectors=own)) for one, own in zip(examples, vectors, strict=True)
        ], replace(bank, vectors=np.stack([pair[-1] for pair in pairs]), before=before)

    def both() -> tuple[list[Example], PhraseRows]:
        (own, bank), (among, beside) = alone, encoded(within_the_contact)
        return [
            replace(a, encoded=replace(a.encoded, vectors=np.hstack([a.encoded.vectors, b.encoded.vectors])))
            for a, b in zip(own, among, strict=True)
        ], replace(
            bank,
            vectors=np.hstack([bank.vectors, beside.vectors]),
            before=np.hstack([bank.before, beside.before]),
        )

    ways = {
        "alone": lambda: alone,
        "after the one before": lambda: encoded(after_the_one_before),
        "within the contact": lambda: encoded(within_the_contact),
        "alone and within the contact, end to end": both,
    }
    rows = []
    for name, way in ways.items():
        examples, bank = way()
        for fold in options.folds:
            began = time.monotonic()
            train = [one for one in examples if one.fold != fold]
            asked = [one for one in examples[: len(shop)] if one.fold == fold]
            network = reader([fit_network(train, Material(scheme, None, config, bank), seed=config.seed)])
            known = [one for one in examples[: len(shop)] if one.fold != fold]
            found = measure(network, asked, known, scheme)
            rows.append({"encoded": name, "fold": fold, "contacts": len(asked), **found})
            print(rows[-1], round(time.monotonic() - began), "s", file=sys.stderr, flush=True)
    print(json.dumps({"rows": rows}, indent=1))


if __name__ == "__main__":
    main()
