"""What the commands share: inputs as one stream, rejected records, progress, and where results go."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from glob import glob
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Self, TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from servicequal.contact import Contact
from servicequal.errors import ContactError
from servicequal.files import scorecards
from servicequal.files.rejected import Rejected
from servicequal.files.whole_file import written_whole
from servicequal.history.progress import Progress as Reached
from servicequal.history.progress import Watcher
from servicequal.history.sources import Files, Source
from servicequal.records import to_json
from servicequal.reporting.report import Report, contacts_report
from servicequal.reporting.selection import MOST
from servicequal.scheme import Scheme
from servicequal.scorecard import Scorecard

SOME_WRONG = 3
EVERY = 10.0  # seconds between two lines of progress where there is no terminal


def read_all(
    inputs: Iterable[str], reject: Callable[[Rejected], None], attributes: Mapping[str, str] | None = None
) -> Iterator[Contact]:
    """Read several sources as one, with a count on a terminal.

    Args:
        inputs: files, folders, globs; ids are unique over all of them.
        reject: is handed each record that cannot be read.
        attributes: for contacts that lack them.

    Raises:
        ContactError: before anything is read, if an input does not exist.
    """
    return read_history(Files(tuple(inputs), attributes or {}), reject)


def read_history(source: Source, reject: Callable[[Rejected], None]) -> Iterator[Contact]:
    """Read the contacts of files or a query, with a count on a terminal."""
    return _counted(_accepted(source.items(), reject))


def refuse(rejected: Rejected | str) -> None:
    """Raise for a record that cannot be read, where each one is needed."""
    raise ContactError(str(rejected))


@contextmanager
def rejections(out: str, inputs: Iterable[str | Path]) -> Iterator[Callable[[Rejected], None]]:
    """Collect rejected records: each to ``<out>.rejected.jsonl`` and as a line on stderr; exit 3 if there were any.

    Raises:
        ContactError: if the output would overwrite an input, or its folder does not exist.
    """
    path = None if out == "-" else Path(f"{out.rstrip('/')}.rejected.jsonl")
    if path is not None:
        check_output((Path(out), path), inputs)
    rejected: list[Rejected] = []

    def reject(one: Rejected) -> None:
        rejected.append(one)
        click.echo(f"rejected: {one}", err=True)

    yield reject
    if path is not None:  # written at the end: the folder may be an input
        path.unlink(missing_ok=True)  # of an earlier run
        if rejected:
            path.write_text("".join(to_json(one.to_dict()) + "\n" for one in rejected), encoding="utf-8")
    if rejected:
        click.echo(f"{len(rejected)} rejected" + (f", see {path}" if path else ""), err=True)
        click.get_current_context().exit(SOME_WRONG)


def check_output(written: Iterable[Path], inputs: Iterable[str | Path]) -> None:
    """Refuse to write where there is no folder, or over an input.

    Raises:
        ContactError: naming the folder or the input.
    """
    read = {Path(one).absolute() for source in inputs for one in (source, *glob(str(source)))}  # noqa: PTH207 - a pattern may be absolute
    for path in written:
        if not path.absolute().parent.is_dir():
            raise ContactError(f"{path}: the folder {path.parent} does not exist; create it first")
        if path.absolute() in read:
            raise ContactError(f"{path}: is an input and would be overwritten; choose another --out")


def write_cards(cards: Iterable[Scorecard], out: str, scheme: Scheme) -> None:
    """Write scorecards to stdout, a Parquet file or a JSONL file, as ``out`` says."""
    if out.endswith(".parquet"):
        scorecards.write_parquet(cards, Path(out), scheme)
    else:
        written_lines((card.to_dict() for card in cards), out)


def written_lines(records: Iterable[Mapping[str, Any]], out: str) -> int:
    """Write records as JSONL to a file or, for ``-``, to stdout, and give their number."""
    count = 0
    with nullcontext(stdout()) if out == "-" else _whole_text(Path(out)) as file:
        for record in records:
            file.write(to_json(record) + "\n")
            count += 1
    return count


@contextmanager
def _whole_text(path: Path) -> Iterator[TextIO]:
    with written_whole(path) as scratch, scratch.open("w", encoding="utf-8") as file:
        yield file


def stdout() -> TextIO:
    """Give standard output, in UTF-8 whatever the terminal's habit."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    return sys.stdout


class PageKeeper:
    """Keeps what a page shows while the stream goes by: the text of the first contacts, and all scorecards."""

    def __init__(self) -> None:
        self._contacts: dict[str, Contact] = {}
        self._cards: list[Scorecard] = []

    def contacts(self, stream: Iterable[Contact]) -> Iterator[Contact]:
        """Pass contacts on."""
        for contact in stream:
            if len(self._contacts) < MOST:
                self._contacts[contact.id] = contact
            yield contact

    def cards(self, stream: Iterable[Scorecard]) -> Iterator[Scorecard]:
        """Pass scorecards on."""
        for card in stream:
            self._cards.append(card)
            yield card

    def report(self, scheme: Scheme) -> Report:
        """Give what went by as a report: an overview and the first contacts."""
        return contacts_report(self._cards, self._contacts.values(), scheme)


def _accepted(items: Iterable[Contact | Rejected], reject: Callable[[Rejected], None]) -> Iterator[Contact]:
    for item in items:
        if isinstance(item, Contact):
            yield item
        else:
            reject(item)


def _counted(contacts: Iterable[Contact]) -> Iterator[Contact]:
    """Show how many have been read, on a terminal only."""
    if not sys.stderr.isatty():
        yield from contacts
        return
    columns = (SpinnerColumn(), MofNCompleteColumn(), "contacts", TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield from progress.track(contacts)


class RunWatcher(Watcher):
    """Shows a run on stderr: a bar on a terminal, else, if asked, a line every few seconds; and what was rejected."""

    def __init__(self, *, asked: bool) -> None:
        self._lines = asked and not sys.stderr.isatty()
        self._said = 0.0
        self._bar = Progress(
            SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn(),
            console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty(),
        )  # fmt: skip
        self._task = self._bar.add_task("reading", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def progressed(self, progress: Reached) -> None:
        """Move the bar, or say a line."""
        self._bar.update(self._task, total=progress.total, completed=progress.done, description=str(progress))
        if self._lines and (progress.seconds >= self._said + EVERY or progress.done == progress.total):
            self._said = progress.seconds
            click.echo(str(progress), err=True)

    def rejected(self, rejected: Rejected) -> None:
        """Say what was rejected."""
        click.echo(f"rejected: {rejected}", err=True)

    def noted(self, note: str) -> None:
        """Say what was mended."""
        click.echo(note, err=True)
