"""Rule `moment`: half the mean of |m|^p for the mean m of D normal samples of variance s2.

m is normal of variance s2/D, and E|m|^p = (2 s2/D)^(p/2) Gamma((p+1)/2)/sqrt(pi). Trusted: this integral. Checked: the term. For
other samples of finite variance it is the leading term, by the central limit theorem (with moments of order above p).
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.framework import Context, demand, same_terms, terms_of
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Atom, Constant, gamma
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term


def check(context: Context) -> None:
    """Recompute the term."""
    demand(not context.premises and context.cell == Cell(), "a moment rests on nothing else")
    p, variance = parse_ratio(context.step.given["power"]), parse_ratio(context.step.given["variance"])
    constant = Constant(Fraction(1, 2)) * Constant.of(variance * 2) ** (p / 2) * gamma((p + 1) / 2)
    constant = constant * Constant.of(Atom("pi")) ** Ratio.of(Fraction(-1, 2))
    same_terms(terms_of(context.step), [Term(Monomial.of({"D": -p / 2}), constant)], "the moment")
