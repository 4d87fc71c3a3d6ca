"""Symbolic constants: coefficient * product of atom ** exponent, the exponents being rational functions of the parameters.

An `Atom` is one of a closed list of heads:

    polynomial(p)   the value of a rational function p     pi(), euler()   the circle and the Euler-Mascheroni constant
    gamma(x)        the gamma function                     zeta(s)         the Riemann zeta function (continued)
    sinpi(x)        sin(pi x)                              sum(c1, c2, ..) a sum of constants
    kappa(c, rho)   the root k > 0 of  k int_0^rho du/(k + u^c) = 1, rho = v/d
    scaled(s, c, rho)   int_0^rho x^(-s)/(kappa + x^c) dx, with kappa(c, rho)   (rho = 0 stands for infinity)
    halfbeta(p, q)      int_0^1 y^(p-1) (2 - y)^(-q) dy, an incomplete beta function, p > 0

Two displays of one constant, such as Gamma(2-x) and (1-x)Gamma(1-x), are compared through `canonical`: arguments of gamma are
shifted by integers into one strip and reflected into its lower half, where "strip" is decided at one fixed generic point, so
that the choice is the same for equal functions. A power of a power is merged as for positive bases, which the cell on which
the constant is used must grant. Values (`constant_values`) come as balls.

Not covered: the functional equation of zeta, and relations beyond shift and reflection. Unequal canonical forms therefore do
not prove that two constants differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from math import factorial
from typing import Final, final

from flint import fmpq, fmpz

from scaling_sym.algebra.ratios import Ratio

HEADS: Final = ("polynomial", "pi", "euler", "gamma", "zeta", "sinpi", "sum", "kappa", "scaled", "halfbeta")
_HALF: Final = Fraction(1, 2)
Factors = tuple[tuple["Atom", Ratio], ...]


@final
@dataclass(frozen=True)
class Atom:
    """One head with its arguments (rational functions, or constants for `sum`)."""

    head: str
    arguments: tuple[Ratio | Constant, ...] = ()

    @property
    def polynomial(self) -> Ratio | None:
        """The rational function of the head `polynomial`."""
        return self.arguments[0] if self.head == "polynomial" and isinstance(self.arguments[0], Ratio) else None

    @cached_property
    def _text(self) -> str:
        inner = ", ".join(map(str, self.arguments))
        return f"({inner})" if self.head == "polynomial" else f"{self.head}({inner})"

    @cached_property
    def _hash(self) -> int:
        return hash((self.head, self.arguments))

    def __str__(self) -> str:
        return self._text

    def __hash__(self) -> int:
        return self._hash


@final
@dataclass(frozen=True, slots=True)
class Constant:
    """A product of powers of atoms with a rational coefficient; immutable, hashable."""

    coefficient: Fraction = Fraction(1)
    factors: Factors = ()

    @staticmethod
    def of(value: int | Fraction | Ratio | Atom | Constant) -> Constant:
        """The constant with this value; a rational function is split into its irreducible factors."""
        if isinstance(value, Constant):
            return value
        if isinstance(value, Atom):
            return Constant(Fraction(1), ((value, Ratio.of(1)),))
        content, factors = Ratio.of(value).factors()
        return _collect(content, [(Atom("polynomial", (f,)), Ratio.of(e)) for f, e in factors])

    def __mul__(self, other: Constant | Ratio | int | Fraction) -> Constant:
        o = Constant.of(other)
        return _collect(self.coefficient * o.coefficient, [*self.factors, *o.factors])

    def __truediv__(self, other: Constant | Ratio | int | Fraction) -> Constant:
        return self * Constant.of(other) ** Ratio.of(-1)

    def __pow__(self, exponent: Ratio | int) -> Constant:
        power = Ratio.of(exponent)
        number = whole(power)
        if number is not None:
            return _collect(self.coefficient**number, [(a, e * power) for a, e in self.factors])
        coefficient, factors = self.coefficient, self.factors
        if not coefficient:
            raise ZeroDivisionError("0 has no power with a symbolic exponent")
        if coefficient < 0:  # the sign belongs to the polynomials: (1 - 2*x)**e, not (-1)**e * (2*x - 1)**e
            front, rest = _split_rational(self)
            coefficient, factors = -coefficient, ((Atom("polynomial", (-front,)), Ratio.of(1)), *rest)
        return _collect(Fraction(1), [*((a, e * power) for a, e in factors), *_split_primes(coefficient, power)])

    def __add__(self, other: Constant | Ratio | int | Fraction) -> Constant:
        return add_constants([self, Constant.of(other)])

    def __neg__(self) -> Constant:
        return self * -1

    def __sub__(self, other: Constant | Ratio | int | Fraction) -> Constant:
        return self + -Constant.of(other)

    def __str__(self) -> str:
        parts = [f"{a}" if e == 1 else f"{a}**({e})" for a, e in self.factors]
        if self.coefficient != 1 or not parts:
            parts.insert(0, f"({self.coefficient})" if self.coefficient < 0 else str(self.coefficient))
        return "*".join(parts)

    def substitute(self, values: dict[str, Ratio]) -> Constant:
        """Replace parameters by rational functions throughout."""
        total = Constant(self.coefficient)
        for atom, exponent in self.factors:
            arguments = tuple(a.substitute(values) for a in atom.arguments)
            if atom.head == "sum":
                base = add_constants(a for a in arguments if isinstance(a, Constant))
            else:
                base = Constant.of(arguments[0] if atom.head == "polynomial" else Atom(atom.head, arguments))
            total = total * base ** exponent.substitute(values)
        return total

    def canonical(self) -> Constant:
        """The form for comparison, not for display: gammas shifted and reflected, sums multiplied out and collected."""
        plain, sums = Constant(self.coefficient), [ONE]
        for atom, exponent in self.factors:
            value = _canonical_atom(atom) ** exponent
            parts = _addends(value)
            if len(parts) > 1:
                sums = [a * b for a in sums for b in parts]
            else:
                plain = plain * value
        return _collect_sum(plain * s for s in sums)


ONE: Final = Constant()


def whole(value: Ratio) -> int | None:
    """The whole number that a function is identically, if it is one."""
    return int(value.constant()) if value.is_constant and value.constant().denominator == 1 else None


def gamma(x: Ratio) -> Constant:
    """The gamma function of an exponent; rational values at 1, 2, 3, ..."""
    n = whole(x)
    return Constant(Fraction(factorial(n - 1))) if n is not None and 1 <= n <= 64 else Constant.of(Atom("gamma", (x,)))


def zeta(s: Ratio) -> Constant:
    """The Riemann zeta function of an exponent, analytically continued; rational values at 0, -1, -2, ..."""
    n = whole(s)
    if n is None or n > 0:
        return Constant.of(Atom("zeta", (s,)))
    value = fmpq.bernoulli(1 - n)
    return Constant(Fraction((-1) ** -n * int(value.p), int(value.q) * (1 - n)))


def add_constants(parts: Iterable[Constant]) -> Constant:
    """The sum of any number of constants; 0 for none."""
    merged: dict[Factors, Fraction] = {}
    for part in (p for sums in parts for p in _addends(sums)):
        merged[part.factors] = merged.get(part.factors, Fraction(0)) + part.coefficient
    kept = sorted((Constant(c, f) for f, c in merged.items() if c), key=str)
    if len(kept) < 2:
        return kept[0] if kept else Constant(Fraction(0))
    return Constant.of(Atom("sum", tuple(kept)))


def _addends(value: Constant) -> list[Constant]:
    if len(value.factors) == 1 and value.factors[0][0].head == "sum" and value.factors[0][1] == 1:
        return [c * value.coefficient for c in value.factors[0][0].arguments if isinstance(c, Constant)]
    return [value]


def _collect(coefficient: Fraction, factors: Iterable[tuple[Atom, Ratio]]) -> Constant:
    merged: dict[Atom, Ratio] = {}
    for atom, exponent in factors if coefficient else ():
        merged[atom] = merged.get(atom, Ratio.of(0)) + exponent
    for atom in [a for a in merged if a.polynomial is not None and a.polynomial.is_constant]:
        number, power = Ratio.of(atom.polynomial or 0).constant(), whole(merged[atom])
        if power is not None or number == 1:
            coefficient *= number ** (power or 0)
            del merged[atom]
    kept = sorted(((a, e) for a, e in merged.items() if e), key=lambda f: (HEADS.index(f[0].head), str(f[0])))
    return Constant(coefficient, tuple(kept))


def _split_primes(number: Fraction, power: Ratio) -> list[tuple[Atom, Ratio]]:
    """A positive number to a fractional power, prime by prime, so that (1/8)**x and 2**(-3*x) are one factor."""
    parts = [*fmpz(number.numerator).factor(), *((p, -k) for p, k in fmpz(number.denominator).factor())]
    return [(Atom("polynomial", (Ratio.of(int(prime)),)), power * int(k)) for prime, k in parts]


def _split_rational(value: Constant) -> tuple[Ratio, Factors]:
    """The polynomials to whole powers, multiplied out, and the other factors; the coefficient is left aside."""
    front, rest = Ratio.of(1), []
    for atom, exponent in value.factors:
        power = whole(exponent)
        if atom.polynomial is not None and power is not None:
            front = front * atom.polynomial**power
        else:
            rest.append((atom, exponent))
    return front, tuple(rest)


def _generic_value(x: Ratio) -> Fraction:
    """The value at a fixed generic point; only used to choose one representative out of x + integers."""
    return x.at({n: Fraction(int.from_bytes(n.encode()) * 7 + 3, 1009) % 5 for n in x.names})


def _collect_sum(parts: Iterable[Constant]) -> Constant:
    """A sum in which addends with the same transcendental part have one rational function in front."""
    table: dict[Factors, Ratio] = {}
    for part in parts:
        front, rest = _split_rational(part)
        table[rest] = table.get(rest, Ratio.of(0)) + front * part.coefficient
    return add_constants(Constant.of(front) * Constant(Fraction(1), rest) for rest, front in table.items() if front)


@lru_cache(maxsize=4096)
def _canonical_atom(atom: Atom) -> Constant:
    match atom:
        case Atom("sum", parts):
            return _collect_sum(a.canonical() for a in parts if isinstance(a, Constant))
        case Atom("gamma", (Ratio() as x,)):
            return _canonical_gamma(x)
        case Atom("sinpi", (Ratio() as x,)):
            return _canonical_sine(x)
        case Atom("polynomial", (Ratio() as x,)):
            return Constant.of(x)
        case _:
            return Constant.of(atom)


def _canonical_gamma(x: Ratio) -> Constant:
    n = whole(x)
    if n is not None and n > 0:
        return Constant(Fraction(factorial(n - 1)))
    shift = _generic_value(x).__floor__()
    base, total = x - shift, ONE
    for k in range(abs(shift)):
        total = total * (base + k) if shift > 0 else total / (base - 1 - k)
    if _generic_value(base) > _HALF:
        return total * Constant.of(Atom("pi")) / (_canonical_sine(base) * gamma(Ratio.of(1) - base))
    return total * gamma(base)


def _canonical_sine(x: Ratio) -> Constant:
    shift = _generic_value(x).__floor__()
    base, sign = x - shift, Constant(Fraction(-1 if shift % 2 else 1))
    base = Ratio.of(1) - base if _generic_value(base) > _HALF else base
    if base == _HALF:
        return sign
    return sign * Constant.of(Atom("sinpi", (base,))) if base else Constant(Fraction(0))
