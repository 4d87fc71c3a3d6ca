r"""The quantities of the regimes at growing sizes, from solvers and sums that share no code with the derivations.

    model, data, kappa, share   the static solver at one infinite size, from 1e3 on
    late, late/under            the coefficient of 1/N: in `measure_laws`
    ridge/*                     the static solver with a ridge: P = N = infinity for the bias, the pieces that are of first order
                                in 1/N and 1/P, or 1e-14 of kappa as ridge where it is not to be felt
    ridge/best/*                the least loss over the ridge with noise of variance 1
    aspect/*                    the static solver at N/P = 3/2 and 2/3
    top                         kernel regression on the N leading modes, against that on all
    distance, nearest           the exact means at finite D
    tail, eigenvalues           sums; lattice points counted with Gaussian weights
    average, average/depth      exponentials of averages of exponential variables, in closed form
    moment                      fair signs, by the binomial sum

Each comes with the gaps of its approach, as in `measure_laws`. Not covered: points on walls, and crossovers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import exp, expm1, inf, log, log1p
from typing import Final

import numpy as np

from proofs_check.measure import sum_rates
from proofs_check.measure_laws import Gaps, Series
from scaling_sym.errors import NoConvergenceError
from scaling_sym.numerics.interpolation import nearest_distance, nearest_loss
from scaling_sym.numerics.kernel import KernelLoss, KernelModel, kernel_loss, sum_task_tail
from scaling_sym.numerics.kernel_regimes import kappa_constant
from scaling_sym.numerics.power_sums import RealArray
from scaling_sym.numerics.sample_means import sign_power_loss

SMALL_RIDGE: Final = 1e-14
RATIO: Final = 0.5
"""x in the ratio 1 + x of the sizes."""
_NOISE: Final = 2e-13
_DATA: Final = 20.0


def _combine(gaps: Iterable[float]) -> Gaps:
    rates = {round(abs(g), 12) for g in gaps if abs(g) > 1e-9}
    return tuple(sum_rates(rates))


def _sizes(gaps: Iterable[float], most: float, count: int) -> RealArray:
    """log sizes from 1e3 on, until the slowest correction meets the rounding, but to 10^`most` only."""
    slowest = min(abs(g) for g in gaps if abs(g) > 1e-9)
    return np.linspace(3, min(most, 3 + 15 / slowest), count) * log(10.0)


def _deepest(a: float, b: float) -> float:
    """log10 of the largest size at which no sum of the solver leaves the range of doubles."""
    return 250.0 / max(2.0 * b, b + 1.0, a)


def _series(x: RealArray, values: Iterable[float], gaps: Iterable[float], noise: float) -> Series:
    return Series(np.array(x), np.log(np.array([*values])), _combine(gaps), noise)


def _solve(a: float, b: float, D: float = inf, P: float = inf, ridge: float = 0.0, sigma: float = 0.0) -> KernelLoss:
    return kernel_loss(KernelModel(a=a, b=b, D=D, P=P, ridge=ridge, sigma=sigma), 1e-9)


def measure_one_size(name: str, a: float, b: float) -> Series:
    """`model`, `data`, `kappa` or `share` against the one finite size."""
    gaps = (1.0, b, a - 1 - (b if name == "model" else 2 * b))
    x = _sizes(gaps, _deepest(a, b), 9)
    read: Mapping[str, Callable[[float], float]] = {
        "model": lambda n: _solve(a, b, P=n).test, "data": lambda n: _solve(a, b, D=n).test,
        "kappa": lambda n: _solve(a, b, D=n).kappa, "share": lambda n: n * _solve(a, b, D=n).gamma,
    }
    return _series(x, [read[name](float(n)) for n in np.exp(x)], gaps if name in ("model", "data") else (1.0, b), _NOISE)


def measure_ridge_bias(a: float, b: float) -> Series:
    """The loss with all features and data, against q = 1/ridge."""
    gaps = ((a - 1 - 2 * b) / b, 1.0)
    x = _sizes(gaps, 60.0, 9)
    return _series(x, [_solve(a, b, ridge=float(np.exp(-q))).test for q in x], gaps, _NOISE)


def measure_ridge_features(a: float, b: float) -> Series:
    """N times the variance of N = 1e60 features with all data, against q."""
    gaps = ((a - 1 - b) / b, 1 / b, 1.0)
    x = _sizes(gaps, 40.0, 9)
    return _series(x, [1e60 * _solve(a, b, P=1e60, ridge=float(np.exp(-q))).features for q in x], gaps, _NOISE)


def measure_ridge_noise(a: float, b: float) -> Series:
    """P times what unit noise, and the loss itself, add for P = 1e60 samples, against q."""
    gaps = (1 / b, 1.0, (a - 1) / b)
    x = _sizes(gaps, 40.0, 9)
    rows = [_solve(a, b, D=1e60, ridge=float(np.exp(-q)), sigma=1.0).data for q in x]
    return _series(x, [1e60 * v for v in rows], gaps, _NOISE)


def measure_small_ridge(a: float, b: float, side: str) -> Series:
    """The loss of one finite size with a ridge far below kappa; `side` is `model` or `data`."""
    gaps = (1.0, b, a - 1 - (b if side == "model" else 2 * b))
    x = _sizes(gaps, 0.9 * _deepest(a, b), 9)
    ridges = SMALL_RIDGE * (kappa_constant(b) * np.exp(-x)) ** b
    sizes = [{"P" if side == "model" else "D": float(n)} for n in np.exp(x)]
    return _series(x, [_solve(a, b, ridge=float(r), **s).test for r, s in zip(ridges, sizes, strict=True)], gaps, 1e-12)


def measure_ridge_coefficient(a: float, b: float) -> Series:
    """The coefficient of 1/N in the loss with a ridge far below kappa, against P; second order in 1/N removed."""
    gaps = (1.0, b, a - 1 - b, a - 1 - 2 * b)
    x, found = _sizes(gaps, 0.9 * _deepest(a, b), 8), []
    for size in map(float, np.exp(x)):
        ridge = SMALL_RIDGE * (kappa_constant(b) / size) ** b
        limit, one, two = (_solve(a, b, D=size, P=n, ridge=ridge).test for n in (inf, 3e4 * size, 6e4 * size))
        found.append(6e4 * size * (two - limit) * 2 - 3e4 * size * (one - limit))
    return _series(x, found, gaps, 1e-8)


def measure_best_ridge(a: float, b: float) -> dict[str, Series]:
    """The least loss less the noise over q, and the q of it, with all features, against the samples."""
    m = min((a - 1) / b, 2.0)
    growth = 1 / (m + 1 / b)  # of q
    gaps = (1 - growth / b, growth, growth / b, abs(a - 1 - 2 * b) * growth / b)
    x, found, place = np.linspace(8, 50, 8) * log(10.0), [], None
    for size in x:
        start = growth * float(size) if place is None else place
        samples = float(np.exp(size))
        place, value = _minimise(lambda q, n=samples: _log_excess(a, b, n, q), start)  # type: ignore[misc]
        found.append((value, place))
        place += growth * float(x[1] - x[0])
    losses, ridges = np.array(found).T
    return {"ridge/best/loss": Series(x, losses, _combine(gaps), 1e-12),
            "ridge/best/ridge": Series(x, ridges, _combine(gaps), 1e-11)}


def _log_excess(a: float, b: float, samples: float, q: float) -> float:
    """log(L - 1) with all features, unit noise and the ridge e^-q."""
    found = _solve(a, b, D=samples, ridge=exp(-q), sigma=1.0)
    return log(found.bias + found.features + found.data + found.interaction)


def _minimise(value: Callable[[float], float], place: float) -> tuple[float, float]:
    """The stationary point nearest to `place`, by a Chebyshev fit, and the value there."""
    nodes, width = np.cos(np.pi * (np.arange(8) + 0.5) / 8), 0.6
    for _ in range(40):
        fit = np.polynomial.Chebyshev(np.polynomial.chebyshev.chebfit(nodes, [value(place + width * x) for x in nodes], 7))
        roots = [float(r.real) for r in fit.deriv().roots() if abs(r.imag) < 1e-9 and abs(r.real) < 0.9]
        if not roots:
            place += width * float(np.sign(fit(-1.0) - fit(1.0)))
            continue
        best = min(roots, key=lambda r: float(fit(r)))
        place += width * best
        if abs(best) < 0.5:
            return place, float(fit(best))
    raise NoConvergenceError("the best ridge was not reached")


def measure_aspect(a: float, b: float, side: str) -> Series:
    """The ridgeless loss at the ratio 3/2 of the sizes; `side` is `over` (more features) or `under`."""
    gaps = (1.0, b, a - 1 - b, a - 1 - 2 * b)
    x = _sizes(gaps, 0.9 * _deepest(a, b), 9)
    pairs = [(n, (1 + RATIO) * n) if side == "over" else ((1 + RATIO) * n, n) for n in map(float, np.exp(x))]
    return _series(x, [_solve(a, b, D=d, P=p).test for d, p in pairs], gaps, _NOISE)


def measure_top(a: float, b: float) -> Series:
    """|L - L_inf| of the N leading features for 20 samples, against N."""
    gaps = (b - 1, 1.0, b, a)
    limit, last = _solve(a, b, D=_DATA).test, min(35.0, 26.0 / (b - 1))  # beyond, the difference is below 1e-8 of the loss
    sizes = [float(round(2**k)) for k in np.linspace(last / 3, last, 20)]
    found = [abs(kernel_loss(KernelModel(a=a, b=b, D=_DATA, P=n, features="top"), 1e-9).test - limit) for n in sizes]
    return _series(np.log(sizes), found, gaps, 1e-13 * limit / found[-1])


def measure_points(name: str, n: float, d: int) -> Series:
    """`distance` or `nearest` (their n-th power) against D."""
    x = np.linspace(3, 12, 14) * log(10.0)
    read: Mapping[str, Callable[[float], float]] = {
        "distance": lambda D: nearest_distance(D, d, n), "nearest": lambda D: nearest_loss(D, d, n),
    }
    return _series(x, [read[name](float(D)) for D in np.exp(x)], (1.0,), 1e-13)


def measure_tail(b: float) -> Series:
    """sum over i > D of i^-b, against D."""
    sizes = np.floor(10.0 ** np.linspace(1, 6, 16))
    return _series(np.log(sizes), [sum_task_tail(b, float(D), inf) for D in sizes], (1.0,), 1e-12)


def measure_eigenvalues(d: int, t: float) -> Series:
    """|k|^-(d + t) against the number of lattice points up to |k|, counted with the weight exp(-k^2/R^2)."""
    radii = np.linspace(2, 12, 12)
    counts = d * np.log([float(np.exp(-((np.arange(-80, 81) / r) ** 2)).sum()) for r in radii])
    return Series(counts, -(d + t) * np.log(radii), (), 1e-14)


def measure_average(layers: int) -> Series:
    """E f - f(0) of averages of x exponential variables less 1: f = exp, or f = m^2 for m = exp(average) + another average."""
    x = np.linspace(1.5, 4, 14) * log(10.0)
    rows = [expm1(-layers - n * log1p(-layers / n)) + (layers - 1) / n for n in np.exp(x)]
    return _series(x, rows, (1.0,), 1e-11)


def measure_moment(alpha: float) -> Series:
    """Half of E|m|^(2 alpha) for the mean of D fair signs +-1/2, against D."""
    sizes = np.arange(60, 1001, 60)
    return _series(np.log(sizes), [sign_power_loss(int(n), alpha) for n in sizes], (1.0,), 1e-12)
