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
from typing import Any, Generic, Self, TypeVar

from servicequal.errors import ServicequalError

Piece = TypeVar("Piece")
Result = TypeVar("Result")
HELD = 2  # pieces per process that are under way or done: what bounds the memory

_function: Callable[[Any], Any]  # of a worker process


class Workers(Generic[Piece, Result]):
    """Processes that apply a function, started with the first piece and kept.

    They end when they are closed or nobody holds them any more, and with this process however it ends.

    Args:
        make: gives the function, once in each process; it and the pieces are pickled.
        count: how many processes.
    """

    def __init__(self, make: Callable[[], Callable[[Piece], Result]], count: int) -> None:
        self._ahead = HELD * count
        self._pool = ProcessPoolExecutor(
            count, mp_context=multiprocessing.get_context("spawn"), initializer=_start, initargs=(make,)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def apply(self, pieces: Iterable[Piece]) -> Iterator[Result]:
        """Apply the function.

        Args:
            pieces: any number; ``HELD`` per worker are taken ahead.

        Yields:
            The results, in the order of the pieces.

        Raises:
            ServicequalError: if a worker process dies. Errors of the function itself come back as they are.
        """
        remaining, held = iter(pieces), deque[Future[Result]]()
        try:
            held.extend(self._pool.submit(_apply, piece) for piece in islice(remaining, self._ahead))
            while held:
                result = held.popleft().result()
                held.extend(self._pool.submit(_apply, piece) for piece in islice(remaining, 1))
                yield result
        except BrokenProcessPool as error:
            raise ServicequalError(
                "a worker process died before its work was done: was it killed, or out of memory? Use fewer workers, "
                "and start scripts under if __name__ == '__main__'"
            ) from error
        finally:
            for future in held:
                future.cancel()


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
