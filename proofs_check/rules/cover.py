"""Rule `cover`: the phases are non-empty, pairwise disjoint, and fill the domain up to walls.

Checked: all optima are of the same terms; a rational witness in each cell; for each pair a positive combination of the joint
conditions that is zero; the decision tree, whose leaves imply a phase or are empty. The complement of the phases then lies in
finitely many zero sets.
"""

from __future__ import annotations

from itertools import combinations

from proofs_check.framework import Context, check_tree, demand, prove_empty
from scaling_sym.claims.codec import decode_cell, decode_fraction, decode_weights


def check(context: Context) -> None:
    """Verify witnesses, disjointness and tree."""
    body, proof = context.step.conclusion, context.step.certificate
    cells = [decode_cell(c) for c in body["cells"]]
    demand(all(p.rule == "optimum" for p in context.premises), "optima are covered")
    demand(len({p.premises for p in context.premises}) == 1, "the optima are of different sets of terms")
    demand([p.cell for p in context.premises] == body["cells"], "the cells are not those of the optima")
    demand(len(proof["witnesses"]) == len(cells), "a witness is wanted in every cell")
    for cell, witness in zip(cells, proof["witnesses"], strict=True):
        point = {n: decode_fraction(x) for n, x in witness.items()}
        demand(set(cell.names) <= set(point) and cell.contains(point), "a witness lies outside its cell")
        demand(context.cell.contains(point), "a witness lies outside the domain")
    pairs = {(i, j): decode_weights(w) for i, j, w in proof["disjoint"]}
    demand(pairs.keys() == set(combinations(range(len(cells)), 2)), "a proof is wanted for every pair of cells")
    for (i, j), weights in pairs.items():
        prove_empty(cells[i].meet(cells[j]), weights, f"the cells {i} and {j} are disjoint")
    check_tree(proof["tree"], context.cell, cells, "the cover")
