"""Cost of loss curves, as ratios measured in one run.  Usage: python -m benchmarks.curve [FOLDER]

Prints the numbers, and writes them to curve.json and the cost against d and r to curve.svg in the folder (here by default).

(a) direct recursion with a dense spectrum: one draw of the random matrix, its eigenvalues, the exact second moments of
    every eigenmode stepped through time (O(d) a step);
(b) a uniform-grid Volterra method, as notebooks do it: F and K tabulated on a grid of times, trapezoid products
(O(n^2)).

Both are run at a size they can bear and their cost is stated for the task at hand by their own scaling (marked ~).
Ours and (a)'s step are timed in turns, so that a busy machine slows both; the ratio is that of the best of each.  The
memory is that of loss curves alone, measured before (a) makes its matrix.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

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


SIZES = tuple(10**k for k in (2, 3, 4, 6, 8, 12, 16, 24, 30))
LASTS = tuple(10.0**k for k in (2, 3, 4, 6, 9, 12, 18, 24))
DYNAMICS = ("discrete", "continuous")
Numbers = dict[str, object]


def measure_curves() -> Numbers:
    """Times of whole curves, and against d and r."""
    tasks = ((10**3, 1e6, None), (10**6, 1e12, None), (10**12, 1e24, None), (10**12, 1e24, 1e-10))
    curves = [{"d": d, "r": last, "rtol": rtol, **{name: curve_time(d, last, name, rtol) for name in DYNAMICS}}
              for d, last, rtol in tasks]
    against_d = {name: [curve_time(d, float(d) ** 2, name) for d in SIZES] for name in DYNAMICS}
    against_r = {name: [curve_time(10**6, r, name) for r in LASTS] for name in DYNAMICS}
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"curves": curves, "d": SIZES, "against_d": against_d, "r": LASTS, "against_r": against_r, "memory_MB": memory}


def compare_baselines() -> Numbers:
    """Ratios of (a) and (b) to ours at d = 1000, r to 1e6."""
    ours, steps = [], []
    for _ in range(5):
        ours.append(curve_time(1000, 1e6, "discrete"))
        setup, step = dense_recursion(1000, 4000)
        steps.append(step)
    here, dense = min(ours), setup + min(steps) * 1e6
    points = 8000
    grid = uniform_volterra(points)
    volterra = grid * (1e6 / points) ** 2
    return {"ours": here, "spectrum": setup, "dense": dense, "dense_ratio": dense / here,
            "stepping_ratio": min(steps) * 1e6 / here, "grid_points": points, "grid": grid,
            "volterra": volterra, "volterra_ratio": volterra / here}


def draw_costs(found: Numbers, file: Path) -> None:
    """Seconds of a 100-point curve against d and against r."""
    from scaling_sym.export.plots import Panel, draw_panels

    panels = [
        Panel([float(x) for x in found["d"]], found["against_d"], "d  (r to d^2)", "seconds", {}),  # type: ignore[attr-defined, arg-type]
        Panel(list(found["r"]), found["against_r"], "largest r  (d = 1e6)", "seconds", {}),  # type: ignore[call-overload, arg-type]
    ]
    draw_panels(file, "100-point loss curve, warm", panels)


def main() -> None:
    """Print the table, and write it and the drawing."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    found = measure_curves()
    print("100-point curves, warm [s]                         discrete  continuous")
    for row in found["curves"]:  # type: ignore[attr-defined]
        print(f"d = {row['d']:.0e}, r to {row['r']:.0e}, rtol {row['rtol'] or 'default':>8}            "
              f"{row['discrete']:8.4f}  {row['continuous']:8.4f}")
    print(f"Peak memory of curves alone, with the interpreter: {found['memory_MB']:.0f} MB")
    for name, places in (("d", SIZES), ("r", LASTS)):
        times = found[f"against_{name}"]["discrete"]  # type: ignore[index]
        print(f"Cost against {name}, discrete [s]: " + ", ".join(f"{x:.0e}: {t:.3f}" for x, t in zip(places, times, strict=True)))
    base = compare_baselines()
    print(f"(a) dense recursion, d = 1000, r to 1e6: spectrum {base['spectrum']:.2f} s, ~{base['dense']:.1f} s in all: "
          f"{base['dense_ratio']:.0f} times ours ({base['stepping_ratio']:.0f} times without the spectrum)")
    print(f"(b) uniform grid, {base['grid_points']} points {base['grid']:.3f} s; 1e6 points ~{base['volterra']:.0f} s: "
          f"{base['volterra_ratio']:.0f} times ours")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "curve.json").write_text(json.dumps(found | base, indent=1) + "\n", encoding="utf-8")
    draw_costs(found, folder / "curve.svg")


if __name__ == "__main__":
    main()
