"""A query → contacts: DuckDB over files, or over PostgreSQL through its extension; row by row, never all at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from servicequal.contact import Contact
from servicequal.errors import ContactError, MissingExtraError
from servicequal.files.rejected import Rejected
from servicequal.files.table_row import read_row, wrong_columns

_ROWS = 256  # rows of the result held at once
_PASSWORD = re.compile(r"(password\s*=\s*)('(?:[^'\\]|\\.)*'|\S+)", re.IGNORECASE)


def read_query(sql: str, database: str | None) -> Iterator[Contact | Rejected]:
    """Run a query and read each row as a contact.

    Args:
        sql: gives the columns of a contact; ``turns`` a list of structs or JSON, ``attributes`` a struct or JSON.
        database: ``postgresql://…`` or ``host=… dbname=…``, opened for reading only; None for files.

    Raises:
        ContactError: if the query fails, or gives other columns than those of a contact.
        MissingExtraError: if duckdb, or its extension for PostgreSQL, is not there and cannot be installed.
    """
    duckdb = _library()
    with duckdb.connect() as connection:
        if database is not None:
            _attach(connection, duckdb, database)
        try:
            relation = connection.sql(sql)
            if relation is None:
                raise ContactError("--query: gives no rows; expected a SELECT")
            if wrong := wrong_columns(relation.columns):
                raise ContactError(f"--query: {wrong}")
            number = 0
            for batch in _batches(relation):
                for row in batch.to_pylist(maps_as_pydicts="lossy"):
                    number += 1
                    yield read_row(row, "query", number)
        except duckdb.Error as error:
            raise ContactError(f"--query: {_first_line(error, database)}") from None


def without_password(database: str) -> str:
    """Give a database's address without its password.

    Example:
        >>> without_password("postgresql://reader:s3cret@db.example/calls"), without_password("host=db password=x")
        ('postgresql://reader@db.example/calls', 'host=db password=…')
    """
    if (password := urlsplit(database).password) is not None:
        return database.replace(f":{password}@", "@", 1)
    return _PASSWORD.sub(r"\1…", database)


def _library() -> Any:
    try:
        import duckdb
    except ImportError:
        raise MissingExtraError("--query needs duckdb; pip install 'servicequal[history]'") from None
    return duckdb


def _attach(connection: Any, duckdb: Any, database: str) -> None:
    try:
        connection.execute("LOAD postgres")
    except duckdb.Error:
        _install(connection, duckdb)
    try:
        quoted = database.replace("'", "''")
        connection.execute(f"ATTACH '{quoted}' AS history (TYPE postgres, READ_ONLY)")
        connection.execute("USE history")
    except duckdb.Error as error:
        raise ContactError(f"{without_password(database)}: {_first_line(error, database)}") from None


def _install(connection: Any, duckdb: Any) -> None:
    try:
        connection.execute("INSTALL postgres")
        connection.execute("LOAD postgres")
    except duckdb.Error:
        raise MissingExtraError(
            f"--database needs the extension 'postgres' of duckdb {duckdb.__version__}, which is not installed and "
            "cannot be downloaded from here; run INSTALL postgres in this version of duckdb on a machine that has a "
            "network, and copy its folder ~/.duckdb/extensions"
        ) from None


def _batches(relation: Any) -> Any:
    """Give the result while it is computed, as Arrow batches; duckdb before 2.0 has another name for it."""
    stream = getattr(relation, "to_arrow_reader", None) or relation.fetch_arrow_reader
    return stream(_ROWS)


def _first_line(error: Exception, database: str | None) -> str:
    """Give the first line of an error, which may hold the address that was given but never its password."""
    line = (str(error).splitlines() or [type(error).__name__])[0]
    return line if database is None else line.replace(database, without_password(database))
