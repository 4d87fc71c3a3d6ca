r"""The resolvent of power-law random features: the fixed point m(z) of the deterministic equivalent.

With lambda_j = j^{-2 alpha}, ``d`` features and ``v`` modes (`mathematics.md`, section 1, "Deterministic equivalent"),

    m(z) + (1/d) sum_{j<=v} lambda_j m / (lambda_j m - z) = 1.

Vocabulary
----------
``u = -z``.  *Scale* ``w = u / m``.  *Degrees of freedom* ``N(w) = sum_j 1 / (1 + w j^{2 alpha})``.  In these letters
the equation is explicit in the direction w -> u,

    u = w (1 - N(w)/d),      m = 1 - N(w)/d,      1 - m = N(w)/d,

so ``1 - m`` is computed as a sum, never as a difference.  The solver inverts ``u(w)`` by Newton's method.

Which root
----------
``w -> u + w N(w)/d`` maps the upper half plane into itself when Im u > 0, so it has exactly one fixed point there
(Denjoy-Wolff): a root with Im w > 0 *is* the resolvent.  A Newton step that would leave the half plane is replaced by a
step of this map.  For u > 0 the root is the one above the *floor scale* w_0, where N(w_0) = d and u = 0.  On the
spectrum (z real, from above) the root is followed while Im u falls to zero.

What it does not cover: v < d, arguments outside the range of doubles (see `exact_resolvent`), and proof (see there).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scaling_sym.errors import BadInputError, NoConvergenceError
from scaling_sym.numerics.power_sums import ComplexArray, PowerSums, RealArray

_STEPS = 60
_ROUNDOFF = 1e-15


@dataclass(frozen=True, slots=True)
class Scales:
    """Solutions w(u), with N(w), w N'(w), the relative residual of u = w (1 - N/d), and the relative error of w."""

    u: ComplexArray
    w: ComplexArray
    degrees: ComplexArray
    slope: ComplexArray
    residual: RealArray
    error: RealArray


@dataclass(frozen=True, slots=True)
class Resolvent:
    """m(z) and 1 - m(z), each without cancellation, with the relative residual and error estimates (absolute)."""

    z: ComplexArray
    m: ComplexArray
    one_minus_m: ComplexArray
    residual: RealArray
    error: RealArray


def resolvent(z: NDArray[Any], alpha: Fraction, d: float, v: float) -> Resolvent:
    """m(z) at complex points off the spectrum or real points (then the limit from above).  Shape of `z`.

    Raises BadInputError for z = 0 or v < d, NoConvergenceError where Newton's method stalls (at a spectral edge).
    """
    points = np.atleast_1d(np.asarray(z, dtype=np.complex128))
    if not np.all(points != 0) or v < d:
        raise BadInputError("The resolvent needs z other than 0 and at least as many modes as features (v >= d).")
    shape, flat = points.shape, points.ravel()
    # Conjugation puts u = -z into the closed upper half plane; a real z, from above, has u from below.
    below = flat.imag >= 0
    u = np.where(below, -flat.conj(), -flat)
    sums = PowerSums.of(2 * alpha, [Fraction(0)])
    sizes, modes = np.full(flat.shape, float(d)), np.full(flat.shape, float(v))
    found = follow_scales(u, sizes, modes, sums)
    defect = np.where(below, found.degrees.conj(), found.degrees) / d
    m = np.where(below, (found.u / found.w).conj(), found.u / found.w)
    residual, error = found.residual.reshape(shape), (np.abs(m) * found.error).reshape(shape)
    return Resolvent(points, m.reshape(shape), np.asarray(defect.reshape(shape), complex), residual, error)


def floor_scale(d: RealArray, v: RealArray, sums: PowerSums) -> RealArray:
    """w_0 with N(w_0) = d, shape of `d`; zero where v = d.  Newton in log w on log N."""
    positive = v > d
    log_w = np.where(positive, -sums.a * np.log(d), 0.0)
    for _ in range(_STEPS):
        value = sums.at(np.exp(log_w), v)
        n, slope = value.values[0].real, value.slopes[0].real
        # Newton on N itself where few modes are left to lose (N near v), on log N otherwise: both are monotone.
        step = np.clip((np.log(n) - np.log(d)) * n / -slope, -2.0, 2.0)
        log_w = np.where(positive, log_w + step, log_w)
        if np.all(~positive | (np.abs(step) < 1e-14)):
            break
    else:
        if np.any(positive & (np.abs(step) > 1e-11)):
            raise NoConvergenceError(
                f"The floor scale w_0 did not converge: the last step was {np.abs(step).max():.1e}."
            )
    return np.where(positive, np.exp(log_w), 0.0)


def solve_scales(u: ComplexArray, d: RealArray, v: RealArray, sums: PowerSums, floor: RealArray) -> Scales:
    """w(u) for u off the negative axis, in the closed upper half plane; all arguments of shape (n,).

    `floor` is w_0 at each point.  `sums` must have s = 0 as its first exponent.  Raises NoConvergenceError.
    """
    scale = np.where(floor > 0, floor, d**-sums.a)
    guess = u + scale * ((u + scale) / scale) ** max(0.0, 1 - 1 / sums.a)
    return _newton(u, guess, d, v, sums)


def follow_scales(u: ComplexArray, d: RealArray, v: RealArray, sums: PowerSums) -> Scales:
    """w(u) for u in the closed upper half plane, on the spectrum too, reached from Im u = |u| downwards."""
    floor = floor_scale(d, v, sums)
    size = np.abs(u)
    start = np.where(np.angle(u) > 2.2, u.real + 1j * np.maximum(u.imag, size), u)
    found = solve_scales(start, d, v, sums, floor)
    height = size.copy()
    while np.any(found.u != u):
        height *= 0.5
        height[height < 1e-17 * size] = 0
        target = np.where(height > u.imag, u.real + 1j * height, u)
        target = np.where(found.u == u, u, target)
        found = _newton(target, found.w, d, v, sums)
    return found


def _newton(u: ComplexArray, guess: ComplexArray, d: RealArray, v: RealArray, sums: PowerSums) -> Scales:
    w = guess.copy()
    n, slope = np.empty((2, *u.shape), dtype=np.complex128)
    noise, last = np.empty(u.shape), np.full(u.shape, np.inf)
    open_points = np.arange(u.size)
    for _ in range(_STEPS):
        k = open_points
        value = sums.at(w[k], v[k])
        n[k], slope[k], noise[k] = value.values[0], value.slopes[0], value.errors[0]
        step = _step(u[k], w[k], n[k] / d[k], slope[k] / d[k])
        size = np.abs(step / w[k])
        # Done when the step is at roundoff, or no longer shrinks while already small.
        done = (size < 4 * _ROUNDOFF) | ((size < 1e-11) & (size >= 0.5 * last[k]))
        last[k] = size
        w[k] = np.where(done, w[k], w[k] + step)
        open_points = k[~done]
        if not open_points.size:
            break
    residual = np.abs(w * (1 - n / d) - u) / np.abs(u)
    if open_points.size and np.any(residual[open_points] > 1e-9):
        raise NoConvergenceError(f"The resolvent did not converge: residual {residual.max():.1e} at {_STEPS} steps.")
    condition = np.abs(1 - (n + slope) / d)
    error = (np.abs(w * (1 - n / d) - u) / np.abs(w) + noise / d + _ROUNDOFF * np.abs(1 - n / d)) / condition
    return Scales(u, w, n, slope, residual, error)


def _step(u: ComplexArray, w: ComplexArray, defect: ComplexArray, slope: ComplexArray) -> ComplexArray:
    """A Newton step for u = w (1 - N/d), or a step of w -> u + w N/d where Newton would leave the domain."""
    newton = (u - w * (1 - defect)) / (1 - defect - slope)
    trial = w + newton
    # A point that Newton sends far away, or across the real axis, is moved by the contracting map instead.
    lost = (trial.imag < 0) | ~np.isfinite(trial) | (np.abs(newton) > 4 * np.abs(w))
    lost |= (u.imag == 0) & (u.real > 0) & (trial.real <= 0)
    lost |= (u.imag > 0) & (trial.imag <= 0)
    return np.where(lost, u + w * defect - w, newton)
