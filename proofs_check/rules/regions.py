"""Regions: the cover of the plane by phases, what happens across a wall, where a printed region lies, and gluing of cells.

Nothing is trusted but the proofs of signs. See docs/checker.md, rule by rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any, Final

from proofs_check.framework import DEFINITIONS, Context, Rule, decode_point, demand, same_terms, terms_of
from proofs_check.rules.optima import read_exponents
from proofs_check.signs import check_tree, prove_empty, prove_inside
from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.claims.codec import decode_cell

BETWEEN: Final = Cell.parse(["t > 0", "t - 1 < 0"])  # the points first + t (second - first) of a segment


def check_cover(context: Context) -> None:
    """The phases are non-empty, pairwise disjoint, and fill the domain up to walls."""
    body, proof, optima = context.step.conclusion, context.step.certificate, context.premises
    demand(len({p.premises for p in optima}) == 1, "optima of the same terms are covered")
    demand(all(p.rule == "optimum" for p in optima), "phases are the cells of optima")
    demand(body == {"cells": [p.cell for p in optima]}, "the cells are not those of the optima")
    cells = [decode_cell(p.cell) for p in optima]
    _check_cells(cells, context.cell, proof)
    for (one, two), weights in zip(combinations(cells, 2), proof["disjoint"], strict=True):
        prove_empty(one.meet(two), weights, "two cells are disjoint")


def _check_cells(cells: list[Cell], domain: Cell, proof: Any) -> None:
    """Each cell has a witness in the domain, and together they cover it."""
    inside = [domain.meet(cell).contains(decode_point(x)) for cell, x in zip(cells, proof["witnesses"], strict=True)]
    demand(all(inside), "a witness lies outside its cell")
    check_tree(proof["tree"], domain, cells, "the cover")


def match_region(context: Context) -> None:
    """Which derived cells a printed region meets, and which of them are proved to lie inside it."""
    body, proof, region = context.step.conclusion, context.step.certificate, context.cell
    hits = body["hits"]
    demand(hits == sorted(set(hits)) and min(hits) >= 0, "hits are places among the premises, in order")
    cells = [decode_cell(context.premises[i].cell) for i in hits]
    _check_cells(cells, region.meet(decode_cell(context.step.given["domain"])), proof)
    for cell, proofs in zip(cells, proof["whole"], strict=True):
        if proofs is not None:
            prove_inside(cell, region, proofs, "inside the printed region")
    whole = [i for i, proofs in zip(hits, proof["whole"], strict=True) if proofs is not None]
    demand(body["whole"] == whole, "a proof is wanted for every whole hit")


def cross_wall(context: Context) -> None:
    """Two optima meet on a wall; what jumps there is named, and the loss does so only where it stands still on one side."""
    body, proof, optima = context.step.conclusion, context.step.certificate, context.premises
    wall, (first, second) = parse_ratio(body["polynomial"]), (decode_point(end) for end in proof["segment"])
    left, right = (decode_cell(optimum.cell) for optimum in optima)
    demand(left.contains(first) and right.contains(second), "the segment does not join the two cells")
    signs = left.meet(right).conditions
    demand({Sign(wall, ">"), Sign(wall, "<")} <= set(signs), "the wall does not bound the two cells, on its two sides")
    line = {n: Ratio.parameter("t") * (second[n] - x) + x for n, x in first.items()}
    others = Cell.of(s for s in signs if s.polynomial != wall)
    prove_inside(BETWEEN, others, proof["inside"], "the segment leaves one of the cells elsewhere", line)
    one, two = (read_exponents(optimum, {}) for optimum in optima)
    jumps = [n for n in sorted(one) if ((one[n] - two[n]).numerator / wall).denominator != 1]
    demand(body["jumps"] == jumps, "what jumps across the wall is stated wrongly")
    demand("loss" not in jumps or not one["loss"] or not two["loss"], "the loss exponent must not jump")


def glue_cells(context: Context) -> None:
    """The same conclusion on several cells holds on a cell that they cover, up to zero sets of polynomials."""
    rules = {p.rule for p in context.premises}
    demand(len(rules) == 1 and rules <= {*DEFINITIONS["glued"]}, "one kind of step is glued")
    for premise in context.premises:
        same_terms(context.terms, terms_of(premise), "the pieces that are glued", names=True)
    check_tree(context.step.certificate, context.cell, [decode_cell(p.cell) for p in context.premises], "the cover")


RULES: Final[Mapping[str, Rule]] = {
    "cover": check_cover, "match": match_region, "continuity": cross_wall, "glue": glue_cells,
}
