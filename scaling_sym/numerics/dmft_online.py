r"""One-pass stochastic gradient descent on random features: forcing function, noise kernel, convolution.

With fresh batches the data have no memory, R_1 = 1, and the noise of a step acts only through the loss at that step.
The test loss L(n) (label noise sigma^2 not included) then solves a Volterra equation,

    L(n) = F(n) + sum_{s<n} K(n-1-s) (L(s) + sigma^2),
    F(n) = int q(u)^n mu_F(du),     K(n) = (eta^2/B) int u^2 q(u)^n mu_K(du),

with the spectral measures of the features alone.  Their transforms need the responses at P = inf only:

    int mu_F(du)/(p+u) = sum lambda_k w_k^2 H_k(p),        int u^2 mu_K(du)/(p+u) = Tr Lambda - p D(kappa(p)),

(N (1 - R_3) = D), so that P = inf reduces the two-time mean-field solution to the forcing function of ``paquette2024``.
q(u) = 1 - 2 eta u + eta^2 c u^2 with c = 1 + 1/B for Gaussian data, exact given the features, and c = 1 in mean-field
theory, which drops the part of a batch's noise along the error itself.  In the generating variable z,

    F^(z) = int mu_F(du)/(1 - q(u)/z)    follows from the two roots u of q(u) = z by partial fractions, and
    L^(z) = (F^ + (K^/z) sigma^2 z/(z-1)) / (1 - K^/z),

which is inverted on the contour of ``dmft_contours``: any number of steps costs the same.  All singularities lie in
(0, 1] when the kernel's norm K^(1) is below one, which is demanded.

Source: bordelon2024 (one-pass SGD), paquette2024 (Volterra equation); ``mathematics.md``, sections 1 and 5.2.
Not covered: momentum together with fresh batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scaling_sym.errors import BadInputError, PrecisionError
from scaling_sym.numerics.dmft import DmftModel
from scaling_sym.numerics.dmft_contours import FEW_STEPS, ContourShape, hyperbola
from scaling_sym.numerics.dmft_responses import Edges, anchor_kappa, follow_path, locate_edges
from scaling_sym.numerics.mode_sums import ModeRule, total_task

Array = NDArray[np.float64]
Complex = NDArray[Any]  # complex128
EPSILON = float(np.finfo(float).eps)
SHAPES = (ContourShape(0.85, 1.5, 36.5), ContourShape(0.80, 1.2, 36.0))


@dataclass(frozen=True, slots=True)
class OnlineSgd:
    """Step size eta, batch size B (a mean over the batch, inf allowed) and whether the data are Gaussian."""

    batch: float
    learning_rate: float = 1.0
    gaussian: bool = True

    def __post_init__(self) -> None:
        if not self.batch >= 1:
            raise BadInputError(f"the batch size is {self.batch}; it must be at least 1")
        if not 0.0 < self.learning_rate < np.inf:
            raise BadInputError(f"the learning rate is {self.learning_rate}; it must be positive and finite")

    @property
    def curvature(self) -> float:
        """The coefficient c of eta^2 u^2 in q(u)."""
        return 1.0 + 1.0 / self.batch if self.gaussian else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class OnlineCurve:
    """Test loss (label noise included) after ``steps`` steps, the part F + sigma^2 of it, absolute errors of both."""

    steps: Array
    test: Array
    forcing: Array
    error: Array
    forcing_error: Array
    kernel_norm: float


def online_curve(model: DmftModel, steps: Sequence[float] | Array, sgd: OnlineSgd, rtol: float = 1e-9) -> OnlineCurve:
    """Return the test loss of one-pass SGD; the model's P must be inf.

    Raises BadInputError if the learning rate is unstable: q(u) < 1 on the spectrum and a kernel norm below one are
    needed; PrecisionError where the test loss is not accurate to ``rtol``.
    """
    if np.isfinite(model.P):
        raise BadInputError("one-pass SGD sees fresh data at every step; set P to inf")
    moments = np.atleast_1d(np.asarray(steps, dtype=float))
    if (
        moments.size == 0
        or np.any(~(moments >= 0.0))
        or np.any(moments != np.floor(moments))
        or np.any(np.isinf(moments))
    ):
        raise BadInputError("steps must be a non-empty list of whole numbers, not negative")
    order = np.unique(moments)
    results = [_Inversion(model, sgd, order, shape) for shape in SHAPES]
    (test, forcing), (other_test, other_forcing) = (item.losses() for item in results)
    error = np.abs(test - other_test) + results[0].rounding
    worst = float(np.max(error / test))
    if not worst <= rtol:
        raise PrecisionError(f"the test loss has a relative error of {worst:.1e} in double precision, above {rtol:.1e}")
    forcing_error = np.abs(forcing - other_forcing) + results[0].rounding
    index = np.searchsorted(order, moments)
    return OnlineCurve(moments, test[index], forcing[index], error[index], forcing_error[index], results[0].norm)


class _Inversion:
    def __init__(self, model: DmftModel, sgd: OnlineSgd, steps: Array, shape: ContourShape) -> None:
        self.model, self.sgd, self.steps, self.shape = model, sgd, steps, shape
        self.inverse_n = 1.0 / model.N
        lowest = 0.02 / max(float(steps.max()), 1.0) / sgd.learning_rate
        if np.isfinite(model.N) and model.spectrum is None:
            lowest = max(lowest, 0.05 * (model.N + 1.0) ** -model.b)
        self.rule: ModeRule = model.rule(min(lowest, 0.1))
        self.edges: Edges = locate_edges(self.rule, self.inverse_n, 0.0)
        self.rounding = np.zeros(steps.size)
        self.norm = self._kernel_norm()

    def _kernel_norm(self) -> float:
        """Return K^(1), after checking that both stability conditions hold."""
        sgd, largest = self.sgd, self.edges.largest
        bound = 2.0 / (sgd.learning_rate * sgd.curvature)
        if largest >= bound:
            raise BadInputError(
                f"the largest eigenvalue is {largest:.6g}, so the learning rate must be below "
                f"{2.0 / (sgd.curvature * largest):.6g}"
            )
        far = anchor_kappa(self.rule, self.inverse_n, 0.0, self.edges, np.array([-bound]))
        norm = float(self._kernel(np.zeros(1), np.array([bound]), self._zero(), far)[0].real)
        if norm >= 1.0:
            raise BadInputError(
                f"the kernel norm of the batch noise is {norm:.6g}; it must be below 1 (lower the learning rate)"
            )
        return norm

    def _zero(self) -> NDArray[Any]:
        return np.array([max(self.edges.zero_kappa, 1e-300)])

    def losses(self) -> tuple[Array, Array]:
        """Return (test, forcing + sigma^2) at the steps."""
        test = np.full(self.steps.size, total_task(self.rule))
        forcing = test.copy()
        contours = {i: self._contour(float(n)) for i, n in enumerate(self.steps) if n > 0.0}
        for size in sorted({weight.size for _, _, weight in contours.values()}):
            chosen = [i for i, (_, _, weight) in contours.items() if weight.size == size]
            anchor = np.array([contours[i][0] for i in chosen])
            gap, weight = (np.array([contours[i][j] for i in chosen]) for j in (1, 2))
            force, kernel = self._transforms(anchor, gap)
            value = (force + kernel * self.model.noise * (1.0 - gap) / -gap) / (1.0 - kernel)
            test[chosen], forcing[chosen] = (2.0 * (weight * item).sum(axis=1).real for item in (value, force))
            self.rounding[chosen] = 20.0 * EPSILON * np.abs(weight * value).sum(axis=1)
        return test + self.model.noise, forcing + self.model.noise

    def _transforms(self, anchor: Array, gap: Complex) -> tuple[Complex, Complex]:
        """Return F^ and K^/z at z = 1 - gap (paths x nodes), each path starting next to the real z = 1 + anchor."""
        small, large = self._roots(gap)
        start = self._roots(-anchor + 0j)
        near, far = self._follow(small, start[0]), self._follow(large, start[1])
        return self._force(gap, small, large, near, far), self._kernel(small, large, near, far)

    def _contour(self, n: float) -> tuple[float, Complex, Complex]:
        """Return the real crossing z - 1, and 1 - z and the weights on the upper half of the contour in z."""
        if n < FEW_STEPS:
            count = int(np.ceil(0.5 * (self.shape.decades / self.shape.growth + 1.0) * n)) + 8
            crossing = float(np.expm1(self.shape.growth / n))
            log = self.shape.growth / n + 1j * np.pi * (np.arange(count) + 0.5) / count
            return crossing, -np.expm1(log), np.exp(n * log) / (2 * count)
        s, ds = hyperbola(self.shape)
        return float(np.expm1(self.shape.growth / n)), -np.expm1(s / n), ds / n * np.exp(s)

    def _roots(self, gap: Complex) -> tuple[Complex, Complex]:
        """Return the two roots u of q(u) = z, with gap = 1 - z = 2 eta u - eta^2 c u^2; the first is small with gap."""
        eta, c = self.sgd.learning_rate, self.sgd.curvature
        root = np.sqrt(1.0 - c * gap)
        return gap / (eta * (1.0 + root)), (1.0 + root) / (eta * c)

    def _follow(self, u: Complex, start: Complex) -> Complex:
        """Return kappa at p = -u (paths x nodes), followed from the real points p = -start."""
        anchor = -start.real
        kappa = anchor_kappa(self.rule, self.inverse_n, 0.0, self.edges, anchor)
        return follow_path(self.rule, self.inverse_n, 0.0, -u, kappa)

    def _combine(self, first: Complex, second: Complex, small: Complex, large: Complex) -> Complex:
        """Return int mu/(z - q(u)) from S(p) = int mu/(p+u) at p = -small and p = -large."""
        eta, c = self.sgd.learning_rate, self.sgd.curvature
        return (first - second) / (eta * eta * c * (large - small))

    def _force(self, gap: Complex, small: Complex, large: Complex, near: Complex, far: Complex) -> Complex:
        """Return F^(z) = z int mu_F/(z - q)."""
        rule = self.rule
        first = -near / small * ((1.0 / (near[..., None] + rule.nodes)) @ rule.task)
        second = -far / large * ((1.0 / (far[..., None] + rule.nodes)) @ rule.task)
        return (1.0 - gap) * self._combine(first, second, small, large)

    def _kernel(self, small: NDArray[Any], large: NDArray[Any], near: NDArray[Any], far: NDArray[Any]) -> Complex:
        """Return K^(z)/z = (eta^2/B) int u^2 mu_K/(z - q)."""
        rule, eta = self.rule, self.sgd.learning_rate
        trace = float(rule.capacity.sum())
        first = trace + small * ((1.0 / (near[..., None] + rule.nodes)) @ rule.capacity)
        second = trace + large * ((1.0 / (far[..., None] + rule.nodes)) @ rule.capacity)
        return eta * eta / self.sgd.batch * self._combine(first, second, small, large)
