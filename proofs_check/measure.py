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

*Local exponents*, with h(x, F) = log P at log d = x, log r = F - x - log B: the optimum has h_x = 0, and eta = -h_F,
xi = -h_xF/h_xx by the implicit function; h_F is one more inverse transform, derivatives in x are those of the Chebyshev
interpolant. Source: issue of the optimum in `numerics.frontier`, minimised here anew.

Not covered: parameters on walls, where gaps vanish and powers of logarithms lead.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, final

import numpy as np

from scaling_sym.errors import NoConvergenceError
from scaling_sym.numerics.frontier import Family, evaluate_losses
from scaling_sym.numerics.power_sums import RealArray

NODES: Final = 25
_WIDTH: Final = 0.8
_MOST_GAPS: Final = 14
_STARTS: Final = (0.0, 0.25, 0.45)
_LN10: Final = math.log(10.0)


@final
@dataclass(frozen=True, slots=True)
class Optimum:
    """The compute-optimal point at log f: log d, log P, eta and xi (local), and the relative error of the loss."""

    log_compute: float
    log_size: float
    log_loss: float
    eta: float
    xi: float
    error: float


@final
@dataclass(frozen=True, slots=True)
class Limit:
    """An extrapolated value with its error; `rate` is the measured power of f in the approach (nan: below the noise)."""

    value: float
    error: float
    rate: float


def find_optimum(family: Family, log_compute: float, start: float) -> Optimum:
    """The stationary point of the loss in log d nearest to `start`; raises NoConvergenceError."""
    x, t = start, np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)
    cheb = np.polynomial.chebyshev.Chebyshev
    for _ in range(60):
        places = x + _WIDTH * t
        with np.errstate(all="ignore"):
            found = evaluate_losses(family, np.exp(places), np.exp(log_compute - places) / family.B)
        if not np.all(np.isfinite(found.log_loss)) or not found.error.max() < 1e-7:
            raise NoConvergenceError("The loss cannot be evaluated to seven digits near the optimum.")
        h = cheb(np.polynomial.chebyshev.chebfit(t, found.log_loss, NODES - 5))
        s = cheb(np.polynomial.chebyshev.chebfit(t, found.slope, NODES - 5))
        first, second = h.deriv(), h.deriv(2)
        root = 0.0
        for _ in range(8):
            bend = float(second(root))
            step = -float(first(root)) / bend if bend > 0 else -math.copysign(1.0, float(first(root)))
            root = min(max(root + step, -1.0), 1.0)
        x += _WIDTH * root
        if abs(root) < 0.3:
            xi = -float(s.deriv()(root)) * _WIDTH / float(second(root))
            return Optimum(log_compute, x, float(h(root)), -float(s(root)), xi, float(found.error.max()))
    raise NoConvergenceError("The optimal size was not reached from its expected place.")


def trace_frontier(family: Family, decades: Sequence[float], xi: float) -> list[Optimum]:
    """Optima at f = 10^decade, growing; a coarse scan finds the first, the exponent `xi` leads on from each to the next.

    Budgets at which the loss has too few digits are left out.
    """
    found: list[Optimum] = []
    for decade in decades:
        log_f = decade * _LN10
        try:
            start = _scan(family, log_f) if not found else found[-1].log_size + xi * (log_f - found[-1].log_compute)
            found.append(find_optimum(family, log_f, start))
        except NoConvergenceError:
            continue
    return found


def _scan(family: Family, log_f: float) -> float:
    x = np.linspace(math.log(40.0), log_f - math.log(family.B) - 1, 81)
    with np.errstate(all="ignore"):
        found = evaluate_losses(family, np.exp(x), np.exp(log_f - x) / family.B)
    good = np.where(np.isfinite(found.log_loss) & (found.error < 1e-4), found.log_loss, np.inf)
    return float(x[int(np.argmin(good))])


def correction_rates(alpha: float, beta: float, size: float, theta: float) -> list[tuple[float, int]]:
    """The gaps with their multiplicities (1, or 2 where two sums coincide), ascending, where d = f^size, theta = f^theta."""
    a, n = 2 * alpha, theta / (2 * alpha)
    rates = [theta, n, abs(2 * beta - 1) * n, abs(a - 1) * n, abs(2 * beta - 1) * size, abs(size - n),
             abs(a * size - theta), size, abs(1 - a) * size, a * size]
    if a < 1:
        rates.append((1 - a) * abs(size - n))
    return _sums({round(r, 12) for r in rates if r > 1e-9})


def _sums(generators: Iterable[float]) -> list[tuple[float, int]]:
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
    best = Limit(math.nan, math.inf, math.nan)
    for start in _STARTS:
        x, z = log_f[int(start * log_f.size):], y[int(start * log_f.size):]
        before: list[float] = []
        for n in range(1, min(len(columns), x.size - 3) + 1):
            value, error = _fit(x, z, columns[:n], noise)
            if len(before) >= 2:
                error += abs(value - before[-1]) + abs(value - before[-2]) / 2
                if error < best.error:
                    best = Limit(value, error, math.nan)
            before.append(value)
    return Limit(best.value, best.error, _rate(log_f, y, noise))


def _fit(x: RealArray, y: RealArray, columns: Sequence[tuple[float, int]], noise: float) -> tuple[float, float]:
    middle = x[0]
    basis = [np.ones_like(x)] + [np.exp(-g * (x - middle)) * (x - middle + 1) ** k for g, k in columns]
    matrix = np.stack(basis, axis=1)
    scale = np.abs(matrix).max(axis=0)
    inverse = np.linalg.pinv(matrix / scale, rcond=1e-13)
    solution = inverse @ y
    residual = y - (matrix / scale) @ solution
    sigma = max(noise, float(np.sqrt((residual**2).sum() / max(1, x.size - len(basis)))))
    return float(solution[0]), 3 * sigma * float(np.sqrt((inverse[0] ** 2).sum()))


def _rate(x: RealArray, y: RealArray, noise: float) -> float:
    """log((y_1 - y_0)/(y_2 - y_1))/(x_1 - x_0) at the last three budgets that are well above the noise."""
    for k in range(x.size - 1, 1, -1):
        one, two = y[k - 1] - y[k - 2], y[k] - y[k - 1]
        if abs(two) > 1e4 * noise and one * two > 0:
            return float(math.log(one / two) / (x[k] - x[k - 1]))
    return math.nan
