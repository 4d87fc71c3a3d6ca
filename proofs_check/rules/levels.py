"""Rule `levels`: one of the sums C_n, B_n of the model as a combination of power sums, with v = rho d.

Checked: that the power sums are those of the model (weight, eigenvalue, kernel order) with the coefficients that `perturb`
found, and that the conclusion is their combination, exactly.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand, same_terms, terms_of, tie
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_number, parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term


def check(context: Context) -> None:
    """Recombine the power sums."""
    given, model = context.step.given, context.model()
    family = given["sum"]
    levels = context.premise("perturb").conclusion["levels"][family][given["order"]]
    sums = {str(p.given["order"]): p for p in context.premises if p.rule == "power-sum"}
    demand(context.cell == Cell(), "the sums hold everywhere")
    demand(sums.keys() == levels.keys() and len(context.premises) == len(sums) + 1, "other power sums are wanted")
    total = []
    for level, premise in sums.items():
        demand(parse_ratio(premise.given["s0"]) == parse_ratio(model["sums"][family]["weight"]), "the weight is another")
        demand(parse_ratio(premise.given["c"]) == parse_ratio(model["eigenvalue"]), "the eigenvalue is another")
        factor = Term(Monomial(), Constant(parse_number(levels[level])))
        total += [tie(t * factor, "v", "d", Ratio.parameter("rho")) for t in terms_of(premise)]
        finite = premise.given["upper"] == "v"
        demand(given["ratio"] == ("rho" if finite else "0"), "the ratio v/d is rho, and 0 stands for infinity")
    same_terms(terms_of(context.step), total, f"{family}_{given['order']}")
