"""Rule `glue`: the same conclusion on several cells holds on a cell that they cover (up to zero sets of polynomials).

Checked: the conclusions are the same, and the decision tree proves the cover.
"""

from __future__ import annotations

from proofs_check.framework import Context, check_tree, demand, same_terms, terms_of
from scaling_sym.claims.codec import decode_cell

GLUED = {"absorb", "floor", "learning-rate", "collect", "collect-flow", "lead"}


def check(context: Context) -> None:
    """Compare the conclusions, replay the tree."""
    demand(bool(context.premises), "there is nothing to glue")
    rules = {p.rule for p in context.premises}
    demand(len(rules) == 1 and rules <= GLUED, "one kind of step is glued")
    for premise in context.premises:
        same_terms(terms_of(premise), terms_of(context.step), "the pieces that are glued", names=True)
    check_tree(context.step.certificate, context.cell, [decode_cell(p.cell) for p in context.premises], "the cover")
