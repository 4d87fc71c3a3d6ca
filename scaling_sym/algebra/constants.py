"""Symbolic constants: coefficient * product of atom ** exponent, the exponents being rational functions of the parameters.

An `Atom` is one of a closed list of heads:

    polynomial(p)   the value of a rational function p     pi(), euler()   the circle and the Euler-Mascheroni constant
    gamma(x)        the gamma function                     zeta(s)         the Riemann zeta function (continued)
    sum(c1, c2, ..) a sum of constants                     kappa(c, rho)   the root k > 0 of  k int_0^rho du/(k + u^c) = 1
    scaled(s, c, rho)   int_0^rho x^(-s)/(kappa + x^c) dx, with kappa(c, rho)   (rho = v/d; rho = 0 stands for infinity)
    halfbeta(p, q)      int_0^1 y^(p-1) (2 - y)^(-q) dy, an incomplete beta function, p > 0

Two displays of one constant, such as Gamma(2-x) and (1-x)Gamma(1-x), are compared through `canonical`: sums are multiplied out,
and arguments of gamma are shifted by whole numbers to one representative. A power of a power is merged as for positive bases,
which the cell on which the constant is used must grant. Not covered: values (`constant_values`), the functional equation of
zeta, reflection and multiplication formulas of gamma. Unequal canonical forms therefore do not prove that two constants differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import factorial, prod
from typing import Final, final

from flint import fmpq, fmpz

from scaling_sym.algebra.ratios import Ratio, add_up, product

HEADS: Final = {  # each with the number of its arguments; a sum has any
    "polynomial": 1, "pi": 0, "euler": 0, "gamma": 1, "zeta": 1, "sum": None, "kappa": 2, "scaled": 3, "halfbeta": 2,
}
MOST_TERMS: Final = 1000
LARGEST: Final = (100_000, 10_000, 100_000)  # of a product of polynomials: terms, degree, binary digits
TRIAL: Final = 10000  # what is left of a number when primes up to this one are divided out stays one factor
Factors = tuple[tuple["Atom", Ratio], ...]


@final
@dataclass(frozen=True, slots=True)
class Atom:
    """One head with its arguments (rational functions, or constants for `sum`)."""

    head: str
    arguments: tuple[Ratio | Constant, ...] = ()

    @property
    def polynomial(self) -> Ratio | None:
        """The rational function of the head `polynomial`."""
        return self.arguments[0] if self.head == "polynomial" and isinstance(self.arguments[0], Ratio) else None

    def __str__(self) -> str:
        inner = ", ".join(map(str, self.arguments))
        return f"({inner})" if self.head == "polynomial" else f"{self.head}({inner})"


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
        return self * Constant.of(other) ** -1

    def __pow__(self, exponent: Ratio | int) -> Constant:
        power, coefficient, factors = Ratio.of(exponent), self.coefficient, self.factors
        number = whole(power)
        if number is not None:
            return _collect(coefficient**number, [(a, e * power) for a, e in factors])
        if not coefficient:
            raise ZeroDivisionError("0 has no power with a symbolic exponent")
        if coefficient < 0:  # the sign belongs to the polynomials: (1 - 2*x)**e, not (-1)**e * (2*x - 1)**e
            front, rest = _split(self)
            coefficient, factors = -coefficient, ((Atom("polynomial", (front / coefficient * -1,)), Ratio.of(1)), *rest)
        parts = (coefficient.numerator, power), (coefficient.denominator, -power)
        primes = [(Ratio.of(int(p)), e * int(k)) for part, e in parts for p, k in fmpz(part).factor(TRIAL)]
        numbers = ((Atom("polynomial", (p,)), e) for p, e in primes)
        return _collect(Fraction(1), [*((a, e * power) for a, e in factors), *numbers])

    def __add__(self, other: Constant | Ratio | int | Fraction) -> Constant:
        table = add_up(addend for part in (self, Constant.of(other)) for addend in _multiply_out(part))
        kept = sorted((rest * front for rest, front in table.items()), key=str)
        return Constant.of(Atom("sum", tuple(kept))) if len(kept) > 1 else kept[0] if kept else Constant(Fraction(0))

    def __sub__(self, other: Constant | Ratio | int | Fraction) -> Constant:
        return self + Constant.of(other) * -1

    def __str__(self) -> str:
        return "*".join([f"({self.coefficient})", *(f"{a}**({e})" for a, e in self.factors)])

    def canonical(self) -> Constant:
        """The form for comparison, not for display."""
        return prod((_canonical_atom(atom) ** exponent for atom, exponent in self.factors), start=Constant(self.coefficient)) + 0


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


def _multiply_out(value: Constant) -> list[tuple[Constant, Ratio]]:
    """Pairs of a constant and a rational function: their products add up to the value."""
    sums = [atom for atom, exponent in value.factors if atom.head == "sum" and exponent == 1]
    if prod(len(atom.arguments) for atom in sums) > MOST_TERMS:
        raise ValueError(f"a product of sums of constants with more than {MOST_TERMS} addends")
    if sums:
        others = value / Constant.of(sums[0])
        return [pair for addend in sums[0].arguments for pair in _multiply_out(others * addend)]
    front, rest = _split(value)
    return [(Constant(Fraction(1), rest), front)]


def _split(value: Constant) -> tuple[Ratio, Factors]:
    """The coefficient and what is whole in the powers of polynomials, multiplied out, and the other factors."""
    front, rest = Ratio.of(value.coefficient), []
    for atom, exponent in value.factors:
        base, steps = atom.polynomial, 0
        if base is not None and base.names:
            steps = _lead(exponent).__floor__()
            if abs(steps) > MOST_TERMS:
                raise ValueError(f"a power above {MOST_TERMS}")
            front = front.combine("*", base.power(steps, LARGEST), LARGEST)
        if exponent != steps:
            rest.append((atom, exponent - steps))
    return front, tuple(rest)


def _lead(x: Ratio) -> Fraction:
    """The leading coefficient, to which a whole number adds just itself."""
    (lead, below), *_ = x.denominator.monomials().items()
    return x.numerator.monomials().get(lead, Fraction(0)) / below


def _collect(coefficient: Fraction, factors: Iterable[tuple[Atom, Ratio]]) -> Constant:
    """The product in which each atom occurs once, in one order, and no number to a whole power."""
    kept = []
    for atom, exponent in add_up(factors).items() if coefficient else ():
        power = whole(exponent)
        if atom.polynomial is not None and atom.polynomial.is_constant and (power is not None or atom.polynomial == 1):
            coefficient *= atom.polynomial.constant() ** (power or 0)
        else:
            kept.append((atom, exponent))
    return Constant(coefficient, tuple(sorted(kept, key=lambda f: ([*HEADS].index(f[0].head), str(f[0])))))


@lru_cache(maxsize=4096)
def _canonical_atom(atom: Atom) -> Constant:
    """A sum, added up; a rational function, factored; Gamma(x) by that x + n, n whole, with a leading coefficient in (0, 1]."""
    if atom.head == "sum":
        return sum((Constant.of(part).canonical() for part in atom.arguments), Constant(Fraction(0)))
    if atom.head != "gamma" or not isinstance(atom.arguments[0], Ratio):
        return Constant.of(atom if atom.polynomial is None else atom.polynomial)
    steps = _lead(atom.arguments[0]).__ceil__() - 1
    base = atom.arguments[0] - steps
    above, under = (product(base + k for k in places) for places in (range(steps), range(steps, 0)))
    return gamma(base) * above / under
