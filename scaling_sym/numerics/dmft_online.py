r"""One-pass stochastic gradient descent on random features, with momentum: forcing function, noise kernel, convolution.

With fresh batches the data have no memory, R_1 = 1, and the noise of a step acts only through the loss at that step.
The test loss L(n) (label noise sigma^2 not included) then solves a Volterra equation,

    L(n) = F(n) + sum_{s<n} K(n-s) (L(s) + sigma^2),

with the spectral measures of the features alone.  Their transforms need the responses at P = inf only:

    int mu_F(du)/(p+u) = sum lambda_k w_k^2 H_k(p),        int u^2 mu_K(du)/(p+u) = Tr Lambda - p D(kappa(p)),

(N (1 - R_3) = D), so that P = inf reduces the two-time mean-field solution to the forcing function of ``paquette2024``.

The steps.  theta_{n+1} = theta_n - eta g_n + beta (theta_n - theta_{n-1}), g_n the mean gradient of B samples.  Along an
eigenvector of eigenvalue u the second moments A = <x_n^2>, C = <x_n x_{n-1}>, D = <x_{n-1}^2> obey, with s = 1 + beta - eta u,

    A' = s^2 A - 2 s beta C + beta^2 D + eta^2 u^2 (c A + L + sigma^2)/B,     C' = s A - beta C,     D' = A,

c = 1 for (real) Gaussian data, exact given the features, and c = 0 in mean-field theory, which drops the part of a batch's
noise along the error itself, and is exact for complex Gaussian data.  Eliminating C and D from the generating functions
sum_n z^-n leaves a denominator that is quadratic in u whatever beta,

    E(u, z) = -(z - beta^2)(1 - z)/z + 2 eta (1 + beta) u - eta^2 c_z u^2,      c_z = 1 + (c/B)(z + beta)/(z - beta),
    F^(z) = int mu_F [(z - beta^2) + 2 beta eta z u/(z - beta)]/E,    K^(z) = (eta^2/B)(z + beta)/(z - beta) int u^2 mu_K/E,
    L^(z) = (F^ + K^ sigma^2 z/(z-1)) / (1 - K^),

so that partial fractions in its two roots u reduce both to the transforms above.  L^ is inverted on a contour: any number
of steps costs the same.  All singularities lie in (0, 1], or with momentum also within a circle of radius beta (a little more
for c = 1), when the kernel's norm K^(1) is below one, which is demanded; the circle takes a contour of its own until its
powers are lost in rounding.

Averages.  The test loss less sigma^2 is bias + features + batches: the bias sum lambda_k w_k^2 h_k(n)^2 of the mean response;
what the random features add to it under the mean gradient (F for c = 0, less the bias); and what the noise of the batches adds to
both.  Networks with features and streams of their own share the bias only.  What networks on *one* stream share of ``batches``
is the part ``data`` (``dmft_streams``); it is found on request, and for c = 0.

Source: bordelon2024 (one-pass SGD), paquette2024 (Volterra equation); ``mathematics.md``, sections 1 and 5.2.
Not covered: learning rates that change with time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scaling_sym.errors import BadInputError, PrecisionError
from scaling_sym.numerics.dmft import DmftModel
from scaling_sym.numerics.dmft_contours import CIRCLE_GROWTH, FEW_STEPS, Clock, ContourShape, draw_paths, hyperbola
from scaling_sym.numerics.dmft_responses import Edges, anchor_kappa, follow_path, locate_edges
from scaling_sym.numerics.mode_sums import ModeRule, total_task

Array = NDArray[np.float64]
Complex = NDArray[Any]  # complex128
EPSILON = float(np.finfo(float).eps)
SHAPES = (ContourShape(0.85, 1.5, 36.5), ContourShape(0.80, 1.2, 36.0))
MOST_CIRCLE_NODES = 20_000
ARC_NODES = 48


@dataclass(frozen=True, slots=True)
class OnlineSgd:
    """Step size eta, batch size B (a mean over the batch, inf allowed), momentum beta.

    ``gaussian`` data are real Gaussian (c = 1 above); others are those of mean-field theory (c = 0), complex Gaussian.
    """

    batch: float
    learning_rate: float = 1.0
    gaussian: bool = True
    momentum: float = 0.0

    def __post_init__(self) -> None:
        if not self.batch >= 1:
            raise BadInputError(f"the batch size is {self.batch}; it must be at least 1")
        if not 0.0 < self.learning_rate < np.inf:
            raise BadInputError(f"the learning rate is {self.learning_rate}; it must be positive and finite")
        if not 0.0 <= self.momentum < 1.0:
            raise BadInputError(f"the momentum is {self.momentum}; it must be at least 0 and below 1")

    @property
    def excess(self) -> float:
        """c/B: the noise of a batch along the error itself."""
        return 1.0 / self.batch if self.gaussian else 0.0

    def largest_stable(self) -> float:
        """Return the eigenvalue at which its own mode stops to decay."""
        beta = self.momentum
        return 2.0 * (1.0 + beta) / (self.learning_rate * (1.0 + self.excess * (1.0 + beta) / (1.0 - beta)))

    def oscillation(self, largest: float) -> float:
        """Return the largest modulus of the singularities z off the positive axis, for eigenvalues up to ``largest``."""
        eta, beta, e = self.learning_rate, self.momentum, self.excess
        if beta == 0.0:
            return 0.0
        u = largest * (np.arange(400) + 1.0) / 400.0
        s, q = 1.0 + beta - eta * u, e * (eta * u) ** 2
        companion = np.zeros((u.size, 3, 3))
        companion[:, 0] = np.stack([s * s + q - beta, beta * (beta - s * s + q), np.full_like(u, beta**3)], axis=1)
        companion[:, 1, 0] = companion[:, 2, 1] = 1.0
        roots = np.linalg.eigvals(companion)
        off = (np.abs(roots.imag) > 1e-7 * np.abs(roots)) | (roots.real < 0.0)
        return float(np.abs(roots[off]).max(initial=0.0))


@dataclass(frozen=True, slots=True, eq=False)
class OnlineCurve:
    """Losses after ``steps`` steps; all arrays of the same length.

    ``test`` includes the label noise and is noise + bias + features + batches, ``forcing`` is noise + F; their absolute errors
    (of ``test`` that of its pieces too). ``data`` is the part of ``batches`` that networks on one stream share (None unless
    asked for).
    """

    steps: Array
    test: Array
    forcing: Array
    error: Array
    forcing_error: Array
    kernel_norm: float
    bias: Array
    features: Array
    batches: Array
    data: Array | None
    noise: float

    def average(self, networks: float = 1, datasets: float = 1) -> Array:
        """Return the test loss of the mean over E ``networks`` on each of B streams, ``datasets``; infinity is allowed.

        Raises BadInputError for several networks on one stream where ``data`` is not known.
        """
        _check_count(networks, "networks")
        _check_count(datasets, "datasets")
        mean = self.noise + self.bias + self.features / networks
        if networks == 1:
            return mean + self.batches / datasets
        if self.data is None:
            raise BadInputError("what networks on one stream share was not asked for; set share to True, and gaussian to False")
        return mean + self.data / datasets + (self.batches - self.data) / (networks * datasets)

    def bagged(self, members: float) -> Array:
        """Return the test loss of the mean over ``members`` networks, each with features and a stream of its own."""
        _check_count(members, "members")
        return self.noise + self.bias + (self.features + self.batches) / members


def _check_count(count: float, name: str) -> None:
    if not count >= 1:
        raise BadInputError(f"the number of {name} is {count}; it must be at least 1")


def online_curve(
    model: DmftModel, steps: Sequence[float] | Array, sgd: OnlineSgd, rtol: float = 1e-9, share: bool = False
) -> OnlineCurve:
    """Return the test loss of one-pass SGD; the model's P must be inf.

    ``share`` asks for what networks on one stream share of the batch noise; this needs ``gaussian=False`` or N = inf.
    Raises BadInputError if the learning rate is unstable: decaying modes and a kernel norm below one are needed;
    PrecisionError where the test loss is not accurate to ``rtol``.
    """
    moments = _check_steps(model, steps)
    if share and sgd.gaussian and np.isfinite(model.N) and np.isfinite(sgd.batch):
        raise BadInputError(
            "what networks on one stream share is known in mean-field theory only (complex Gaussian data); set gaussian to False"
        )
    order = np.unique(moments)
    results = [_Inversion(model, sgd, order, shape) for shape in SHAPES]
    with np.errstate(all="ignore"):  # what leaves the range of doubles ends as nan, and is refused
        (test, forcing, bias), (other_test, other_forcing, _) = (item.losses() for item in results)
    error = np.abs(test - other_test) + results[0].rounding
    forcing_error = np.abs(forcing - other_forcing) + results[0].rounding
    mean = forcing if sgd.excess == 0.0 else _Inversion(model, replace(sgd, gaussian=False), order, SHAPES[0]).losses()[1]
    data = None
    if share:
        data, data_error = _share_batches(model, sgd, order, results[0].edges, test - mean)
        error = error + data_error
    worst = float(np.max(error / test))
    if not worst <= rtol:
        raise PrecisionError(f"the test loss has a relative error of {worst:.1e} in double precision, above {rtol:.1e}")
    index = np.searchsorted(order, moments)
    features, batches = mean - model.noise - bias, test - mean
    if np.isinf(model.N):  # nothing but rounding
        features = np.zeros_like(features)
    return OnlineCurve(
        moments, test[index], forcing[index], error[index], forcing_error[index], results[0].norm,
        bias[index], features[index], batches[index], None if data is None else data[index], model.noise,
    )


def choose_rule(model: DmftModel, steps: float, sgd: OnlineSgd) -> ModeRule:
    """Return the rule of the modes for so many steps."""
    lowest = 0.02 / max(steps, 1.0) / sgd.learning_rate
    if np.isfinite(model.N) and model.spectrum is None:
        lowest = max(lowest, 0.05 * (model.N + 1.0) ** -model.b)
    return model.rule(min(lowest, 0.1))


def _check_steps(model: DmftModel, steps: Sequence[float] | Array) -> Array:
    if np.isfinite(model.P):
        raise BadInputError("one-pass SGD sees fresh data at every step; set P to inf")
    moments = np.atleast_1d(np.asarray(steps, dtype=float))
    whole = np.isfinite(moments) & (moments >= 0.0) & (moments == np.floor(moments))
    if moments.ndim != 1 or moments.size == 0 or not np.all(whole):
        raise BadInputError("steps must be a non-empty list of whole numbers, not negative")
    return moments


def _share_batches(model: DmftModel, sgd: OnlineSgd, steps: Array, edges: Edges, batches: Array) -> tuple[Array, Array]:
    """Return the part of ``batches`` that networks on one stream share, and its error."""
    from scaling_sym.numerics.dmft_streams import shared_noise

    if np.isinf(model.N) or np.isinf(sgd.batch):  # then all networks are the same, or all streams
        return batches, np.zeros(steps.size)
    return shared_noise(model, sgd, steps, edges)


class _Inversion:
    def __init__(self, model: DmftModel, sgd: OnlineSgd, steps: Array, shape: ContourShape) -> None:
        self.model, self.sgd, self.steps, self.shape = model, sgd, steps, shape
        self.inverse_n = 1.0 / model.N
        self.rule = choose_rule(model, float(steps.max()), sgd)
        self.edges: Edges = locate_edges(self.rule, self.inverse_n, 0.0)
        self.rounding = np.zeros(steps.size)
        self.norm = self._kernel_norm()
        self.oscillation = sgd.oscillation(self.edges.largest)

    def _kernel_norm(self) -> float:
        """Return K^(1), after checking that both stability conditions hold."""
        bound = self.sgd.largest_stable()
        if self.edges.largest >= bound:
            raise BadInputError(
                f"the largest eigenvalue is {self.edges.largest:.6g}, so the learning rate must be below "
                f"{self.sgd.learning_rate * bound / self.edges.largest:.6g}"
            )
        far = anchor_kappa(self.rule, self.inverse_n, 0.0, self.edges, np.array([-bound]))
        norm = float(self._kernel(np.zeros(1), np.zeros(1), np.array([bound]), self._zero(), far)[0].real)
        if norm >= 1.0:
            raise BadInputError(
                f"the kernel norm of the batch noise is {norm:.6g}; it must be below 1 (lower the learning rate)"
            )
        return norm

    def _zero(self) -> NDArray[Any]:
        return np.array([max(self.edges.zero_kappa, 1e-300)])

    def losses(self) -> tuple[Array, Array, Array]:
        """Return (test, forcing + sigma^2, bias) at the steps."""
        test = np.full(self.steps.size, total_task(self.rule))
        forcing, bias = test.copy(), test.copy()
        contours = {i: self._contour(float(n)) for i, n in enumerate(self.steps) if n > 0.0}
        for size in sorted({weight.size for _, _, weight in contours.values()}):
            chosen = [i for i, (_, _, weight) in contours.items() if weight.size == size]
            anchor = np.array([contours[i][0] for i in chosen])
            gap, weight = (np.array([contours[i][j] for i in chosen]) for j in (1, 2))
            force, kernel = self._transforms(anchor, gap)
            self._exclude_zeros(1.0 - kernel)
            value = (force + kernel * self.model.noise * (1.0 - gap) / -gap) / (1.0 - kernel)
            test[chosen], forcing[chosen] = (2.0 * (weight * item).sum(axis=1).real for item in (value, force))
            self.rounding[chosen] = 20.0 * EPSILON * np.abs(weight * value).sum(axis=1)
        for i in contours:
            bias[i] = self._bias(float(self.steps[i]))
        return test + self.model.noise, forcing + self.model.noise, bias

    def _bias(self, n: float) -> float:
        """Return sum lambda_k w_k^2 h_k(n)^2, h_k the mean response of mode k (N and the steps alone matter)."""
        rule, clock = self.rule, Clock("steps", self.sgd.learning_rate, self.sgd.momentum)
        response = np.zeros(rule.nodes.size)
        for path in draw_paths(clock, n, self.edges.largest, 0.0, self.shape, MOST_CIRCLE_NODES):
            start = anchor_kappa(rule, self.inverse_n, 0.0, self.edges, np.array([path.anchor]))
            kappa = follow_path(rule, self.inverse_n, 0.0, path.p[None], start)[0]
            factor = 2.0 * path.weight * kappa / path.p
            response += np.einsum("i,ik->k", factor, 1.0 / (kappa[:, None] + rule.nodes)).real
        return float(rule.task @ response**2)

    def _transforms(self, anchor: Array, gap: Complex) -> tuple[Complex, Complex]:
        """Return F^ and K^ at z = 1 - gap (paths x nodes), each path starting next to the real z = 1 + anchor."""
        start = [root[:, 0] for root in self._roots(-anchor[:, None] + 0j)]
        small, large = self._roots(gap)
        near, far = self._follow(small, start[0]), self._follow(large, start[1])
        return self._force(gap, small, large, near, far), self._kernel(gap, small, large, near, far)

    def _contour(self, n: float) -> tuple[float, Complex, Complex]:
        """Return the real crossing z - 1, and 1 - z and the weights on the upper half of the contour in z."""
        if n < FEW_STEPS or self.oscillation**n > np.exp(-self.shape.decades):
            growth = CIRCLE_GROWTH * self.shape.growth
            count = int(np.ceil(0.5 * (self.shape.decades / growth + 1.0) * n)) + 8
            if count > MOST_CIRCLE_NODES:
                raise BadInputError(
                    f"{n:g} steps with momentum {self.sgd.momentum:g} need more contour nodes than are allowed; ask for fewer "
                    "steps, or for so many that momentum**steps is below 1e-16"
                )
            log = growth / n + 1j * np.pi * (np.arange(count) + 0.5) / count
            return float(np.expm1(growth / n)), -np.expm1(log), np.exp(n * log) / (2 * count)
        s, ds = hyperbola(self.shape)
        log, weight = s / n, ds / n * np.exp(s)
        if self.sgd.momentum > 0.0:  # on to the negative axis, with no weight: see _exclude_zeros
            arc = log[-1].real + 1j * np.geomspace(log[-1].imag, 0.999 * np.pi, ARC_NODES)
            log, weight = np.concatenate([log, arc]), np.concatenate([weight, np.zeros(ARC_NODES)])
        return float(np.expm1(self.shape.growth / n)), -np.expm1(log), weight

    def _exclude_zeros(self, below: Complex) -> None:
        """Raise PrecisionError if 1 - K^ vanishes outside a contour: then its argument does not return to 0 along it.

        Without momentum, and outside the unit circle, there is no zero, because K(n) and its mixture of decays are positive.
        """
        turn = np.unwrap(np.angle(below), axis=1)
        if self.sgd.momentum > 0.0 and not np.all(np.abs(turn[:, -1]) < 0.5):
            raise PrecisionError(
                "the batch noise resonates with the momentum at these steps; a smaller learning rate or momentum is allowed"
            )

    def _roots(self, gap: Complex) -> tuple[Complex, Complex]:
        """Return the two roots u of E(u, 1 - gap), followed along the last axis; the first is small with gap."""
        eta, beta = self.sgd.learning_rate, self.sgd.momentum
        level, curve = gap * (1.0 - gap - beta**2) / (1.0 - gap), self._curvature(gap)
        root = np.sqrt((1.0 + beta) ** 2 - curve * level)
        turned = (root[:, 1:] * np.conj(root[:, :-1])).real < 0.0
        root[:, 1:] *= np.cumprod(np.where(turned, -1.0, 1.0), axis=1)
        return level / (eta * (1.0 + beta + root)), (1.0 + beta + root) / (eta * curve)

    def _curvature(self, gap: Complex) -> Complex:
        """Return c_z."""
        z, beta = 1.0 - gap, self.sgd.momentum
        return np.asarray(1.0 + self.sgd.excess * (z + beta) / (z - beta))

    def _follow(self, u: Complex, start: Complex) -> Complex:
        """Return kappa at p = -u (paths x nodes), followed from the real points p = -start."""
        kappa = anchor_kappa(self.rule, self.inverse_n, 0.0, self.edges, -start.real)
        return follow_path(self.rule, self.inverse_n, 0.0, -u, kappa)

    def _combine(self, gap: Complex, first: Complex, second: Complex, small: Complex, large: Complex) -> Complex:
        """Return int mu/E from S(p) = int mu/(p+u) at p = -small and p = -large."""
        eta = self.sgd.learning_rate
        return np.asarray((first - second) / (eta * eta * self._curvature(gap) * (large - small)))

    def _force(self, gap: Complex, small: Complex, large: Complex, near: Complex, far: Complex) -> Complex:
        """Return F^(z)."""
        rule, beta = self.rule, self.sgd.momentum
        # small and large times S at them, with the sign of p = -u
        first, second = (-kappa * ((1.0 / (kappa[..., None] + rule.nodes)) @ rule.task) for kappa in (near, far))
        z = 1.0 - gap
        plain = (z - beta**2) * self._combine(gap, first / small, second / large, small, large)
        push = 2.0 * beta * self.sgd.learning_rate * z / (z - beta)
        return plain + push * self._combine(gap, first, second, small, large)

    def _kernel(self, gap: Complex, small: Complex, large: Complex, near: Complex, far: Complex) -> Complex:
        """Return K^(z)."""
        rule, eta, beta = self.rule, self.sgd.learning_rate, self.sgd.momentum
        trace, z = float(rule.capacity.sum()), 1.0 - gap
        first, second = (
            trace + u * ((1.0 / (kappa[..., None] + rule.nodes)) @ rule.capacity) for u, kappa in ((small, near), (large, far))
        )
        return eta * eta / self.sgd.batch * (z + beta) / (z - beta) * self._combine(gap, first, second, small, large)
