"""Rule `match`: which derived cells a printed region meets, and which of them lie inside it.

Checked: the decision tree proves that the hits cover the region within the domain; a witness shows that each hit is met;
weights prove that a whole hit implies the region's conditions. A hit that is not proved whole counts as partly outside.
"""

from __future__ import annotations

from proofs_check.framework import Context, check_tree, demand, prove_positive
from scaling_sym.claims.codec import decode_cell, decode_fraction, decode_weights


def check(context: Context) -> None:
    """Verify cover, witnesses and inclusions."""
    body, proof, region = context.step.conclusion, context.step.certificate, context.cell
    domain = decode_cell(context.step.given["domain"])
    cells = [decode_cell(context.premises[i].cell) for i in body["hits"]]
    demand(body["hits"] == sorted(set(body["hits"])) and bool(cells), "hits are places among the premises, in order")
    demand(len(proof["witnesses"]) == len(cells), "a witness is wanted for every hit")
    for cell, witness in zip(cells, proof["witnesses"], strict=True):
        point = {n: decode_fraction(x) for n, x in witness.items()}
        demand(all(c.contains(point) for c in (cell, region, domain)), "a witness does not lie in hit and region")
    check_tree(proof["tree"], region.meet(domain), cells, "the cover of the printed region")
    demand(sorted(body["whole"]) == body["whole"] and set(body["whole"]) <= set(body["hits"]), "whole hits are hits")
    demand(sorted(map(int, proof["whole"])) == body["whole"], "a proof is wanted for every whole hit")
    for name, weights in proof["whole"].items():
        cell = decode_cell(context.premises[int(name)].cell)
        demand(len(weights) == len(region.conditions), "a condition of the region is not proved")
        for sign, weight in zip(region.conditions, weights, strict=True):
            prove_positive(sign.positive, cell, decode_weights(weight), "inside the printed region")
