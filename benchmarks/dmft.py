"""Time of a test-and-train curve of the mean-field model, against stepping its equations on a T x T grid.

Run ``python benchmarks/dmft.py``. The curve has 50 times up to 1e6 at N = 1e4, P = 2e4 with infinitely many modes.
The grid solves the same equations in the time domain for gradient descent with step 1/4, T = 256 steps (so up to t =
64) and only 64 modes, by fixed-point iteration to 1e-8; its cost grows like modes * T^3, so the ratio printed is a
lower bound.
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from scaling_sym.numerics.dmft import DmftModel, loss_curve
from scaling_sym.numerics.dmft_contours import Clock

BUDGET = 0.5
STEPS, MODES, RATE = 256, 64, 0.25


def step_on_grid(n: float, p: float, lam: NDArray[np.float64], w2: NDArray[np.float64]) -> tuple[float, float]:
    """Return test and train loss after STEPS steps."""
    size = STEPS + 1
    kernel = RATE * np.tri(size, k=-1)
    unit, one, three = np.eye(size), np.eye(size), np.eye(size)
    change = 1.0
    while change > 1e-8:
        response = np.linalg.inv(unit + lam[:, None, None] * (kernel @ three @ one))
        total = np.einsum("k,kij->ij", lam, response)
        new = np.linalg.inv(unit + total @ kernel @ three / p)
        three = np.linalg.inv(unit + one @ total @ kernel / n)
        change, one = float(np.abs(new - one).max()), new
    push, teacher = kernel @ three, np.ones((size, size))
    test, feature = np.zeros((size, size)), np.zeros((size, size))
    change = 1.0
    while change > 1e-8:
        data, model = one @ test @ one.T, three @ feature @ three.T
        source = w2[:, None, None] * teacher + kernel @ model @ kernel.T / n
        fields = response @ (source + lam[:, None, None] * (push @ data @ push.T) / p) @ response.transpose(0, 2, 1)
        back = unit - lam[:, None, None] * (one @ response @ push)
        kick = lam[:, None, None] * (one @ response)
        feature = np.einsum("k,kij->ij", lam / p, back @ data @ back.transpose(0, 2, 1))
        feature += (kick @ source @ kick.transpose(0, 2, 1)).sum(axis=0)
        new = np.einsum("k,kij->ij", lam, fields)
        change, test = float(np.abs(new - test).max()), new
    return float(test[-1, -1]), float((one @ test @ one.T)[-1, -1])


def best_of(count: int, model: DmftModel, times: NDArray[np.float64], clock: Clock | None = None) -> float:
    """Return the shortest of ``count`` timings, in seconds."""
    spent = []
    for _ in range(count):
        start = time.perf_counter()
        loss_curve(model, times, clock)
        spent.append(time.perf_counter() - start)
    return min(spent)


def main() -> None:
    """Print the timings and the ratio."""
    times = np.geomspace(1.0, 1e6, 50)
    curve = best_of(3, DmftModel(1.9, 1.3, 1e4, 2e4), times)
    print(f"curve of 50 times, N=1e4, P=2e4, M=inf: {curve:.3f} s (budget {BUDGET} s)")
    k = np.arange(1.0, MODES + 1.0)
    lam, w2 = k**-1.3, k**-0.6
    start = time.perf_counter()
    grid = step_on_grid(1e4, 2e4, lam, w2)
    spent = time.perf_counter() - start
    model, clock = DmftModel(1.9, 1.3, 1e4, 2e4, MODES), Clock("steps", RATE)
    same = loss_curve(model, [STEPS], clock)
    same_time = best_of(3, model, np.geomspace(24, STEPS, 50).round(), clock)
    print(
        f"T x T grid, {STEPS} steps, {MODES} modes: {spent:.2f} s; "
        f"test loss differs by {abs(grid[0] - same.test[0]):.1e}"
    )
    print(f"50 times up to the same by inverse transforms: {same_time:.3f} s; ratio {spent / same_time:.0f}")
    print(f"ratio of the grid to the curve above (which reaches 15000 times further): {spent / curve:.0f}")


if __name__ == "__main__":
    main()
