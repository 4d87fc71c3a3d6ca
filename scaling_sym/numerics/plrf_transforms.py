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

from dataclasses import dataclass
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
    noise = np.asarray(found[-1].real)
    flip = [np.where(lower, x.conj(), x) for x in found[:-1]]
    return Spectral(u, flip[0], flip[1], flip[2], flip[3], flip[4], flip[5], flip[6], flip[7], noise)


def _spectral(scales: Scales, at: Point, sums: SpectralSums) -> tuple[ComplexArray, ...]:
    u, w = scales.u, scales.w
    values = sums.all.at(w, at.v)
    _, task, kernel, rest = values.values
    eps = scales.degrees / at.d
    gap = w * eps  # w - u
    polynomial, singular = np.zeros((2, *u.shape), dtype=np.complex128)
    power, difference = np.ones((2, *u.shape), dtype=np.complex128)
    difference = np.zeros_like(power)  # w^k - u^k
    for c in sums.coefficients(at.v):
        polynomial += c * power
        singular += c * difference
        difference = w * difference + gap * power
        power = power * u
    singular += (-w) ** sums.order * rest
    noise = 4e-16 + scales.error + np.abs(values.errors[1] / task)
    # 1 - eps = u/w exactly, without the difference.
    rest, whole = eps * task * w / u, kernel + gap * scales.degrees
    n = scales.degrees
    return task, singular, rest, polynomial, whole, kernel, u * n, w * n, noise.astype(np.complex128)


@dataclass(frozen=True, slots=True)
class Disc:
    """|p| < radius is free of what would spoil the removal; one for each choice of the constant c (0, Tr D)."""

    radius: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Transforms:
    """The functions to invert, each as (plain, with the analytic part removed, ...) with the sizes of their terms."""

    loss: list[tuple[ComplexArray, RealArray]]
    forcing: list[tuple[ComplexArray, RealArray]]
    points: list[tuple[ComplexArray, RealArray]]
    remainder: list[tuple[ComplexArray, RealArray]]
    kernel: list[tuple[ComplexArray, RealArray]]
    kernel_points: list[tuple[ComplexArray, RealArray]]
    noise: RealArray


def _plain(x: ComplexArray) -> tuple[ComplexArray, RealArray]:
    return x, np.abs(x)


def loss_transforms(
    minus: Spectral, plus: Spectral | None, front: ComplexArray, root: ComplexArray, at: Point
) -> Transforms:
    """All transforms in units where f(r) = Re sum_k weight_k X_k / theta, theta = 2 gamma B r.

    `front` is e^p / sqrt D (1 in continuous time), `root` is sqrt D, `plus` holds the values at z_+ (none: zero).
    """
    half = at.gamma / 2 / root
    zero = np.zeros_like(front)
    plus_forcing, plus_kernel = (zero, zero) if plus is None else (plus.forcing, plus.kernel)
    plus_points, plus_kernel_points = (zero, zero) if plus is None else (plus.points, plus.kernel_points)
    plus_remainder = zero if plus is None else plus.remainder
    raw = front * (minus.forcing - plus_forcing)
    smooth, singular = front * (minus.polynomial - plus_forcing), front * minus.singular
    one_less_k = 1 - half * (minus.kernel - plus_kernel)
    loss = [_plain(raw / one_less_k)]
    for constant, y in ((0.0, -half * minus.kernel), (at.trace, half * minus.uN)):
        q = 1 - half * (constant - plus_kernel)
        first, second = singular / one_less_k, smooth * y / (q * one_less_k)
        size = np.abs(first) * (1 + np.abs(minus.singular_points) / np.abs(minus.singular)) + np.abs(second)
        loss.append((first - second, size))
    scale = at.gamma**2 * at.B * front
    points_kernel = [_plain(scale * (minus.kernel_points - plus_kernel_points))]
    points_kernel.append(_plain(-scale * minus.wN))
    return Transforms(
        loss,
        [_plain(raw), _plain(singular)],
        [_plain(front * (minus.points - plus_points)), _plain(front * minus.singular_points)],
        [_plain(front * (minus.remainder - plus_remainder)), _plain(front * minus.remainder)],
        [_plain(scale * (minus.kernel - plus_kernel)), _plain(-scale * minus.uN)],
        points_kernel,
        minus.noise + (0 if plus is None else plus.noise),
    )


def discrete_roots(
    p: ComplexArray, gamma: RealArray, batch: float
) -> tuple[ComplexArray, ComplexArray, ComplexArray, ComplexArray]:
    """u_- = -z_-, u_+ = -z_+, e^p/sqrt D and sqrt D, with z_-, z_+ the roots of zeta p(x) = 1, zeta = e^{-p}."""
    rise: ComplexArray = np.expm1(p)
    root: ComplexArray = np.sqrt(1 + (batch + 1) / batch * rise)
    roots: list[ComplexArray] = [rise / (gamma * batch * (1 + root)), -(1 + root) / (gamma * (batch + 1))]
    return roots[0], roots[1], np.exp(p) / root, root


def find_disc(at: Point, sums: SpectralSums, top: float) -> Disc:
    """The largest disc of a halving sequence in which f and q are analytic and q has no zero, for both constants.

    f and q are analytic up to the nearest of p = -log(B+1) and p = log p(x), x in the spectrum above 1/(gamma (B+1)).
    Zeros of q are counted by the winding of q around the circle.
    """
    gamma, batch = float(at.gamma[0]), at.B
    radius = log(batch + 1)
    if top * gamma * (batch + 1) > 1:
        radius = min(radius, -log(1 - 2 * gamma * batch * top + gamma**2 * batch * (batch + 1) * top**2))
    radius *= 0.9
    angles = np.pi * (np.arange(64) + 0.5) / 64
    best = [0.0, 0.0]
    for _ in range(9):
        if all(best):
            break
        p = radius * np.exp(1j * angles)
        _, u_plus, _, root = discrete_roots(p, gamma * np.ones(64), batch)
        plus = evaluate_spectral(u_plus, at.take(np.zeros(64, dtype=np.intp)), sums)
        for i, constant in enumerate((0.0, float(at.trace[0]))):
            q = 1 - gamma / 2 / root * (constant - plus.kernel)
            turns = np.unwrap(np.angle(np.concatenate([q, q[::-1].conj()])))
            if not best[i] and abs(turns[-1] - turns[0]) < 1.0 and np.isfinite(constant):
                best[i] = radius
        radius /= 2
    return Disc((best[0], best[1]))
