"""Real roots of polynomials of degree one and two, exactly: rational + sign * square root of a rational.

Algorithm. A root of a x^2 + b x + c is -b/(2a) +- sqrt(D/(4 a^2)), D = b^2 - 4 a c. Two such numbers are equal iff
their pieces are, because a square root that is rational is absorbed into the rational piece; different ones are
ordered by rational enclosures from integer square roots, refined until they separate.

Not covered: degree three and higher.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key
from math import isqrt
from typing import final

from scaling_sym.algebra.ratios import Ratio


@final
@dataclass(frozen=True, slots=True)
class Surd:
    """`rational + sign * sqrt(square)`, where `square` is no square of a rational, or 0 together with `sign`."""

    rational: Fraction
    sign: int = 0
    square: Fraction = Fraction(0)

    @staticmethod
    def of(rational: Fraction, sign: int, square: Fraction) -> Surd:
        """The normal form; `square` is not negative."""
        root = Fraction(isqrt(square.numerator), isqrt(square.denominator))
        if root * root == square:
            return Surd(rational + sign * root)
        return Surd(rational, sign, square)

    def enclose(self, bits: int) -> tuple[Fraction, Fraction]:
        """Rational bounds whose distance is at most 2^-bits."""
        if not self.sign:
            return self.rational, self.rational
        scale = 1 << bits
        low = isqrt(self.square.numerator * scale * scale // self.square.denominator)
        ends = sorted(self.rational + self.sign * Fraction(n, scale) for n in (low, low + 1))
        return ends[0], ends[1]


def compare_surds(left: Surd, right: Surd) -> int:
    """-1, 0 or 1 as `left` is below, equal to or above `right`."""
    if left == right:
        return 0
    bits = 32
    while True:
        (a, b), (c, d) = left.enclose(bits), right.enclose(bits)
        if b < c or d < a:
            return -1 if b < c else 1
        bits *= 2


def find_roots(polynomial: Ratio) -> list[Surd] | None:
    """The real roots of a polynomial in one parameter, ascending, each once; `None` above degree two."""
    if len(polynomial.names) != 1 or polynomial.degree > 2:
        return None
    coefficients = [Fraction(0)] * 3
    for powers, value in polynomial.monomials().items():
        coefficients[sum(e for _, e in powers)] = value
    c, b, a = coefficients
    if not a:
        return [Surd(-c / b)]
    square = (b * b - 4 * a * c) / (4 * a * a)
    if square < 0:
        return []
    roots = {Surd.of(-b / (2 * a), sign, square) for sign in (-1, 1)}
    return sorted(roots, key=cmp_to_key(compare_surds))
