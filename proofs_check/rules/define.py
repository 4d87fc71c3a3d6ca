"""Rule `define`: a model whose equations are linear in its fields. Only its form is checked, against the checker's copy."""

from __future__ import annotations

from proofs_check.definitions import DEFINITIONS
from proofs_check.framework import Context, demand
from scaling_sym.algebra.cells import Cell


def check(context: Context) -> None:
    """Compare with the definition."""
    body = context.step.conclusion
    demand(context.cell == Cell() and not context.premises, "a definition holds everywhere and has no premises")
    demand(body == DEFINITIONS.get(body["model"]), "the definition is not that of the model")
