"""A Report's tables → one DuckDB database; the extra ``report`` installs duckdb."""

from __future__ import annotations

from pathlib import Path

from servicequal.errors import MissingExtraError
from servicequal.files.whole_file import written_whole
from servicequal.reporting.report import Report
from servicequal.reporting.tables import exported


def write_duckdb(report: Report, path: Path) -> None:
    """Write each table of a report into a database, which appears when all is written.

    Args:
        report: past the privacy gate.
        path: of the database; one that is there is replaced.

    Raises:
        MissingExtraError: if duckdb is not installed.
    """
    try:
        import duckdb
    except ImportError:
        raise MissingExtraError(f"{path}: needs duckdb; pip install 'servicequal[report]'") from None
    with written_whole(path) as scratch, duckdb.connect(str(scratch)) as database:
        for table in exported(report):
            database.register("given", table.data)
            name = table.name.replace('"', '""')
            database.execute(f'CREATE TABLE "{name}" AS SELECT * FROM given')  # noqa: S608 - quoted
            database.unregister("given")
