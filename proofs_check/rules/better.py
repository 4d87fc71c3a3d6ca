"""Rule `better`: of two ways to spend a budget, the one whose loss falls faster; on a wall, where it may carry logarithms.

On a wall (`substitution`) each way is an optimum whose open cell holds the wall, and then a pure power there, or the optimum on
this wall with its power of log C. Where the exponents are the same, so must be the powers of log C. That no other way is better,
as the loss does not fall when the free resource is taken away, is the named assumption `monotone-resources`.

Checked: each condition of their cells holds on the cell, and the sign of the difference of the exponents.
"""

from __future__ import annotations

from typing import Any

from proofs_check.framework import Context, demand, prove_sign
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.claims.bundle import Step
from scaling_sym.claims.codec import decode_cell, decode_ratio


def check(context: Context) -> None:
    """Compare the exponents."""
    body, proof, given = context.step.conclusion, context.step.certificate, context.step.given
    solved = {n: decode_ratio(x) for n, x in given["substitution"].items()}
    demand(len(context.premises) == len(proof["inside"]) == 2, "two optima are wanted")
    for optimum, inside in zip(context.premises, proof["inside"], strict=True):
        prove_inside(context, optimum, solved, inside)
    first, second = (read_loss(context, p, solved) for p in context.premises)
    sign = prove_sign(first[0] - second[0], context.cell, proof["difference"], "the difference")
    demand(sign > 0 or (sign == 0 and first[1] == second[1]), "the first is not the better one")
    demand((decode_ratio(body["loss"]), decode_ratio(body["log"])) == first, "the exponent is another")


def prove_inside(context: Context, premise: Step, solved: dict[str, Ratio], proofs: Any) -> None:
    """Refuse unless, on a wall, every condition of the premise's cell holds on the step's."""
    conditions = decode_cell(premise.cell).conditions
    demand(len(proofs) == len(conditions), "a condition of a premise's cell is not proved")
    for sign, proof in zip(conditions, proofs, strict=True):
        value = sign.positive.substitute(solved)
        demand(prove_sign(value, context.cell, proof, "inside a premise's cell") > 0, "the cell is not inside that of a premise")


def read_loss(context: Context, step: Step, solved: dict[str, Ratio]) -> tuple[Ratio, Ratio]:
    """The exponent and the power of log C of an optimum, or of one on a wall that holds this place."""
    if step.rule == "optimum":
        return decode_ratio(step.conclusion["loss"]).substitute(solved), Ratio.of(0)
    demand(step.rule == "log-optimum" and not step.conclusion["iterated"], "two optima are wanted")
    wall = {n: decode_ratio(x).substitute(solved) for n, x in step.given["substitution"].items()}
    demand(all(solved.get(n) == x for n, x in wall.items()), "the logarithms are for another wall")
    neighbour = next(context.lookup[p] for p in step.premises if context.lookup[p].rule == "optimum")
    loss = decode_ratio(neighbour.conclusion["loss"]).substitute(solved)
    return loss, decode_ratio(step.conclusion["loss"]).substitute(solved)
