"""Regions: the cover of the plane by phases, what happens across a wall, where a printed region lies, and gluing of cells.

Nothing is trusted but the proofs of signs. See docs/checker.md, rule by rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any, Final

from proofs_check.framework import DEFINITIONS, Context, Rule, decode_point, demand, same_terms, terms_of
from proofs_check.rules.optima import read_exponents, read_place
from proofs_check.signs import check_tree, prove_empty, prove_inside
from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.claims.codec import decode_cell

BETWEEN: Final = Cell.parse(["t > 0", "t - 1 < 0"])  # the points first + t (second - first) of a segment


def check_cover(context: Context) -> dict[str, Any]:
    """The phases are non-empty, pairwise disjoint, and fill the domain up to walls."""
    proof, optima = context.step.certificate, context.premises
    demand(len({p.premises for p in optima}) == 1, "optima of the same terms are covered")
    demand(all(p.rule == "optimum" and not read_place(p) for p in optima), "phases are the cells of optima, on no wall")
    cells = [decode_cell(p.cell) for p in optima]
    _check_cells(cells, context.cell, proof)
    for (one, two), weights in zip(combinations(cells, 2), proof["disjoint"], strict=True):
        prove_empty(one.meet(two), weights, "two cells are disjoint")
    return {"cells": [p.cell for p in optima]}


def _check_cells(cells: list[Cell], domain: Cell, proof: Any) -> None:
    """Each cell has a witness in the domain, and together they cover it."""
    inside = [domain.meet(cell).contains(decode_point(x)) for cell, x in zip(cells, proof["witnesses"], strict=True)]
    demand(all(inside), "a witness lies outside its cell")
    check_tree(proof["tree"], domain, cells, "the cover")


def match_region(context: Context) -> dict[str, Any]:
    """Which derived cells a printed region meets, and which of them are proved to lie inside it."""
    proof, region, hits = context.step.certificate, context.cell, context.step.conclusion["hits"]
    demand(hits == sorted(set(hits)) and min(hits) >= 0, "hits are places among the premises, in order")
    cells = [decode_cell(context.premises[i].cell) for i in hits]
    _check_cells(cells, region.meet(decode_cell(context.step.given["domain"])), proof)
    whole = [(i, cell, proofs) for i, cell, proofs in zip(hits, cells, proof["whole"], strict=True) if proofs is not None]
    for _, cell, proofs in whole:
        prove_inside(cell, region, proofs, "inside the printed region", {})
    return {"hits": hits, "whole": [i for i, _, _ in whole]}


def cross_wall(context: Context) -> dict[str, Any]:
    """Two optima meet on a wall; what jumps there is named, and the loss does so only where it stands still on one side."""
    wall, proof = parse_ratio(context.step.conclusion["polynomial"]), context.step.certificate
    (first, second), (left, right) = map(decode_point, proof["segment"]), (decode_cell(p.cell) for p in context.premises)
    demand(left.contains(first) and right.contains(second), "the segment does not join the two cells")
    signs = left.meet(right).conditions
    demand({Sign(wall, ">"), Sign(wall, "<")} <= set(signs), "the wall does not bound the two cells, on its two sides")
    line = {n: Ratio.parameter("t") * (second[n] - x) + x for n, x in first.items()}
    others = Cell.of(s for s in signs if s.polynomial != wall)
    prove_inside(BETWEEN, others, proof["inside"], "the segment leaves one of the cells elsewhere", line)
    one, two = (read_exponents(optimum, {}) for optimum in context.premises)
    jumps = [n for n in sorted(one) if ((one[n] - two[n]).numerator / wall).denominator != 1]
    demand("loss" not in jumps or not one["loss"] or not two["loss"], "the loss exponent must not jump")
    return {"polynomial": str(wall), "jumps": jumps}


def glue_cells(context: Context) -> None:
    """The same conclusion on several cells holds on a cell that they cover, up to zero sets of polynomials."""
    rules = {p.rule for p in context.premises}
    demand(len(rules) == 1 and rules <= {*DEFINITIONS["glued"]}, "one kind of step is glued")
    for premise in context.premises:
        same_terms(terms_of(context.step), terms_of(premise), "the pieces that are glued", names=True)
    check_tree(context.step.certificate, context.cell, [decode_cell(p.cell) for p in context.premises], "the cover")


RULES: Final[Mapping[str, Rule]] = {
    "cover": check_cover, "match": match_region, "continuity": cross_wall, "glue": glue_cells,
}
