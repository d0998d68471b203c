"""Scorecards ↔ JSONL, Parquet; a folder of Parquet files is read as one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from servicequal.errors import ServicequalError
from servicequal.files.whole_file import written_whole
from servicequal.records import read_records, to_json
from servicequal.scheme import LEVELS, Scheme
from servicequal.scorecard import Scorecard

MANIFEST = "_manifest.json"  # of a complete folder; an underscore hides it from whoever reads the folder as one table
JOURNAL = "_journal.jsonl"  # of a folder that is being written
_ROWS = 1_000


def read_scorecards(path: str | PathLike[str]) -> list[Scorecard]:
    """Read scorecards from a JSONL file, a Parquet file or a folder of Parquet files.

    Raises:
        ServicequalError: naming the file, and the line or the key that is wrong; or the folder that is not complete.
    """
    source = Path(path)
    if (source / JOURNAL).is_file() and not (source / MANIFEST).is_file():
        raise ServicequalError(f"{source}: not all is scored yet; give servicequal score the same command again")
    parts = sorted(source.glob("*.parquet")) if source.is_dir() else [source]
    if not parts:
        raise ServicequalError(
            f"{source}: no .parquet in this folder; expected what servicequal score --out DIR/ wrote"
        )
    return [card for part in parts for card in _read(part)]


def _read(path: Path) -> Iterator[Scorecard]:
    records = _rows(path) if path.suffix == ".parquet" else read_records(path, ServicequalError)
    for where, record in records:
        try:
            yield Scorecard.from_dict(record)
        except (ServicequalError, TypeError, AttributeError, KeyError) as error:
            raise ServicequalError(f"{where}: {error}") from None


def _rows(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_ROWS):
                for row in batch.to_pylist():
                    yield str(path), row | {"attributes": json.loads(row.get("attributes") or "{}")}
    except FileNotFoundError:
        raise ServicequalError(f"{path}: there is no such file") from None
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ServicequalError(
            f"{path}: no Parquet file of scorecards that can be read ({type(error).__name__})"
        ) from None


def write_parquet(cards: Iterable[Scorecard], path: Path, scheme: Scheme) -> int:
    """Write scorecards to one Parquet file, which appears when all are written; gives their number.

    Columns are the keys of the scorecard; ``attributes`` is a JSON string, because each user has others.
    """
    with written_whole(path) as scratch:
        return write_table(cards, scratch, scheme)


def write_table(cards: Iterable[Scorecard], sink: Path | BinaryIO, scheme: Scheme) -> int:
    """Write scorecards as Parquet to a path or an open file; gives their number."""
    count, schema, remaining = 0, scorecard_schema(scheme), iter(cards)
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        while rows := [_row(card) for card in islice(remaining, _ROWS)]:
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
            count += len(rows)
    return count


def scorecard_schema(scheme: Scheme) -> pa.Schema:
    """Give the columns of a scorecard under a scheme."""
    span = [("turn", pa.int32()), ("start", pa.int32()), ("end", pa.int32()), ("text", pa.string())]
    evidence = pa.struct([*span, ("indicator", pa.string()), ("probability", pa.float64())])
    claim = pa.struct([*span, ("fact", pa.string()), ("verdict", pa.string()), ("probability", pa.float64())])
    rating = pa.struct(
        [
            ("level", pa.string()),
            ("applicable", pa.float64()),
            ("levels", pa.struct([(level, pa.float64()) for level in LEVELS])),
            ("decision", pa.string()),
            ("evidence", pa.list_(evidence)),
        ]
    )
    numbers = [(name, pa.float64()) for name in ("score", "low", "high")]
    return pa.schema(
        [
            ("contact", pa.string()),
            ("channel", pa.string()),
            ("language", pa.string()),
            ("attributes", pa.string()),
            ("overall", pa.struct([*numbers, ("capped_by", pa.string())])),
            ("ratings", pa.struct([(criterion.id, rating) for criterion in scheme.criteria])),
            ("claims", pa.list_(claim)),
            ("warnings", pa.list_(pa.string())),
            ("scorer", pa.string()),
        ]
    )


def _row(card: Scorecard) -> dict[str, Any]:
    row = card.to_dict()
    return row | {"attributes": to_json(row["attributes"])}
