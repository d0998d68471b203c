"""One system, one file, one fresh process: python benchmarks/throughput/system.py SYSTEM CONTACTS CHECKPOINT OUT

From file to scorecards. Peers get the sentences that servicequal cuts, and give vectors of them; servicequal's heads
make the scorecards in every case, so that the systems differ in the encoder's engine
alone. The clock starts when the system is loaded and has encoded one text, and stops at the last scorecard.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import torch

import servicequal as sq
from servicequal.inference.language import language_of
from servicequal.inference.pipeline import Encoded, layout_of
from servicequal.inference.segments import split_sentences

HELD = 256  # contacts whose sentences a peer gets at once, as many as servicequal holds
OURS = "servicequal "


class Counted:
    """A backend with a counter around it: seconds in which it was at work, or waited for."""

    def __init__(self, backend):
        self._backend, self.seconds, self.tokens, self.squares = backend, 0.0, 0, 0

    def __getattr__(self, name):
        return getattr(self._backend, name)

    def submit(self, batch):
        start = time.perf_counter()
        means = self._backend.submit(batch)
        self.seconds += time.perf_counter() - start
        self.tokens += len(batch.ids)
        self.squares += int((batch.lengths.astype(np.int64) ** 2).sum())

        def wait():
            begin = time.perf_counter()
            found = means()
            self.seconds += time.perf_counter() - begin
            return found

        return wait


def simulated(scorer):
    """Give the scorer an encoder that does no arithmetic."""
    from simulated import SimulatedDevice

    scorer.encoder.backend = SimulatedDevice(rate=6e6, width=scorer.encoder.width)


def pipeline(folder: Path, *, batch_size: int, ordered: bool) -> Callable[[list[str]], np.ndarray]:
    """transformers' pipeline; ordered by length where tuned."""
    from transformers import AutoModel, AutoTokenizer
    from transformers import pipeline as make

    tokenizer = AutoTokenizer.from_pretrained(folder)
    extract = make("feature-extraction", model=AutoModel.from_pretrained(folder), tokenizer=tokenizer)

    def encode(texts: list[str]) -> np.ndarray:
        lengths = np.array([len(ids) for ids in tokenizer(texts, truncation=True)["input_ids"]])
        order = np.argsort(-lengths, kind="stable") if ordered else np.arange(len(texts))
        options = {"batch_size": batch_size, "return_tensors": True, "truncation": True}
        found = extract([texts[n] for n in order], **options)
        vectors = np.empty((len(texts), found[0].shape[-1]), dtype=np.float32)
        for number, states in zip(order.tolist(), found, strict=True):
            vectors[number] = states[0, : lengths[number]].mean(0).numpy()
        return vectors

    return encode


def sentence_transformer(folder: Path):
    """A SentenceTransformer of the checkpoint, mean-pooled."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer

    body = Transformer(str(folder), max_seq_length=512)
    return SentenceTransformer(modules=[body, Pooling(body.get_word_embedding_dimension(), "mean")], device="cpu")


def setfit(folder: Path) -> Callable[[list[str]], np.ndarray]:
    """A SetFitModel of the same body; its own heads are random, and asked for the time that they take."""
    from setfit import SetFitModel
    from sklearn.linear_model import LogisticRegression

    draw = np.random.default_rng(0)
    head = LogisticRegression().fit(draw.normal(size=(40, 384)), draw.integers(0, 3, 40))
    model = SetFitModel(model_body=sentence_transformer(folder), model_head=head)

    def encode(texts: list[str]) -> np.ndarray:
        vectors = np.asarray(model.encode(texts, show_progress_bar=False))
        model.model_head.predict_proba(vectors)
        return vectors

    return encode


def peer(name: str, folder: Path) -> Callable[[list[str]], np.ndarray]:
    """Load a peer."""
    if name == "transformers pipeline, default":
        return pipeline(folder, batch_size=1, ordered=False)
    if name == "transformers pipeline, tuned":
        return pipeline(folder, batch_size=32, ordered=True)
    if name == "sentence-transformers":
        body = sentence_transformer(folder)
        return lambda texts: np.asarray(body.encode(texts, show_progress_bar=False))
    if name == "SetFit":
        return setfit(folder)
    raise SystemExit(f"no system {name!r}")


def encoded_by(peer: Callable[[list[str]], np.ndarray], contacts, bundle) -> Iterator[Encoded]:
    """Encode contacts by a peer."""
    remaining = iter(contacts)
    while block := list(islice(remaining, HELD)):
        languages = [language_of(contact, bundle.languages) for contact in block]
        cut = [split_sentences(contact, language) for contact, language in zip(block, languages, strict=True)]
        vectors = peer([bundle.prefix + " ".join(s.text.split()) for sentences in cut for s in sentences])
        first = 0
        for contact, language, sentences in zip(block, languages, cut, strict=True):
            own = vectors[first : first + len(sentences)]
            yield Encoded(contact, language, sentences, own, layout_of(contact, sentences))
            first += len(sentences)


def main() -> None:
    """Run one system and write what was measured."""
    name, path, folder, out = sys.argv[1], *map(Path, sys.argv[2:])
    begin = time.perf_counter()
    figures: dict = {"system": name}
    if name.startswith(OURS):
        backend = name.removeprefix(OURS)
        scorer = sq.Scorer.load(device="cpu", **({} if backend == "simulated" else {"backend": backend}))
        if backend == "simulated":
            simulated(scorer)
        scorer.encoder.encode(["warm"])
        counted = scorer.encoder.backend = Counted(scorer.encoder.backend)
        encode = scorer.encode
    else:
        scorer, counted = sq.Scorer.load(device="cpu", backend="torch-fp32"), None
        encode_texts = peer(name, folder)
        encode_texts(["warm", "and ready"])
        encode = lambda contacts: encoded_by(encode_texts, contacts, scorer.bundle)  # noqa: E731
    start, cpu, ratings, count = time.perf_counter(), time.process_time(), [], 0
    for count, card in enumerate(scorer.rate(encode(sq.read_contacts(path))), start=1):
        if count <= 2_000:  # enough to compare
            ratings.append([[r.applicable, *r.levels.values()] for r in card.ratings.values()])
    seconds = time.perf_counter() - start
    figures |= {
        "contacts": count, "seconds": seconds, "cpu_seconds": time.process_time() - cpu, "load_seconds": start - begin,
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "threads": torch.get_num_threads(),
    }  # fmt: skip
    if counted is not None:
        figures |= {"encoder_share": counted.seconds / seconds, "tokens": counted.tokens, "squares": counted.squares}
    out.write_text(json.dumps(figures | {"ratings": ratings}))


if __name__ == "__main__":
    main()
