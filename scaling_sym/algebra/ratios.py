"""Exact rational functions with rational coefficients, over named parameters.

Algorithm. A `Ratio` is a reduced quotient of two multivariate polynomials held by FLINT. Normal form: no common
factor; the denominator is a primitive integer polynomial whose leading coefficient (degree-lexicographic, names in
alphabetical order) is positive; names that do not occur are dropped. Equal functions therefore have equal normal
forms, so that `==` decides equality and hashing is structural.

Vocabulary. *Polynomial*: a `Ratio` whose denominator is 1. *Primitive part*: the integer polynomial with content 1 and
positive leading coefficient that has the same zeros. *Point*: a mapping from names to fractions.

Not covered: algebraic numbers, roots, order. Signs are decided in `signs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any, Final, final

from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx

Point = Mapping[str, Fraction]


@cache
def _context(names: tuple[str, ...]) -> fmpq_mpoly_ctx:
    return fmpq_mpoly_ctx.get(names, Ordering.deglex)


_ONE: Final = _context(()).constant(1)


def _shrink(value: fmpq_mpoly) -> fmpq_mpoly:
    """Drop the generators that do not occur."""
    used = tuple(n for n in value.context().names() if n not in set(value.unused_gens()))
    return value if used == value.context().names() else value.project_to_context(_context(used))


def _align(left: fmpq_mpoly, right: fmpq_mpoly) -> tuple[fmpq_mpoly, fmpq_mpoly]:
    if left.context() is right.context():
        return left, right
    names = tuple(sorted({*left.context().names(), *right.context().names()}))
    return left.project_to_context(_context(names)), right.project_to_context(_context(names))


def _fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _constant(value: fmpq_mpoly) -> Fraction:
    return Fraction(0) if value.is_zero() else _fraction(value.coeffs()[0])


def _content(value: fmpq_mpoly) -> Fraction:
    """The rational that makes `value / content` primitive with positive leading coefficient."""
    from math import gcd, lcm

    coefficients = [_fraction(c) for c in value.coeffs()]
    size = Fraction(gcd(*(c.numerator for c in coefficients)), lcm(*(c.denominator for c in coefficients)))
    return size if coefficients[0] > 0 else -size


@final
class Ratio:
    """A reduced rational function; immutable, hashable, exact.

    Build it with `Ratio.of`, `Ratio.parameter`, or arithmetic; text is read by `grammar.parse_ratio`.
    Division by zero raises `ZeroDivisionError`.
    """

    __slots__ = ("_den", "_lazy_hash", "_lazy_key", "_lazy_text", "_num")

    _num: fmpq_mpoly
    _den: fmpq_mpoly
    _lazy_key: tuple[Any, ...] | None
    _lazy_hash: int | None
    _lazy_text: str | None

    def __init__(self, numerator: fmpq_mpoly, denominator: fmpq_mpoly) -> None:
        if denominator.is_zero():
            raise ZeroDivisionError("the denominator of a rational function is zero")
        self._lazy_key = self._lazy_hash = self._lazy_text = None
        num, den = _align(numerator, denominator)
        if den.is_one():
            self._num = _shrink(num)
            self._den = _ONE
            return
        if not den.is_constant():
            common = num.gcd(den)
            if not common.is_constant():
                num, den = num // common, den // common
        scale = _content(den)
        scaling = fmpq(scale.denominator, scale.numerator)
        self._num = _shrink(num * scaling)
        self._den = _shrink(den * scaling)

    @property
    def _key(self) -> tuple[Any, ...]:
        if self._lazy_key is None:
            self._lazy_key = (_terms(self._num), _terms(self._den))
        return self._lazy_key

    @staticmethod
    def of(value: int | Fraction | Ratio) -> Ratio:
        """The constant function `value`."""
        if isinstance(value, Ratio):
            return value
        return _constant_ratio(Fraction(value))

    @staticmethod
    def parameter(name: str) -> Ratio:
        """The function that is the parameter `name` itself."""
        return Ratio(_context((name,)).gens()[0], _ONE)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that occur, in alphabetical order."""
        return tuple(sorted({*self._num.context().names(), *self._den.context().names()}))

    @property
    def numerator(self) -> Ratio:
        """The numerator, as a polynomial (it carries the rational content)."""
        return Ratio(self._num, _ONE)

    @property
    def denominator(self) -> Ratio:
        """The denominator, a primitive integer polynomial with positive leading coefficient."""
        return Ratio(self._den, _ONE)

    @property
    def is_polynomial(self) -> bool:
        """Whether the denominator is 1."""
        return bool(self._den.is_one())

    @property
    def is_constant(self) -> bool:
        """Whether no parameter occurs."""
        return not self.names

    def constant(self) -> Fraction:
        """The value of a constant function; raises `ValueError` where a parameter occurs."""
        if not self.is_constant:
            raise ValueError(f"{self} is not a constant")
        return _constant(self._num)

    def monomials(self) -> dict[tuple[tuple[str, int], ...], Fraction]:
        """The terms of a polynomial: powers by name, with coefficients. The denominator is ignored."""
        names = self._num.context().names()
        return {
            tuple((n, int(e)) for n, e in zip(names, exponents, strict=True) if e): _fraction(c)
            for exponents, c in self._num.to_dict().items()
        }

    def factors(self) -> tuple[Fraction, tuple[tuple[Ratio, int], ...]]:
        """Content and irreducible primitive factors with (possibly negative) multiplicities, sorted by text."""
        content, found = Fraction(1), []
        for part, sign in ((self._num, 1), (self._den, -1)):
            if part.is_zero():
                return Fraction(0), ()
            constant, pieces = part.factor()
            content *= _fraction(constant) ** sign
            for piece, power in pieces:
                scale = _content(piece)
                content *= scale ** (sign * int(power))
                primitive = Ratio(piece * fmpq(scale.denominator, scale.numerator), _ONE)
                found.append((primitive, sign * int(power)))
        return content, tuple(sorted(found, key=lambda f: (f[0].degree, str(f[0]))))

    @property
    def degree(self) -> int:
        """Total degree of the numerator."""
        return max(int(self._num.total_degree()), 0)

    @property
    def bits(self) -> int:
        """The length in binary digits of the longest integer in any coefficient."""
        coefficients = [*self._num.coeffs(), *self._den.coeffs()]
        return max(int(part).bit_length() for c in coefficients for part in (c.p, c.q))

    def count_terms(self) -> tuple[int, int]:
        """The number of terms of the numerator and of the denominator."""
        return len(self._num), len(self._den)

    def primitive(self) -> Ratio:
        """The primitive part of the numerator (same zeros, positive leading coefficient); 0 stays 0."""
        if self._num.is_zero():
            return self
        scale = _content(self._num)
        return Ratio(self._num * fmpq(scale.denominator, scale.numerator), _ONE)

    def at(self, point: Point) -> Fraction:
        """The value at `point`, which must name every parameter; raises `KeyError` or `ZeroDivisionError`."""
        return _value(self._num, point) / _value(self._den, point)

    def substitute(self, values: Mapping[str, Ratio]) -> Ratio:
        """Replace parameters by rational functions; names not mentioned stay."""
        if not any(name in values for name in self.names):
            return self
        return _compose(self._num, values) / _compose(self._den, values)

    def derivative(self, name: str) -> Ratio:
        """The partial derivative."""
        top, below = (_differentiate(part, name) for part in (self._num, self._den))
        if not below:
            return top / Ratio(self._den, _ONE)
        den = Ratio(self._den, _ONE)
        return (top * den - Ratio(self._num, _ONE) * below) / (den * den)

    def leading_coefficient(self, name: str) -> Ratio:
        """The coefficient of the highest power of `name` in a polynomial."""
        top = self._degree_in(name)
        rest = {m: c for m, c in self.monomials().items() if dict(m).get(name, 0) == top}
        return sum((product([Ratio.of(c), *(Ratio.parameter(n) ** e for n, e in m if n != name)])
                    for m, c in rest.items()), Ratio.of(0))

    def discriminant(self, name: str) -> Ratio:
        """The discriminant of a polynomial in `name`; 1 where the degree is at most one."""
        if self._degree_in(name) < 2:
            return Ratio.of(1)
        return Ratio(self._num.discriminant(name), _ONE)

    def resultant(self, other: Ratio, name: str) -> Ratio:
        """The resultant of two polynomials with respect to `name`."""
        left, right = _align(self._num, other._num)
        return Ratio(left.resultant(right, name), _ONE)

    def _degree_in(self, name: str) -> int:
        names = self._num.context().names()
        return int(self._num.degrees()[names.index(name)]) if name in names else 0

    def __add__(self, other: Ratio | int | Fraction) -> Ratio:
        o = Ratio.of(other)
        (a, b), (c, d) = _align(self._num, o._den), _align(o._num, self._den)
        left, right = _align(a * b, c * d)
        den, den2 = _align(self._den, o._den)
        return Ratio(left + right, den * den2)

    def __mul__(self, other: Ratio | int | Fraction) -> Ratio:
        o = Ratio.of(other)
        (a, b), (c, d) = _align(self._num, o._num), _align(self._den, o._den)
        return Ratio(a * b, c * d)

    def __truediv__(self, other: Ratio | int | Fraction) -> Ratio:
        o = Ratio.of(other)
        (a, b), (c, d) = _align(self._num, o._den), _align(self._den, o._num)
        return Ratio(a * b, c * d)

    def __pow__(self, power: int) -> Ratio:
        if power < 0:
            return Ratio(self._den**-power, self._num**-power)
        return Ratio(self._num**power, self._den**power)

    def __neg__(self) -> Ratio:
        return self * -1

    def __sub__(self, other: Ratio | int | Fraction) -> Ratio:
        return self + -Ratio.of(other)

    def __rsub__(self, other: int | Fraction) -> Ratio:
        return Ratio.of(other) - self

    def __rtruediv__(self, other: int | Fraction) -> Ratio:
        return Ratio.of(other) / self

    __radd__ = __add__
    __rmul__ = __mul__

    def __bool__(self) -> bool:
        return not self._num.is_zero()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int | Fraction):
            other = Ratio.of(other)
        return self._key == other._key if isinstance(other, Ratio) else NotImplemented

    def __hash__(self) -> int:
        if self._lazy_hash is None:
            self._lazy_hash = hash(self._key)
        return self._lazy_hash

    def __str__(self) -> str:
        if self._lazy_text is None:
            self._lazy_text = self._text()
        return self._lazy_text

    def _text(self) -> str:
        if self.is_polynomial and self._num.is_constant():
            return _write(self._num)
        content = Fraction(1) if self._num.is_zero() else _content(self._num)
        denominator = self._den * content.denominator
        num = _write(self._num * content.denominator)
        if denominator.is_one():
            return num
        den = _write(denominator)
        return f"{_bracket(num)}/{_bracket(den, strict=True)}"

    __repr__ = __str__


@lru_cache(maxsize=4096)
def _constant_ratio(value: Fraction) -> Ratio:
    return Ratio(_context(()).constant(fmpq(value.numerator, value.denominator)), _ONE)


def _terms(value: fmpq_mpoly) -> tuple[Any, ...]:
    """A hashable picture of a polynomial: its names, and its terms in order."""
    return value.context().names(), tuple(sorted((e, _fraction(c)) for e, c in value.to_dict().items()))


def _value(value: fmpq_mpoly, point: Point) -> Fraction:
    """The value of a polynomial at a rational point."""
    values = [point[n] for n in value.context().names()]
    if not values:
        return _constant(value)
    return _fraction(value(*(fmpq(v.numerator, v.denominator) for v in values)))


def _compose(value: fmpq_mpoly, values: Mapping[str, Ratio]) -> Ratio:
    names = value.context().names()
    total = Ratio.of(0)
    bases = [values.get(n, Ratio.parameter(n)) for n in names]
    for exponents, coefficient in value.to_dict().items():
        term = Ratio.of(_fraction(coefficient))
        for base, e in zip(bases, exponents, strict=True):
            if e:
                term = term * base ** int(e)
        total = total + term
    return total


def _write(value: fmpq_mpoly) -> str:
    return str(value).replace("^", "**")


def _bracket(text: str, strict: bool = False) -> str:
    """Put brackets round a sum (and, where `strict`, round a product)."""
    needed = any(c in text.lstrip("-") for c in ("+", "-")) or (strict and any(c in text for c in "*/"))
    return f"({text})" if needed else text


def product(values: Iterable[Ratio]) -> Ratio:
    """The product of any number of rational functions; 1 for none."""
    total = Ratio.of(1)
    for value in values:
        total = total * value
    return total


def _differentiate(value: fmpq_mpoly, name: str) -> Ratio:
    return Ratio(value.derivative(name), _ONE) if name in value.context().names() else Ratio.of(0)
