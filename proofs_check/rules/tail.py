"""Rule `tail`: sum over i > D of i^(-s) = D^(1-s)/(s-1) + O(D^(-s)), s > 1.

Trusted: Euler-Maclaurin summation. Checked: the term, and the sign of s - 1 on the cell.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand, same_terms, terms_of
from proofs_check.signs import prove_sign
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.terms import Monomial, Term


def check(context: Context) -> None:
    """Recompute the term."""
    s = parse_ratio(context.step.given["s"])
    demand(not context.premises, "a sum rests on nothing else")
    demand(prove_sign(s - 1, context.cell, context.step.certificate, "the sum converges") > 0, "the sum diverges")
    same_terms(terms_of(context.step), [Term(Monomial.of({"D": 1 - s}), Constant.of(1 / (s - 1)))], "the tail")
