"""Rule `collect`: the terms of the loss in the resources d and r, with theta = 2 gamma B r.

Checked: that the terms are those of the window, with the floor beside them unless a term that stands still is there already
(then both must have the same power of d), with gamma replaced by its term in d, exactly.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand, same_terms, terms_of
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, merge_logs


def check(context: Context) -> None:
    """Substitute again."""
    given = context.step.given
    demand(given == {"time": "theta", "steps": "r", "batch": "B", "rate": "gamma"}, "theta = 2 gamma B r is wanted")
    window, floor, rates = context.premise("absorb"), context.premise("floor"), context.premise("learning-rate")
    for premise in (window, floor, rates):
        demand(premise.cell == context.step.cell, "a premise is for another cell")
    (rate,), inside, (below,) = terms_of(rates), list(terms_of(window)), terms_of(floor)
    still = [t for t in inside if t.name == "F_0"]
    parts = inside if still else [*inside, below]
    expected = [substitute_time(t, rate) for t in parts]
    if still:
        demand(substitute_time(below, rate).monomial == substitute_time(still[0], rate).monomial, "two floors differ")
    same_terms(terms_of(context.step), expected, "the terms in d and r", names=True)


def substitute_time(term: Term, rate: Term) -> Term:
    """theta -> 2 gamma B r; gamma -> its term in d where it moves, a constant where it does not."""
    moving = bool(rate.monomial.powers or rate.logs)
    e = term.monomial.exponent("theta")
    step = Monomial.of({"r": 1, "gamma": 1}) if moving else Monomial.of({"r": 1})
    moved = term.replace({"theta": step})
    constant = moved.constant * Constant.of(Ratio.parameter("B") * 2) ** e
    g = moved.monomial.exponent("gamma")
    constant = constant * (rate.constant**g if moving else Constant.of(Ratio.parameter("gamma")) ** e)
    logs = merge_logs([*moved.logs, *((m, k * g) for m, k in rate.logs if g)])
    return Term(moved.monomial.replace({"gamma": rate.monomial}), constant, logs, term.cell, term.name)
