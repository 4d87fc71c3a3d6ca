"""Asymptotics of power-law sums from Mellin transforms, with symbolic parameters.

    S(x) = sum over 1 <= j <= v of  j^(-s0) g(x j^c),      c > 0

Algorithm. With G(s) = int_0^oo g(x) x^(s-1) dx on its fundamental strip, S(x) = (1/2 pi i) int G(s) zeta(s0 + c s)
x^(-s) ds for v = infinity, on a line in the strip with Re(s0 + c s) > 1. Moving the line to the left (x -> 0) collects

    bulk    the pole of zeta at s = (1 - s0)/c:          (1/c) G((1-s0)/c) x^(-(1-s0)/c)
    inner   the poles of G at s = -n (Taylor of g at 0):  g_n zeta(s0 - c n) x^n
and, where the sum stops at v with x v^c >> 1, the tail removed is expanded by the poles of G to the right of the strip
    outer   s = k + n (g ~ sum h_n x^(-k-n)):             h_n x^(-k-n) v^(1-s)/(1-s),  s = s0 + c(k+n), and its
            Euler-Maclaurin corrections  + v^(-s)/2 - s v^(-s-1)/12 + s(s+1)(s+2) v^(-s-3)/720.
Where the pole of zeta falls on one of the others, *identically* in the parameters, the double pole gives a logarithm:
    inner:  x^n     [ g_n (log(1/x)/c + euler) + g_n (H_n - H_(k+n-1))/c ]       (exp: g_n (H_n - euler)/c + ...)
    outer:  x^(-k-n) [ h_n log(v x^(1/c)) + h_n (H_n - H_(k+n-1))/c ]
Where it does so only on part of a cell, `find_walls` names the polynomials, and the caller splits the cell first.

Kernels: exp(-x); (1+x)^(-k), k = 1, 2, ...; products with powers x^p shift s0 to s0 - c p. For c < 0 see `flip`.
Source: P. Flajolet, X. Gourdon, P. Dumas, *Mellin transforms and asymptotics*, Theor. Comput. Sci. 144 (1995) 3.

Not covered: oscillating kernels; remainders that are exponentially small (exp has no outer terms, and its sum for
x -> infinity with c > 0 is smaller than every power).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import comb, factorial
from typing import Final, final

from scaling_sym.algebra.constants import Atom, Constant, gamma, zeta
from scaling_sym.algebra.expansions import Expansion
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.errors import BadInputError

ONE_RATIO: Final = Ratio.of(1)


@final
@dataclass(frozen=True, slots=True)
class Kernel:
    """The function g: `exp` is exp(-x) (then `order` is 0), `rational` is (1 + x)^(-order)."""

    name: str
    order: int = 0

    def __post_init__(self) -> None:
        if (self.name, self.order > 0) not in {("exp", False), ("rational", True)}:
            raise BadInputError(
                f"{self.name!r} of order {self.order} is no kernel: exp of order 0, or rational of order 1, 2, ... is"
            )

    def transform(self, s: Ratio) -> Constant:
        """The Mellin transform G(s)."""
        if self.name == "exp":
            return gamma(s)
        return gamma(s) * gamma(Ratio.of(self.order) - s) / factorial(self.order - 1)

    def taylor(self, n: int) -> Fraction:
        """The coefficient g_n of x^n at 0."""
        if self.name == "exp":
            return Fraction((-1) ** n, factorial(n))
        return Fraction((-1) ** n * comb(self.order + n - 1, n))

    def tail(self, n: int) -> Fraction:
        """The coefficient h_n of x^(-order-n) at infinity; exp has none."""
        return Fraction(0) if self.name == "exp" else self.taylor(n)


@final
@dataclass(frozen=True, slots=True)
class PowerSum:
    """sum over 1 <= j <= upper of j^(-s0) g(x j^c); `x` and `upper` are resources, `upper` "" is infinity."""

    s0: Ratio
    c: Ratio
    kernel: Kernel
    x: str = "u"
    upper: str = ""

    def times_power(self, p: Ratio) -> PowerSum:
        """The sum with the kernel x^p g(x), divided by x^p: s0 is shifted by -c p."""
        return PowerSum(self.s0 - self.c * p, self.c, self.kernel, self.x, self.upper)

    def flip(self) -> tuple[PowerSum, Term]:
        """A rational sum with c < 0 as (a sum with -c in 1/x, the factor x^(-k)); x -> infinity becomes x -> 0."""
        if self.kernel.name != "rational":
            raise BadInputError("only rational kernels are flipped: (1 + x)^(-k) = x^(-k) (1 + 1/x)^(-k)")
        k = self.kernel.order
        flipped = PowerSum(self.s0 + self.c * k, -self.c, self.kernel, f"inverse_{self.x}", self.upper)
        return flipped, Term(Monomial.of({self.x: -k}))


def find_walls(power_sum: PowerSum, inner: int = 1, outer: int = 1) -> list[Ratio]:
    """The polynomials on whose zero sets two of the poles coincide, unless they coincide everywhere.

    `inner` and `outer` as in `expand_small`; one more of each adds the walls on which an error gains a logarithm. Where
    the bulk term is below the error it may have poles on further walls; it is then to be absorbed, not evaluated.
    """
    bulk = _place(power_sum)
    levels = [Ratio.of(-n) for n in range(inner)]
    if power_sum.upper and power_sum.kernel.name == "rational":
        levels += [Ratio.of(power_sum.kernel.order + n) for n in range(outer)]
    differences = [bulk - level for level in levels]
    return [d.primitive() for d in differences if d and not d.is_constant]


def expand_small(power_sum: PowerSum, inner: int = 2, outer: int = 1, edge: int = 1) -> Expansion:
    """The expansion for x -> 0 (with x v^c -> infinity where the sum stops at v).

    `inner` and `outer` count the terms of the two families, `edge` those of Euler-Maclaurin in each outer one (1 to
    3). The errors are the first terms left out. Needs c > 0 and convergence at infinity, which the caller's cell must
    grant (`BadInputError` where they fail identically); terms whose poles coincide on part of the cell must have been
    split off (`find_walls`).
    """
    _require_convergence(power_sum)
    kernel, place = power_sum.kernel, _place(power_sum)
    if not 1 <= edge <= 3:
        raise BadInputError(f"{edge} Euler-Maclaurin terms were asked for: 1 to 3 are allowed")
    terms = [t for n in range(inner) for t in _inner_group(power_sum, n)]
    errors = _inner_group(power_sum, inner)
    if power_sum.upper and kernel.name == "rational":
        for n in range(outer):
            corrections = _edge(power_sum, n)
            terms += [*_outer_group(power_sum, n), *corrections[: edge - 1]]
            errors.append(corrections[edge - 1])
        errors += _outer_group(power_sum, outer)
    if not _is_pole(kernel, place):
        terms.append(Term(Monomial.of({power_sum.x: -place}), kernel.transform(place) / power_sum.c))
    return Expansion(tuple(t for t in terms if t.constant.coefficient), tuple(errors))


def _place(power_sum: PowerSum) -> Ratio:
    """Where the pole of zeta lies."""
    return (ONE_RATIO - power_sum.s0) / power_sum.c


def _is_pole(kernel: Kernel, place: Ratio) -> bool:
    """Whether the pole of zeta falls on one of the transform, identically: then its term is part of another one."""
    if not place.is_constant or place.constant().denominator != 1:
        return False
    return place.constant() <= 0 or (kernel.name == "rational" and place.constant() >= kernel.order)


def _require_convergence(power_sum: PowerSum) -> None:
    kernel, c = power_sum.kernel, power_sum.c
    if c.is_constant and c.constant() <= 0:
        raise BadInputError(f"c = {c} is not positive: only c > 0 is expanded here (a rational sum can be flipped)")
    if power_sum.upper or kernel.name == "exp":
        return
    place = _place(power_sum)
    decay = power_sum.s0 + c * kernel.order - 1
    if (place.is_constant and place.constant() >= kernel.order) or (decay.is_constant and decay.constant() <= 0):
        raise BadInputError(f"the sum diverges: s0 + c*{kernel.order} > 1 is needed, or an upper end")


def expand_large(power_sum: PowerSum, count: int = 3) -> Expansion:
    """The expansion for x -> infinity at c > 0 and v = infinity: sum of h_n zeta(s0 + c(k+n)) x^(-k-n).

    It converges for x > 1. For exp it is empty: the sum is smaller than every power.
    """
    kernel = power_sum.kernel
    if power_sum.upper:
        raise BadInputError("the expansion for large x is for sums without an upper end")
    _require_convergence(power_sum)
    if kernel.name == "exp":
        return Expansion(())
    terms = [
        Term(
            Monomial.of({power_sum.x: -(kernel.order + n)}),
            zeta(power_sum.s0 + power_sum.c * (kernel.order + n)) * kernel.tail(n),
        )
        for n in range(count + 1)
    ]
    return Expansion(tuple(terms[:-1]), (terms[-1],))


def expand_falling_exponential(power_sum: PowerSum) -> Expansion:
    """sum j^(-s0) exp(-x j^c) with c < 0 for x -> infinity: one term, up to terms smaller than every power.

    Gamma has no poles to the right, so that only the pole of zeta at s = (1-s0)/c contributes. Needs s0 > 1.
    """
    s0, c, place = power_sum.s0, power_sum.c, _place(power_sum)
    if power_sum.upper or power_sum.kernel.name != "exp":
        raise BadInputError("a falling exponential sum has the kernel exp and no upper end")
    if (c.is_constant and c.constant() >= 0) or (s0.is_constant and s0.constant() <= 1):
        raise BadInputError(f"c < 0 and s0 > 1 are needed, not c = {c} and s0 = {s0}")
    return Expansion((Term(Monomial.of({power_sum.x: -place}), gamma(place) / -c),))


def expand_trace(s: Ratio, upper: str = "") -> Expansion:
    """sum over j <= v of j^(-s) for v -> infinity: zeta(s) + v^(1-s)/(1-s) + ..., or log v + euler at s = 1.

    Without an upper end the caller's cell must grant s > 1; `BadInputError` where that fails identically, though zeta(s)
    has a value there.
    """
    if not upper:
        if s.is_constant and s.constant() <= 1:
            raise BadInputError(f"the sum of j^(-{s}) diverges: s > 1 is needed, or an upper end")
        return Expansion((Term(Monomial(), zeta(s)),))
    if s == 1:
        v = Monomial.of({upper: 1})
        return Expansion((Term(Monomial(), logs=((v, ONE_RATIO),)), Term(Monomial(), _euler())), (Term(v**-1),))
    edge = Term(Monomial.of({upper: ONE_RATIO - s}), Constant.of(1 / (ONE_RATIO - s)))
    return Expansion((Term(Monomial(), zeta(s)), edge), (Term(Monomial.of({upper: -s})),))


def _inner(power_sum: PowerSum, n: int) -> Term:
    value = zeta(power_sum.s0 - power_sum.c * n) * power_sum.kernel.taylor(n)
    return Term(Monomial.of({power_sum.x: n}), value)


def _inner_group(power_sum: PowerSum, n: int) -> list[Term]:
    return _double_inner(power_sum, n) if _place(power_sum) == -n else [_inner(power_sum, n)]


def _outer_group(power_sum: PowerSum, n: int) -> list[Term]:
    level = power_sum.kernel.order + n
    if _place(power_sum) == level:
        return _double_outer(power_sum, n)
    rest = ONE_RATIO - power_sum.s0 - power_sum.c * level
    monomial = Monomial.of({power_sum.x: -level, power_sum.upper: rest})
    return [Term(monomial, Constant.of(1 / rest) * power_sum.kernel.tail(n))]


def _edge(power_sum: PowerSum, n: int) -> list[Term]:
    """The Euler-Maclaurin corrections at the upper end to one outer term."""
    level = power_sum.kernel.order + n
    s = power_sum.s0 + power_sum.c * level
    weights = (
        (-s, Ratio.of(Fraction(1, 2))),
        (-s - 1, -s / 12),
        (-s - 3, s * (s + 1) * (s + 2) / 720),
    )
    return [
        Term(Monomial.of({power_sum.x: -level, power_sum.upper: e}), Constant.of(w) * power_sum.kernel.tail(n))
        for e, w in weights
    ]


def _harmonic(n: int) -> Fraction:
    return sum((Fraction(1, i) for i in range(1, n + 1)), Fraction(0))


def _euler() -> Constant:
    return Constant.of(Atom("euler"))


def _double_inner(power_sum: PowerSum, n: int) -> list[Term]:
    kernel, c, size = power_sum.kernel, power_sum.c, power_sum.kernel.taylor(n)
    monomial = Monomial.of({power_sum.x: n})
    log = Term(monomial, Constant.of(1 / c) * size, ((Monomial.of({power_sum.x: -1}), ONE_RATIO),))
    if kernel.name == "exp":
        finite = Constant.of(Ratio.of(_harmonic(n)) / c) + _euler() * (ONE_RATIO - 1 / c)
    else:
        finite = _euler() + (_harmonic(n) - _harmonic(kernel.order + n - 1)) / c
    return [log, Term(monomial, finite * size)]


def _double_outer(power_sum: PowerSum, n: int) -> list[Term]:
    kernel, c = power_sum.kernel, power_sum.c
    level, size = kernel.order + n, kernel.tail(n)
    monomial = Monomial.of({power_sum.x: -level})
    argument = Monomial.of({power_sum.upper: 1, power_sum.x: 1 / c})
    finite = Constant.of((_harmonic(n) - _harmonic(level - 1)) / c)
    return [Term(monomial, Constant(size), ((argument, ONE_RATIO),)), Term(monomial, finite * size)]
