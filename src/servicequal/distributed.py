"""The shards of a history over many machines, with Ray.

Plain actors and not Ray Data: a shard is a unit of work by itself, so there is no table to plan over. One reader knows
which ids it has seen and which shards are done, a bounded number of shards is on the way, and Ray starts a dead worker
again and repeats its shard. The bytes of a scored shard come back here, and one process writes the folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

from servicequal.errors import MissingExtraError, ServicequalError
from servicequal.history.scoring import Done, ShardScorer, Task

_AHEAD = 2  # shards on the way per worker: one in work, one waiting
_TRIES = 3  # repetitions of a shard whose worker died, before it is taken for the cause


def score_on_ray(work: ShardScorer, tasks: Iterable[Task], *, workers: int | None = None) -> Iterator[Done]:
    """Score shards on a Ray cluster: the one that ``RAY_ADDRESS`` names or runs here, else one started on this machine.

    Args:
        work: scores one shard; each worker gets a copy and loads the scorer itself.
        tasks: read when a worker is free.
        workers: None for one per GPU, or per CPU where the cluster has no GPU.

    Yields:
        Scored shards, in the order in which they are ready.

    Raises:
        MissingExtraError: if ray is not installed.
        ServicequalError: if a shard's worker died again and again.
    """
    ray = _library()
    if started := not ray.is_initialized():
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing leaves this machine
        ray.init(log_to_driver=False, include_dashboard=False, logging_level="ERROR")
    try:
        yield from _scored(ray, _workers(ray, work, workers), iter(tasks))
    finally:
        if started:
            ray.shutdown()


def _scored(ray: Any, workers: list[Any], tasks: Iterator[Task]) -> Iterator[Done]:
    free = workers * _AHEAD
    busy: dict[Any, Any] = {}  # reference to a result → its worker
    while True:
        while free and (task := next(tasks, None)) is not None:
            worker = free.pop()
            busy[worker.score.remote(task)] = worker
        if not busy:
            return
        (ready, *_), _ = ray.wait(list(busy))
        free.append(busy.pop(ready))
        yield _result(ray, ready)


def _workers(ray: Any, work: ShardScorer, count: int | None) -> list[Any]:
    found = ray.cluster_resources()
    gpus = int(found.get("GPU", 0)) if work.device != "cpu" else 0
    needs = {"num_cpus": 1, "num_gpus": 1} if gpus else {"num_cpus": 1}
    worker = ray.remote(_Worker).options(max_restarts=-1, max_task_retries=_TRIES, **needs)
    return [worker.remote(work) for _ in range(count or gpus or int(found.get("CPU", 1)))]


class _Worker:
    """What lives in a process of the cluster."""

    def __init__(self, work: ShardScorer) -> None:
        self._work = work

    def score(self, task: Task) -> Done:
        return self._work.score(task)


def _result(ray: Any, reference: Any) -> Done:
    try:
        done: Done = ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from None  # the error itself, not the story of where it was carried
    except ray.exceptions.RayActorError:
        raise ServicequalError(
            f"a worker of the cluster died {_TRIES + 1} times with the same shard; is its memory enough?"
        ) from None
    return done


def _library() -> Any:
    try:
        import ray
    except ImportError:
        raise MissingExtraError("--engine ray needs ray; pip install 'servicequal[ray]'") from None
    return ray
