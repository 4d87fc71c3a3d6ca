"""Rule `better`: of two ways to spend a budget, the one whose loss falls faster.

Checked: the cell implies those of both optima (it has all their conditions), and the sign of the difference of the exponents.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand
from proofs_check.signs import prove_sign
from scaling_sym.claims.codec import decode_cell, decode_ratio


def check(context: Context) -> None:
    """Compare the exponents."""
    demand(len(context.premises) == 2 and all(p.rule == "optimum" for p in context.premises), "two optima are wanted")
    for optimum in context.premises:
        demand(set(decode_cell(optimum.cell).conditions) <= set(context.cell.conditions), "the cell is not inside an optimum's")
    first, second = (decode_ratio(p.conclusion["loss"]) for p in context.premises)
    sign = prove_sign(first - second, context.cell, context.step.certificate, "the difference")
    demand(sign > 0, "the first is not the better one")
    demand(context.step.conclusion == {"loss": context.premises[0].conclusion["loss"]}, "the exponent is another")
