"""Self-consistency: the floor u -> 0 of m + (1/d) sum_j w_j phi(m, lam_j, z) = 1, and sums whose last mode is rho d.

*Floor* (u -> 0): the equation is balanced by m = u omega with sum_j phi = d, where omega = kappa d^(2 alpha) and kappa is
the root of  kappa int_0^rho dx/(kappa + x^(2 alpha)) = 1,  rho = v/d (a Riemann sum with mesh 1/d).
Source: paquette2024, deterministic equivalent and its expansion.

Not covered: the window d^(-2 alpha) << u << 1, where m = 1 - delta is expanded (`derivations.paquette2024.series`); the
crossover u ~ d^(-2 alpha), where all orders in 1/d are comparable.
"""

from __future__ import annotations

from scaling_sym.algebra.constants import ONE, Atom, Constant, zeta
from scaling_sym.algebra.expansions import Expansion
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, substitute


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
