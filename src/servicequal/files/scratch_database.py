"""Tables on disk for the time of one run: what would not fit in memory, and nobody needs afterwards."""

from __future__ import annotations

import sqlite3


def scratch_database(table: str) -> sqlite3.Connection:
    """Open a database with one table, in a scratch file that nobody else sees and that goes when it is closed.

    Args:
        table: as CREATE TABLE defines it; rows lie in the order of their primary key.

    Example:
        >>> database = scratch_database("seen (id BLOB PRIMARY KEY)")
        >>> database.execute("SELECT count(*) FROM seen").fetchone()
        (0,)
    """
    database = sqlite3.connect("", isolation_level=None)
    for setting in ("cache_size = -32000", "journal_mode = OFF", "synchronous = OFF"):
        database.execute(f"PRAGMA {setting}")
    database.execute(f"CREATE TABLE {table} WITHOUT ROWID")
    return database
