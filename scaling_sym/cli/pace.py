"""How long work will take whose parts cannot be counted: an honest guess for the progress display.

Each kind of work has a *usual* time, measured on two cores of 2020: so many seconds for a megabyte of bundle, a draw or a figure.
The guess is the usual time, multiplied by how much slower or faster than usual this machine has been so far in this run.
Where work takes longer than its guess the display says so and names no number.

Not covered: work whose parts are counted; there the display extrapolates by itself (`speech.progress`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Final, final

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PER_MEGABYTE: Final[Mapping[str, float]] = {"derive": 7.0, "check": 5.5, "explain": 1.7, "write": 1.5}
PER_FIGURE: Final[Mapping[str, float]] = {
    "phases": 1, "exponent-map": 2, "curves": 3, "pieces": 1, "local-exponents": 9, "gap": 2, "bottlenecks": 4, "ensembles": 3,
    "regimes": 9, "limits": 3, "spectra": 7,
}
PER_DRAW: Final = 0.6  # of `disputes`
PER_CLAIM: Final = 0.15  # that is measured
DEEPER: Final = 7  # times as many points with `check --deep`
REPORT: Final = 3.0
PDF: Final = 8.0
COQ: Final = 60.0
JUDGE: Final = 2.0
_ENOUGH: Final = 1.0  # seconds of usual work from which the machine's speed is known


def usual(kind: str, paper: str) -> float:
    """The usual seconds of a kind of work on a paper's committed bundle; raises `BadInputError` for an unknown paper."""
    from scaling_sym.cli.bundles import committed_file

    file = committed_file(paper)
    return PER_MEGABYTE[kind] * (file.stat().st_size / 1e6 if file.exists() else 0.1)


@final
class Pace:
    """What has been done, in usual seconds, and how long it took; with `whole`, the usual seconds of everything."""

    def __init__(self, whole: float = 0.0) -> None:
        self.whole = whole
        self._usual = self._taken = 0.0

    def guess(self, seconds: float) -> float:
        """How long work of so many usual seconds will take here."""
        return seconds * (self._taken / self._usual if self._usual >= _ENOUGH else 1.0)

    def learn(self, seconds: float, taken: float) -> None:
        """Work of so many usual seconds has taken `taken`."""
        self._usual += seconds
        self._taken += taken

    @property
    def left(self) -> float:
        """How long the rest will take."""
        return self.guess(max(0.0, self.whole - self._usual))


@contextmanager
def watch(shown: Progress, description: str, seconds: float, pace: Pace | None = None) -> Iterator[TaskID]:
    """A task of so many usual seconds under the display, which `pace` learns from; it is finished after the block."""
    pace = pace or Pace()
    task, start = shown.add_task(description, total=None, found="", expected=pace.guess(seconds)), perf_counter()
    yield task
    shown.update(task, total=1, completed=1)
    pace.learn(seconds, perf_counter() - start)
