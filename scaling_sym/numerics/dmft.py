r"""Loss curves of random features under gradient flow, by dynamical mean-field theory and without a time grid.

The model (bordelon2024; section 2 of ``mathematics.md``): features with eigenvalues lambda_k, teacher coefficients w_k,
N random combinations of the features are trained on P noisy samples.  ``DmftModel(a, b, N, P)`` means exactly
lambda_k = k^-b, w_k^2 = k^(b-a), learning rate 1, no factor 1/M, and k = 1..modes (infinitely many unless given).

The route, with one module for each step:

1. the spectrum becomes a short list of nodes and weights (``mode_sums``);
2. a contour for each time, whatever the clock: flow, momentum, discrete steps (``dmft_contours``);
3. the responses follow from one scalar inverse function kappa(p) (``dmft_responses``);
4. the two-time correlations are closed forms at each pair of nodes, summed twice over the contour
   (``dmft_correlations``);
5. the bias needs one variable only, sum lambda_k w_k^2 f_k(t)^2 with f_k the response of mode k, and this sum of
   squares keeps its relative accuracy where a double integral would cancel.  f_k = e^{-lambda_k t} + delta_k, and the
   correction to the limit N = P = inf is formed from delta_k and the variances, not by subtraction: it is accurate at
   N = 10^30.

Error estimates: every curve is computed a second time on another contour with another rule for the modes; the error is
the difference plus a bound for rounding, machine epsilon times the sum of the absolute summands.  Where it exceeds the
tolerance, ``dmft_precise`` repeats the time with more digits; where that fails, PrecisionError.

What the equations are: deterministic equivalents. Against means over finite random matrices they agree, including the
terms in 1/N and 1/P, up to second order in 1/N and 1/P if A and Psi are *complex* Gaussian. Real Gaussian matrices
have one more term at first order (the fluctuation of a Wishart matrix along the vector it acts on), which the
equations leave out: it is of relative order 1/N + 1/P times the share of the lowest modes in the loss (about 4 % at N
= P = 30, a = 3, b = 3/2, t = 1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scaling_sym.errors import BadInputError, PrecisionError
from scaling_sym.numerics.dmft_contours import CIRCLE_GROWTH, Clock, ContourShape, Path, draw_paths
from scaling_sym.numerics.dmft_correlations import invert_pairs
from scaling_sym.numerics.dmft_precise import Guess, PreciseLosses, Spectrum, losses_to_digits
from scaling_sym.numerics.dmft_responses import (
    Responses,
    anchor_kappa,
    complete,
    follow_path,
    locate_edges,
)
from scaling_sym.numerics.mode_sums import ModeRule, array_rule, exact_rule, power_law_rule, total_task
from scaling_sym.numerics.notebook import show_table

Array = NDArray[np.float64]

EPSILON = float(np.finfo(float).eps)
TRAIN_FLOOR = 1e-8
FIRST_SHAPE, FIRST_NODES = ContourShape(0.85, 1.5, 36.5), 18
SECOND_SHAPE, SECOND_NODES = ContourShape(0.80, 1.2, 29.0), 14  # the check: fewer nodes, 12 digits
EXACT_MODES = 2000


@dataclass(frozen=True, slots=True, eq=False)
class DmftModel:
    """Random features of size ``N`` trained on ``P`` samples; either may be inf, neither need be an integer.

    ``modes=None`` (or inf) is the infinite spectrum, which needs a > 1 and b > 1.  ``sigma`` is the standard
    deviation of the label noise.  Build a model of any other spectrum with ``from_spectrum``.
    """

    a: float
    b: float
    N: float
    P: float
    modes: float | None = None
    sigma: float = 0.0
    spectrum: tuple[Array, Array] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("N", "P"):
            if not getattr(self, name) >= 1.0:
                raise BadInputError(f"{name} is {getattr(self, name)}; it must be a number of at least 1, or inf")
        if not 0.0 <= self.sigma < np.inf:
            raise BadInputError(
                f"sigma is {self.sigma}; the standard deviation of the noise must be finite and at least 0"
            )
        if self.spectrum is not None:
            return
        if not (np.isfinite(self.a) and np.isfinite(self.b) and self.b >= 0.0):
            raise BadInputError(f"a={self.a}, b={self.b}; both must be finite numbers and b at least 0")
        if not self.infinite and (self.modes is None or self.modes < 1 or self.modes != np.floor(self.modes)):
            raise BadInputError(f"modes is {self.modes}; it must be a whole number of at least 1, or inf")
        if self.infinite and (self.a <= 1.0 or self.b <= 1.0):
            raise BadInputError(
                f"a={self.a:g}, b={self.b:g} with infinitely many modes; both must exceed 1, because the loss at t=0 "
                "is the sum of k^-a and the kernel's trace the sum of k^-b (or give a finite number of modes)"
            )

    @classmethod
    def from_spectrum(
        cls,
        eigenvalues: Sequence[float] | Array,
        task_weights: Sequence[float] | Array,
        N: float,
        P: float,
        sigma: float = 0.0,
    ) -> DmftModel:
        """Return the model of any finite spectrum: ``eigenvalues`` lambda_k >= 0 and ``task_weights`` w_k^2 >= 0.

        Modes with lambda_k = 0 are neither seen nor tested: they are left out.
        """
        lam, w2 = np.asarray(eigenvalues, dtype=float), np.asarray(task_weights, dtype=float)
        if lam.ndim != 1 or lam.shape != w2.shape or lam.size == 0:
            raise BadInputError("eigenvalues and task weights must be two non-empty lists of the same length")
        if not (np.all(np.isfinite(lam)) and np.all(lam >= 0.0) and np.all(np.isfinite(w2)) and np.all(w2 >= 0.0)):
            raise BadInputError("eigenvalues and task weights must be finite and not negative")
        lam, w2 = lam[lam > 0.0], w2[lam > 0.0]
        if lam.size == 0:
            raise BadInputError("all eigenvalues are zero; at least one must be positive")
        return cls(np.nan, np.nan, N, P, float(lam.size), sigma, (lam, w2))

    @property
    def infinite(self) -> bool:
        """Whether the spectrum has infinitely many modes."""
        return self.modes is None or bool(np.isinf(self.modes))

    @property
    def count(self) -> float:
        """The number of modes (inf allowed)."""
        return np.inf if self.modes is None else float(self.modes)

    @property
    def noise(self) -> float:
        """The variance of the label noise."""
        return self.sigma**2

    def inverse_sizes(self) -> tuple[float, float]:
        """Return 1/N and 1/P."""
        return 1.0 / self.N, 1.0 / self.P

    def rule(self, smallest_kappa: float, nodes: int = FIRST_NODES, exact: bool = False) -> ModeRule:
        """Return the quadrature rule of the spectrum, for |kappa| >= ``smallest_kappa``."""
        if self.spectrum is not None:
            return (
                exact_rule(*self.spectrum) if exact or self.count <= EXACT_MODES else array_rule(*self.spectrum, nodes)
            )
        if exact:
            k = np.arange(1.0, self.count + 1.0)
            return exact_rule(k**-self.b, k ** (self.b - self.a))
        return power_law_rule(self.a, self.b, self.count, smallest_kappa, nodes)


@dataclass(frozen=True, slots=True, eq=False)
class DmftCurve:
    """Losses at ``times`` (arrays of the same length), with absolute error estimates.

    ``test`` = sigma^2 + bias + features + data + interaction: the squared bias and the parts of the variance that
    vanish when one averages over the random features, over the data (noise included), and over either.  ``train`` is
    the mean squared residual on the noisy training labels, ``train_shared`` the part of it that is left when
    infinitely many networks on the same data are averaged.  ``limit`` is the test loss of N = P = inf, ``correction``
    = test - limit without cancellation.
    """

    times: Array
    test: Array
    train: Array
    error: Array
    train_error: Array
    bias: Array
    features: Array
    data: Array
    interaction: Array
    train_shared: Array
    limit: Array
    correction: Array
    noise: float
    digits: NDArray[np.int64]

    def _repr_html_(self) -> str:
        names = ("times", "test", "train", "error", "bias", "features", "data", "interaction", "limit")
        return show_table({name: getattr(self, name).tolist() for name in names}, "Mean-field losses")

    def average(self, networks: float = 1, datasets: float = 1) -> Array:
        """Return the test loss of the mean over E ``networks`` and B ``datasets``, every pair trained.

        Infinity is allowed. For bagging with a fresh network on every data set use ``bagged``.
        """
        self._check(networks, "networks"), self._check(datasets, "datasets")
        pieces = self.features / networks + self.data / datasets + self.interaction / (networks * datasets)
        return self.noise + self.bias + pieces

    def bagged(self, members: float) -> Array:
        """Return the test loss of the mean over ``members`` networks with features and data of their own."""
        self._check(members, "members")
        return self.noise + self.bias + (self.features + self.data + self.interaction) / members

    def average_train(self, networks: float = 1) -> Array:
        """Return the train loss of the mean over ``networks`` trained on the same data."""
        self._check(networks, "networks")
        return self.train_shared + (self.train - self.train_shared) / networks

    @staticmethod
    def _check(count: float, name: str) -> None:
        if not count >= 1:
            raise BadInputError(f"the number of {name} is {count}; it must be at least 1")


def loss_curve(
    model: DmftModel, times: Sequence[float] | Array, clock: Clock | None = None, rtol: float = 1e-9
) -> DmftCurve:
    """Return test and train loss at ``times`` (>= 0; whole numbers if the clock counts steps).

    ``rtol`` is the accuracy asked for, relative to the test loss and to max(train, 1e-8).  Raises BadInputError for
    negative times or unstable learning rates, PrecisionError when the accuracy cannot be had.
    """
    clock = clock or Clock()
    moments = _check_times(times, clock)
    order = np.unique(moments)
    positive = order[order > 0.0]
    rows = [_start_row(model)] if order.size > positive.size else []
    if positive.size:
        rows += _solve_times(model, positive, clock, rtol)
    index = np.searchsorted(order, moments)
    table = {name: np.array([row[name] for row in rows])[index] for name in rows[0]}
    digits = table.pop("digits").astype(np.int64)
    return DmftCurve(times=moments, noise=model.noise, digits=digits, **table)


def _check_times(times: Sequence[float] | Array, clock: Clock) -> Array:
    moments = np.atleast_1d(np.asarray(times, dtype=float))
    if moments.ndim != 1 or moments.size == 0:
        raise BadInputError("times must be a non-empty list of numbers")
    if not (np.all(np.isfinite(moments)) and np.all(moments >= 0.0)):
        raise BadInputError("times must be finite and not negative (the limit t = inf is static_limit)")
    if clock.discrete and np.any(moments != np.floor(moments)):
        raise BadInputError("a discrete clock counts steps; times must be whole numbers")
    return moments


Row = dict[str, Any]


def _start_row(model: DmftModel) -> Row:
    """Return the losses at t = 0, where the predictor is zero."""
    start = total_task(model.rule(1e-2)) + model.noise
    error = 8.0 * EPSILON * start
    zero = dict.fromkeys(("features", "data", "interaction", "correction"), 0.0)
    bias = start - model.noise
    return dict(zero, test=start, train=start, error=error, train_error=error, bias=bias, limit=start, digits=16) | {
        "train_shared": start
    }


def _solve_times(model: DmftModel, times: Array, clock: Clock, rtol: float) -> list[Row]:
    with np.errstate(all="ignore"):  # what leaves the range of doubles ends as nan, and is refused
        first = _Solver(model, clock, times, FIRST_SHAPE, FIRST_NODES).rows()
        second = _Solver(model, clock, times, SECOND_SHAPE, SECOND_NODES).rows()
    rows = []
    for time, row, other in zip(times, first, second, strict=True):
        row["error"] += abs(row["test"] - other["test"])
        row["train_error"] += abs(row["train"] - other["train"])
        good = row["error"] <= rtol * row["test"] and row["train_error"] <= rtol * max(row["train"], TRAIN_FLOOR)
        if not good:
            row = _refine(model, float(time), clock, rtol, row)
        rows.append(row)
    return rows


def _refine(model: DmftModel, time: float, clock: Clock, rtol: float, row: Row) -> Row:
    """Return the row with test and train loss recomputed with more digits (flow without momentum only)."""
    if clock.discrete or clock.momentum > 0.0:
        worst = max(row["error"] / max(row["test"], 1e-300), row["train_error"] / max(row["train"], TRAIN_FLOOR))
        raise PrecisionError(
            f"at t={time:g} the losses have a relative error of {worst:.1e} in double precision, above the {rtol:.1e} "
            "asked for, and only gradient flow without momentum is available with more digits"
        )
    digits = max(int(np.ceil(-np.log10(rtol))) + 1, 2)
    found = loss_digits(model, time, min(digits, 320))
    row |= {"test": float(found.test), "train": float(found.train), "digits": found.working_digits}
    return row | {
        "error": found.error + EPSILON * float(found.test),
        "train_error": found.train_error + EPSILON * abs(float(found.train)),
    }


def loss_digits(
    model: DmftModel, time: float | Fraction, digits: int, exact: Mapping[str, int | float | Fraction] | None = None
) -> PreciseLosses:
    """Return test and train loss of gradient flow at one time > 0 to ``digits`` digits.

    The digits of the train loss are relative to max(train, 1e-8).

    The parameters are those of ``model``, read as the exact values of its floats; ``exact`` replaces any of a, b, N,
    P and sigma by rational numbers, such as {"a": Fraction(19, 10)}. Raises BadInputError for times that are not
    positive and finite, PrecisionError when more than 160 working digits would be needed.
    """
    if not 0.0 < float(time) < np.inf or digits < 1:
        raise BadInputError("digits must be at least 1, and the time positive and finite")
    values = {name: getattr(model, name) for name in ("a", "b", "N", "P", "sigma")} | dict(exact or {})
    modes = None if model.infinite else int(model.count)
    if model.spectrum is not None:
        spectrum = Spectrum(arrays=(model.spectrum[0].tolist(), model.spectrum[1].tolist()))
    else:
        spectrum = Spectrum(values["a"], values["b"], modes)
    sizes = (values["N"], values["P"], values["sigma"])
    return losses_to_digits(spectrum, *sizes, time, digits, _start_from(model), TRAIN_FLOOR)


def _start_from(model: DmftModel) -> Guess:
    """Return the map from nodes p to kappa in double precision, for Newton's method with more digits."""
    sizes = model.inverse_sizes()

    def guess(points: Sequence[complex], crossing: float) -> Sequence[complex]:
        """First values of kappa at the points, followed from the real axis."""
        p, anchor = np.array([points]), np.array([crossing])
        rule = model.rule(_smallest_kappa(model, 0.02 * float(np.abs(p).min())))
        edges = locate_edges(rule, *sizes)
        start = anchor_kappa(rule, *sizes, edges, anchor)
        kappa: Sequence[complex] = follow_path(rule, *sizes, p, start)[0].tolist()
        return kappa

    return guess


def _smallest_kappa(model: DmftModel, smallest_p: float) -> float:
    """Return a lower bound of |kappa|: |p|, or about min(N, P)^-b where that is larger."""
    floor = min(model.N, model.P)
    if np.isfinite(floor) and model.spectrum is None:
        smallest_p = max(smallest_p, 0.05 * (floor + 1.0) ** -model.b)
    return min(smallest_p, 0.1)


class _Solver:
    """One pass in double precision: fixed contour shape and number of nodes a block."""

    def __init__(self, model: DmftModel, clock: Clock, times: Array, shape: ContourShape, nodes: int) -> None:
        self.model, self.clock, self.times, self.shape, self.nodes = model, clock, times, shape, nodes
        self.inverse_n, self.inverse_p = model.inverse_sizes()
        self.rule = model.rule(_smallest_kappa(model, 0.05 / float(times.max())), nodes)
        self.edges = locate_edges(self.rule, self.inverse_n, self.inverse_p)
        if self.edges.largest >= clock.largest_stable():
            raise BadInputError(
                f"the largest eigenvalue is {self.edges.largest:.6g}, so the learning rate must be below "
                f"{clock.learning_rate * clock.largest_stable() / self.edges.largest:.6g}"
            )

    def rows(self) -> list[Row]:
        """The rows of all times."""
        nodes = self._follow([0.0] * self.times.size)
        shifts = {"test": self._shifts("test"), "train": self._shifts("train")}
        other = {name: self._follow(shift) if any(shift) else nodes for name, shift in shifts.items()}
        return [
            self._row(float(t), nodes[i], *(other[name][i] + (shifts[name][i],) for name in ("test", "train")))
            for i, t in enumerate(self.times)
        ]

    def _shifts(self, which: str) -> list[float]:
        """Return how far left of zero the contour of the test or train loss may cross, for each time."""
        model, edges = self.model, self.edges
        if which == "test":
            free = model.noise == 0.0 and not edges.zero_modes
        elif edges.zero_modes:
            free = self.inverse_p > self.inverse_n
        else:
            free = model.noise == 0.0
        if not free or self.clock.momentum > 0.0:
            return [0.0] * self.times.size
        limit = 0.5 / self.clock.learning_rate if self.clock.discrete else np.inf
        gap = min(edges.smallest * (1.0 - 1e-12), limit)
        # no further than e^-800, which is zero in double precision
        return [-min(gap, 400.0 / t) if gap * t > 1.0 else 0.0 for t in self.times]

    def _follow(self, shifts: list[float]) -> list[tuple[Responses, NDArray[Any]]]:
        """Return responses and weights on the contour of each time."""
        paths: list[tuple[int, Path]] = []
        for i, t in enumerate(self.times):
            drawn = draw_paths(self.clock, float(t), self.edges.largest, shifts[i], self.shape)
            paths += [(i, path) for path in drawn]
        exact = any(shifts) and np.isfinite(self.model.count) and self.model.count <= EXACT_MODES
        rule = self.model.rule(1.0, exact=True) if exact else self.rule
        found: dict[int, list[tuple[Responses, NDArray[Any]]]] = {}
        for size in sorted({path.p.size for _, path in paths}):
            for left in (False, True):
                part = [(i, x) for i, x in paths if x.p.size == size and (x.anchor < -self.edges.largest) == left]
                if not part:
                    continue
                anchor = np.array([x.anchor for _, x in part])
                start = anchor_kappa(rule, self.inverse_n, self.inverse_p, self.edges, anchor)
                p = np.array([x.p for _, x in part])
                kappa = follow_path(rule, self.inverse_n, self.inverse_p, p, start)
                for (i, path), one_p, one_kappa in zip(part, p, kappa, strict=True):
                    item = complete(rule, self.inverse_n, self.inverse_p, one_p, one_kappa)
                    found.setdefault(i, []).append((item, path.weight))
        return [_join(found[i]) for i in range(self.times.size)]

    def _row(self, time: float, plain: Any, test: Any, train: Any) -> Row:
        """Return the losses of one time; each argument holds responses, weights (and the shift)."""
        filtered, delta = self._mode_filters(time, *plain)
        factors = [weight * nodes.kappa / nodes.p for nodes, weight, _ in (test, train)]
        factors[1] = factors[1] * train[0].data
        variances = self._variances(time, (test, train), factors)
        row = self._test_row(time, test, factors[0], filtered, delta, *variances[0])
        return row | self._train_row(time, train, factors[1], *variances[1])

    def _variances(self, time: float, losses: Any, factors: list[NDArray[Any]]) -> list[tuple[Array, Array]]:
        """Return pieces of the variance and sizes of the summands, test and train; one pass on a shared contour."""
        sizes = (self.inverse_n, self.inverse_p, self.model.noise)
        if losses[0][0] is losses[1][0]:
            found = invert_pairs(self.rule, losses[0][0], factors, *sizes)
        else:
            found = [
                invert_pairs(self.rule, nodes, [factor], *sizes)[0]
                for (nodes, _, _), factor in zip(losses, factors, strict=True)
            ]
        decays = [self._decay(shift, time) for _, _, shift in losses]
        return [(decay * value, decay * size) for decay, (value, size) in zip(decays, found, strict=True)]

    def _test_row(
        self, time: float, test: Any, factor: NDArray[Any], filtered: Array, delta: Array, variance: Array, size: Array
    ) -> Row:
        model, task, shift = self.model, self.rule.task, test[2]
        lost = float(task @ filtered**2)
        gain = float(task @ (delta * (2.0 * filtered + delta)))
        bias = float(task @ (filtered + delta) ** 2)
        if shift:
            bias = self._decay(shift, time) * float(task @ self._mode_responses(test[0], factor) ** 2)
            gain = bias - lost
        row: Row = dict(zip(("data", "features", "interaction"), variance.tolist(), strict=True))
        row |= {"bias": bias, "test": model.noise + bias + variance.sum(), "limit": model.noise + lost, "digits": 16}
        row["correction"] = gain + float(variance.sum())
        row["error"] = EPSILON * (4.0 * size.sum() + 40.0 * bias)
        if self.clock.momentum > 0.0:  # there the filter itself is a contour sum, of terms as large as its growth
            row["error"] += 40.0 * EPSILON * np.exp(CIRCLE_GROWTH * self.shape.growth) * float(task @ np.abs(filtered))
        return row

    def _train_row(self, time: float, train: Any, factor: NDArray[Any], variance: Array, size: Array) -> Row:
        nodes, weight, shift = train
        squares = float(self.rule.task @ self._mode_responses(nodes, factor) ** 2)
        squares += self.model.noise * (2.0 * float((weight * nodes.data / nodes.p).sum().real)) ** 2
        squares *= self._decay(shift, time)
        error = EPSILON * (4.0 * size.sum() + 40.0 * squares)
        losses = {"train_shared": squares + variance[0], "train": squares + variance.sum()}
        return {name: 0.0 if -error <= x < 0.0 else float(x) for name, x in losses.items()} | {"train_error": error}

    def _decay(self, shift: float, time: float) -> float:
        if shift == 0.0:
            return 1.0
        rate = np.log1p(self.clock.learning_rate * shift) if self.clock.discrete else shift
        return float(np.exp(2.0 * rate * time))

    def _mode_filters(self, time: float, nodes: Responses, weight: NDArray[Any]) -> tuple[Array, Array]:
        """Return, at the nodes of the rule, the filter of N = P = inf and what finite sizes add to the response."""
        lam, clock = self.rule.nodes, self.clock
        resolvent = 1.0 / (nodes.kappa[:, None] + lam)
        ratio = nodes.p / nodes.kappa  # R_1 R_3
        missing = nodes.trace * (self.inverse_n + self.inverse_p - nodes.trace * self.inverse_n * self.inverse_p)
        factor = weight * missing / ratio
        added = 2.0 * np.einsum("i,ik,ik->k", factor, resolvent, 1.0 / (nodes.p[:, None] + lam)).real * lam
        if clock.momentum > 0.0:
            return 2.0 * np.einsum("i,ik->k", weight, 1.0 / (nodes.p[:, None] + lam)).real, added
        if clock.discrete:
            return (1.0 - clock.learning_rate * lam) ** time, added
        return np.exp(-lam * time), added

    def _mode_responses(self, nodes: Responses, factor: NDArray[Any]) -> Array:
        """Return H_k(t) (or R_1 H_k) at the nodes of the rule, without the decay of a shifted contour."""
        resolvent = 1.0 / (nodes.kappa[:, None] + self.rule.nodes)
        return np.asarray(2.0 * np.einsum("i,ik->k", factor, resolvent).real)


def _join(parts: list[tuple[Responses, NDArray[Any]]]) -> tuple[Responses, NDArray[Any]]:
    """Return the nodes of all paths of one time as one list."""
    if len(parts) == 1:
        return parts[0]
    names = ("p", "kappa", "trace", "data", "model")
    joined = Responses(*(np.concatenate([getattr(part, name) for part, _ in parts]) for name in names))
    return joined, np.concatenate([weight for _, weight in parts])
