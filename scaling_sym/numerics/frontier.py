r"""Compute-optimal size and loss of the PLRF model at given budgets, and what practitioners' fits make of the same
data.

A budget is f = d r B.  The continuous loss is smooth in d and r, so the frontier minimises it over real d at r = f/(d
B):
a coarse scan of log d, narrowing scans around the least value, and the stationary point of the polynomial through the
last of them.  The learning rate is a fixed fraction of the continuous stability limit 2/Tr D; v is infinite or a fixed
multiple of d.

*Local exponents* at a budget, positive for a decaying loss and a growing size:

    eta = -d log P_star / d log f = -(d log P / d log r at fixed d)       (envelope theorem: one extra transform)
    xi  =  d log d_star / d log f                                         (differences of fourth order)

*Fits* (Hoffmann et al. 2022, approaches 1 to 3), each on curves of finitely many sizes, as one would have them:
`fit_envelope` (lower envelope of the curves at each budget), `fit_isoflop` (a parabola in log d through the losses at
each budget), `fit_parametric` (P = E + A d^-a + C r^-b on all losses; then xi = b/(a+b), eta = a b/(a+b)).

What it does not cover: d below 32 (the sum over modes is not smooth in d there), and discrete time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, inf, isfinite, log

import numpy as np

from scaling_sym.errors import BadInputError, PrecisionError
from scaling_sym.numerics.contours import TALBOT_RATE, talbot
from scaling_sym.numerics.plrf_model import Number, PlrfModel, read_number
from scaling_sym.numerics.plrf_transforms import Point, SpectralSums, evaluate_spectral, loss_transforms
from scaling_sym.numerics.power_sums import RealArray, zeta_sum
from scaling_sym.numerics.resolvent import floor_scale

SMALLEST_SIZE = 32.0
_NODES = 26
_LEAST_BUDGET, _LARGEST_BUDGET = 1e4, 1e130


@dataclass(frozen=True, slots=True)
class Family:
    """PLRF models of all sizes: `v_ratio` = v/d (`inf` allowed), gamma = `fraction` times 2/Tr D; build with `of`."""

    alpha: Fraction
    beta: Fraction
    v_ratio: float
    fraction: float
    B: float
    sums: SpectralSums

    @staticmethod
    def of(
        alpha: Number,
        beta: Number,
        *,
        gamma_fraction: Number = Fraction(1, 2),
        v_ratio: Number | None = None,
        B: Number = 1,
    ) -> Family:
        """Check the parameters; `v_ratio` defaults to infinity where 2 alpha > 1, else 4.  Raises BadInputError."""
        a = read_number("alpha", alpha)
        ratio = (inf if 2 * a > 1 else 4.0) if v_ratio is None else float(v_ratio)
        if not ratio >= 4:
            raise BadInputError("v_ratio must be at least 4 for the frontier, where the sums are smooth in v.")
        v = None if ratio == inf else Fraction(ratio) * 64
        model = PlrfModel.of(a, beta, 64, gamma_fraction=gamma_fraction, v=v, B=B, dynamics="continuous")
        sums = SpectralSums.of(model.alpha, model.beta)
        return Family(model.alpha, model.beta, ratio, float(gamma_fraction), float(model.B), sums)


@dataclass(frozen=True, slots=True)
class Losses:
    """log of the continuous loss, its slope in log r at fixed d, and the relative error of the loss; shape (n,)."""

    log_loss: RealArray
    slope: RealArray
    error: RealArray


def evaluate_losses(family: Family, d: RealArray, steps: RealArray) -> Losses:
    """The continuous loss at pairs (d, r), both of shape (n,), real; d at least 32."""
    v = np.full(d.shape, inf) if family.v_ratio == inf else family.v_ratio * d
    trace = zeta_sum(2 * family.alpha, v)
    gamma = family.fraction * 2 / trace
    floor = floor_scale(d, v, family.sums.degrees)
    contour = talbot(_NODES)
    nodes = np.repeat(np.arange(d.size), contour.points.size)
    at = Point(d, v, gamma, family.B, trace, floor).take(nodes)
    theta = 2 * gamma * family.B * steps
    u = (contour.points / theta[:, None]).ravel()
    with np.errstate(all="ignore"):
        ones = np.ones_like(u)
        found = loss_transforms(evaluate_spectral(u, at, family.sums), None, ones, ones, at)
    shape = (d.size, contour.points.size)
    noise = found.noise.reshape(shape) + 20 * TALBOT_RATE**-_NODES
    totals = [
        [(contour.weights * power * x.reshape(shape)).real.sum(axis=1) / theta for x, _ in found.loss]
        for power in (1, contour.points)
    ]
    sizes = np.array([(np.abs(contour.weights) * s.reshape(shape) * noise).sum(axis=1) / theta for _, s in found.loss])
    sizes = np.where(np.isfinite(totals[0]) & np.isfinite(sizes), sizes, inf)
    best = np.argmin(sizes, axis=0)[None]
    loss, slope, error = (np.take_along_axis(np.array(x), best, 0)[0] for x in (totals[0], totals[1], sizes))
    return Losses(np.log(loss), slope / loss, error / np.abs(loss))


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """The optimum at one budget; `loss_exponent` is eta and `size_exponent` xi, both local; `error` is relative."""

    compute: float
    d: float
    steps: float
    loss: float
    error: float
    loss_exponent: float
    size_exponent: float


def frontier(family: Family, budgets: Sequence[Number]) -> tuple[FrontierPoint, ...]:
    """The compute-optimal points at the given budgets f = d r B, each between 1e4 and 1e130.

    Raises BadInputError where the optimum lies at the end of the range of sizes, PrecisionError where too many digits
    cancel in double precision.
    """
    return tuple(_frontier_point(family, float(f)) for f in budgets)


def _frontier_point(family: Family, compute: float) -> FrontierPoint:
    if not _LEAST_BUDGET <= compute <= _LARGEST_BUDGET:
        raise BadInputError(f"A compute budget must lie between {_LEAST_BUDGET:.0e} and {_LARGEST_BUDGET:.0e}.")
    x = _scan(family, log(compute))
    step = 0.25
    places = [_stationary(family, log(compute) + k * step, x) for k in (-2, -1, 0, 1, 2)]
    xi = (places[0] - 8 * places[1] + 8 * places[3] - places[4]) / (12 * step)
    d = exp(places[2])
    steps = compute / d / family.B
    best = evaluate_losses(family, np.array([d]), np.array([steps]))
    if not best.error[0] < 1e-6:
        raise PrecisionError(f"The loss at compute {compute:.1e} cancels too many digits in double precision.")
    return FrontierPoint(compute, d, steps, exp(best.log_loss[0]), float(best.error[0]), -float(best.slope[0]), xi)


def _at_budget(family: Family, log_compute: float, x: RealArray) -> RealArray:
    return evaluate_losses(family, np.exp(x), np.exp(log_compute - x) / family.B).log_loss


def _scan(family: Family, log_compute: float) -> float:
    """log d near the least loss at the budget, to about 0.1."""
    low, high = log(SMALLEST_SIZE), log_compute - log(family.B)
    for count in (41, 13, 13):
        x = np.linspace(low, high, count)
        y = _at_budget(family, log_compute, x)
        k = int(np.nanargmin(y))
        if k in (0, count - 1):
            raise BadInputError(
                "The optimal size lies at the end of the range (d >= 32, r >= 1); take a larger budget."
            )
        low, high = float(x[k - 1]), float(x[k + 1])
        if high - low < 0.3:
            break
    return (low + high) / 2


def _stationary(family: Family, log_compute: float, start: float) -> float:
    """log d of the least loss near `start`: Newton on the Chebyshev interpolant, recentred until it stays inside."""
    x, width = start, 0.5
    for _ in range(20):
        t = np.cos(np.pi * (np.arange(21) + 0.5) / 21)
        y = _at_budget(family, log_compute, x + width * t)
        fit = np.polynomial.chebyshev.Chebyshev(np.polynomial.chebyshev.chebfit(t, y, 18))
        slope, root = fit.deriv(), 0.0
        for _ in range(8):
            root = float(np.clip(root - slope(root) / fit.deriv(2)(root), -1, 1))
        x += width * root
        if abs(root) < 0.3:
            return x
    raise PrecisionError("The optimal size could not be pinned down at this budget: the loss is too flat.")


@dataclass(frozen=True, slots=True)
class PracticalFit:
    """What one fitting procedure reports: P_star ~ f^-loss_exponent, d_star ~ f^size_exponent, and the data it used."""

    method: str
    loss_exponent: float
    size_exponent: float
    sizes: tuple[float, ...]
    budgets: tuple[float, ...]
    best_sizes: tuple[float, ...]
    best_losses: tuple[float, ...]
    parameters: tuple[float, ...] = ()
    """For the parametric fit: E, A, a, C, b."""


def _budget_table(family: Family, sizes: Sequence[float], budgets: Sequence[float]) -> RealArray:
    """log loss, shape (budgets, sizes)."""
    f, d = np.meshgrid(np.asarray(budgets, dtype=float), np.asarray(sizes, dtype=float), indexing="ij")
    found = evaluate_losses(family, d.ravel(), (f / d / family.B).ravel())
    return found.log_loss.reshape(f.shape)


def _slopes(method: str, sizes: Sequence[float], budgets: Sequence[float], x: RealArray, y: RealArray) -> PracticalFit:
    """Straight lines through log d_star and log P_star against log f."""
    log_f = np.log(np.asarray(budgets, dtype=float))
    xi, eta = np.polyfit(log_f, x, 1)[0], -np.polyfit(log_f, y, 1)[0]
    best_d, best_loss = (tuple(float(v) for v in np.exp(z)) for z in (x, y))
    used = (tuple(map(float, sizes)), tuple(map(float, budgets)))
    return PracticalFit(method, float(eta), float(xi), *used, best_d, best_loss)


def _inside(
    sizes: Sequence[float], budgets: Sequence[float], table: RealArray, margin: int
) -> tuple[tuple[float, ...], RealArray]:
    """The budgets whose best size has `margin` sizes on either side: the others say nothing of the optimum."""
    best = np.argmin(table, axis=1)
    kept = np.flatnonzero((best >= margin) & (best < len(sizes) - margin))
    if kept.size < 3:
        raise BadInputError(
            "Fewer than three budgets have their best size inside the given sizes; widen the sizes or move the budgets."
        )
    return tuple(float(budgets[int(i)]) for i in kept), table[kept]


def fit_envelope(family: Family, sizes: Sequence[float], budgets: Sequence[float]) -> PracticalFit:
    """Approach 1: at each budget the best of the given sizes; straight lines through them."""
    budgets, table = _inside(sizes, budgets, _budget_table(family, sizes, budgets), 1)
    best = np.argmin(table, axis=1)
    return _slopes("envelope", sizes, budgets, np.log(np.asarray(sizes, dtype=float))[best], table.min(axis=1))


def fit_isoflop(family: Family, sizes: Sequence[float], budgets: Sequence[float]) -> PracticalFit:
    """Approach 2: at each budget a parabola in log d through the five sizes nearest to the best."""
    budgets, table = _inside(sizes, budgets, _budget_table(family, sizes, budgets), 2)
    x = np.log(np.asarray(sizes, dtype=float))
    places, losses = np.empty((2, len(budgets)))
    for i, row in enumerate(table):
        k = int(np.argmin(row))
        c = np.polyfit(x[k - 2 : k + 3], row[k - 2 : k + 3], 2)
        places[i] = -c[1] / (2 * c[0])
        losses[i] = np.polyval(c, places[i])
    return _slopes("isoflop", sizes, budgets, places, losses)


def fit_parametric(family: Family, sizes: Sequence[float], budgets: Sequence[float]) -> PracticalFit:
    """Approach 3: P = E + A d^-a + C r^-b by least squares on log P over all sizes and budgets."""
    from scipy.optimize import least_squares

    table = _budget_table(family, sizes, budgets)
    f, d = np.meshgrid(np.asarray(budgets, dtype=float), np.asarray(sizes, dtype=float), indexing="ij")
    log_d, log_r = np.log(d).ravel(), np.log(f / d / family.B).ravel()

    def misfit(q: RealArray) -> RealArray:
        model = np.logaddexp(np.logaddexp(q[0] + 0 * log_d, q[1] - q[2] * log_d), q[3] - q[4] * log_r)
        return np.asarray(model - table.ravel())

    start = np.array([table.min() - 3, 0.0, 0.7, 0.0, 0.7])
    p = np.asarray(least_squares(misfit, start, max_nfev=4000).x)
    a, b = float(p[2]), float(p[4])
    split = [_best_split(p, log(g / family.B)) for g in budgets]
    x, y = (np.array(z) for z in zip(*split, strict=True))
    best_d, best_loss = (tuple(float(v) for v in np.exp(z)) for z in (x, y))
    parameters = (float(np.exp(p[0])), float(np.exp(p[1])), a, float(np.exp(p[3])), b)
    used = (tuple(map(float, sizes)), tuple(map(float, budgets)))
    return PracticalFit("parametric", a * b / (a + b), b / (a + b), *used, best_d, best_loss, parameters)


def _best_split(p: RealArray, log_budget: float) -> tuple[float, float]:
    """log d and log P that minimise the fitted form: A a d^-a = C b r^-b."""
    x = (
        (p[1] + log(p[2]) - p[3] - log(p[4]) + p[4] * log_budget) / (p[2] + p[4])
        if min(p[2], p[4]) > 0
        else float("nan")
    )
    value = np.exp(p[0]) + np.exp(p[1] - p[2] * x) + np.exp(p[3] - p[4] * (log_budget - x))
    return float(x), float(np.log(value)) if isfinite(x) else float("nan")
