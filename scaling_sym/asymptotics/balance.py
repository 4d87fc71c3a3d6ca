"""Self-consistency: expanding the solution of m + (1/d) sum_j w_j phi(m, lam_j, z) = 1 where one side dominates.

Algorithm. With z = -u and X = u/lam_j the summand of the model becomes a rational function phi(m, X).

*Window* (d^(-2 alpha) << u << 1): the sum is small, m = 1 - delta. With y = 1/(1 + X) the Taylor coefficients of
phi(1 - delta, X) in delta are polynomials c_n(y), so that the sums that occur are power sums of kernel (1+x)^(-k),

    delta = (1/d) sum_n delta^n C_n,   C_n = sum_j w_j c_n(y_j),   delta = C_0/d + C_0 C_1/d^2 + O(C^3/d^3).

*Floor* (u -> 0): the equation is balanced by m = u omega with sum_j phi = d, where omega = kappa d^(2 alpha) and kappa is
the root of  kappa int_0^rho dx/(kappa + x^(2 alpha)) = 1,  rho = v/d (a Riemann sum with mesh 1/d).

Vocabulary. *Deficit*: delta = 1 - m. *Level*: k in sums of (1+x)^(-k).
Source: paquette2024, deterministic equivalent and its expansion; the derivation here is by Mellin sums.

Not covered: the crossover u ~ d^(-2 alpha), where all orders in 1/d are comparable.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import sympy as sp

from scaling_sym.algebra.constants import ONE, Atom, Constant, zeta
from scaling_sym.algebra.expansions import Expansion
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, substitute
from scaling_sym.asymptotics.power_sums import Kernel, PowerSum, expand_small
from scaling_sym.models.plrf import WeightedSum, lam, m, z

Levels = Mapping[int, Fraction]
_X, _Y, _U, _DELTA = sp.symbols("X y u delta")


def read_summand(weighted: WeightedSum) -> sp.Expr:
    """The summand as a rational function of m and X = u/lam, with z = -u; raises `ValueError` if u does not drop out."""
    expression = sp.cancel(weighted.summand.subs(z, -_U).subs(lam, _U / _X))
    if expression.has(_U):
        raise ValueError(f"{weighted.summand} is not a function of m and z/lam alone")
    return expression


def expand_summand(weighted: WeightedSum, orders: int) -> list[Levels]:
    """c_0, c_1, ... of phi(1 - delta, X) = sum c_n(y) delta^n, each as {k: coefficient of y^k}.

    Only derivatives of rational functions are taken. Raises `ValueError` where a coefficient is not polynomial in y.
    """
    phi = read_summand(weighted).subs(m, 1 - _DELTA)
    levels: list[Levels] = []
    for n in range(orders):
        at_one = sp.diff(phi, _DELTA, n).subs(_DELTA, 0) / sp.factorial(n)
        polynomial = sp.cancel(at_one.subs(_X, (1 - _Y) / _Y))
        if not polynomial.is_polynomial(_Y):
            raise ValueError(f"the coefficient of delta^{n} is not a polynomial in 1/(1 + X)")
        terms = sp.Poly(polynomial, _Y).terms()
        levels.append({int(k): Fraction(int(c.p), int(c.q)) for (k,), c in terms})
    return levels


def expand_levels(levels: Levels, s0: Ratio, c: Ratio, upper: str, inner: int, outer: int) -> Expansion:
    """sum_j j^(-s0) c(y_j) as an expansion in u (and `upper`), one power sum a level."""
    total = Expansion(())
    for k, coefficient in sorted(levels.items()):
        one = expand_small(PowerSum(s0, c, Kernel("rational", k), "u", upper), inner, outer)
        total = total + one.scale(Term(Monomial(), Constant.of(coefficient)))
    return total


def tie_upper(expansion: Expansion, upper: str = "v", size: str = "d", ratio: str = "rho") -> Expansion:
    """Replace the upper limit by ratio * size; in logarithms the ratio is of lower order and is dropped."""
    tie = {upper: Term(Monomial.of({size: 1}), Constant.of(Ratio.parameter(ratio)))}
    terms, errors = (tuple(substitute(t, tie) for t in part) for part in (expansion.terms, expansion.errors))
    return Expansion(terms, errors)


def kappa(c: Ratio, rho: Ratio) -> Constant:
    """The constant of the floor, omega = kappa d^c."""
    return Constant.of(Atom("kappa", (c, rho)))


def expand_at_floor(s0: Ratio, c: Ratio, rho: Ratio, convergent: bool) -> Term:
    """sum over j <= rho d of j^(-s0)/(1 + j^c/omega), omega = kappa d^c, to leading order for d -> infinity.

    `convergent` says that s0 > 1 on the cell (the sum is then zeta(s0)); otherwise s0 < 1, and it is a Riemann sum; at
    s0 = 1 identically the sum is log d.
    """
    if s0 == 1:
        return Term(Monomial(), ONE, ((Monomial.of({"d": 1}), Ratio.of(1)),))
    if convergent:
        return Term(Monomial(), zeta(s0))
    integral = Constant.of(Atom("scaled", (s0, c, rho)))
    return Term(Monomial.of({"d": Ratio.of(1) - s0}), kappa(c, rho) * integral)
