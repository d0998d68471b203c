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
    """Score shards on a Ray cluster: the one that ``RAY_ADDRESS`` names, else one of this machine's cores.

    Args:
        work: scores one shard; each worker gets a copy and loads the scorer itself.
        tasks: read when a worker is free.
        workers: None for one per GPU, or per CPU where the cluster has no GPU.

    Yields:
        Scored shards, in the order in which they are ready.

    Raises:
        MissingExtraError: if ray is not installed.
        ServicequalError: if a shard's worker died again and again, or there are more workers than CPUs or GPUs.
    """
    ray = _library()
    if started := not ray.is_initialized():
        _connect(ray, workers)
    try:
        yield from _scored(ray, _workers(ray, work, workers), iter(tasks))
    finally:
        if started:
            ray.shutdown()


def _connect(ray: Any, workers: int | None) -> None:
    """Join the cluster that ``RAY_ADDRESS`` names, or start one that nobody else can reach."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # or Ray would report to its makers
    quiet = {"log_to_driver": False, "logging_level": "ERROR"}
    if "RAY_ADDRESS" in os.environ:
        ray.init(**quiet)
    else:
        ray.init("local", num_cpus=workers, include_dashboard=False, _node_ip_address="127.0.0.1", **quiet)


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
    need = "GPU" if work.device != "cpu" and found.get("GPU") else "CPU"
    there = int(found.get(need, 0))
    if not 1 <= (count or there) <= there:
        raise ServicequalError(f"--workers {count}: the cluster has {there} {need}s; expected at most one worker each")
    worker = ray.remote(_Worker).options(
        max_restarts=-1, max_task_retries=_TRIES, num_cpus=1, num_gpus=int(need == "GPU")
    )
    return [worker.remote(work) for _ in range(count or there)]


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
