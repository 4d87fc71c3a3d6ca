"""Rule `solve-fields`: the fields of a linear model as functions of their sources.

Checked: the solution makes every equation of one group vanish, the equations are linear in the fields, and their determinant
is not zero, so that the solution is the only one.
"""

from __future__ import annotations

from collections.abc import Sequence

from proofs_check.framework import Context, demand
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio


def check(context: Context) -> None:
    """Substitute the solution."""
    group = context.premise("define").conclusion["groups"][context.step.given["group"]]
    fields = {n: parse_ratio(e) for n, e in context.step.conclusion["fields"].items()}
    demand(context.cell == Cell() and len(context.premises) == 1, "the fields hold everywhere")
    demand(fields.keys() == group.keys(), "a solution is wanted for every field of the group")
    demand(not any(set(e.names) & set(fields) for e in fields.values()), "a field is left in the solution")
    rows = []
    for text in group.values():
        equation = parse_ratio(text)
        rows.append([equation.derivative(n) for n in fields])
        demand(not any(set(x.names) & set(fields) for x in rows[-1]), "an equation is not linear in the fields")
        demand(not equation.substitute(fields), f"the solution does not solve {text} = 0")
    demand(bool(determinant(rows)), "the equations do not determine the fields")


def determinant(rows: Sequence[Sequence[Ratio]]) -> Ratio:
    """The determinant of a small square matrix, by expansion along the first row."""
    if not rows:
        return Ratio.of(1)
    total = Ratio.of(0)
    for i, head in enumerate(rows[0]):
        if head:
            minor = determinant([[*r[:i], *r[i + 1 :]] for r in rows[1:]])
            total = total + head * minor * (-1) ** i
    return total
