"""Work for other processes, a few pieces at a time and back in order."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any, TypeVar

from servicequal.errors import ServicequalError

Piece = TypeVar("Piece")
Result = TypeVar("Result")
HELD = 2  # pieces per process that are under way or done: what bounds the memory

_function: Callable[[Any], Any]  # of a worker process


def in_processes(
    make: Callable[[], Callable[[Piece], Result]], pieces: Iterable[Piece], workers: int
) -> Iterator[Result]:
    """Apply a function in other processes.

    Args:
        make: gives the function, once in each process; it and the pieces are pickled.
        pieces: any number; ``HELD`` per worker are taken ahead.
        workers: how many processes; they end with the iterator, and with this process however it ends.

    Yields:
        The results, in the order of the pieces.

    Raises:
        ServicequalError: if a worker process dies. Errors of the function itself come back as they are.
    """
    remaining = iter(pieces)
    pool = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=_start, initargs=(make,)
    )
    try:
        held: deque[Future[Result]] = deque(pool.submit(_apply, piece) for piece in islice(remaining, HELD * workers))
        while held:
            result = held.popleft().result()
            held.extend(pool.submit(_apply, piece) for piece in islice(remaining, 1))
            yield result
    except BrokenProcessPool as error:
        raise ServicequalError(
            "a worker process died before its work was done: was it killed, or out of memory? Use fewer workers, and "
            "start scripts under if __name__ == '__main__'"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _start(make: Callable[[], Callable[[Any], Any]]) -> None:
    global _function  # noqa: PLW0603 - a process of the pool has nowhere else to keep it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _function = make()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _apply(piece: Any) -> Any:
    return _function(piece)
