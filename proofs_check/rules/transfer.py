"""Rule `transfer`: from powers of u to powers of theta, term by term.

Trusted: u^s -> theta^(-s-1)/Gamma(-s) (Flajolet, Odlyzko 1990), and its logarithmic forms to leading order. Checked: each
term, exactly. That the expansion transfers uniformly in d is the named assumption `uniform-transfer`.
"""

from __future__ import annotations

from math import factorial

from proofs_check.framework import Context, demand, same_terms, terms_of
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Constant, gamma
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, merge_logs


def check(context: Context) -> None:
    """Transfer every term again."""
    (premise,) = context.premises
    demand(premise.rule in ("renew", "combine") and context.cell == Cell(), "a transform is wanted")
    expected = [moved for term in terms_of(premise) for moved in move(term)]
    same_terms(terms_of(context.step), expected, "the transfer to time")


def move(term: Term) -> list[Term]:
    """The terms in time that one term of the transform gives; none for an analytic one."""
    s = term.monomial.exponent("u")
    into = {"u": Monomial.of({"theta": -1})}
    monomial = term.monomial.replace(into) * Monomial.of({"theta": -1})
    whole = s.is_constant and s.constant().denominator == 1 and s.constant() >= 0
    if not whole:
        logs = merge_logs((m.replace(into), k) for m, k in term.logs)
        return [Term(monomial, term.constant / gamma(-s), logs)]
    n, result = int(s.constant()), []
    for m, k in term.logs:
        slope = m.exponent("u")
        if slope:
            logs = merge_logs([*((a.replace(into), e) for a, e in term.logs), (m.replace(into), Ratio.of(-1))])
            factor = Constant.of(slope * k * (factorial(n) * (-1) ** (n + 1)))
            result.append(Term(monomial, term.constant * factor, logs))
    return result
