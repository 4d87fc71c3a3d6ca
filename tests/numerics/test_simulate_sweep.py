"""Sweeps: the same numbers for any count of workers, whole files or none, and resumption of what was interrupted."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scaling_sym.errors import BadInputError
from scaling_sym.numerics.simulate import Execution, PLRFModel, run_tasks, simulate_plrf, sweep_plrf
from scaling_sym.numerics.simulate import plrf as plrf_module
from scaling_sym.numerics.simulate.sweep import Result, Task, task_key

# Two tasks each; wide enough (d = 90) that a threaded product would round differently from a single one.
GRID = [PLRFModel(alpha, 0.8, 90, 120, 0.1, 2) for alpha in (0.6, 0.9)]
STEPS = [1, 20]


def sweep(execution: Execution | None = None) -> list[dict]:
    return [found.as_dict() for found in sweep_plrf(GRID, STEPS, runs=400, weights=4, seed=1, execution=execution)]


@pytest.fixture(scope="module")
def reference() -> list[dict]:
    return sweep()


@pytest.fixture
def count_calls(monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """The tasks that are computed, in this process, from now on."""
    calls: list[Task] = []
    genuine = plrf_module.run_members

    def run_members(task: Task) -> Result:
        calls.append(task)
        return genuine(task)

    run_members.__module__, run_members.__qualname__ = genuine.__module__, genuine.__qualname__
    monkeypatch.setattr(plrf_module, "run_members", run_members)
    return calls


def stop_after(count: int) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        assert total >= done
        if done == count:
            raise KeyboardInterrupt

    return progress


def test_worker_count_does_not_change_a_bit(reference: list[dict]) -> None:
    assert sweep(Execution(workers=2)) == reference


def test_interrupted_sweep_resumes(tmp_path: Path, reference: list[dict], count_calls: list[Task]) -> None:
    with pytest.raises(KeyboardInterrupt):
        sweep(Execution(directory=tmp_path, progress=stop_after(3)))
    assert len(count_calls) == 3
    assert len(list(tmp_path.glob("*.json"))) == 3
    seen: list[tuple[int, int]] = []
    assert sweep(Execution(directory=tmp_path, progress=lambda *state: seen.append(state))) == reference
    total = seen[0][1]
    assert total == 4
    assert seen == [(done, total) for done in range(3, total + 1)]
    assert len(count_calls) == total
    assert sweep(Execution(directory=tmp_path)) == reference
    assert len(count_calls) == total


def test_interrupted_pool_resumes(tmp_path: Path, reference: list[dict]) -> None:
    with pytest.raises(KeyboardInterrupt):
        sweep(Execution(workers=2, directory=tmp_path, progress=stop_after(2)))
    assert len(list(tmp_path.glob("*.json"))) == 2
    assert not list(tmp_path.glob("*.partial"))
    assert sweep(Execution(directory=tmp_path)) == reference


SCRIPT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background would ignore it
from scaling_sym.numerics.simulate import Execution, PLRFModel, simulate_plrf
if __name__ == "__main__":
    execution = Execution(workers=2, directory=sys.argv[1], progress=lambda *s: print(*s, flush=True))
    simulate_plrf(PLRFModel(0.8, 0.8, 60, 90, 0.1, 2), [300], runs=4096, weights=16, execution=execution)
"""


@pytest.mark.skipif(os.name != "posix", reason="sends the signal of Ctrl-C, which only POSIX systems have")
def test_ctrl_c_leaves_nothing_half_written(tmp_path: Path) -> None:
    script = tmp_path / "sweep.py"
    script.write_text(SCRIPT)
    folder = tmp_path / "results"
    # Its own session, so that the signal reaches the parent and its workers as a terminal's would, and nobody else.
    process = subprocess.Popen(
        [sys.executable, str(script), str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line == "2 8\n":
            break
    started = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert time.monotonic() - started < 10
    assert process.returncode != 0
    assert stderr.count("Traceback") == 1, (process.returncode, stderr)
    assert not list(folder.glob("*.partial"))
    saved = sorted(folder.glob("*.json"))
    assert 0 < len(saved) < 8
    _assert_untouched_on_resume(folder, saved)


def _assert_untouched_on_resume(folder: Path, saved: list[Path]) -> None:
    """The saved files are whole: a resumed sweep reads them all before it computes anything."""
    first: list[int] = []

    def progress(done: int, _: int) -> None:
        first.append(done)
        raise KeyboardInterrupt

    model = PLRFModel(0.8, 0.8, 60, 90, 0.1, 2)
    with pytest.raises(KeyboardInterrupt):
        simulate_plrf(model, [300], runs=4096, weights=16, execution=Execution(directory=folder, progress=progress))
    assert first == [len(saved)]


@pytest.mark.parametrize("failing", ["os.replace", "os.fsync"])
def test_interruption_while_saving_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(failing, interrupt)
    with pytest.raises(KeyboardInterrupt):
        simulate_plrf(PLRFModel(0.6, 0.8, 3, 5, 0.1), [1], runs=2, execution=Execution(directory=tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damage", [lambda text: text[:-20], lambda text: text.replace('"risk":[[', '"risk":[[1'), str.upper]
)
def test_damaged_results_are_computed_anew(
    tmp_path: Path, damage: Callable[[str], str], count_calls: list[Task]
) -> None:
    model = PLRFModel(0.6, 0.8, 3, 5, 0.1)
    execution = Execution(directory=tmp_path)
    before = simulate_plrf(model, [1], runs=4, execution=execution).as_dict()
    (path,) = tmp_path.glob("*.json")
    path.write_text(damage(path.read_text()))
    assert simulate_plrf(model, [1], runs=4, execution=execution).as_dict() == before
    assert len(count_calls) == 2


def test_keys_tell_tasks_apart() -> None:
    tasks = [{"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": 1, "b": 2.5}, {"a": 1}]
    keys = [task_key(square, task) for task in tasks]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    assert task_key(cube, tasks[0]) != keys[0]


def square(task: Task) -> Result:
    return {"value": task["x"] ** 2}


def cube(task: Task) -> Result:
    if task["x"] == 3:
        raise BadInputError("x = 3 is not allowed; take another.")
    return {"value": task["x"] ** 3}


def test_results_stand_in_the_order_of_the_tasks() -> None:
    tasks = [{"x": x} for x in (5, 1, 5, 2, 9)]
    for workers in (1, 2):
        found = run_tasks(square, tasks, Execution(workers=workers))
        assert [result["value"] for result in found] == [25, 1, 25, 4, 81]
    assert run_tasks(square, []) == []


def nap(task: Task) -> Result:
    time.sleep(task["x"])
    return {}


def test_interruption_stops_the_workers_at_once() -> None:
    before = set(multiprocessing.active_children())
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_tasks(nap, [{"x": x} for x in (0, 60, 61)], Execution(workers=2, progress=stop_after(1)))
    # The pool's own thread also waits for its children, so ask until their end is known.
    while not set(multiprocessing.active_children()) <= before:
        assert time.monotonic() - started < 20
        time.sleep(0.05)


def die(_: Task) -> Result:
    os._exit(3)


def test_a_lost_worker_is_named() -> None:
    with pytest.raises(BadInputError, match="A worker process ended"):
        run_tasks(die, [{"x": 1}, {"x": 2}], Execution(workers=2))


def report_handler(_: Task) -> Result:
    return {"ignored": signal.getsignal(signal.SIGINT) == signal.SIG_IGN}


def test_workers_leave_interrupts_to_the_parent() -> None:
    found = run_tasks(report_handler, [{"x": 1}, {"x": 2}], Execution(workers=2))
    assert [result["ignored"] for result in found] == [True, True]


def test_threads_of_linear_algebra_do_not_change_a_bit(reference: list[dict]) -> None:
    from threadpoolctl import threadpool_limits

    for threads in (1, 4):
        with threadpool_limits(limits=threads):
            assert sweep() == reference


def test_an_error_in_a_worker_keeps_its_sentence(tmp_path: Path) -> None:
    tasks = [{"x": x} for x in (1, 2, 3)]
    for workers in (1, 2):
        with pytest.raises(BadInputError, match="x = 3 is not allowed"):
            run_tasks(cube, tasks, Execution(workers=workers, directory=tmp_path))


def test_bad_execution_gets_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for execution in (Execution(workers=0), Execution(directory=file)):
        with pytest.raises(BadInputError, match=r"\.$"):
            run_tasks(square, [{"x": 1}], execution)


def test_dask_cluster_runs_the_same_sweep(tmp_path: Path, reference: list[dict]) -> None:
    distributed = pytest.importorskip("distributed", reason="needs the optional part 'cluster' (Dask distributed)")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        with pytest.raises(KeyboardInterrupt):
            sweep(Execution(scheduler=address, directory=tmp_path, progress=stop_after(2)))
        found = sweep(Execution(scheduler=address, directory=tmp_path))
    for mine, theirs in zip(found, reference, strict=True):
        # The two workers are threads of one process and share its linear algebra, whose number of threads each
        # sets for itself: the last digit may differ, which 20 stable steps do not enlarge much.
        np.testing.assert_allclose(mine["mean"], theirs["mean"], rtol=1e-12)
        assert mine["seed"] == theirs["seed"]


def test_unreachable_scheduler_is_named() -> None:
    pytest.importorskip("distributed", reason="needs the optional part 'cluster' (Dask distributed)")
    with pytest.raises(BadInputError, match="No Dask scheduler"):
        run_tasks(square, [{"x": 1}], Execution(scheduler="nonsense"))


def test_missing_cluster_part_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BadInputError, match=r"install scaling-sym\[cluster\]"):
        run_tasks(square, [{"x": 1}], Execution(scheduler="tcp://127.0.0.1:1"))
