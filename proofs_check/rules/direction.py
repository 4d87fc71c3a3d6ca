"""Rule `direction`: the mean n-th power of the error of the nearest neighbour, for a target whose gradient has length 1.

The nearest of uniform points lies in a uniform direction u, at a distance that does not depend on it, and the error is the
distance times u_1: E|u_1|^n = Gamma(d/2) Gamma((n+1)/2)/(sqrt(pi) Gamma((d+n)/2)) (trusted). Checked: the product of both.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.framework import Context, same_terms, terms_of
from scaling_sym.algebra.constants import Atom, Constant, gamma
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Term


def check(context: Context) -> None:
    """Multiply the two means."""
    spacing = context.premise("spacing")
    n, d = (parse_ratio(spacing.given[k]) for k in ("power", "dimension"))
    factor = gamma(d / 2) * gamma((n + 1) / 2) / gamma((d + n) / 2) * Constant.of(Atom("pi")) ** Ratio.of(Fraction(-1, 2))
    expected = [Term(t.monomial, t.constant * factor) for t in terms_of(spacing)]
    same_terms(terms_of(context.step), expected, "the error of the nearest neighbour")
