r"""Static losses of kernel regression and of random features, L(D), L(P) and L(D, P), at any size, with and without ridge.

The model (bahri2024, sections "kernel" and "teacher-student"; bordelon2024 after infinite time): teacher
w . psi(x) + sigma epsilon with eigenvalues lambda_k; the student reads P features and minimises, over D samples,

    (1/D) sum_i (y_i - theta . phi(x_i))^2 + ridge |theta|^2,        phi = A psi / sqrt(P)   (A Gaussian, P by modes),

or the P leading features psi_1 ... psi_P (``features="top"``).  D = inf is the population fit L(P), P = inf kernel
regression L(D).  Letters are those of bahri2024: **P counts features and D data** (bordelon2024 writes N and P).

The equivalents
---------------
Gradient flow for a time and a ridge are the same resolvent: the residual of the ridge fit is ``p v(p)``, v(p) the
Laplace transform of the residual of the flow, at p = ridge.  So the loss is that of `dmft_correlations` at
p = p' = ridge, times p p'.  With t(kappa) = sum_k lambda_k/(kappa + lambda_k), kappa solves

    ridge = kappa R_D R_P,     R_D = 1 - t/D,     R_P = 1 - t/P.

The smaller of the two factors cancels; it is taken from R_small R_large = ridge/kappa and R_large - R_small =
t |1/D - 1/P|, a quadratic without cancellation.

Without ridge t(kappa) = min(D, P) and everything collapses, the noise included in the test losses below:

    features:   test_P(P)  = sigma^2 + kappa sum_k lambda_k w_k^2/(kappa + lambda_k)                        (D = inf)
    data:       test_D(D)  = (sigma^2 + kappa^2 sum_k lambda_k w_k^2/(kappa + lambda_k)^2)/(1 - gamma)      (P = inf)
    D > P:      test(D, P) = test_P(P) D/(D - P)
    D < P:      test(D, P) = test_D(D) + test_P(D) D/(P - D)

with gamma = (1/D) sum lambda^2/(kappa + lambda)^2.  For Gaussian features the last two are exact at finite size once
the averages over the smaller set are taken, with D - P and P - D for complex matrices and the factors
(D - 1)/(D - P - 1) and 1/(P - D - 1) for real ones.  bahri2024 prints the second line with kappa_printed = D kappa.

With leading features the student sees a spectrum of P modes, and the rest of the teacher is noise to it.

Error estimates: a second evaluation with another quadrature rule; where they differ by more than asked for, and for
``loss_digits``, the closed forms are evaluated with many digits (`kernel_precise`), on sums that share no code.

Not covered: feature learning, inputs that are not Gaussian in the features (an assumption of the equivalents, not a
theorem there).  Source: bahri2024, eqs. for L(D) and L(P); bordelon2024; Canatar, Bordelon, Pehlevan (2021); the closed
forms of the ridgeless two-point loss are derived in this project.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scaling_sym.errors import BadInputError, PrecisionError
from scaling_sym.numerics.dmft import DmftModel
from scaling_sym.numerics.dmft_correlations import split_variance, sum_pairs
from scaling_sym.numerics.dmft_responses import Responses, anchor_kappa, locate_edges
from scaling_sym.numerics.dmft_static import static_limit
from scaling_sym.numerics.kernel_precise import PreciseLoss, StaticPoint, loss_to_digits
from scaling_sym.numerics.mode_sums import ModeRule

Array = NDArray[np.float64]
Features = Literal["random", "top"]

EPSILON = float(np.finfo(float).eps)
FIRST_NODES, SECOND_NODES = 18, 15
SMALLEST = 1e-280
"""kappa^2 lambda and the like must stay within doubles; below this the many-digit route is asked for."""
DIRECT_TAIL = 10_000.0


@dataclass(frozen=True, slots=True, eq=False)
class KernelModel:
    """P features fitted to D samples, lambda_k = k^-b, lambda_k w_k^2 = k^-a; ``a = b`` is the isotropic teacher.

    D and P are real numbers of at least 1, or inf (whole numbers for ``features="top"``); ``modes`` None or inf is the
    infinite spectrum, which needs a > 1 and b > 1; ``sigma`` is the standard deviation of the label noise.
    """

    a: float
    b: float
    D: float
    P: float
    ridge: float = 0.0
    sigma: float = 0.0
    modes: float | None = None
    features: Features = "random"
    spectrum: tuple[Array, Array] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("D", "P"):
            if not getattr(self, name) >= 1.0:
                raise BadInputError(f"{name} is {getattr(self, name)}; it must be a number of at least 1, or inf")
        if not 0.0 <= self.ridge < np.inf:
            raise BadInputError(f"the ridge is {self.ridge}; it must be finite and at least 0")
        if self.features not in ("random", "top"):
            raise BadInputError(f"features is {self.features!r}; random and top are allowed")
        if self.features == "top" and np.isfinite(self.P) and np.floor(self.P) != self.P:
            raise BadInputError(f"P is {self.P}; the number of leading features must be whole, or inf")
        self.mean_field()  # its checks are those of the spectrum and of the noise

    @classmethod
    def from_spectrum(
        cls,
        eigenvalues: Sequence[float] | Array,
        task_weights: Sequence[float] | Array,
        D: float,
        P: float,
        ridge: float = 0.0,
        sigma: float = 0.0,
        features: Features = "random",
    ) -> KernelModel:
        """The model of any finite spectrum: ``eigenvalues`` lambda_k > 0 and ``task_weights`` w_k^2 >= 0."""
        checked = DmftModel.from_spectrum(eigenvalues, task_weights, 1.0, 1.0)
        assert checked.spectrum is not None
        order = np.argsort(-checked.spectrum[0], kind="stable")
        pair = (checked.spectrum[0][order], checked.spectrum[1][order])
        return cls(np.nan, np.nan, D, P, ridge, sigma, checked.modes, features, pair)

    def mean_field(self) -> DmftModel:
        """The same model in the letters of `dmft` (N features, P data); the unseen teacher is noise for `top`."""
        if self.features == "random" or (np.inf if self.modes is None else self.modes) <= self.P:
            width = self.P if self.features == "random" else np.inf
            return DmftModel(self.a, self.b, width, self.D, self.modes, self.sigma, self.spectrum)
        seen = None if self.spectrum is None else (self.spectrum[0][: int(self.P)], self.spectrum[1][: int(self.P)])
        sigma = float(np.sqrt(self.sigma**2 + self.unseen()))
        return DmftModel(self.a, self.b, np.inf, self.D, self.P, sigma, seen)

    def unseen(self) -> float:
        """The task power sum_{k > P} lambda_k w_k^2 that leading features leave out; 0 for random ones."""
        if self.features == "random" or np.isinf(self.P):
            return 0.0
        if self.spectrum is not None:
            return float((self.spectrum[0] * self.spectrum[1])[int(self.P) :].sum())
        return sum_task_tail(self.a, self.P, np.inf if self.modes is None else self.modes)


def sum_task_tail(a: float, start: float, stop: float) -> float:
    """sum_{start < k <= stop} k^-a to double precision; ``stop`` = inf needs a > 1."""
    if stop <= start:
        return 0.0
    far = min(max(start, DIRECT_TAIL), stop)
    head = float((np.arange(far, start, -1.0) ** -a).sum())
    if far == stop:
        return head
    # midpoint Euler-Maclaurin: beyond ten thousand the first end term is all that doubles see
    edge, end = far + 0.5, stop + 0.5
    if np.isinf(stop):
        return float(head + edge ** (1.0 - a) / (a - 1.0) - a / 24.0 * edge ** (-a - 1.0))
    grown = float(np.log1p((end - edge) / edge))
    integral = edge ** (1.0 - a) * (grown if a == 1.0 else float(np.expm1((1.0 - a) * grown)) / (1.0 - a))
    return float(head + integral + a / 24.0 * (end ** (-a - 1.0) - edge ** (-a - 1.0)))


@dataclass(frozen=True, slots=True)
class KernelLoss:
    """The static losses of one model, noise included; ``error`` is the absolute error of ``test``.

    ``test`` = sigma^2 + bias + features + data + interaction, as in `dmft_static`; what leading features leave out is
    part of the bias.  ``kappa`` is the scale of the resolvent (sum lambda/(kappa+lambda) = min(D, P) without ridge; 0
    where everything is learnt), ``gamma`` = (1/D) sum lambda^2/(kappa+lambda)^2.  At the ridgeless peak D = P < modes
    ``test`` is inf.  ``digits`` are the working digits.
    """

    test: float
    train: float
    error: float
    bias: float
    features: float
    data: float
    interaction: float
    kappa: float
    gamma: float
    D: float
    digits: int = 16

    @property
    def replica_kappa(self) -> float:
        """D kappa, the kappa of bahri2024: the solution of kappa = sum kappa lambda/(kappa + D lambda) if P = inf."""
        return self.D * self.kappa


def kernel_loss(model: KernelModel, rtol: float = 1e-10) -> KernelLoss:
    """The static test and train loss with an error estimate.

    Raises PrecisionError where doubles do not reach (sizes so large that eigenvalues underflow) and where neither they
    nor many digits give the relative accuracy ``rtol``.
    """
    if not 1e-15 < rtol < 1.0:
        raise BadInputError(f"rtol is {rtol:g}; between 1e-15 and 1 is allowed (more digits: loss_digits)")
    _refuse_underflow(model)
    with np.errstate(all="ignore"):  # what overflows is refused below
        found = _evaluate(model, FIRST_NODES)
        other = _evaluate(model, SECOND_NODES)
    if np.isinf(found.test) and model.ridge == 0.0:
        return found
    if not np.isfinite(found.test):
        raise PrecisionError(
            f"at ridge={model.ridge:g} the loss involves numbers beyond double precision; a larger ridge or 0 is allowed"
        )
    error = abs(found.test - other.test) + found.error
    if error <= rtol * found.test:
        return replace(found, error=error)
    digits = int(np.ceil(-np.log10(rtol))) + 2
    better = loss_digits(model, digits)
    test = float(better.test)
    return replace(found, test=test, error=better.error + EPSILON * test, digits=better.working_digits)


def _refuse_underflow(model: KernelModel) -> None:
    smaller = min(model.D, model.P, np.inf if model.modes is None else model.modes)
    if model.spectrum is None and model.ridge == 0.0 and np.isfinite(smaller):
        depth = max(model.b, model.b + 1.0, 2.0 * model.b, model.a) * np.log10(smaller)
        if depth > -np.log10(SMALLEST):
            raise PrecisionError(
                f"the loss at b={model.b:g} and size {smaller:g} involves numbers below 1e-280, beyond double precision; "
                "many digits (loss_digits; --digits) give it"
            )


def _evaluate(model: KernelModel, nodes: int) -> KernelLoss:
    mean_field = model.mean_field()
    inverse_p, inverse_d = mean_field.inverse_sizes()
    rule = mean_field.rule(_smallest_kappa(mean_field, model.ridge), nodes)
    rest, noise = model.unseen(), model.sigma**2
    found = _locate(rule, mean_field.N, mean_field.P, model.ridge)
    if found is None:  # the peak, or everything learnt
        limit = static_limit(mean_field)
        pieces = (limit.bias + rest, limit.features, limit.data, limit.interaction)
        kappa = abs(locate_edges(rule, inverse_p, inverse_d).zero_kappa)
        error = 8.0 * EPSILON * limit.test if np.isfinite(limit.test) else 0.0
        return KernelLoss(limit.test, limit.train, error, *pieces, kappa, np.nan, model.D)
    point = np.array([found.kappa])
    sums = sum_pairs(rule, point, point)
    kernel = split_variance(sums, found.state, found.state, inverse_p, inverse_d, mean_field.noise)
    data, features, interaction = (found.kappa**2 * float(x.real) for x in kernel[:, 0, 0])
    bias = found.kappa**2 * float(sums.sw[0, 0].real) + rest
    test = noise + bias + features + data + interaction
    gamma = inverse_d * float(sums.s2[0, 0].real)
    train = float(found.state.data[0]) ** 2 * test
    # the rounding of kappa: its trace is right to one part in 1/EPSILON, and d log trace/d log kappa may be small
    slope = found.kappa * float(sums.s1[0, 0].real)
    condition = 1.0 if np.isinf(min(model.D, model.P)) and model.ridge > 0.0 else 1.0 + float(sums.s2[0, 0].real) / slope
    error = 16.0 * EPSILON * (1.0 + condition) * test
    return KernelLoss(test, train, error, bias, features, data, interaction, found.kappa, gamma, model.D)


def _smallest_kappa(model: DmftModel, ridge: float) -> float:
    """A lower bound for kappa, which decides where the tail of the quadrature starts."""
    tight = max(model.inverse_sizes())
    if model.spectrum is not None or tight == 0.0:
        return max(ridge, 1e-3 if ridge == 0.0 else ridge)
    return float(min(max(0.05 * (1.0 / tight + 1.0) ** -model.b, ridge), 0.1))


@dataclass(frozen=True, slots=True)
class _Static:
    """kappa with the responses at p = p' = ridge."""

    kappa: float
    state: Responses


def _locate(rule: ModeRule, features: float, data: float, ridge: float) -> _Static | None:
    """kappa and both responses; None at the ridgeless peak and where, without ridge, everything is learnt."""
    small, large = sorted((features, data))
    # (1/small - 1/large) small, exact also where the sizes differ by little
    rest = (large - small) / large if np.isfinite(large) else float(small < large)
    sizes = (1.0 / features, 1.0 / data)
    edges = locate_edges(rule, *sizes)
    if ridge == 0.0:
        if not edges.zero_modes or features == data:
            return None
        kappa, lesser, greater = edges.zero_kappa, 0.0, rest
    else:
        kappa = ridge
        if np.isfinite(small):
            kappa = float(anchor_kappa(rule, *sizes, edges, np.array([ridge]))[0])
        product, gap = ridge / kappa, float((rule.capacity / (kappa + rule.nodes)).sum()) / small * rest
        lesser = 2.0 * product / (gap + float(np.sqrt(gap * gap + 4.0 * product)))
        greater = lesser + gap
    one, three = (lesser, greater) if data <= features else (greater, lesser)
    point = np.array([kappa])
    return _Static(kappa, Responses(np.array([ridge]), point, np.zeros(1), np.array([one]), np.array([three])))


def learning_curve(model: KernelModel, sizes: Sequence[tuple[float, float]], rtol: float = 1e-10) -> list[KernelLoss]:
    """The losses at a list of (D, P), everything else as in ``model``."""
    return [kernel_loss(replace(model, D=d, P=p), rtol) for d, p in sizes]


@dataclass(frozen=True, slots=True)
class Excess:
    """How far a ridgeless loss lies above its limit in the larger size: ``value`` = ``coefficient``/(larger - smaller).

    ``limit`` is that limit, ``larger`` names the size (D or P) that goes to infinity.
    """

    larger: Literal["D", "P"]
    limit: float
    coefficient: float
    value: float


def variance_excess(model: KernelModel) -> Excess:
    """L(D, P) - L(inf, P) for D > P, or L(D, P) - L(D, inf) for D < P, without cancellation; ridgeless random features.

    The coefficient is P test(inf, P), or D test(inf, D): it does not depend on the larger size.  Source: the closed
    forms at the head of this module.  Raises BadInputError for a ridge, for leading features, for D = P.
    """
    if model.ridge > 0.0 or model.features == "top" or model.D == model.P:
        raise BadInputError("the closed form of the excess holds for random features without ridge, at D and P that differ")
    small, large = sorted((model.D, model.P))
    larger: Literal["D", "P"] = "D" if model.D > model.P else "P"
    limit = kernel_loss(_resize(model, larger, np.inf)).test
    coefficient = small * kernel_loss(replace(model, D=np.inf, P=small)).test
    return Excess(larger, limit, coefficient, coefficient / (large - small))


def _resize(model: KernelModel, name: str, size: float) -> KernelModel:
    return replace(model, D=size) if name == "D" else replace(model, P=size)


def local_exponents(model: KernelModel, step: float = 2e-3) -> tuple[float, float]:
    """-d log L/d log D and -d log L/d log P of the test loss less its noise, by a five-point difference.

    Positive for a falling loss; 0 in an infinite size.  At the ridgeless peak D = P they are nan.  Absolute error about
    1e-9 away from the peak; within ``step`` of it they are refused.
    """
    if model.features == "top":
        raise BadInputError("local exponents need sizes that vary continuously; leading features are whole")
    if model.ridge == 0.0 and np.isfinite(model.D) and np.isfinite(model.P) and abs(np.log(model.D / model.P)) < 20.0 * step:
        raise BadInputError("D and P are too near to the ridgeless peak D = P for a difference; choose them further apart")
    slopes = []
    for name in ("D", "P"):
        size = getattr(model, name)
        if np.isinf(size):
            slopes.append(0.0)
            continue
        shifted = [_resize(model, name, size * float(np.exp(k * step))) for k in (-2, -1, 1, 2)]
        low2, low, high, high2 = (float(np.log(_without_noise(m))) for m in shifted)
        slopes.append(-(8.0 * (high - low) - (high2 - low2)) / (12.0 * step))
    return slopes[0], slopes[1]


def _without_noise(model: KernelModel) -> float:
    found = kernel_loss(model)
    return found.bias + found.features + found.data + found.interaction


def loss_digits(
    model: KernelModel, digits: int, exact: Mapping[str, int | float | Fraction] | None = None
) -> PreciseLoss:
    """The test loss to ``digits`` digits at any size, by the closed forms in ball arithmetic.

    ``exact`` replaces any of a, b, D, P, ridge, sigma by rational numbers.  Raises BadInputError at the ridgeless peak
    and for leading features, PrecisionError beyond the digits that `kernel_precise` allows.
    """
    if model.features == "top":
        raise BadInputError("many digits are available for random features only")
    names = ("a", "b", "D", "P", "ridge", "sigma")
    values = {name: getattr(model, name) for name in names} | dict(exact or {})
    modes = None if model.modes is None or np.isinf(model.modes) else int(model.modes)
    arrays = None if model.spectrum is None else (model.spectrum[0].tolist(), model.spectrum[1].tolist())
    return loss_to_digits(StaticPoint(modes=modes, arrays=arrays, **values), digits)
