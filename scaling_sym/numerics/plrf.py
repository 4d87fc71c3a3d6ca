r"""Loss curves of the power-law random-features model, at a cost that grows neither with the size nor with the steps.

`loss_curve(model, steps)` solves

    P(r) = F(r) + sum_{s<r} K(r-1-s) P(s)          (discrete: the Volterra equation of one-pass SGD, in expectation)
    P(t) = F(t) + int_0^t K(t-s) P(s) ds           (continuous: its small-step limit)

with the spectral measures of the deterministic equivalent (`mathematics.md`, section 1).  The route:

* steps below `FIRST_TRANSFORM_STEP` (discrete only): F and K as sums of geometric modes over contour nodes, then the
  recursion itself (`plrf_recursion`);
* all others: a Talbot contour of `NODES` nodes for each step, on which the transforms are evaluated with their
  analytic parts removed (`plrf_transforms`); all steps at once, in double precision;
* where the error estimate misses the wanted accuracy, or a number leaves the range of doubles, or `digits` is given:
  the same inversion in many digits, the precision raised until what cancels is covered (`plrf_exact`).

The error estimate of a value is the sum of the sizes of its terms times the relative noise of each (residual of the
resolvent, end terms of the power sums, roundoff), plus the convergence rate of the contour times the same.

What it does not cover: one draw of the random matrix (see the simulation), and the distance between SGD and the
deterministic equivalent, which the literature assumes to vanish with size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf
from types import MappingProxyType
from typing import Any

import numpy as np

from scaling_sym.errors import BadInputError, NoConvergenceError, PrecisionError
from scaling_sym.numerics.contours import TALBOT_RATE, talbot
from scaling_sym.numerics.notebook import show_curve_latex, show_table
from scaling_sym.numerics.plrf_model import Dynamics, Number, PlrfModel, check_rate, read_number, trace
from scaling_sym.numerics.plrf_recursion import small_steps
from scaling_sym.numerics.plrf_spectrum import Edge, actual_kernel_norm, atom, top_edge
from scaling_sym.numerics.plrf_transforms import (
    Point,
    SpectralSums,
    Transforms,
    discrete_roots,
    evaluate_above,
    evaluate_spectral,
    find_disc,
    loss_transforms,
)
from scaling_sym.numerics.power_sums import ComplexArray, RealArray, zeta_sum
from scaling_sym.numerics.resolvent import floor_scale

FIRST_TRANSFORM_STEP = 64
NODES, SHARP_NODES = 24, 28
"""Talbot nodes by default, and where rtol is below 1e-9 (beyond 28 the growing weights cost what the rate gains)."""
DEFAULT_RTOL = 1e-8
_DISC_DECAY = 64.0
_LARGEST_HERE = 10**100

PIECES = ("F_0", "F_pp", "F_ac", "K_pp", "memory")


@dataclass(frozen=True, slots=True)
class LossCurve:
    """A loss curve: values in the order of `steps`, each an array of shape (steps,) with an absolute error estimate.

    `pieces` holds F_0, F_pp, F_ac (they add up to `forcing`), K_pp (the points' part of `kernel`) and `memory` (loss
    less forcing); they are defined in `plrf_transforms`.  `piece_errors` has their absolute error estimates.  With
    `digits`, `loss_digits` holds the loss as decimal strings of that many digits.
    """

    model: PlrfModel
    dynamics: Dynamics
    steps: tuple[Number, ...]
    loss: RealArray
    error: RealArray
    forcing: RealArray
    kernel: RealArray
    pieces: MappingProxyType[str, RealArray]
    piece_errors: MappingProxyType[str, RealArray]
    kernel_norm: float
    """||K|| with the eigenvalues of the deterministic equivalent, in the chosen dynamics."""
    many_digits: tuple[bool, ...]
    """Which values came from the many-digit route."""
    digits: int | None = None
    loss_digits: tuple[str, ...] | None = None

    def _repr_html_(self) -> str:
        loss: Sequence[object] = self.loss.tolist() if self.loss_digits is None else self.loss_digits
        pieces = {name: x.tolist() for name, x in self.pieces.items()}
        columns = {"steps": self.steps, "loss": loss, "error": self.error.tolist(), **pieces}
        return show_table(columns, f"Loss curve, {self.dynamics} dynamics")

    def _repr_latex_(self) -> str:
        return show_curve_latex(self.steps, self.loss.tolist(), self.error.tolist())


def loss_curve(
    model: PlrfModel,
    steps: Sequence[Number],
    dynamics: Dynamics = "discrete",
    digits: int | None = None,
    rtol: float | None = None,
) -> LossCurve:
    """The loss and its pieces at the given steps (non-negative; integers in discrete time).

    `rtol` is the relative accuracy wanted (default 1e-8); `digits` asks for that many correct digits.  Raises
    BadInputError, and PrecisionError where the accuracy cannot be had.
    """
    wanted = _check_steps(steps, dynamics)
    goal = DEFAULT_RTOL if rtol is None else rtol
    if not 0 < goal < 1:
        raise BadInputError("rtol must lie between 0 and 1.")
    if digits is not None and not 1 <= digits <= 1000:
        raise BadInputError("digits must lie between 1 and 1000.")
    rows, norm = _double_rows(model, wanted, dynamics, NODES if goal >= 1e-9 else SHARP_NODES)
    return _finish(model, dynamics, steps, wanted, rows, norm, goal, digits)


def _check_steps(steps: Sequence[Number], dynamics: Dynamics) -> list[Any]:
    if dynamics not in ("discrete", "continuous"):
        raise BadInputError(f"dynamics must be 'discrete' or 'continuous', not {dynamics!r}.")
    exact = [read_number("a step", r) for r in steps]
    if any(r < 0 for r in exact):
        raise BadInputError("Steps must not be negative.")
    if dynamics == "discrete" and any(r.denominator != 1 for r in exact):
        raise BadInputError("Discrete dynamics has whole steps only; use dynamics='continuous' for others.")
    return list(exact)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows loss, forcing, F_pp, F_ac, kernel, K_pp over the steps, their absolute errors, and F_0."""

    values: RealArray
    errors: RealArray
    floor: float


def _double_rows(model: PlrfModel, steps: list[Any], dynamics: Dynamics, count: int) -> tuple[_Rows, float]:
    """Everything in double precision; NaN where a number leaves its range."""
    values, errors = np.full((6, len(steps)), np.nan), np.full((6, len(steps)), inf)
    try:
        sums = SpectralSums.of(model.alpha, model.beta)
        at = model_point(model, 1, sums)
        times = np.array([float(r) for r in steps])
    except OverflowError:
        return _Rows(values, errors, np.nan), np.nan
    edge = top_edge(at, sums) if dynamics == "discrete" else Edge(0.0, 0.0)
    norm, top = _measure_norm(model, at, sums, dynamics, edge), edge.top
    floor = float(atom(at, sums)[0])
    small = np.array([r < FIRST_TRANSFORM_STEP if dynamics == "discrete" else r == 0 for r in steps], dtype=bool)
    large = np.flatnonzero(~small)
    with np.errstate(all="ignore"):
        if dynamics == "continuous" and small.any():
            values[:, small], errors[:, small] = _start(model, at, floor)
        elif small.any():
            found = small_steps(at, sums, top, int(times[small].max()))
            chosen = [int(r) for r, s in zip(steps, small, strict=True) if s]
            values[:, small], errors[:, small] = found.values[:, chosen], found.errors[:, chosen]
            values[3, small] -= floor
        if large.size:
            values[:, large], errors[:, large] = _invert(at, sums, times[large], dynamics, top, count)
            values[3, large] -= floor
    return _Rows(values, errors, floor), norm


def model_point(model: PlrfModel, count: int, sums: SpectralSums) -> Point:
    """The model's constants, repeated for `count` nodes.  Raises OverflowError beyond doubles."""
    d, v, gamma, batch = model.floats()
    largest = d if v == inf else v
    if d > 1e140 or float(model.a) * np.log2(largest) > 900:
        raise OverflowError
    ones = np.ones(1)
    floor = floor_scale(d * ones, v * ones, sums.degrees)
    columns = (d * ones, v * ones, gamma * ones, trace(model) * ones, floor)
    d_, v_, gamma_, trace_, floor_ = (np.repeat(c, count) for c in columns)
    return Point(d_, v_, gamma_, batch, trace_, floor_)


def _measure_norm(model: PlrfModel, at: Point, sums: SpectralSums, dynamics: Dynamics, edge: Edge) -> float:
    """The norm with the actual spectrum; refuses a model that was not built by `PlrfModel.of` and would diverge."""
    norm = float(model.gamma) / 2 * float(at.trace[0]) if dynamics == "continuous" else actual_kernel_norm(at, sums, edge)
    if not norm < 1:
        check_rate(model, dynamics)
        raise PrecisionError("gamma lies so near to its stability limit that double precision cannot tell them apart.")
    return norm


def _start(model: PlrfModel, at: Point, floor: float) -> tuple[RealArray, RealArray]:
    """Continuous time at t = 0: the whole power of the target, and the kernel gamma^2 B int x^2 mu_K."""
    power = float(zeta_sum(2 * (model.alpha + model.beta), at.v[:1])[0])
    square = float(zeta_sum(2 * model.a, at.v[:1])[0])
    scale = float(model.gamma) ** 2 * at.B
    # Tr K^2 of the deterministic equivalent: sum lambda^2 + (sum lambda)^2 / d.
    kernel = scale * (square + float(at.trace[0]) ** 2 / float(at.d[0]))
    column = np.array([power, power, power, -floor, kernel, scale * square])
    return column[:, None], 4e-15 * np.abs(column)[:, None]


def _invert(
    at: Point, sums: SpectralSums, times: RealArray, dynamics: Dynamics, top: float, count: int
) -> tuple[RealArray, RealArray]:
    """Talbot inversion at all times; rows as in `_Rows`, F_ac with the atom."""
    contour = talbot(count)
    grid = np.broadcast_to(contour.points, (times.size, contour.points.size))
    nodes = at.take(np.zeros(grid.size, dtype=np.intp))
    p = (grid / times[:, None]).ravel()
    if dynamics == "continuous":
        ones = np.ones_like(p)
        minus = evaluate_spectral(p / (2 * nodes.gamma * at.B), nodes, sums)
        found, radii = loss_transforms(minus, None, ones, ones, nodes), (inf, inf)
    else:
        disc = find_disc(at, sums, top)
        u_minus, u_plus, front, root = discrete_roots(p, nodes.gamma, at.B)
        minus, plus = evaluate_spectral(u_minus, nodes, sums), evaluate_above(u_plus, p, nodes, sums, disc)
        found, radii = loss_transforms(minus, plus, front, root, nodes), disc.radius
    theta = 2 * float(at.gamma[0]) * at.B * times
    return _sum_rows(found, contour.weights, theta, times, radii)


def _sum_rows(
    found: Transforms, weights: ComplexArray, theta: RealArray, times: RealArray, radii: tuple[float, float]
) -> tuple[RealArray, RealArray]:
    """Sum over the nodes; of the forms of each transform that are valid at a time, the one with the least error."""
    shape = (theta.size, weights.size)
    noise = found.noise.reshape(shape) + 20 * TALBOT_RATE ** (-2 * weights.size)
    always = np.ones(theta.shape, dtype=bool)
    reach = [times * radius > _DISC_DECAY for radius in radii]
    # The forcing function and kernel need analyticity only, for which any disc found vouches.
    either = reach[0] | reach[1]
    others = (found.forcing, found.points, found.remainder, found.kernel, found.kernel_points)
    rows = [(found.loss, [always, *reach]), *((x, [always, either]) for x in others)]
    values, errors = np.empty((2, len(rows), theta.size))
    for i, (forms, valid) in enumerate(rows):
        totals = np.array([(weights * x.reshape(shape)).real.sum(axis=1) / theta for x, _ in forms])
        sizes = np.array([(np.abs(weights) * size.reshape(shape) * noise).sum(axis=1) / theta for _, size in forms])
        sizes = np.where(np.array(valid) & np.isfinite(totals), sizes, inf)
        best = np.argmin(sizes, axis=0)[None]
        values[i], errors[i] = np.take_along_axis(totals, best, 0)[0], np.take_along_axis(sizes, best, 0)[0]
    return values, errors


def _finish(
    model: PlrfModel,
    dynamics: Dynamics,
    steps: Sequence[Number],
    exact_steps: list[Any],
    rows: _Rows,
    norm: float,
    goal: float,
    digits: int | None,
) -> LossCurve:
    values, errors = rows.values, rows.errors
    missed = ~(errors[0] <= goal * np.abs(values[0]))
    if digits is not None:
        missed[:] = True
    floor, texts = rows.floor, [""] * len(steps)
    for i in np.flatnonzero(missed):
        floor, texts[i] = _recompute(model, exact_steps[i], dynamics, goal, digits, values[:, i], errors[:, i])
    pieces = {"F_0": np.full(len(steps), floor), "F_pp": values[2], "F_ac": values[3], "K_pp": values[5]}
    piece_errors = {"F_0": 1e-14 * pieces["F_0"], "F_pp": errors[2], "F_ac": errors[3], "K_pp": errors[5]}
    pieces["memory"], piece_errors["memory"] = values[0] - values[1], errors[0] + errors[1]
    return LossCurve(
        model,
        dynamics,
        tuple(steps),
        values[0],
        errors[0],
        values[1],
        values[4],
        MappingProxyType(pieces),
        MappingProxyType(piece_errors),
        norm,
        tuple(bool(x) for x in missed),
        digits,
        tuple(texts) if digits is not None else None,
    )


def _recompute(
    model: PlrfModel,
    step: Any,
    dynamics: Dynamics,
    goal: float,
    digits: int | None,
    values: RealArray,
    errors: RealArray,
) -> tuple[float, str]:
    """Overwrite one column by its many-digit values; return F_0 and the loss as text."""
    from scaling_sym.numerics.plrf_exact import exact_start, exact_values

    wanted = digits or max(2, int(np.ceil(-np.log10(goal))) + 1)
    at_start = dynamics == "continuous" and step == 0
    if at_start:
        found = exact_start(model, wanted)
    else:
        found = exact_values(model, step, dynamics, wanted, _analytic_radii(model, dynamics))
    values[:], errors[:] = found.values, found.errors
    return found.floor, found.text


def _analytic_radii(model: PlrfModel, dynamics: Dynamics) -> tuple[float, float]:
    """Lower bounds of the radii of `Disc`, for the many-digit route; zero where none is at hand.

    Sizes beyond doubles are cut at 1e100, where the spectrum above gamma Tr D has long settled; the learning rate then
    follows the trace, and a tenth of the radius is taken.
    """
    if dynamics == "continuous":
        return inf, inf
    scale, cut = 1.0, model
    if model.d > _LARGEST_HERE or (model.v != inf and model.v > _LARGEST_HERE):
        modes = model.v if model.v == inf else Fraction(_LARGEST_HERE) * max(Fraction(1), Fraction(model.v) / model.d)
        cut = replace(model, d=min(model.d, Fraction(_LARGEST_HERE)), v=modes)
        cut = replace(cut, gamma=cut.gamma * Fraction(trace(model)) / Fraction(trace(cut)))
        scale = 0.1
    try:
        sums = SpectralSums.of(cut.alpha, cut.beta)
        at = model_point(cut, 1, sums)
        found = find_disc(at, sums, top_edge(at, sums).top).radius
    except (OverflowError, NoConvergenceError):
        return 0.0, 0.0
    return scale * found[0], scale * found[1]
