r"""Sums over power-law modes in double precision, at a cost that does not grow with the number of modes.

The object
----------
For real exponents ``a > 0`` and ``s``, a complex ``w`` off the negative real axis (or on it, from above) and a number
of modes ``v`` (finite or infinite)

    Q_s(w) = sum_{j=1}^{v}  j^{-s} / (1 + w j^a).

Everything that the power-law random-features model needs is such a sum.  With ``a = 2 alpha``: the degrees of freedom
``N(w) = Q_0(w)``, the task sum ``A(w) = Q_{2 beta}(w)``, the kernel sum ``T(w) = Q_{2 alpha}(w)``.

The algorithm
-------------
1. *Head.*  The modes ``j < J`` are added one by one; ``J`` is 32 or 64, whichever is farther (in ratio) from the mode
   ``|w|^{-1/a}`` at which the summand turns, so that the next step is accurate.
2. *Euler-Maclaurin.*  The rest is an integral from ``J`` to ``v`` plus end terms with odd derivatives.  With
   ``t = w J^a / (1 + w J^a)`` the k-th Taylor coefficient of the summand is the summand times a polynomial in ``t`` of
   degree ``k`` with real coefficients; these are tabulated once.
3. *Pole term.*  Where the pole ``j_p = (-1/w)^{1/a}`` comes near the real axis the Euler-Maclaurin remainder is not
   small, but it is known: ``2 pi i Res / (exp(-2 pi i j_p) - 1)``.  It is added, so ``w`` may approach the cut.
4. *Integral.*  In ``x = log j``.  Where ``|w| e^{ax} < e^{-2}`` and where it is ``> e^{2}`` the geometric series is
   integrated term by term; a term whose exponent nearly vanishes (a wall of the phase diagram) goes through ``expm1``.
   Between the two, Gauss-Legendre on two segments whose corner keeps away from the pole.

Exponents are handed over as exact fractions, because their differences (``1 - s + k a``) decide which terms resonate.

What it does not cover: rigorous error bounds (see `ball_sums`), ``w`` so near to ``-j^{-a}`` that one term overflows,
and arguments outside the range of doubles.  Source: Euler-Maclaurin and Mellin, `mathematics.md` 5.1 and 5.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import log, pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

RealArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]

SHORT_HEAD, LONG_HEAD = 32, 64
FEW_MODES = 2 * LONG_HEAD
"""Up to so many modes the sum is taken directly."""
_SPLIT = 2.0
"""log of the ratio at which the geometric series take over from Gauss-Legendre."""
_SERIES_TERMS = 19
_GAUSS = np.polynomial.legendre.leggauss(22)
_BERNOULLI = (
    Fraction(1, 6),
    Fraction(-1, 30),
    Fraction(1, 42),
    Fraction(-1, 30),
    Fraction(5, 66),
    Fraction(-691, 2730),
)
_EM_TERMS = len(_BERNOULLI)
_RESONANT = 0.05
"""An exponent smaller than this is integrated through expm1."""


def _binomials(exponent: float, count: int) -> list[float]:
    """The first `count` coefficients of (1 + h)^exponent."""
    values = [1.0]
    for k in range(1, count):
        values.append(values[-1] * (exponent - k + 1) / k)
    return values


def _end_polynomials(a: float, s: float) -> RealArray:
    """Row i: the coefficients in t (lowest first) of B_{2i+2}/(2i+2) f_{2i+1} J^{2i+1} / f, f_k the Taylor terms of f.

    From (1 + q (1+h)^a) f(J(1+h)) = J^{-s} (1+h)^{-s}, divided by 1 + q, with t = q / (1 + q).
    """
    order = 2 * _EM_TERMS
    numerator, denominator = _binomials(-s, order), _binomials(a, order)
    taylor = np.zeros((order, order))
    for k in range(order):
        taylor[k, 0] = numerator[k]
        for i in range(1, k + 1):
            taylor[k, 1:] -= denominator[i] * taylor[k - i, :-1]
    weights = np.array([float(b) / (2 * i + 2) for i, b in enumerate(_BERNOULLI)])
    return weights[:, None] * taylor[1::2]


def _horner(coefficients: Sequence[float], x: NDArray[Any]) -> NDArray[Any]:
    """The polynomial with the given coefficients, lowest first."""
    value = np.full_like(x, coefficients[-1])
    for c in reversed(coefficients[:-1]):
        value *= x
        value += c
    return value


def _contract(terms: ComplexArray, weights: RealArray) -> ComplexArray:
    """Weighted sums over the second axis, one row for each row of weights.

    Not through BLAS: for products this thin its threads cost more than they bring, and on a busy machine much more.
    """
    return np.asarray(np.einsum("nj,kj->kn", terms, weights, optimize=False))


@dataclass(frozen=True, slots=True)
class SumValues:
    """Several sums at the same points, shape (exponents, points): Q, an estimate of its error, and w dQ/dw.

    The slopes are for Newton steps: they carry the first Euler-Maclaurin terms only, about five digits.
    """

    values: ComplexArray
    errors: RealArray
    slopes: ComplexArray


@dataclass(frozen=True, slots=True)
class PowerSums:
    """The sums Q_s(w) for one `a` and several exponents `s`, with their tables.

    Build with `PowerSums.of`.  `v` may differ from point to point, and be a non-integer above `FEW_MODES`: the sum is
    then its Euler-Maclaurin continuation, smooth in `v`.
    """

    a: float
    exponents: tuple[float, ...]
    gaps: tuple[tuple[float, ...], ...]
    """gaps[i][k + K] = 1 - s_i + k a for k = -K ... K-1, K the number of series terms, each rounded once."""
    end_terms: tuple[RealArray, ...]
    """Euler-Maclaurin end terms as polynomials, from `_end_polynomials`."""
    path_nodes: RealArray
    path_weights: RealArray

    @staticmethod
    def of(a: Fraction, exponents: Sequence[Fraction]) -> PowerSums:
        """Tabulate the sums with summand j^{-s} / (1 + w j^a), for s in `exponents`, all given exactly."""
        ks = range(-_SERIES_TERMS, _SERIES_TERMS)
        nodes, weights = _GAUSS
        return PowerSums(
            float(a),
            tuple(float(s) for s in exponents),
            tuple(tuple(float(1 - s + k * a) for k in ks) for s in exponents),
            tuple(_end_polynomials(float(a), float(s)) for s in exponents),
            (nodes + 1) / 2,
            weights / 2,
        )

    def at(self, w: NDArray[Any], v: RealArray | float) -> SumValues:
        """The sums at the points `w` (shape (n,)) for `v` modes (shape (n,) or a number, `inf` allowed)."""
        points = np.asarray(w, dtype=np.complex128)
        lower = points.imag < 0
        upper = np.where(lower, points.conj(), points)
        modes = np.broadcast_to(np.asarray(v, dtype=np.float64), points.shape)
        values, slopes = np.empty((2, len(self.exponents), points.size), dtype=np.complex128)
        errors = np.empty(values.shape)
        for chosen, head in self._heads(upper, modes):
            if chosen.size:
                part = self._sum(upper[chosen], modes[chosen], head)
                values[:, chosen], errors[:, chosen], slopes[:, chosen] = part.values, part.errors, part.slopes
        values[:, lower] = values[:, lower].conj()
        slopes[:, lower] = slopes[:, lower].conj()
        return SumValues(values, errors, slopes)

    def _heads(self, w: ComplexArray, v: RealArray) -> list[tuple[NDArray[np.intp], int]]:
        """Groups of points with the length of head each needs; 0 stands for a direct sum of all modes."""
        few = v <= FEW_MODES
        turn = np.abs(w) ** (-1 / self.a)
        near = turn < (SHORT_HEAD * LONG_HEAD) ** 0.5
        groups = [(~few & near, LONG_HEAD), (~few & ~near, SHORT_HEAD)]
        groups += [(few & (v == count), -int(count)) for count in np.unique(v[few])]
        return [(np.flatnonzero(mask), head) for mask, head in groups]

    def _sum(self, w: ComplexArray, v: RealArray, head: int) -> SumValues:
        direct = head < 0
        j = np.arange(1.0, -head + 1 if direct else head)
        ratios = 1 / (1 + w[:, None] * (j**self.a)[None, :])
        powers = np.stack([j**-s for s in self.exponents])
        values: ComplexArray = _contract(ratios, powers)
        slopes: ComplexArray = _contract(ratios * (ratios - 1), powers)
        errors = 4e-16 * np.abs(values)
        if direct:
            return SumValues(values, errors, slopes)
        ranges = self._ranges(w, v, head)
        for i, s in enumerate(self.exponents):
            integral = self._integral(i, w, ranges)
            pole, pole_slope = self._pole_term(s, w, head, v)
            ends, error = self._ends(i, w, v, head)
            values[i] += integral + ends + pole
            slopes[i] += self._tail_slope(s, w, v, head, integral) + pole_slope
            errors[i] += error + 6e-16 * np.abs(integral)
        return SumValues(values, errors, slopes)

    def _tail_slope(self, s: float, w: ComplexArray, v: RealArray, head: int, integral: ComplexArray) -> ComplexArray:
        """w times the w-derivative of the sum beyond the head, by parts from the integral, with two end terms."""

        def end(x: RealArray, points: ComplexArray, side: float) -> ComplexArray:
            """The Euler-Maclaurin terms of one end."""
            q = points * x**self.a
            f = 1 / (1 + q)
            step = -q * f * f * x**-s
            return step * (0.5 + side * (self.a * (2 * f - 1) - s) / (12 * x)) + side * x ** (1 - s) * f / self.a

        total = end(np.full(w.shape, float(head)), w, -1) - (1 - s) / self.a * integral
        finite = np.isfinite(v)
        total[finite] += end(v[finite], w[finite], 1)
        return total

    def _ends(self, i: int, w: ComplexArray, v: RealArray, head: int) -> tuple[ComplexArray, RealArray]:
        """Euler-Maclaurin terms at the head's end and, where `v` is finite, at `v`; the last term is the error."""

        def end(x: RealArray, points: ComplexArray, side: float) -> tuple[ComplexArray, RealArray]:
            """The Euler-Maclaurin terms of one end, and the last of them."""
            q = points * x**self.a
            value = x ** -self.exponents[i] / (1 + q)
            t, inverse_square = q / (1 + q), x**-2.0
            rows = [_horner(row, t) * inverse_square**k / x for k, row in enumerate(self.end_terms[i])]
            return value * (0.5 + side * np.sum(rows, axis=0)), np.abs(value * rows[-1])

        total, error = end(np.full(w.shape, float(head)), w, -1)
        finite = np.isfinite(v)
        if finite.any():
            last, last_error = end(v[finite], w[finite], 1)
            total[finite] += last
            error[finite] += last_error
        return total, error

    def _pole_term(self, s: float, w: ComplexArray, head: int, v: RealArray) -> tuple[ComplexArray, ComplexArray]:
        """The known part of the Euler-Maclaurin remainder, from the pole above the real axis, and its slope."""
        pole = np.exp((1j * pi - np.log(w)) / self.a)
        seen = (pole.real > head) & (pole.real < v) & (pole.imag < 6) & (pole.imag >= 0)
        term, slope = np.zeros((2, *w.shape), dtype=np.complex128)
        if seen.any():
            p = pole[seen]
            turn = np.exp(2j * pi * (p - np.floor(p.real)))
            term[seen] = -2j * pi / self.a * p ** (1 - s) * turn / (1 - turn)
            slope[seen] = -term[seen] / self.a * (1 - s + 2j * pi * p / (1 - turn))
        return term, slope

    def _ranges(self, w: ComplexArray, v: RealArray, head: int) -> _Ranges:
        start, stop = np.full(w.shape, log(head)), np.log(v)
        turn = -np.log(np.abs(w)) / self.a
        low = np.clip(turn - _SPLIT / self.a, start, stop)
        high = np.clip(turn + _SPLIT / self.a, start, stop)
        inside = (low < turn) & (turn < high)
        depth = np.where(inside, np.maximum(np.angle(w) - pi / 2, 0) / self.a, 0)
        return _Ranges(start, low, np.clip(turn, low, high) - 1j * depth, high, stop)

    def _integral(self, i: int, w: ComplexArray, ranges: _Ranges) -> ComplexArray:
        """The integral of the summand over x = log j from the head's end to log v."""
        gaps = self.gaps[i]
        below = self._series(w, gaps[_SERIES_TERMS:], 1, ranges.start, ranges.low)
        above = self._series(w, gaps[_SERIES_TERMS - 1 :: -1], -1, ranges.high, ranges.stop)
        return below + self._bent(w, gaps[_SERIES_TERMS], ranges) + above

    def _series(self, w: ComplexArray, gaps: Sequence[float], side: int, lo: RealArray, hi: RealArray) -> ComplexArray:
        """Integral over [lo, hi] of sum_k (-1)^k p^k e^{gap_0 x}, p = (w e^{ax})^side (times p on the upper side)."""
        total = np.zeros_like(w)
        active = np.flatnonzero(lo < hi)
        if not active.size:
            return total
        lo, hi, w = lo[active], hi[active], w[active]
        signs = [(-1.0) ** k for k in range(len(gaps))]
        plain = [sign / g if abs(g) >= _RESONANT else 0.0 for sign, g in zip(signs, gaps, strict=True)]
        base = gaps[0] if side > 0 else gaps[0] + self.a
        p_lo = (w * np.exp(self.a * lo)) ** side
        front = np.exp(base * lo) * (1 if side > 0 else p_lo)
        part = -front * _horner(plain, p_lo)
        end = np.isfinite(hi)
        p_hi = (w[end] * np.exp(self.a * hi[end])) ** side
        part[end] += np.exp(base * hi[end]) * (1 if side > 0 else p_hi) * _horner(plain, p_hi)
        for k, g in enumerate(gaps):
            if abs(g) < _RESONANT:
                part += signs[k] * front * p_lo**k * _exponential_integral(g, hi - lo)
        total[active] = part
        return total

    def _bent(self, w: ComplexArray, base: float, ranges: _Ranges) -> ComplexArray:
        """Gauss-Legendre between the two series, on a path with a corner below the real axis, away from the pole."""
        total = np.zeros_like(w)
        active = np.flatnonzero(ranges.low < ranges.high)
        if not active.size:
            return total
        corner = ranges.corner[active]
        for begin, end in ((ranges.low[active], corner), (corner, ranges.high[active])):
            step = (end - begin)[:, None]
            x = begin[:, None] + step * self.path_nodes
            q = w[active, None] * np.exp(self.a * x)
            total[active] += _contract(np.exp(base * x) * step / (1 + q), self.path_weights[None, :])[0]
        return total


@dataclass(frozen=True, slots=True)
class _Ranges:
    """The integration range in log j, cut at the two hand-over points, and the corner of the path between them."""

    start: RealArray
    low: RealArray
    corner: ComplexArray
    high: RealArray
    stop: RealArray


def _exponential_integral(g: float, length: RealArray) -> RealArray:
    """The integral of e^{g x} over [0, length], also for g = 0 and, where g < 0, for infinite length."""
    if g == 0:
        return length
    return np.asarray(np.expm1(g * length) / g)


def zeta_sum(s: Fraction, v: RealArray | float) -> RealArray:
    """sum_{j<=v} j^{-s}, for `v` finite or, where s > 1, infinite; shape of `v`.

    Raises nothing: for s <= 1 and infinite `v` the value is `inf`.  For non-integer ``v > FEW_MODES`` it is the
    Euler-Maclaurin continuation in `v`.  Relative error about 1e-15.
    """
    modes = np.atleast_1d(np.asarray(v, dtype=np.float64))
    few = modes <= FEW_MODES
    head = np.arange(1.0, SHORT_HEAD)
    gap, power = float(1 - s), float(s)
    values = np.full(modes.shape, float((head**-power).sum()))
    start = float(SHORT_HEAD)
    values += start**gap * _exponential_integral(gap, np.log(modes / start)) if gap != 0 else np.log(modes / start)
    coefficients = _end_polynomials(1.0, power)[:, 0]
    values += start**-power * (0.5 - sum(c * start ** -(2 * k + 1) for k, c in enumerate(coefficients)))
    finite = np.isfinite(modes)
    x = modes[finite]
    values[finite] += x**-power * (0.5 + sum(c * x ** -(2.0 * k + 1) for k, c in enumerate(coefficients)))
    for count in np.unique(modes[few]):
        values[modes == count] = (np.arange(1.0, count + 1) ** -power).sum()
    return values
