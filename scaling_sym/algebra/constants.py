"""Symbolic constants: products of powers of polynomials, special functions of exponents, and sums of such.

A `Constant` is `coefficient * product of atom ** exponent`, where the exponents are rational functions of the
parameters. An `Atom` is one of a closed list of heads:

    polynomial(p)   the value of a rational function p     pi()            the circle constant
    euler()         the Euler-Mascheroni constant
    gamma(x)        the gamma function                     zeta(s)         the Riemann zeta function (continued)
    sinpi(x)        sin(pi x)                              sum(c1, c2, ..) a sum of constants
    kappa(c, rho)   the root k > 0 of  k int_0^rho du/(k + u^c) = 1, rho = v/d
    scaled(s, c, rho)   int_0^rho x^(-s)/(kappa + x^c) dx, with kappa(c, rho)   (rho = 0 stands for infinity)

Two displays of one constant, such as Gamma(2-x) and (1-x)Gamma(1-x), are compared through `canonical`: arguments of
gamma are shifted by integers into one strip and reflected into its lower half, where "strip" is decided at one fixed
generic point, so that the choice is the same for equal functions. Values come as balls (Arb).

A power of a power is merged as for positive bases, which the cell on which the constant is used must grant.

Not covered: the functional equation of zeta, and relations between values at different arguments beyond shift and
reflection. Unequal canonical forms therefore do not prove that two constants differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from math import factorial
from typing import Final, final

from flint import arb, ctx, fmpq, fmpz

from scaling_sym.algebra.ratios import Point, Ratio, product
from scaling_sym.errors import OutsideDomainError

HEADS: Final = ("polynomial", "pi", "euler", "gamma", "zeta", "sinpi", "sum", "kappa", "scaled")
_HALF: Final = Ratio.of(Fraction(1, 2))


@final
@dataclass(frozen=True, slots=True)
class Atom:
    """One head with its arguments (rational functions, or constants for `sum`)."""

    head: str
    arguments: tuple[Ratio | Constant, ...] = ()
    _text: str = field(init=False, repr=False, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        inner = ", ".join(map(str, self.arguments))
        text = f"({inner})" if self.head == "polynomial" else f"{self.head}({inner})"
        object.__setattr__(self, "_text", text)
        object.__setattr__(self, "_hash", hash((self.head, self.arguments)))

    def __str__(self) -> str:
        return self._text

    def __hash__(self) -> int:
        return self._hash


@final
@dataclass(frozen=True, slots=True)
class Constant:
    """A product of powers of atoms with a rational coefficient; immutable, hashable."""

    coefficient: Fraction = Fraction(1)
    factors: tuple[tuple[Atom, Ratio], ...] = ()

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
        factors = [(a, e * power) for a, e in self.factors]
        if power.is_constant and power.constant().denominator == 1:
            return _collect(self.coefficient ** int(power.constant()), factors)
        if self.coefficient < 0:  # the sign belongs to the polynomials: (1 - 2*x)**e, not (-1)**e * (2*x - 1)**e
            return _split_sign(self, power)
        return _collect(Fraction(1), [*factors, *_split_primes(self.coefficient, power)])

    def __add__(self, other: Constant | Ratio | int | Fraction) -> Constant:
        parts = [*_addends(self), *_addends(Constant.of(other))]
        merged: dict[tuple[tuple[Atom, Ratio], ...], Fraction] = {}
        for p in parts:
            merged[p.factors] = merged.get(p.factors, Fraction(0)) + p.coefficient
        kept = [Constant(c, f) for f, c in merged.items() if c]
        if not kept:
            return Constant(Fraction(0))
        return kept[0] if len(kept) == 1 else Constant.of(Atom("sum", tuple(sorted(kept, key=str))))

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
            if atom.head == "polynomial":
                assert isinstance(arguments[0], Ratio)
                base = Constant.of(arguments[0])
            elif atom.head == "sum":
                base = add_constants(a for a in arguments if isinstance(a, Constant))
            else:
                base = Constant.of(Atom(atom.head, arguments))
            total = total * base ** exponent.substitute(values)
        return total

    def orient(self, point: Point) -> Constant:
        """Write polynomials and gamma functions so that they are positive at `point`, and any power of them is real.

        A polynomial changes its sign; a gamma function of a negative argument is shifted up to a positive one.
        """
        total = Constant(self.coefficient)
        for atom, exponent in self.factors:
            x, whole = (atom.arguments or (None,))[0], exponent.is_constant and exponent.constant().denominator == 1
            if not (isinstance(x, Ratio) and whole and set(x.names) <= set(point) and x.at(point) < 0):
                total = total * Constant(Fraction(1), ((atom, exponent),))
            elif atom.head == "polynomial":
                flipped = Constant(Fraction(-1) ** int(exponent.constant()))
                total = total * flipped * Constant(Fraction(1), ((Atom("polynomial", (-x,)), exponent),))
            elif atom.head == "gamma":
                steps = -x.at(point).__floor__()
                shifted = gamma(x + steps) / product(x + k for k in range(steps))
                total = total * shifted.orient(point) ** exponent
            else:
                total = total * Constant(Fraction(1), ((atom, exponent),))
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

    def evaluate(self, point: Point, digits: int = 30) -> arb:
        """A ball around the value at a rational point, computed with `digits` and some guard digits.

        Raises `OutsideDomainError` where the constant has a pole, is not real, or is not defined.
        """
        with ctx.workdps(digits + 15):
            value = _evaluate(self, point)
        if not value.is_finite():
            where = ", ".join(f"{n} = {x}" for n, x in sorted(point.items()))
            raise OutsideDomainError(f"the constant {self} has no finite real value at {where or 'any point'}")
        return value


ONE: Final = Constant()


def gamma(x: Ratio) -> Constant:
    """The gamma function of an exponent; rational values at 1, 2, 3, ..."""
    if x.is_constant and x.constant().denominator == 1 and 1 <= x.constant() <= 64:
        return Constant(Fraction(factorial(int(x.constant()) - 1)))
    return Constant.of(Atom("gamma", (x,)))


def zeta(s: Ratio) -> Constant:
    """The Riemann zeta function of an exponent, analytically continued; rational values at 0, -1, -2, ..."""
    if s.is_constant and s.constant() <= 0 and s.constant().denominator == 1:
        n = int(-s.constant())
        value = fmpq.bernoulli(n + 1)
        return Constant(Fraction((-1) ** n) * Fraction(int(value.p), int(value.q)) / (n + 1))
    return Constant.of(Atom("zeta", (s,)))


def add_constants(parts: Iterable[Constant]) -> Constant:
    """The sum of any number of constants; 0 for none."""
    total = Constant(Fraction(0))
    for part in parts:
        total = total + part
    return total


def _addends(value: Constant) -> list[Constant]:
    if len(value.factors) == 1 and value.factors[0][0].head == "sum" and value.factors[0][1] == 1:
        return [c * value.coefficient for c in value.factors[0][0].arguments if isinstance(c, Constant)]
    return [value]


def _collect(coefficient: Fraction, factors: Iterable[tuple[Atom, Ratio]]) -> Constant:
    if coefficient == 0:
        return Constant(Fraction(0))
    merged: dict[Atom, Ratio] = {}
    for atom, exponent in factors:
        merged[atom] = merged.get(atom, Ratio.of(0)) + exponent
    for atom in [a for a in merged if a.head == "polynomial"]:
        argument, exponent = atom.arguments[0], merged[atom]
        assert isinstance(argument, Ratio)
        whole = exponent.is_constant and exponent.constant().denominator == 1
        if argument.is_constant and (whole or argument.constant() == 1):
            coefficient *= argument.constant() ** int(exponent.constant()) if whole else 1
            del merged[atom]
    kept = sorted(((a, e) for a, e in merged.items() if e), key=lambda f: (HEADS.index(f[0].head), str(f[0])))
    return Constant(coefficient, tuple(kept))


def _split_primes(number: Fraction, power: Ratio) -> list[tuple[Atom, Ratio]]:
    """A positive number to a fractional power, prime by prime, so that (1/8)**x and 2**(-3*x) are one factor."""
    found = []
    for part, sign in ((number.numerator, 1), (number.denominator, -1)):
        for prime, multiplicity in fmpz(part).factor():
            found.append((Atom("polynomial", (Ratio.of(int(prime)),)), power * (int(multiplicity) * sign)))
    return found


def _split_sign(value: Constant, power: Ratio) -> Constant:
    """A fractional power of a constant with negative coefficient: its polynomials become one base, with the sign."""
    base, rest = Ratio.of(-1), []
    for atom, exponent in value.factors:
        argument = atom.arguments[0] if atom.head == "polynomial" else None
        if isinstance(argument, Ratio) and exponent.is_constant and exponent.constant().denominator == 1:
            base = base * argument ** int(exponent.constant())
        else:
            rest.append((atom, exponent * power))
    magnitude = _split_primes(-value.coefficient, power)
    return _collect(Fraction(1), [(Atom("polynomial", (base,)), power), *magnitude, *rest])


def _generic_value(x: Ratio) -> Fraction:
    """The value at a fixed generic point; only used to choose one representative out of x + integers."""
    return x.at({n: Fraction(int.from_bytes(n.encode()) * 7 + 3, 1009) % 5 for n in x.names})


def _collect_sum(parts: Iterable[Constant]) -> Constant:
    """A sum in which addends with the same transcendental part have one rational function in front."""
    table: dict[tuple[tuple[Atom, Ratio], ...], Ratio] = {}
    for part in parts:
        front, rest = Ratio.of(part.coefficient), []
        for atom, exponent in part.factors:
            argument = atom.arguments[0] if atom.head == "polynomial" else None
            if isinstance(argument, Ratio) and exponent.is_constant and exponent.constant().denominator == 1:
                front = front * argument ** int(exponent.constant())
            else:
                rest.append((atom, exponent))
        table[tuple(rest)] = table.get(tuple(rest), Ratio.of(0)) + front
    return add_constants(Constant.of(front) * Constant(Fraction(1), rest) for rest, front in table.items() if front)


@lru_cache(maxsize=4096)
def _canonical_atom(atom: Atom) -> Constant:
    if atom.head == "sum":
        return _collect_sum(a.canonical() for a in atom.arguments if isinstance(a, Constant))
    x = atom.arguments[0] if atom.arguments else None
    if atom.head == "gamma" and isinstance(x, Ratio):
        if x.is_constant and x.constant() > 0 and x.constant().denominator == 1:
            return Constant(Fraction(factorial(int(x.constant()) - 1)))
        whole = _generic_value(x).__floor__()
        base, total = x - whole, ONE
        for k in range(abs(whole)):
            total = total * (base + k) if whole > 0 else total / (base - 1 - k)
        if _generic_value(base) > Fraction(1, 2):
            pi = Constant.of(Atom("pi"))
            return total * pi / (_canonical_atom(Atom("sinpi", (base,))) * gamma(Ratio.of(1) - base))
        return total * gamma(base)
    if atom.head == "sinpi" and isinstance(x, Ratio):
        whole = _generic_value(x).__floor__()
        base = x - whole
        if _generic_value(base) > Fraction(1, 2):
            base = Ratio.of(1) - base
        if not base:
            return Constant(Fraction(0))
        if base == _HALF:
            return Constant(Fraction(-1 if whole % 2 else 1))
        return Constant.of(Atom("sinpi", (base,))) * (-1 if whole % 2 else 1)
    if atom.head == "polynomial" and isinstance(x, Ratio):
        return Constant.of(x)
    return Constant.of(atom)


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def _evaluate(constant: Constant, point: Point) -> arb:
    total = _ball(constant.coefficient)
    for atom, exponent in constant.factors:
        value, power = _evaluate_atom(atom, point), exponent.at(point)
        total *= value ** int(power) if power.denominator == 1 else value ** _ball(power)
    return total


def _evaluate_atom(atom: Atom, point: Point) -> arb:
    if atom.head == "pi":
        return arb.pi()
    if atom.head == "euler":
        return arb.const_euler()
    if atom.head == "sum":
        return sum((_evaluate(c, point) for c in atom.arguments if isinstance(c, Constant)), arb(0))
    x = [a.at(point) for a in atom.arguments if isinstance(a, Ratio)]
    if atom.head == "gamma":
        return _ball(x[0]).gamma()
    if atom.head == "zeta":
        return _ball(x[0]).zeta()
    if atom.head == "sinpi":
        return _ball(x[0]).sin_pi()
    if atom.head == "kappa":
        return solve_kappa(x[0], x[1])
    if atom.head == "scaled":
        return _scaled_integral(x[0], x[1], x[2], solve_kappa(x[1], x[2]))
    return _ball(x[0])


def _scaled_integral(s: Fraction, c: Fraction, rho: Fraction, kappa: arb) -> arb:
    """The integral of x^(-s)/(kappa + x^c) over (0, rho), rho = 0 standing for infinity; needs s < 1 (< s + c)."""
    if s >= 1 or c <= 0 or rho < 0 or (rho == 0 and s + c <= 1):
        raise OutsideDomainError(
            f"the integral of x^(-{s})/(kappa + x^({c})) up to {rho or 'infinity'} diverges: s < 1 < s + c is needed"
        )
    a = (1 - s) / c
    if rho == 0:
        return kappa ** _ball(a - 1) * arb.pi() / (_ball(c) * _ball(a).sin_pi())
    size = _ball(rho) ** _ball(c) / kappa
    return _ball(rho) ** _ball(1 - s) / (_ball(1 - s) * kappa) * (-size).hypgeom_2f1(arb(1), _ball(a), _ball(1 + a))


def solve_kappa(c: Fraction, rho: Fraction) -> arb:
    """A ball around the root of k * integral of du/(k + u^c) over (0, rho) = 1; rho = 0 stands for infinity.

    The left side grows with k from 0 to rho (or without bound), so a sign change of its balls brackets the root. Raises
    `OutsideDomainError` where there is none: c > 0 and rho > 1, or c > 1 and rho = infinity, is needed.
    """
    if c <= 0 or (rho == 0 and c <= 1) or (rho != 0 and rho <= 1):
        raise OutsideDomainError(
            f"kappa({c}, {rho}) does not exist: c > 0 and rho > 1, or c > 1 and rho = 0 (infinity), is needed"
        )
    if rho == 0:
        return (arb.pi() / _ball(c) / (arb.pi() / _ball(c)).sin()) ** _ball(-c)

    def excess(k: arb) -> arb:
        return k * _scaled_integral(Fraction(0), c, rho, k) - 1

    low, high = arb(1), arb(1)
    while not excess(low) < 0:
        low /= 2
    while not excess(high) > 0:
        high *= 2
    while (high - low) / high > arb(2) ** -ctx.prec * 2**20:
        middle = arb((low + high).mid()) / 2
        value = excess(middle)
        if value < 0:
            low = middle
        elif value > 0:
            high = middle
        else:
            break
    return low.union(high)
