"""Rule `trace`: sum over j <= v of j^(-s) = zeta(s) + v^(1-s)/(1-s) + ..., or log v + euler at s = 1 identically.

Trusted: Euler-Maclaurin summation. Checked: that s is the model's eigenvalue exponent, and both terms exactly.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand, same_terms, terms_of
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Atom, Constant, zeta
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term


def check(context: Context) -> None:
    """Recompute the two leading terms."""
    given = context.step.given
    s = parse_ratio(given["s"])
    demand(s == parse_ratio(context.premise("model").conclusion["eigenvalue"]), "the trace is not that of the model")
    demand(context.cell == Cell() and given["upper"] in ("v", ""), "the trace runs over j <= v, or over all j")
    v = Monomial.of({"v": 1})
    if not given["upper"]:
        demand(not s.is_constant or s.constant() > 1, "the trace diverges")
        expected = [Term(Monomial(), zeta(s))]
    elif s == 1:
        expected = [Term(Monomial(), logs=((v, Ratio.of(1)),)), Term(Monomial(), Constant.of(Atom("euler")))]
    else:
        expected = [Term(Monomial(), zeta(s)), Term(v ** (1 - s), Constant.of(1 / (1 - s)))]
    same_terms(terms_of(context.step), expected, "the trace")
