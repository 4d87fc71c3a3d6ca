"""Cost of loss curves, as ratios measured in one run.  Usage: python -m benchmarks.curve

(a) direct recursion with a dense spectrum: one draw of the random matrix, its eigenvalues, the exact second moments of
    every eigenmode stepped through time (O(d) a step);
(b) a uniform-grid Volterra method, as notebooks do it: F and K tabulated on a grid of times, trapezoid products
(O(n^2)).

Both are run at a size they can bear and their cost is stated for the task at hand by their own scaling (marked ~).
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from scaling_sym.numerics.plrf import loss_curve
from scaling_sym.numerics.plrf_model import PlrfModel

ALPHA, BETA, GAMMA = Fraction(4, 5), Fraction(11, 10), Fraction(3, 10)


def best_time(work: Callable[[], object], repeats: int = 5) -> float:
    """The least of a few runs, after one to warm up, in seconds."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def curve_time(d: int, last: float, dynamics: str, rtol: float | None = None) -> float:
    """A 100-point curve from r = 1 to `last`."""
    model = PlrfModel.of(ALPHA, BETA, d, gamma=GAMMA)
    steps = [int(r) for r in np.logspace(0, np.log10(last), 100)]
    return best_time(lambda: loss_curve(model, steps, dynamics, rtol=rtol))  # type: ignore[arg-type]


def dense_recursion(d: int, steps: int) -> tuple[float, float]:
    """Seconds for the spectrum of one draw with v = 4 d, and seconds for each step."""
    rng = np.random.default_rng(0)
    j = np.arange(1.0, 4 * d + 1)
    start = time.perf_counter()
    matrix = rng.standard_normal((4 * d, d)) / np.sqrt(d) * j[:, None] ** -float(ALPHA)
    values, vectors = np.linalg.eigh(matrix.T @ matrix)
    task = (vectors.T @ (matrix.T @ j ** -float(ALPHA + BETA))) ** 2 / values
    setup = time.perf_counter() - start
    gamma, floor = float(GAMMA), (j ** -float(2 * ALPHA + 2 * BETA)).sum() - task.sum()
    factor, moments = 1 - 2 * gamma * values + 2 * gamma**2 * values**2, task.copy()
    start = time.perf_counter()
    for _ in range(steps):
        loss = floor + moments.sum()
        moments = factor * moments + gamma**2 * values**2 * (loss - 0.0)
    return setup, (time.perf_counter() - start) / steps


def uniform_volterra(points: int) -> float:
    """Seconds for the trapezoid method on `points` uniform times, F and K given."""
    t = np.arange(points, dtype=float)
    forcing, kernel, loss = (1 + t) ** -1.2, 0.1 * (1 + t) ** -1.4, np.empty(points)
    start = time.perf_counter()
    for r in range(points):
        loss[r] = forcing[r] + kernel[:r][::-1] @ loss[:r]
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    print("100-point curves, warm [s]                         discrete  continuous")
    for d, last, rtol in ((10**3, 1e6, None), (10**6, 1e12, None), (10**12, 1e24, None), (10**12, 1e24, 1e-10)):
        row = [curve_time(d, last, name, rtol) for name in ("discrete", "continuous")]
        print(f"d = {d:.0e}, r to {last:.0e}, rtol {rtol or 'default':>8}            {row[0]:8.4f}  {row[1]:8.4f}")
    print("Cost against d (r to d^2), discrete [s]:", end=" ")
    print(
        ", ".join(
            f"{d:.0e}: {curve_time(d, float(d) ** 2, 'discrete'):.3f}" for d in (10**2, 10**4, 10**8, 10**16, 10**30)
        )
    )
    print("Cost against r (d = 1e6), discrete [s]:", end=" ")
    print(", ".join(f"{r:.0e}: {curve_time(10**6, r, 'discrete'):.3f}" for r in (1e3, 1e6, 1e12, 1e24)))
    here = curve_time(1000, 1e6, "discrete")
    setup, step = dense_recursion(1000, 20000)
    total = setup + step * 1e6
    print(
        f"(a) dense recursion, d = 1000, r to 1e6: spectrum {setup:.2f} s, ~{total:.1f} s in all: "
        f"{total / here:.0f} times ours"
    )
    points = 8000
    grid = uniform_volterra(points)
    print(
        f"(b) uniform grid, {points} points {grid:.3f} s; 1e6 points ~{grid * (1e6 / points) ** 2:.0f} s: "
        f"{grid * (1e6 / points) ** 2 / here:.0f} times ours"
    )
    print(f"Peak memory of this run: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB (includes (a))")


if __name__ == "__main__":
    main()
