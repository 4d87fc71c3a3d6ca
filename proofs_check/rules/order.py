"""Rule `order`: which of two resources grows faster at an optimum.

Checked: the cell implies that of the optimum (it has all its conditions), and the sign of the difference of the two exponents.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand
from proofs_check.signs import prove_sign
from scaling_sym.claims.codec import decode_cell, decode_ratio


def check(context: Context) -> None:
    """Compare the sizes."""
    optimum = context.premise("optimum")
    demand(len(context.premises) == 1, "one optimum is wanted")
    demand(set(decode_cell(optimum.cell).conditions) <= set(context.cell.conditions), "the cell is not inside the optimum's")
    first, second = (decode_ratio(optimum.conclusion["sizes"][n]) for n in context.step.given["resources"])
    sign = prove_sign(first - second, context.cell, context.step.certificate, "the difference")
    demand(context.step.conclusion == {"sign": sign}, "the other one grows faster")
