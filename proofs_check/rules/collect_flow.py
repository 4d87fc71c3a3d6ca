"""Rule `collect-flow`: the terms of the loss of gradient flow in the resources N and t, with theta = 2 t and d = N.

The loss is the forcing function at t + t', on the diagonal: that is theta = 2 t. Checked: that the terms are those of the
window, with the floor beside them unless a term that stands still is there already, exactly.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand, same_terms, terms_of
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.terms import Monomial, Term


def check(context: Context) -> None:
    """Substitute again."""
    demand(context.step.given == {"time": "theta", "steps": "t", "size": "N"}, "theta = 2 t and d = N are wanted")
    demand(context.model()["model"] == "flow", "the model is gradient flow")
    window, floor = context.premise("absorb"), context.premise("floor")
    demand(window.cell == floor.cell == context.step.cell, "a premise is for another cell")
    inside, (below,) = list(terms_of(window)), terms_of(floor)
    still = [t for t in inside if t.name == "F_0"]
    demand(all(t.monomial == below.monomial for t in still), "two floors differ")
    expected = [double_time(t) for t in (inside if still else [*inside, below])]
    same_terms(terms_of(context.step), expected, "the terms in N and t", names=True)


def double_time(term: Term) -> Term:
    """theta -> 2 t, d -> N."""
    moved = term.replace({"theta": Monomial.of({"t": 1}), "d": Monomial.of({"N": 1})})
    constant = moved.constant * Constant.of(2) ** term.monomial.exponent("theta")
    return Term(moved.monomial, constant, moved.logs, term.cell, term.name)
