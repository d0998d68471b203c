"""Scorecards → Parquet, or a folder of Parquet parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from servicequal.files.whole_file import written_whole
from servicequal.records import to_json
from servicequal.scheme import LEVELS, Scheme
from servicequal.scorecard import Scorecard

PART = 10_000  # scorecards in one file of a folder
_ROWS = 1_000


def write_parquet(cards: Iterable[Scorecard], path: Path, scheme: Scheme) -> int:
    """Write scorecards to one Parquet file, which appears when all are written; gives their number.

    Columns are the keys of the scorecard; ``attributes`` is a JSON string, because each user has others.
    """
    count, schema, remaining = 0, scorecard_schema(scheme), iter(cards)
    with written_whole(path) as scratch, pq.ParquetWriter(scratch, schema, compression="zstd") as writer:
        while rows := [_row(card) for card in islice(remaining, _ROWS)]:
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
            count += len(rows)
    return count


def write_parts(cards: Iterable[Scorecard], folder: Path, scheme: Scheme) -> int:
    """Write scorecards to ``cards-00000.parquet`` … in a folder; gives their number."""
    folder.mkdir(parents=True, exist_ok=True)
    remaining, count = iter(cards), 0
    for number, part in enumerate(_parts(remaining)):
        count += write_parquet(part, folder / f"cards-{number:05}.parquet", scheme)
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


def _parts(cards: Iterator[Scorecard]) -> Iterator[Iterator[Scorecard]]:
    for first in cards:
        yield _led(first, islice(cards, PART - 1))


def _led(first: Scorecard, rest: Iterator[Scorecard]) -> Iterator[Scorecard]:
    yield first
    yield from rest
