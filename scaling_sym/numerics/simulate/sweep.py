"""Run many independent tasks on one core, on all cores, or on a Dask cluster, and resume what was interrupted.

A *task* is a JSON object, its *result* another; the function that turns one into the other is a public function of
an importable module and depends on nothing but the task. Then it does not matter who runs which task when: results
are put back into the order of the tasks, and the numbers are the same for any count of workers.

Saving. A result is one file `KEY.json` in the sweep's folder, KEY the SHA-256 of the canonical JSON of the
function's name, the version of NumPy (whose streams may change between versions) and the task. Only the parent
writes; each file is written under another name and renamed, so that it is whole or absent, whatever stops the
program. A file that was changed from outside (its own digest fails) is computed anew. A sweep given the same folder
computes only what is missing.

Interruption. Workers leave Ctrl-C to the parent, which stops them and raises `KeyboardInterrupt`.

One machine, same numbers: linear algebra runs on one thread (`single_thread`), since the rounding of a threaded
product may depend on the number of threads. On a cluster of different machines the last digits may differ.

Not covered: tasks that depend on one another, and priorities.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import multiprocessing
import os
import signal
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from scaling_sym.errors import BadInputError
from scaling_sym.numerics.simulate.arguments import read_count

Task: TypeAlias = Mapping[str, Any]
Result: TypeAlias = dict[str, Any]
TaskFunction: TypeAlias = Callable[[Task], Result]
Outcomes: TypeAlias = Generator[tuple[int, Result], None, None]


@dataclass(frozen=True, slots=True)
class Execution:
    """Where and how tasks run.

    workers: processes on this machine; None means one for each core that may be used. A pool starts fresh
        interpreters, so a script that asks for more than one must guard its entry by `if __name__ == "__main__"`.
    directory: folder that keeps results, and from which an interrupted sweep resumes; None keeps nothing.
    scheduler: address of a Dask scheduler (`tcp://host:8786`); then `workers` is not used.
    progress: called as `progress(done, total)`, also once for what was already saved.
    """

    workers: int | None = 1
    directory: str | Path | None = None
    scheduler: str | None = None
    progress: Callable[[int, int], None] | None = None


def run_tasks(function: TaskFunction, tasks: Sequence[Task], execution: Execution | None = None) -> list[Result]:
    """The results of `function` on each task, in the order of the tasks.

    Raises BadInputError for a worker count below 1, a folder that cannot be used, or a scheduler out of reach, and
    whatever `function` raises.
    """
    execution = execution or Execution()
    keys = [task_key(function, task) for task in tasks]
    wanted = dict(zip(keys, tasks, strict=True))
    store = None if execution.directory is None else ResultStore.open(execution.directory)
    done: dict[str, Result] = {} if store is None else store.load_known(wanted)
    missing = [key for key in wanted if key not in done]
    _report(execution, len(done), len(wanted))
    with contextlib.closing(_start(function, [wanted[key] for key in missing], execution)) as outcomes:
        for index, result in outcomes:
            key = missing[index]
            done[key] = result
            if store is not None:
                store.save(key, wanted[key], result)
            _report(execution, len(done), len(wanted))
    return [done[key] for key in keys]


def task_key(function: TaskFunction, task: Task) -> str:
    """The name under which a result is saved: SHA-256 of what it depends on."""
    name = f"{function.__module__}:{function.__qualname__}"
    return _digest({"function": name, "numpy": np.__version__, "task": task})


def count_cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def single_thread() -> Iterator[None]:
    """Linear algebra on one thread: the same rounding everywhere, and no more threads than cores in a pool."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


@dataclass(frozen=True, slots=True)
class ResultStore:
    """A folder of results, one JSON file each, whole or absent."""

    directory: Path

    @staticmethod
    def open(directory: str | Path) -> ResultStore:
        """Open the folder, making it where it is absent; refuses what cannot be a folder."""
        path = Path(directory)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as reason:
            raise BadInputError(f"The sweep cannot keep its results in {path}: {reason.strerror}.") from reason
        return ResultStore(path)

    def load_known(self, wanted: Mapping[str, Task]) -> dict[str, Result]:
        """The results already saved, in the order of `wanted`."""
        found = ((key, self.load(key, task)) for key, task in wanted.items())
        return {key: result for key, result in found if result is not None}

    def load(self, key: str, task: Task) -> Result | None:
        """The saved result of a task, or None where there is none that can be trusted."""
        try:
            record = json.loads((self.directory / f"{key}.json").read_text(encoding="utf-8"))
            result: Result = record["result"]
            whole = record["digest"] == _digest(result) and _canonical(record["task"]) == _canonical(task)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return result if whole else None

    def save(self, key: str, task: Task, result: Result) -> None:
        """Write one result so that a reader sees the whole file or none."""
        record = _canonical({"digest": _digest(result), "result": result, "task": task})
        handle, name = tempfile.mkstemp(prefix=f"{key}.", suffix=".partial", dir=self.directory)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(record)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self.directory / f"{key}.json")
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
            raise


def _start(function: TaskFunction, tasks: Sequence[Task], execution: Execution) -> Outcomes:
    if execution.scheduler is not None:
        return _run_on_cluster(function, tasks, execution.scheduler)
    workers = count_cores() if execution.workers is None else read_count("workers", execution.workers, least=1)
    workers = min(workers, len(tasks))
    return _run_here(function, tasks) if workers <= 1 else _run_in_pool(function, tasks, workers)


def _run_here(function: TaskFunction, tasks: Sequence[Task]) -> Outcomes:
    for index, task in enumerate(tasks):
        yield index, function(task)


def _run_in_pool(function: TaskFunction, tasks: Sequence[Task], workers: int) -> Outcomes:
    # Fresh interpreters, not forks: a fork of a process with running threads may hang.
    context = multiprocessing.get_context("spawn")
    strangers = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_interrupts_to_parent)
    finished = False
    try:
        places = {pool.submit(function, task): index for index, task in enumerate(tasks)}
        for future in as_completed(places):
            yield places[future], future.result()
        finished = True
    except BrokenProcessPool as reason:
        raise BadInputError(
            "A worker process ended before its task; a script must start a pool under 'if __name__ == \"__main__\"', "
            "and each worker needs memory for its own matrices."
        ) from reason
    finally:
        pool.shutdown(wait=finished, cancel_futures=True)
        if not finished:
            for child in set(multiprocessing.active_children()) - strangers:
                child.terminate()


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run_on_cluster(function: TaskFunction, tasks: Sequence[Task], scheduler: str) -> Outcomes:
    try:
        from distributed import Client
        from distributed import as_completed as cluster_completed
    except ImportError:
        raise BadInputError(
            "A scheduler's address needs the optional part 'cluster'; install scaling-sym[cluster]."
        ) from None
    try:
        client = Client(scheduler, timeout=10, set_as_default=False)
    except (OSError, ValueError) as reason:
        raise BadInputError(f"No Dask scheduler answers at {scheduler!r}; give the address of one.") from reason
    with client:
        futures = [client.submit(function, dict(task), pure=False) for task in tasks]
        places = {future.key: index for index, future in enumerate(futures)}
        try:
            for future in cluster_completed(futures, loop=client.loop):
                yield places[future.key], future.result()
        finally:
            client.cancel(futures)


def _report(execution: Execution, done: int, total: int) -> None:
    if execution.progress is not None:
        execution.progress(done, total)


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _digest(value: object) -> str:
    return hashlib.sha256(_canonical(value).encode()).hexdigest()
