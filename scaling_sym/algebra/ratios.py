"""Exact rational functions with rational coefficients over named parameters, held by FLINT.

A `Ratio` is a reduced quotient of two multivariate integer polynomials. Normal form: no common factor, also no number; the lead
below is positive (degree-lexicographic, names in alphabetical order); names that do not occur are dropped. So `==` decides
equality. Numbers below count as the numerator's: a *polynomial* has the denominator 1. The *primitive part* is the polynomial
with content 1 and positive lead that has the same zeros. Not covered: algebraic numbers, roots, order (see `signs`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache, cached_property, lru_cache, reduce
from math import prod
from typing import Final, TypeVar, final

from flint import Ordering, fmpq, fmpz_mpoly, fmpz_mpoly_ctx

Point = Mapping[str, Fraction]
Size = tuple[int, ...]  # of a polynomial: terms, degree, binary digits
LARGEST: Final[Size] = (6_000_000, 10_000, 1_000_000)  # of a product, as it is bounded before it is multiplied out
_Key = TypeVar("_Key")


@cache
def _context(names: tuple[str, ...]) -> fmpz_mpoly_ctx:
    return fmpz_mpoly_ctx.get(names, Ordering.deglex)


@final
class Ratio:
    """A reduced rational function; immutable, hashable, exact. Dividing by zero raises `ZeroDivisionError`.

    Build it with `Ratio.of`, `Ratio.parameter`, or arithmetic; text is read by `grammar.parse_ratio`.
    """

    def __init__(self, numerator: fmpz_mpoly, denominator: fmpz_mpoly) -> None:
        """The quotient of two polynomials in one context."""
        num, den = numerator, denominator
        if den.is_zero():
            raise ZeroDivisionError("division by zero")
        if not den.is_one():
            common = num.gcd(den) * (-1 if den.leading_coefficient() < 0 else 1)
            num, den = num // common, den // common
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
        return _lift(self._num) / int(self._den.primitive()[0])

    @property
    def denominator(self) -> Ratio:
        """The denominator, a primitive polynomial with positive lead."""
        return _lift(self._den).primitive()

    @property
    def is_constant(self) -> bool:
        """Whether no parameter occurs."""
        return not self.names

    def constant(self) -> Fraction:
        """The value of a constant function; raises `ValueError` where a parameter occurs."""
        if self.names:
            raise ValueError(f"{self} is not a constant")
        return Fraction(int(self._num[()]), int(self._den[()]))

    def monomials(self) -> dict[tuple[tuple[str, int], ...], Fraction]:
        """The terms of the numerator: powers by name, with coefficients, the leading one first."""
        scale = int(self._den.primitive()[0])
        return {tuple((n, int(e)) for n, e in zip(self.names, powers, strict=True) if e): Fraction(int(c), scale)
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

    def primitive(self) -> Ratio:
        """The primitive part of the numerator (same zeros, positive leading coefficient); 0 stays 0."""
        size = self._num.primitive()[0]
        return _lift(self._num) / int(-size if self._num.leading_coefficient() < 0 else size) if self else self

    def at(self, point: Point) -> Fraction:
        """The value at `point`, which must name every parameter; raises `KeyError` or `ZeroDivisionError`."""
        values = [fmpq(point[n].numerator, point[n].denominator) for n in self.names]
        top, below = (sum((prod(map(pow, values, powers), start=fmpq(c)) for powers, c in part.to_dict().items()), fmpq(0))
                      for part in (self._num, self._den))
        return Fraction(int((top / below).p), int((top / below).q))

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

    def combine(self, sign: str, other: Ratio | int | Fraction, most: Size = LARGEST) -> Ratio:
        """This and the other, joined by one of + - * /; refused where a product may be larger than that."""
        o = Ratio.of(other)
        a, b, c, d = self._num, self._den, o._num, o._den
        if o.names != self.names:
            context = _context(tuple(sorted({*self.names, *o.names})))
            a, b, c, d = (p.project_to_context(context) for p in (a, b, c, d))
        if sign == "*":
            return Ratio(_times(a, c, most), _times(b, d, most))
        if sign == "/":
            return Ratio(_times(a, d, most), _times(b, c, most))
        return Ratio(_times(a, d, most) + _times(c if sign == "+" else -c, b, most), _times(b, d, most))

    def power(self, power: int, most: Size = LARGEST) -> Ratio:
        """This to a whole power; refused where a product may be larger than that."""
        top, below = (reduce(lambda a, b: _times(a, b, most), [part] * abs(power), part.context().constant(1))
                      for part in (self._num, self._den))
        return Ratio(top, below) if power >= 0 else Ratio(below, top)

    def __add__(self, other: Ratio | int | Fraction) -> Ratio:
        return self.combine("+", other)

    def __sub__(self, other: Ratio | int | Fraction) -> Ratio:
        return self.combine("-", other)

    def __mul__(self, other: Ratio | int | Fraction) -> Ratio:
        return self.combine("*", other)

    def __truediv__(self, other: Ratio | int | Fraction) -> Ratio:
        return self.combine("/", other)

    def __neg__(self) -> Ratio:
        return self * -1

    def __rsub__(self, other: int | Fraction) -> Ratio:
        return Ratio.of(other) - self

    def __rtruediv__(self, other: int | Fraction) -> Ratio:
        return Ratio.of(other) / self

    __radd__ = __add__
    __rmul__ = __mul__
    __pow__ = power

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
        top, below = (str(p).replace("^", "**") for p in (self._num, self._den))
        return top if below == "1" else f"{_bracket(top, '+-')}/{_bracket(below, '+-*/')}"

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__


def _measure(value: fmpz_mpoly) -> Size:
    return len(value), int(value.total_degree()), max((c.bit_length() for c in value.coeffs()), default=1)


def _times(left: fmpz_mpoly, right: fmpz_mpoly, most: Size) -> fmpz_mpoly:
    """The product, unless it may have more terms, a higher degree or more digits."""
    one, two = _measure(left), _measure(right)
    if any(size > largest for size, largest in zip((one[0] * two[0], one[1] + two[1], one[2] + two[2]), most, strict=True)):
        raise ValueError("it may have more than {} terms, a degree above {}, or more than {} binary digits".format(*most))
    return left * right


def _lift(polynomial: fmpz_mpoly) -> Ratio:
    return Ratio(polynomial, polynomial.context().constant(1))


@lru_cache(maxsize=4096)
def _constant(value: Fraction | int) -> Ratio:
    return Ratio(*(_context(()).constant(n) for n in (value.numerator, value.denominator)))


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
