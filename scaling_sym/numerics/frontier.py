r"""Compute-optimal size and loss of the PLRF model at given budgets, and what practitioners' fits make of the same
data.

A budget is f = d r B.  The continuous loss is smooth in d and r, so the frontier minimises it over real d at r = f/(d
B): a coarse scan of log d, narrowing scans around the least value, and the stationary point of the Chebyshev interpolant
of P in log d, on an interval that is narrowed until the interpolant resolves P (where slopes are steep, the crossover
between two power laws is sharp).  The learning rate is a fixed fraction of the continuous stability limit 2/Tr D; v is
infinite, a fixed multiple of d, or fixed.

*Local exponents* at a budget, positive for a decaying loss and a growing size:

    eta = -d log P_star / d log f = -(d log P / d log r at fixed d)       (envelope theorem: one extra transform)
    xi  =  d log d_star / d log f                                         (differences of sixth order)

Errors: of eta, its distance from the differences of log P_star, which use no derivative; of xi, its distance from the
differences of fourth order, and what the optima move when their intervals change.

*Fits* (Hoffmann et al. 2022, approaches 1 to 3), each on curves of finitely many sizes, as one would have them:
`fit_envelope` (lower envelope of the curves at each budget), `fit_isoflop` (a parabola in log d through the losses at
each budget), `fit_parametric` (P = E + A d^-a + C r^-b on all losses; then xi = b/(a+b), eta = a b/(a+b)).

What it does not cover: d below 32 (the sum over modes is not smooth in d there), discrete time, and many digits (see
`frontier_exact`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import copysign, exp, inf, isfinite, log
from typing import Literal

import numpy as np

from scaling_sym.errors import BadInputError, NoConvergenceError, PrecisionError
from scaling_sym.numerics.contours import TALBOT_RATE, talbot
from scaling_sym.numerics.notebook import show_table
from scaling_sym.numerics.plrf_model import Number, PlrfModel, read_number
from scaling_sym.numerics.plrf_transforms import Point, SpectralSums, evaluate_spectral, loss_transforms
from scaling_sym.numerics.power_sums import RealArray, zeta_sum
from scaling_sym.numerics.resolvent import floor_scale

SMALLEST_SIZE = 32.0
WIDTH = 0.8
_POINTS, _SMOOTH, _NOISE = 25, 1e-12, 1e-8
_NODES = 26
_LEAST_BUDGET, _LARGEST_BUDGET = 1e4, 1e130


@dataclass(frozen=True, slots=True)
class Family:
    """PLRF models of all sizes: `v_ratio` = v/d (`inf` allowed), gamma = `fraction` times 2/Tr D; build with `of`.

    With `modes`, v is that number at every size, and `v_ratio` only the least allowed.
    """

    alpha: Fraction
    beta: Fraction
    v_ratio: float
    fraction: float
    B: float
    sums: SpectralSums
    modes: float | None = None

    @staticmethod
    def of(
        alpha: Number,
        beta: Number,
        *,
        gamma_fraction: Number = Fraction(1, 2),
        v_ratio: Number | None = None,
        modes: Number | None = None,
        B: Number = 1,
    ) -> Family:
        """Check the parameters; `v_ratio` defaults to infinity where 2 alpha > 1, else 4.  Raises BadInputError.

        `modes` fixes v at all sizes instead, which then reach up to a quarter of it.
        """
        a = read_number("alpha", alpha)
        if modes is not None and modes != inf:
            if v_ratio is not None:
                raise BadInputError("Give v or v_ratio for the frontier, not both.")
            if not modes >= 16 * SMALLEST_SIZE:
                raise BadInputError(f"v must be at least {16 * SMALLEST_SIZE:.0f} for the frontier, whose sizes lie below v/4.")
            whole = Family.of(alpha, beta, gamma_fraction=gamma_fraction, v_ratio=4, B=B)
            return replace(whole, modes=float(modes))
        v_ratio = inf if modes == inf else v_ratio
        ratio = (inf if 2 * a > 1 else 4.0) if v_ratio is None else float(v_ratio)
        if not ratio >= 4:
            raise BadInputError("v_ratio must be at least 4 for the frontier, where the sums are smooth in v.")
        v = inf if ratio == inf else Fraction(ratio) * 64
        model = PlrfModel.of(a, beta, 64, gamma_fraction=gamma_fraction, v=v, B=B, dynamics="continuous")
        sums = SpectralSums.of(model.alpha, model.beta)
        return Family(model.alpha, model.beta, ratio, float(gamma_fraction), float(model.B), sums)

    def count_modes(self, d: RealArray) -> RealArray:
        """v at the sizes d."""
        if self.modes is not None:
            return np.full(d.shape, self.modes)
        return np.full(d.shape, inf) if self.v_ratio == inf else self.v_ratio * d

    @property
    def largest_size(self) -> float:
        """The largest size at which the sums are smooth in it."""
        return inf if self.modes is None else self.modes / 4


@dataclass(frozen=True, slots=True)
class Losses:
    """log of the continuous loss, its slope in log r at fixed d, and the relative error of the loss; shape (n,)."""

    log_loss: RealArray
    slope: RealArray
    error: RealArray


def evaluate_losses(family: Family, d: RealArray, steps: RealArray) -> Losses:
    """The continuous loss at pairs (d, r), both of shape (n,), real; d at least 32."""
    v = family.count_modes(d)
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
class Optimum:
    """The compute-optimal point at log f: log d, log P, and the relative error of the loss."""

    log_compute: float
    log_size: float
    log_loss: float
    error: float


def find_optimum(family: Family, log_compute: float, start: float, width: float = WIDTH) -> tuple[Optimum, float]:
    """The stationary point of the loss in log d nearest to `start`, and the width of log d on which it was resolved.

    Raises NoConvergenceError where the loss is too noisy, or not smooth enough, for seven digits.
    """
    x, before = start, inf
    for _ in range(60):
        loss, tail, error, reference = _interpolate(family, log_compute, x, width)
        if tail > _SMOOTH and tail < before / 2 and width > 0.05:
            before, width = tail, width / 1.5
            continue
        if max(tail, error) > _NOISE:
            raise NoConvergenceError("The loss has fewer than seven digits near the optimum.")
        root = _stationary(loss)
        x, before = x + width * root, inf
        if abs(root) < 0.3:
            return Optimum(log_compute, x, reference + log(float(loss(root))), max(tail, error)), width
    raise NoConvergenceError("The optimal size was not reached from its expected place.")


def _interpolate(
    family: Family, log_compute: float, x: float, width: float
) -> tuple[np.polynomial.Chebyshev, float, float, float]:
    """P/P(x) on x - width, x + width; the relative size of its last coefficients; the error of the values; log P(x)."""
    t = np.cos(np.pi * (np.arange(_POINTS) + 0.5) / _POINTS)
    places = x + width * t
    with np.errstate(all="ignore"):
        found = evaluate_losses(family, np.exp(places), np.exp(log_compute - places) / family.B)
    if not np.all(np.isfinite(found.log_loss)):
        raise NoConvergenceError("The loss is not positive, or has no digits, near the optimum.")
    reference = float(found.log_loss[_POINTS // 2])
    loss = np.exp(found.log_loss - reference)
    fit = np.polynomial.chebyshev.chebfit(t, loss, _POINTS - 3)
    tail = float(np.abs(fit[-3:]).max() / np.abs(fit).max())
    return np.polynomial.Chebyshev(fit), tail, float(found.error.max()), reference


def _stationary(loss: np.polynomial.Chebyshev) -> float:
    """The place in (-1, 1) where the interpolant has its least value, or the end towards which it falls."""
    first, second, root = loss.deriv(), loss.deriv(2), 0.0
    for _ in range(10):
        slope, bend = float(first(root)), float(second(root))
        step = -slope / bend if bend > 0 else -copysign(1.0, slope)
        root = min(max(root + step, -1.0), 1.0)
    return root


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """The optimum at one budget; `loss_exponent` is eta and `size_exponent` xi, both local.

    `error` is the relative error of the loss, `size_error` that of d; the exponents' errors are absolute.
    """

    compute: float
    d: float
    steps: float
    loss: float
    error: float
    loss_exponent: float
    size_exponent: float
    size_error: float
    loss_exponent_error: float
    size_exponent_error: float


def frontier(family: Family, budgets: Sequence[Number]) -> Frontier:
    """The compute-optimal points at the given budgets f = d r B, each between 1e4 and 1e130.

    Raises BadInputError where the optimum lies at the end of the range of sizes, PrecisionError or NoConvergenceError
    where too many digits cancel in double precision.
    """
    return Frontier(_frontier_point(family, float(f)) for f in budgets)


class Frontier(tuple[FrontierPoint, ...]):
    """The points in the order of the budgets; a notebook shows them as a table."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        names = ("compute", "d", "steps", "loss", "loss_exponent", "size_exponent")
        return show_table({name: [getattr(point, name) for point in self] for name in names})


def _frontier_point(family: Family, compute: float) -> FrontierPoint:
    if not _LEAST_BUDGET <= compute <= _LARGEST_BUDGET:
        raise BadInputError(f"A compute budget must lie between {_LEAST_BUDGET:.0e} and {_LARGEST_BUDGET:.0e}.")
    x, step = _scan(family, log(compute)), 0.1
    middle, width = find_optimum(family, log(compute), x)
    moved = abs(find_optimum(family, log(compute), middle.log_size + 0.1 * width, 0.8 * width)[0].log_size - middle.log_size)
    around = [find_optimum(family, log(compute) + k * step, middle.log_size + k * step / 2, width)[0]
              for k in (-3, -2, -1, 1, 2, 3)]
    (xi, xi_error), (eta, eta_error) = (_differentiate([getattr(p, name) for p in around], step)
                                        for name in ("log_size", "log_loss"))
    d = exp(middle.log_size)
    steps = compute / d / family.B
    best = evaluate_losses(family, np.array([d]), np.array([steps]))
    if not best.error[0] < 1e-6:
        raise PrecisionError(f"The loss at compute {compute:.1e} cancels too many digits in double precision.")
    envelope = -float(best.slope[0])
    noise = float(best.error[0])
    return FrontierPoint(
        compute, d, steps, exp(best.log_loss[0]), noise, envelope, xi, moved + noise,
        abs(envelope + eta) + eta_error + noise, xi_error + 2 * (moved + noise) / step,
    )


def _differentiate(values: Sequence[float], step: float) -> tuple[float, float]:
    """The derivative from values at -3, -2, -1, 1, 2, 3 steps, of sixth order, and its distance from that of fourth."""
    one, two, three = ((values[2 + k] - values[3 - k]) / (2 * k * step) for k in (1, 2, 3))
    sixth, fourth = (15 * one - 6 * two + three) / 10, (4 * one - two) / 3
    return sixth, abs(sixth - fourth)


def _at_budget(family: Family, log_compute: float, x: RealArray) -> RealArray:
    with np.errstate(all="ignore"):
        return evaluate_losses(family, np.exp(x), np.exp(log_compute - x) / family.B).log_loss


def _scan(family: Family, log_compute: float) -> float:
    """log d near the least loss at the budget, to about 0.1."""
    low, high = log(SMALLEST_SIZE), min(log_compute - log(family.B), log(family.largest_size))
    for count in (41, 13, 13):
        x = np.linspace(low, high, count)
        y = _at_budget(family, log_compute, x)
        k = int(np.nanargmin(y))
        if k in (0, count - 1):
            raise BadInputError(
                "The optimal size lies at the end of the range (d >= 32, d <= v/4 where v is fixed, r >= 1); "
                f"{'a smaller budget or a larger v is' if k and family.modes else 'a larger budget is'} needed."
            )
        low, high = float(x[k - 1]), float(x[k + 1])
        if high - low < 0.3:
            break
    return (low + high) / 2


@dataclass(frozen=True, slots=True)
class SettledSize:
    """The least budget from which a local exponent stays within `tolerance` of its limit, and the optimal size there."""

    tolerance: float
    compute: float
    d: float


def find_settled_size(
    family: Family, quantity: Literal["loss_exponent", "size_exponent"], limit: float, tolerance: float
) -> SettledSize | None:
    """Where finite-size bias becomes small: the last budget below 1e40 at which the exponent is off by `tolerance`.

    Budgets are tried from 1e40 downwards, by factors of 1e4 and below 1e16 of 100; the place between two of them is found
    by bisection, to three percent.  None where the exponent is off at 1e40, or nowhere.
    """

    def is_off(log_f: float) -> bool:
        """Whether the local exponent is not settled yet."""
        return abs(_local_exponent(family, log_f, quantity) - limit) > tolerance

    high: float | None = None
    for decade in (*range(40, 16, -4), *range(16, 2, -2)):
        try:
            if is_off(decade * log(10)):
                break
            high = decade * log(10)
        except (BadInputError, NoConvergenceError, PrecisionError):
            continue
    else:
        return None
    if high is None:
        return None
    low = decade * log(10)
    while high - low > 0.03:
        middle = (low + high) / 2
        low, high = (middle, high) if is_off(middle) else (low, middle)
    return SettledSize(tolerance, exp(high), exp(find_optimum(family, high, _scan(family, high))[0].log_size))


def _local_exponent(family: Family, log_f: float, quantity: str) -> float:
    """By a difference of second order, which is all that a comparison with a tolerance needs."""
    middle, width = find_optimum(family, log_f, _scan(family, log_f))
    h = 0.1
    ends = [find_optimum(family, log_f + k * h, middle.log_size + k * h / 2, width)[0] for k in (-1, 1)]
    if quantity == "size_exponent":
        return (ends[1].log_size - ends[0].log_size) / (2 * h)
    return (ends[0].log_loss - ends[1].log_loss) / (2 * h)


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
        """The residuals of log L over the grid."""
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
