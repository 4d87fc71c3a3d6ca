"""Rule `invert`: kappa from dof(kappa) = P (or N), to leading order.

The balance kappa (1 - dof/P)(1 - dof/N) = 0 of the late times makes dof the smaller of the two sizes, since kappa > 0 and dof
falls from infinity to 0 in kappa. Checked: the leading term of dof, with kappa replaced, is the size, exactly.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand, same_terms, terms_of
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term


def check(context: Context) -> None:
    """Put the term into the leading term of dof."""
    lead, size = context.premise("lead"), context.step.given["size"]
    balance = context.premise("identity").conclusion["equations"].get("late-balance", "")
    demand(parse_ratio(balance) == parse_ratio("-kappa*(1 - dof/P)*(1 - dof/N)"), "the balance of late times is wanted")
    source = context.lookup[lead.premises[0]]
    demand(source.rule == "power-law" and source.given["symbol"] == "dof" and source.given["scale"] == "kappa",
           "the leading term of dof is wanted")
    demand(size in ("N", "P") and context.step.cell == lead.cell, "the size is N or P, on the same cell")
    demand(lead.given["rays"] == [{"u": "-1"}], "kappa tends to zero")
    (kappa,), (dof,) = terms_of(context.step), terms_of(lead)
    demand(not kappa.logs and not dof.logs, "no logarithms are expected")
    same_terms([put(dof, "u", kappa)], [Term(Monomial.of({size: 1}))], "dof at kappa")


def put(term: Term, resource: str, value: Term) -> Term:
    """A term with a resource replaced by a term without logarithms; the logarithms of `term` keep leading order only."""
    power = term.monomial.exponent(resource)
    moved = term.replace({resource: value.monomial})
    return Term(moved.monomial, moved.constant * value.constant ** Ratio.of(power), moved.logs, term.cell, term.name)
