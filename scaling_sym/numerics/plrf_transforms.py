r"""The transforms of forcing function, kernel and loss of the PLRF model, with the parts removed that cancel.

In the letters of `resolvent` (u = -z, w the scale, N the degrees of freedom, eps = N/d) and with
``A(w) = sum_j j^{-2 beta} / (1 + w j^{2 alpha})``, ``T(w) = sum_j j^{-2 alpha} / (1 + w j^{2 alpha})``,

    S_F(u) = int mu_F(dx)/(x + u)     = A/(1 - eps)      = A + eps A/(1 - eps),
    S_K(u) = int x^2 mu_K(dx)/(x + u) = T + w N^2/d      = Tr D - u N.

Pieces of the forcing function, by definition here (all evaluated, none asymptotic):

* F_0 is the atom of mu_F at 0: w_0 A(w_0), N(w_0) = d;
* F_pp has the transform A(w(u)): every mode j sits at the points near j^{-2 alpha};
* F_ac is the rest, F - F_0 - F_pp, with transform eps A/(1 - eps) less the atom.  It is positive in the window where it
  matters and equals -F_0 at r = 0, since F_pp(0) is the whole power of the target;
* K_pp has the transform of F_pp with T for A: the points' share of the kernel K.

Inversion (`mathematics.md` 5.2).  Continuous: loss = F/(1 - K) in Laplace letters, u = p/(2 gamma B).  Discrete, with
zeta = e^{-p}: the roots of zeta p(x) = 1 in x are z_-, z_+, and with D = 1 - (B+1)/B (1 - e^p)

    F(zeta) = e^p/(2 gamma B sqrt D) [S_F(z_-) - S_F(z_+)],     zeta K(zeta) = gamma/(2 sqrt D) [S_K(z_-) - S_K(z_+)].

Continuous time is the case D = 1 without z_+.

Cancellation (5.5).  What is analytic at p = 0 adds nothing to the inverse but hides it.  A is, near w = 0, a polynomial
in w plus a singular part, and w^k - u^k = w eps (w^{k-1} + ... + u^{k-1}): so S_F = polynomial in u + G with every part
of G computed without a difference.  S_K = c + (rest), with c = Tr D or c = 0, whichever cancels less.  With
1 - zeta K = q + y, q analytic and y singular, and F = f + g alike,

    loss = g/(q + y) - f y/(q (q + y))    up to f/q, which is analytic wherever f is and q has no zero.

In discrete time f and q are analytic in a disc only; `Disc` finds one without zeros of q, and the removal is used for
those r for which e^{-r radius} is below 1e-26.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, log

import numpy as np
from numpy.typing import NDArray

from scaling_sym.numerics.power_sums import ComplexArray, PowerSums, RealArray, zeta_sum
from scaling_sym.numerics.resolvent import Scales, solve_scales


@dataclass(frozen=True, slots=True)
class Point:
    """Model constants at each node: arrays of shape (n,), so that sizes may vary from node to node."""

    d: RealArray
    v: RealArray
    gamma: RealArray
    B: float
    trace: RealArray
    floor: RealArray
    """w_0."""

    def take(self, index: NDArray[np.intp]) -> Point:
        """The constants at the nodes `index`."""
        d, v, gamma, trace, floor = (x[index] for x in (self.d, self.v, self.gamma, self.trace, self.floor))
        return Point(d, v, gamma, self.B, trace, floor)


@dataclass(frozen=True, slots=True)
class Spectral:
    """S_F, S_K and their parts at nodes u; `noise` is a relative error of the values."""

    u: ComplexArray
    points: ComplexArray
    """A(w(u))."""
    singular_points: ComplexArray
    """A(w(u)) less its polynomial in u."""
    remainder: ComplexArray
    """eps A/(1 - eps)."""
    polynomial: ComplexArray
    kernel: ComplexArray
    kernel_points: ComplexArray
    uN: ComplexArray
    wN: ComplexArray
    singular_size: RealArray
    """Sizes of the terms of `singular_points`, added, each times its power of w or u, which amplifies noise."""
    polynomial_size: RealArray
    noise: RealArray

    @property
    def forcing(self) -> ComplexArray:
        """S_F."""
        return self.points + self.remainder

    @property
    def singular(self) -> ComplexArray:
        """S_F less its polynomial."""
        return self.singular_points + self.remainder


@dataclass(frozen=True, slots=True)
class SpectralSums:
    """The power sums of one (alpha, beta), tabulated: N for the resolvent, and N, A, T, A_n for the transforms."""

    degrees: PowerSums
    all: PowerSums
    order: int
    a: Fraction
    task: Fraction

    @staticmethod
    def of(alpha: Fraction, beta: Fraction) -> SpectralSums:
        """`order` n is the number of polynomial terms removed: A = sum_{k<n} a_k (-w)^k + (-w)^n A_n.

        The last a_k removed is kept a twenty-fifth of the order away from its pole: at the pole it is no longer
        distinct from the singular part, and removing it would cancel instead of helping.
        """
        a, task = 2 * alpha, 2 * beta
        order = min(max(0, ceil((task - 1) / a - Fraction(1, 25))), 24)
        exponents = [Fraction(0), task, a, task - order * a]
        return SpectralSums(PowerSums.of(a, exponents[:1]), PowerSums.of(a, exponents), order, a, task)

    def coefficients(self, v: RealArray) -> list[RealArray]:
        """(-1)^k a_k for k below the order, a_k = sum_j j^{-2 beta + 2 alpha k}."""
        return [(-1) ** k * zeta_sum(self.task - k * self.a, v) for k in range(self.order)]


def evaluate_spectral(u: ComplexArray, at: Point, sums: SpectralSums) -> Spectral:
    """S_F and S_K at nodes u off the negative axis, in either half plane.  Raises NoConvergenceError."""
    lower = u.imag < 0
    upper = np.where(lower, u.conj(), u)
    scales = solve_scales(upper, at.d, at.v, sums.degrees, at.floor)
    found = _spectral(scales, at, sums)
    return replace(found, u=u, **{name: np.where(lower, x.conj(), x) for name, x in _complex_fields(found)})


def _complex_fields(found: Spectral) -> list[tuple[str, ComplexArray]]:
    names = ("points", "singular_points", "remainder", "polynomial", "kernel", "kernel_points", "uN", "wN")
    return [(name, getattr(found, name)) for name in names]


def _spectral(scales: Scales, at: Point, sums: SpectralSums) -> Spectral:
    u, w, n = scales.u, scales.w, scales.degrees
    values = sums.all.at(w, at.v)
    _, task, kernel, rest = values.values
    eps = n / at.d
    gap = w * eps  # w - u
    polynomial, singular = np.zeros((2, *u.shape), dtype=np.complex128)
    power, difference = np.ones(u.shape, dtype=np.complex128), np.zeros(u.shape, dtype=np.complex128)  # u^k, w^k - u^k
    polynomial_size, singular_size = np.zeros((2, *u.shape))
    for k, c in enumerate(sums.coefficients(at.v)):
        polynomial += c * power
        singular += c * difference
        polynomial_size += (k + 1) * np.abs(c * power)
        singular_size += (k + 1) * np.abs(c * difference)
        difference = w * difference + gap * power
        power = power * u
    last = (-w) ** sums.order * rest
    relative = np.abs(values.errors / values.values)
    return Spectral(
        u=u,
        points=task,
        singular_points=singular + last,
        remainder=eps * task * w / u,  # 1 - eps = u/w exactly, without the difference
        polynomial=polynomial,
        kernel=kernel + gap * n,
        kernel_points=kernel,
        uN=u * n,
        wN=w * n,
        singular_size=singular_size + (sums.order + 1) * np.abs(last),
        polynomial_size=polynomial_size,
        noise=4e-16 + scales.error + relative.max(axis=0),
    )


@dataclass(frozen=True, slots=True)
class Above:
    """S_F, S_K and their parts at z_+, above the spectrum."""

    points: ComplexArray
    remainder: ComplexArray
    kernel: ComplexArray
    kernel_points: ComplexArray
    noise: RealArray

    @property
    def forcing(self) -> ComplexArray:
        """S_F."""
        return self.points + self.remainder


@dataclass(frozen=True, slots=True)
class Disc:
    """|p| < radius is free of what would spoil the removal; one radius for each choice of the constant c (0, Tr D).

    `reach` is half the distance of the nearest singularity of the values at z_+; `taylor` has the coefficients of
    (p/reach)^k of their Taylor series in its rows (points, remainder, kernel, kernel_points).
    """

    radius: tuple[float, float]
    reach: float
    taylor: RealArray


_Form = tuple[ComplexArray, RealArray]
"""Values at the nodes, and the sums of the sizes of the terms they were added up from."""


@dataclass(frozen=True, slots=True)
class Transforms:
    """The functions to invert, each as (plain, with the analytic part removed, ...) with the sizes of their terms."""

    loss: list[_Form]
    forcing: list[_Form]
    points: list[_Form]
    remainder: list[_Form]
    kernel: list[_Form]
    kernel_points: list[_Form]
    noise: RealArray


def loss_transforms(
    minus: Spectral, plus: Above | None, front: ComplexArray, root: ComplexArray, at: Point
) -> Transforms:
    """All transforms in units where f(r) = Re sum_k weight_k X_k / theta, theta = 2 gamma B r.

    `front` is e^p / sqrt D (1 in continuous time), `root` is sqrt D, `plus` holds the values at z_+ (none: zero).
    """
    half, zero = at.gamma / 2 / root, np.zeros_like(front)
    scale = at.gamma**2 * at.B * front

    def pair(name: str) -> tuple[ComplexArray, ComplexArray]:
        """A transform at both roots."""
        return getattr(minus, name), zero if plus is None else getattr(plus, name)

    def forms(name: str, factor: ComplexArray, removed: ComplexArray, size: RealArray) -> list[_Form]:
        """A difference with the part to be removed, each with the size of what cancels in it."""
        x, y = pair(name)
        return [(factor * (x - y), np.abs(factor) * (np.abs(x) + np.abs(y))), (factor * removed, np.abs(factor) * size)]

    singular_size = minus.singular_size + np.abs(minus.remainder)
    forcing = forms("forcing", front, minus.singular, singular_size)
    return Transforms(
        _loss_forms(minus, pair("kernel"), pair("forcing")[1], forcing, front, half, at.trace),
        forcing,
        forms("points", front, minus.singular_points, minus.singular_size),
        forms("remainder", front, minus.remainder, np.abs(minus.remainder)),
        forms("kernel", scale, -minus.uN, np.abs(minus.uN)),
        forms("kernel_points", scale, -minus.wN, np.abs(minus.wN)),
        minus.noise + (0 if plus is None else plus.noise),
    )


def _loss_forms(
    minus: Spectral,
    kernel: tuple[ComplexArray, ComplexArray],
    plus_forcing: ComplexArray,
    forcing: list[_Form],
    front: ComplexArray,
    half: ComplexArray,
    trace: RealArray,
) -> list[_Form]:
    """F/(1 - K) as it stands, and with the analytic part removed for c = 0 and c = Tr D; sizes count what cancels."""
    (raw, raw_size), (singular, singular_size) = forcing
    one_less_k = 1 - half * (kernel[0] - kernel[1])
    condition = (1 + np.abs(half) * (np.abs(kernel[0]) + np.abs(kernel[1]))) / np.abs(one_less_k)
    result = [(raw / one_less_k, raw_size / np.abs(one_less_k) * condition)]
    smooth = front * (minus.polynomial - plus_forcing)
    smooth_size = np.abs(front) * (minus.polynomial_size + np.abs(plus_forcing))
    for constant, y in ((np.zeros_like(trace), -half * minus.kernel), (trace, half * minus.uN)):
        q = 1 - half * (constant - kernel[1])
        q_condition = (1 + np.abs(half) * (constant + np.abs(kernel[1]))) / np.abs(q)
        value = singular / one_less_k - smooth * y / (q * one_less_k)
        sizes = singular_size + smooth_size * np.abs(y / q) * q_condition
        result.append((value, sizes * condition / np.abs(one_less_k)))
    return result


def discrete_roots(
    p: ComplexArray, gamma: RealArray, batch: float
) -> tuple[ComplexArray, ComplexArray, ComplexArray, ComplexArray]:
    """u_- = -z_-, u_+ = -z_+, e^p/sqrt D and sqrt D, with z_-, z_+ the roots of zeta p(x) = 1, zeta = e^{-p}."""
    rise: ComplexArray = np.expm1(p)
    root: ComplexArray = np.sqrt(1 + (batch + 1) / batch * rise)
    roots: list[ComplexArray] = [rise / (gamma * batch * (1 + root)), -(1 + root) / (gamma * (batch + 1))]
    return roots[0], roots[1], np.exp(p) / root, root


_CIRCLE = 64
_TAYLOR_TERMS = 28


def evaluate_above(u_plus: ComplexArray, p: ComplexArray, at: Point, sums: SpectralSums, disc: Disc) -> Above:
    """The values at z_+: from the Taylor series where |p| is below half of its reach, else from the resolvent."""
    ratio = p / disc.reach
    far = np.flatnonzero(np.abs(ratio) > 0.5)
    rows = np.zeros((4, p.size), dtype=np.complex128)
    for coefficients in disc.taylor.T[::-1]:
        rows = rows * ratio + coefficients[:, None]
    noise = np.full(p.shape, 2e-15)
    if far.size:
        found = evaluate_spectral(u_plus[far], at.take(far), sums)
        rows[:, far] = np.stack([found.points, found.remainder, found.kernel, found.kernel_points])
        noise[far] = found.noise
    return Above(rows[0], rows[1], rows[2], rows[3], noise)


def find_disc(at: Point, sums: SpectralSums, top: float) -> Disc:
    """The largest disc of a halving sequence in which f and q are analytic and q has no zero, for both constants.

    f and q are analytic up to the nearest of p = -log(B+1) and p = log p(x), x in the spectrum above 1/(gamma (B+1)).
    Zeros of q are counted by the winding of q around the circle.
    """
    gamma, batch = float(at.gamma[0]), at.B
    nearest = log(batch + 1)
    if top * gamma * (batch + 1) > 1:
        nearest = min(nearest, -log(1 - 2 * gamma * batch * top + gamma**2 * batch * (batch + 1) * top**2))
    angles = np.pi * (np.arange(_CIRCLE) + 0.5) / _CIRCLE
    nodes = at.take(np.zeros(_CIRCLE, dtype=np.intp))

    def circle(radius: float) -> tuple[Spectral, ComplexArray]:
        """The transforms on the circle, with the discriminant there."""
        _, u_plus, _, root = discrete_roots(radius * np.exp(1j * angles), nodes.gamma, batch)
        return evaluate_spectral(u_plus, nodes, sums), root

    half, _ = circle(nearest / 2)
    rows = np.stack([half.points, half.remainder, half.kernel, half.kernel_points])
    waves = np.exp(-1j * angles[:, None] * np.arange(_TAYLOR_TERMS))
    taylor = np.einsum("ij,jk->ik", rows, waves, optimize=False).real / _CIRCLE
    best, radius = [0.0, 0.0], 0.9 * nearest
    for _ in range(9):
        plus, root = circle(radius)
        for i, constant in enumerate((0.0, float(at.trace[0]))):
            q = 1 - gamma / 2 / root * (constant - plus.kernel)
            turns = np.unwrap(np.angle(np.concatenate([q, q[::-1].conj()])))
            if not best[i] and abs(turns[-1] - turns[0]) < 1.0 and np.isfinite(constant):
                best[i] = radius
        if all(best):
            break
        radius /= 2
    return Disc((best[0], best[1]), nearest / 2, taylor)
