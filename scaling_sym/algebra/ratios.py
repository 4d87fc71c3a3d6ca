"""Exact rational functions with rational coefficients over named parameters, held by FLINT.

A `Ratio` is a reduced quotient of two multivariate polynomials. Normal form: no common factor; the denominator is a primitive
integer polynomial with positive leading coefficient (degree-lexicographic, names in alphabetical order); names that do not
occur are dropped. So `==` decides equality. A *polynomial* has the denominator 1; the *primitive part* is the integer polynomial
with content 1 and positive lead that has the same zeros. Not covered: algebraic numbers, roots, order (see `signs`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache, cached_property, lru_cache
from math import comb, gcd, lcm, prod
from typing import Final, TypeVar, final

from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx

Point = Mapping[str, Fraction]
MOST_TERMS: Final = 2_000_000  # of a product or a power of polynomials, as they are bounded before it is multiplied out
_Key = TypeVar("_Key")


@cache
def _context(names: tuple[str, ...]) -> fmpq_mpoly_ctx:
    return fmpq_mpoly_ctx.get(names, Ordering.deglex)


def _fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _content(value: fmpq_mpoly) -> fmpq:
    """The rational that makes `value / content` primitive with positive leading coefficient; 0 for 0."""
    coefficients = value.coeffs()
    size = fmpq(gcd(*(int(c.p) for c in coefficients)), lcm(*(int(c.q) for c in coefficients)))
    return -size if value.leading_coefficient() < 0 else size


@final
class Ratio:
    """A reduced rational function; immutable, hashable, exact. Dividing by zero raises `ZeroDivisionError`.

    Build it with `Ratio.of`, `Ratio.parameter`, or arithmetic; text is read by `grammar.parse_ratio`.
    """

    def __init__(self, numerator: fmpq_mpoly, denominator: fmpq_mpoly) -> None:
        """The quotient of two polynomials in one context."""
        num, den = numerator, denominator
        if den.is_zero():
            raise ZeroDivisionError("the denominator of a rational function is zero")
        if not den.is_constant():
            common = num.gcd(den)
            num, den = num // common, den // common
        if not den.is_one():
            scale = _content(den)
            num, den = num / scale, den / scale
        unused = set(num.unused_gens()) & set(den.unused_gens())
        self.names: tuple[str, ...] = tuple(n for n in num.context().names() if n not in unused)
        self._num, self._den = (p.project_to_context(_context(self.names)) if unused else p for p in (num, den))

    @staticmethod
    def of(value: int | Fraction | Ratio) -> Ratio:
        """The constant function `value`."""
        return value if isinstance(value, Ratio) else _constant(Fraction(value))

    @staticmethod
    def parameter(name: str) -> Ratio:
        """The function that is the parameter `name` itself."""
        return Ratio(_context((name,)).gens()[0], _context((name,)).constant(1))

    @property
    def numerator(self) -> Ratio:
        """The numerator, as a polynomial (it carries the rational content)."""
        return _lift(self._num)

    @property
    def denominator(self) -> Ratio:
        """The denominator, a primitive integer polynomial with positive leading coefficient."""
        return _lift(self._den)

    @property
    def is_constant(self) -> bool:
        """Whether no parameter occurs."""
        return not self.names

    def constant(self) -> Fraction:
        """The value of a constant function; raises `ValueError` where a parameter occurs."""
        if self.names:
            raise ValueError(f"{self} is not a constant")
        return self.at({})

    def monomials(self) -> dict[tuple[tuple[str, int], ...], Fraction]:
        """The terms of a polynomial: powers by name, with coefficients, the leading one first. The denominator is ignored."""
        return {tuple((n, int(e)) for n, e in zip(self.names, powers, strict=True) if e): _fraction(c)
                for powers, c in self._num.to_dict().items()}

    def factors(self) -> tuple[Fraction, tuple[tuple[Ratio, int], ...]]:
        """Content and irreducible primitive factors with (possibly negative) multiplicities, sorted by degree and text."""
        found = [(_lift(piece).primitive(), sign * int(power)) for part, sign in ((self._num, 1), (self._den, -1)) if self
                 for piece, power in part.factor()[1]]
        content = self / product(factor**power for factor, power in found)
        return content.constant(), tuple(sorted(found, key=lambda f: (f[0].degree, str(f[0]))))

    @property
    def degree(self) -> int:
        """Total degree of the numerator."""
        return max(int(self._num.total_degree()), 0)

    def measure(self) -> tuple[int, int]:
        """The terms of numerator or denominator, whichever has more, and the binary digits of the longest integer in them."""
        coefficients = [*self._num.coeffs(), *self._den.coeffs()]
        return max(len(self._num), len(self._den)), max(int(part).bit_length() for c in coefficients for part in (c.p, c.q))

    def primitive(self) -> Ratio:
        """The primitive part of the numerator (same zeros, positive leading coefficient); 0 stays 0."""
        return _lift(self._num / _content(self._num)) if self else self

    def at(self, point: Point) -> Fraction:
        """The value at `point`, which must name every parameter; raises `KeyError` or `ZeroDivisionError`."""
        values = [fmpq(point[n].numerator, point[n].denominator) for n in self.names]
        return _fraction(self._num(*values)) / _fraction(self._den(*values))

    def substitute(self, values: Mapping[str, Ratio]) -> Ratio:
        """Replace parameters by rational functions, at once; names not mentioned stay."""
        if not any(name in values for name in self.names):
            return self
        bases = {n: values.get(n, Ratio.parameter(n)) for n in self.names}
        top, below = (sum((product(bases[n] ** e for n, e in powers) * c for powers, c in part.monomials().items()), _constant(0))
                      for part in (self.numerator, self.denominator))
        return top / below

    def derivative(self, name: str) -> Ratio:
        """The partial derivative."""
        if name not in self.names:
            return _constant(0)
        top = self._num.derivative(name) * self._den - self._num * self._den.derivative(name)
        return Ratio(top, self._den * self._den)

    def _align(self, other: Ratio | int | Fraction) -> tuple[fmpq_mpoly, ...]:
        """Numerator and denominator of this and of the other, in one context."""
        o = Ratio.of(other)
        parts = self._num, self._den, o._num, o._den
        if o.names == self.names:
            return parts
        context = _context(tuple(sorted({*self.names, *o.names})))
        return tuple(p.project_to_context(context) for p in parts)

    def __add__(self, other: Ratio | int | Fraction) -> Ratio:
        a, b, c, d = self._align(other)
        return Ratio(_times(a, d) + _times(c, b), _times(b, d))

    def __mul__(self, other: Ratio | int | Fraction) -> Ratio:
        a, b, c, d = self._align(other)
        return Ratio(_times(a, c), _times(b, d))

    def __truediv__(self, other: Ratio | int | Fraction) -> Ratio:
        a, b, c, d = self._align(other)
        return Ratio(_times(a, d), _times(b, c))

    def __pow__(self, power: int) -> Ratio:
        for part in (self._num, self._den):
            _limit(comb(max(len(part), 1) - 1 + abs(power), abs(power)), (int(e) * abs(power) for e in part.degrees()))
        return Ratio(self._num**power, self._den**power) if power >= 0 else Ratio(self._den**-power, self._num**-power)

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
        if not isinstance(other, Ratio | int | Fraction):
            return NotImplemented
        o = Ratio.of(other)
        return self.names == o.names and bool(self._num == o._num and self._den == o._den)

    def __hash__(self) -> int:
        return hash(self._text)

    @cached_property
    def _text(self) -> str:
        scale = _content(self._num).q
        top, below = (str(p * scale).replace("^", "**") for p in (self._num, self._den))
        return top if below == "1" else f"{_bracket(top, '+-')}/{_bracket(below, '+-*/')}"

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__


def _limit(terms: int, degrees: Iterable[int]) -> None:
    """Refuse what may have more terms: no more than products of terms, or than monomials of these degrees."""
    if terms > MOST_TERMS and prod(d + 1 for d in degrees) > MOST_TERMS:
        raise ValueError(f"a polynomial that may have more than {MOST_TERMS} terms")


def _times(left: fmpq_mpoly, right: fmpq_mpoly) -> fmpq_mpoly:
    _limit(len(left) * len(right), (int(a + b) for a, b in zip(left.degrees(), right.degrees(), strict=True)))
    return left * right


def _lift(polynomial: fmpq_mpoly) -> Ratio:
    return Ratio(polynomial, polynomial.context().constant(1))


@lru_cache(maxsize=4096)
def _constant(value: Fraction | int) -> Ratio:
    return _lift(_context(()).constant(fmpq(value.numerator, value.denominator)))


def _bracket(text: str, signs: str) -> str:
    """Put brackets round a text in which one of the signs occurs, but for a leading minus."""
    return f"({text})" if any(c in text.lstrip("-") for c in signs) else text


def product(values: Iterable[Ratio]) -> Ratio:
    """The product of any number of rational functions; 1 for none."""
    return prod(values, start=_constant(1))


def add_up(pairs: Iterable[tuple[_Key, Ratio]]) -> dict[_Key, Ratio]:
    """The sum of the values of each key; sums that vanish are left out."""
    sums: dict[_Key, Ratio] = {}
    for key, value in pairs:
        sums[key] = sums[key] + value if key in sums else value
    return {key: value for key, value in sums.items() if value}


ZERO = _constant(0)
