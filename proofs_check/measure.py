r"""Measured exponents and constants of the PLRF loss at growing budgets, extrapolated with the powers that corrections have.

*Corrections.* In the deterministic equivalent everything is a series in a few small quantities. With f the compute, d = f^D,
theta = 2 gamma B r = f^tau, and N(w) = sum_j 1/(1 + w j^{2 alpha}) at w = 1/theta, the exponents with which they vanish are

    tau                             next modes and next integer powers of w
    tau/(2 alpha)                   a sum over modes against its integral
    |2 beta - 1| tau/(2 alpha)      the target's zeta(2 beta) against its power of w;  |2 beta - 1| D the same at the floor
    |1 - 1/(2 alpha)| tau           the kernel against one (2 alpha > 1)
    |D - tau/(2 alpha)|             N/d, and its multiples by |1 - 2 alpha| where v is a multiple of d
    |2 alpha D - tau|               the distance to the edge of the window, in powers of w
    D, |1 - 2 alpha| D, 2 alpha D   sums up to d against their integrals, Tr D against its leading power

A quantity whose exponent vanishes stays of order one: it is part of the crossover at the optimum. `correction_rates` lists
the sums of these numbers, the *gaps*, in order.

*Extrapolation.* y(f) = y_0 + sum c_g f^{-g} (with a logarithm where two sums coincide) is fitted by least squares with more
and more gaps and on shorter and shorter stretches; the value whose neighbours agree best is kept, and what they disagree by,
with the noise carried through, is its error. The *rate* comes from three successive budgets, (y_1 - y_0)/(y_2 - y_1) = R^g,
without the limit and without the list.

*Local exponents* are differences between successive budgets, eta = -log(P_2/P_1)/log(f_2/f_1) and xi = log(d_2/d_1)/log(f_2/f_1).
What the inversion contour gets wrong is nearly the same function at every scale, so that it cancels in them. The optimum is that
of `scaling_sym.numerics.frontier`.

Not covered: parameters on walls, where gaps vanish and powers of logarithms lead.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from scaling_sym.errors import NoConvergenceError
from scaling_sym.numerics.frontier import WIDTH, Family, Optimum, evaluate_losses, find_optimum
from scaling_sym.numerics.power_sums import RealArray

_MOST_GAPS: Final = 14
_STARTS: Final = (0.0, 0.25, 0.45)
_LN10: Final = math.log(10.0)


@final
@dataclass(frozen=True, slots=True)
class Limit:
    """An extrapolated value with its error.

    `rate` is the power of f in the approach, measured at the last budgets above the noise (nan: none is), and `drift` what it
    gained since the budgets before.
    """

    value: float
    error: float
    rate: float = math.nan
    drift: float = 0.0


def trace_frontier(family: Family, decades: Sequence[float], xi: float, seconds: float = 3.0) -> list[Optimum]:
    """Optima at f = 10^decade, growing; a coarse scan finds the first, the exponent `xi` leads on from each to the next.

    Budgets at which the loss has too few digits are left out, and the rest where the time is up.
    """
    found: list[Optimum] = []
    width, deadline = WIDTH, time.monotonic() + seconds
    for decade in decades:
        log_f = decade * _LN10
        if time.monotonic() > deadline:
            break
        try:
            start = _scan(family, log_f) if not found else found[-1].log_size + xi * (log_f - found[-1].log_compute)
            point, width = find_optimum(family, log_f, start, width)
            found.append(point)
        except NoConvergenceError:
            continue
    return found


def _scan(family: Family, log_f: float) -> float:
    x = np.linspace(math.log(40.0), log_f - math.log(family.B) - 1, 81)
    with np.errstate(all="ignore"):
        found = evaluate_losses(family, np.exp(x), np.exp(log_f - x) / family.B)
    good = np.where(np.isfinite(found.log_loss) & (found.error < 1e-4), found.log_loss, np.inf)
    return float(x[int(np.argmin(good))])


def correction_rates(
    alpha: float, beta: float, size: float, theta: float, others: Iterable[float] = ()
) -> list[tuple[float, int]]:
    """The gaps with their multiplicities (1, or 2 where two sums coincide), ascending, where d = f^size, theta = f^theta.

    `others` are the rates of further small quantities, such as quotients of pieces of the loss.
    """
    a, task = 2 * alpha, abs(2 * beta - 1)
    modes, edge = theta / a, abs(size - theta / a)
    rates = [theta, modes, task * modes, abs(a - 1) * modes, edge, a * edge, size, abs(1 - a) * size, a * size, task * size]
    if a < 1:
        rates += [(1 - a) * edge, abs(1 - 2 * a) * edge, (a + 2 * beta - 1) * edge]
    return sum_rates({round(r, 12) for r in (*rates, *others) if 1e-9 < r < math.inf})


def piece_rates(alpha: float, beta: float, size: float, theta: float) -> dict[str, float]:
    """The exponents of decay, along d = f^size, theta = f^theta, of the pieces of the loss, leading or not."""
    a, q = 2 * alpha, 2 * alpha + 2 * beta - 1
    return {
        "F_0": (a - max(0.0, 1 - 2 * beta)) * size,
        "F_pp": q * theta / a,
        "F_ac": size + (1 - (1 + max(0.0, 1 - 2 * beta)) / a) * theta,
        "K_pp": max(0.0, 1 - a) * size + (2 - 1 / a) * theta,
    }


def optimal_ray(alpha: float, beta: float) -> tuple[float, float, float]:
    """(eta, D, tau) of the ray on which the slowest piece decays fastest under f = d r; pieces are linear in D.

    The corrections are listed along this ray, not along a claimed one: a wrong claim must not spoil its own test.
    """

    def rates(size: float) -> list[float]:
        """The rates of the pieces of the loss, if the size grows as f^size."""
        return list(piece_rates(alpha, beta, size, 1 - size - max(0.0, 1 - 2 * alpha) * size).values())

    start, end = rates(0.0), rates(1.0)
    lines = [(one, two - one) for one, two in zip(start, end, strict=True)]
    sizes = [(c - a) / (b - d) for a, b in lines for c, d in lines if abs(b - d) > 1e-12]
    eta, size = max((min(rates(x)), x) for x in sizes if 0 < x < 1)
    return eta, size, 1 - size - max(0.0, 1 - 2 * alpha) * size


def sum_rates(generators: Iterable[float]) -> list[tuple[float, int]]:
    """The smallest sums of generators, with coinciding ones counted once, multiplicity at most 2."""
    ordered = sorted(generators)
    ceiling, sums = 6 * ordered[0], [(0.0, 1)]
    for g in ordered:
        sums = [(s + k * g, m) for s, m in sums for k in range(int((ceiling - s) / g + 1e-9) + 1)][:4000]
    merged: list[tuple[float, int]] = []
    for s, m in sorted(sums)[1:]:
        if merged and s - merged[-1][0] < 1e-9:
            merged[-1] = (merged[-1][0], 2)
        else:
            merged.append((s, m))
    return merged[:_MOST_GAPS]


def extrapolate(log_f: RealArray, y: RealArray, gaps: Sequence[tuple[float, int]], noise: float) -> Limit:
    """The limit of y at infinite f; `noise` is the least error of a value of y."""
    columns = [(g, k) for g, m in gaps for k in range(m)]
    best, spread = Limit(math.nan, math.inf), noise
    for start in _STARTS:
        x, z = log_f[int(start * log_f.size):], y[int(start * log_f.size):]
        before: list[float] = []
        for n in range(1, min(len(columns), x.size - 3) + 1):
            value, error, sigma = _fit(x, z, columns[:n], noise)
            if len(before) >= 2:
                error += abs(value - before[-1]) + abs(value - before[-2]) / 2
                if error < best.error:
                    best, spread = Limit(value, error), sigma
            before.append(value)
    return Limit(best.value, best.error, *_rate(log_f, y, spread))


def _fit(x: RealArray, y: RealArray, columns: Sequence[tuple[float, int]], noise: float) -> tuple[float, float, float]:
    middle = x[0]
    basis = [np.ones_like(x)] + [np.exp(-g * (x - middle)) * (x - middle + 1) ** k for g, k in columns]
    matrix = np.stack(basis, axis=1)
    scale = np.abs(matrix).max(axis=0)
    inverse = np.linalg.pinv(matrix / scale, rcond=1e-13)
    solution = inverse @ y
    residual = y - (matrix / scale) @ solution
    sigma = max(noise, float(np.sqrt((residual**2).sum() / max(1, x.size - len(basis)))))
    return float(solution[0]), 3 * sigma * float(np.sqrt((inverse[0] ** 2).sum())), sigma


def _rate(x: RealArray, y: RealArray, noise: float) -> tuple[float, float]:
    """The last log((y_1 - y_0)/(y_2 - y_1))/(x_1 - x_0) that is well above the noise, and its change since the one before."""
    rates: list[float] = []
    for k in range(x.size - 1, 1, -1):
        one, two = y[k - 1] - y[k - 2], y[k] - y[k - 1]
        if abs(two) > 300 * noise and (one * two > 0 or rates):
            rates.append(float(math.log(one / two) / (x[k] - x[k - 1])) if one * two > 0 else math.nan)
        if len(rates) == 2:
            return rates[0], rates[0] - rates[1] if math.isfinite(rates[1]) else 0.0
    return math.nan, 0.0


def extrapolate_logs(log_f: RealArray, y: RealArray, noise: float) -> Limit:
    """The limit of y where corrections are powers of 1/log f, as on walls.

    Powers of f that die slowly are not among them: they show as disagreement between longer and shorter stretches of budgets,
    which is counted as error.
    """
    found = [_fit_logs(log_f[int(s * log_f.size):], y[int(s * log_f.size):], noise) for s in (0.3, 0.45, 0.6)]
    best = min(found, key=lambda limit: limit.error)
    spread = max(limit.value for limit in found) - min(limit.value for limit in found)
    return Limit(best.value, best.error + spread)


def _fit_logs(log_f: RealArray, y: RealArray, noise: float) -> Limit:
    x, best, before = 1 / log_f, Limit(math.nan, math.inf), math.nan
    for degree in range(1, 6):
        matrix = np.stack([(x / x[0]) ** k for k in range(degree + 1)], axis=1)
        inverse = np.linalg.pinv(matrix)
        value = float(inverse[0] @ y)
        error = abs(value - before) + 3 * noise * float(np.sqrt((inverse[0] ** 2).sum()))
        if error < best.error:
            best = Limit(value, error)
        before = value
    return best


def measure_ray(family: Family, log_f: RealArray, size: float, steps: float) -> tuple[RealArray, RealArray, float]:
    """log P along d = 64 f^size, r = f^steps, at those f where it has seven digits: (log f, log P, largest error)."""
    with np.errstate(all="ignore"):
        found = evaluate_losses(family, np.exp(size * log_f + math.log(64.0)), np.exp(steps * log_f))
    good = np.isfinite(found.log_loss) & (found.error < 1e-7)
    if good.sum() < 8:
        raise NoConvergenceError("The loss has fewer than seven digits along the ray.")
    return log_f[good], found.log_loss[good], float(found.error[good].max())
