"""score_history(): read, cut into shards, score what is not scored yet, write, tell how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from os import PathLike, fspath
from pathlib import Path
from time import monotonic

from servicequal.bundle import DEFAULT, Bundle, models_folder, read_bundle
from servicequal.distributed import score_on_ray
from servicequal.errors import BundleError
from servicequal.history.folder import CardsFolder, History, open_folder
from servicequal.history.plan import make_plan
from servicequal.history.progress import Progress, Watcher
from servicequal.history.scoring import Done, ShardScorer, Task
from servicequal.history.shards import SHARD, Shard, cut
from servicequal.history.sources import Files, Source
from servicequal.history.vector_file import encoding_digest
from servicequal.history.vectors import Place, VectorIndex
from servicequal.reference import Reference
from servicequal.scorer import Scorer

ENGINES = ("local", "ray")


def score_history(  # noqa: PLR0913 - each is an option of its own
    source: str | PathLike[str] | Iterable[str | PathLike[str]] | Source,
    out: str | PathLike[str],
    *,
    scorer: Scorer | str | PathLike[str] | None = None,
    reference: Reference | None = None,
    vectors: str | PathLike[str] | None = None,
    device: str = "auto",
    backend: str = "auto",
    engine: str = "local",
    workers: int | None = None,
    shard: int = SHARD,
    watcher: Watcher | None = None,
) -> History:
    """Score any number of contacts into a folder of Parquet files with a manifest.

    Memory is bounded by the shard, whatever the length. A run that was killed goes on where it was when it is called
    again with the same arguments; the folder is then the same, byte for byte, as if nothing had happened.

    Args:
        source: files, folders, globs, data sets; or a ``Query``, or a ``Source`` of your own.
        out: the folder to write; ``read_scorecards`` reads it, and so do all commands.
        scorer: a loaded scorer or its folder; None for the bundled one.
        reference: what is true at the companies.
        vectors: a folder of sentence vectors to use and to add to: a later scorer of the same encoder only rates.
        device: ``auto``, ``cpu``, ``cuda``; used when the scorer is loaded here.
        backend: what runs the encoder, see ``Scorer.load``; likewise.
        engine: ``local``, or ``ray`` for a cluster, whose machines must all see the scorer's folder and ``vectors``.
        workers: of the cluster, None for one per GPU, or per CPU where there is no GPU; with ``local``, processes that
            split and tokenise, None for none, see ``Scorer.load``; likewise.
        shard: records in one file, and what a kill can cost.
        watcher: is told of progress, rejected records and mended files; None for the module's log.

    Raises:
        ServicequalError: if another run writes to ``out``, or an earlier one was begun with something else.
        ContactError: if an input does not exist or a query fails.
        BundleError: if the scorer cannot be loaded.

    Example:
        >>> import tempfile
        >>> from servicequal.examples import examples_folder
        >>> from servicequal.files.scorecards import read_scorecards
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     history = score_history(examples_folder() / "examples" / "contacts.jsonl", f"{folder}/cards")
        ...     history.scored, len(read_scorecards(history.folder))
        (6, 6)
    """
    if engine not in ENGINES or shard < 1:
        raise ValueError(f"engine {engine!r}, shard {shard}; expected one of {', '.join(ENGINES)}, and at least 1")
    bundle, folder = _bundle(scorer, engine), Path(out)
    store = None if vectors is None else Path(vectors)
    records = source if isinstance(source, Source) else Files(_inputs(source))
    records.keep_apart([folder] if store is None else [folder, store])
    heard = Watcher() if watcher is None else watcher
    engine_of = scorer.encoder.backend.name if isinstance(scorer, Scorer) else f"{backend} on {device}"
    with open_folder(folder, make_plan(bundle, engine_of, reference, records, shard)) as cards:
        run = _Run(cards, heard, records.total())
        made = encoding_digest(bundle.encoder, engine_of, prefix=bundle.prefix, languages=bundle.languages)
        kept = None if store is None else (store, made)
        index = None if kept is None else VectorIndex(*kept, heard.noted)
        tasks = run.tasks(cut(records.items(), shard), index)
        preparing = 0 if engine == "ray" else workers or 0
        work = ShardScorer(scorer, device=device, backend=backend, workers=preparing, reference=reference, vectors=kept)
        for done in map(work.score, tasks) if engine == "local" else score_on_ray(work, tasks, workers=workers):
            run.settle(done)
        return cards.finish(run.shards)


class _Run:
    """Counts what has been done, and tells."""

    def __init__(self, cards: CardsFolder, watcher: Watcher, total: int | None) -> None:
        self.shards = 0
        self._cards = cards
        self._watcher = watcher
        self._total = total
        self._done = self._skipped = 0
        self._began = monotonic()

    def tasks(self, shards: Iterable[Shard], index: VectorIndex | None) -> Iterator[Task]:
        """Give the shards that are not scored yet."""
        for shard in shards:
            self.shards += 1
            if self._cards.has(shard):
                records = len(shard.contacts) + len(shard.rejected)
                self._skipped += records
                self._count(records)
            else:
                places: tuple[Place | None, ...] = (None,) * len(shard.contacts)
                yield Task(shard, places if index is None else index.places(shard.contacts))

    def settle(self, done: Done) -> None:
        """Write a scored shard and tell of it."""
        self._cards.commit(done)
        for note in done.notes:
            self._watcher.noted(note)
        for rejected in done.rejected:
            self._watcher.rejected(rejected)
        self._count(done.records)

    def _count(self, records: int) -> None:
        self._done += records
        self._watcher.progressed(Progress(self._done, self._skipped, self._total, monotonic() - self._began))


def _bundle(scorer: Scorer | str | PathLike[str] | None, engine: str) -> Bundle:
    if not isinstance(scorer, Scorer):
        return read_bundle(models_folder() / DEFAULT if scorer is None else Path(scorer))
    if engine == "ray":
        raise BundleError("engine='ray' loads the scorer on each worker; give its folder instead of a loaded scorer")
    return scorer.bundle


def _inputs(source: str | PathLike[str] | Iterable[str | PathLike[str]]) -> tuple[str, ...]:
    return (fspath(source),) if isinstance(source, str | PathLike) else tuple(fspath(one) for one in source)
