"""Regions: the cover of the plane by phases, what happens across a wall, where a printed region lies, and gluing of cells.

Nothing is trusted but the proofs of signs. See docs/checker.md, rule by rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations
from math import comb
from typing import Any, Final

from proofs_check.framework import Context, Rule, decode_point, demand, same_terms, terms_of
from proofs_check.signs import check_tree, check_witnesses, prove_empty, prove_inside
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.claims.codec import decode_cell

GLUED: Final = frozenset({"absorb", "floor", "learning-rate", "collect", "collect-flow", "lead"})


def check_cover(context: Context) -> None:
    """The phases are non-empty, pairwise disjoint, and fill the domain up to walls."""
    body, proof = context.step.conclusion, context.step.certificate
    cells = [decode_cell(c) for c in body["cells"]]
    optima = all(p.rule == "optimum" for p in context.premises)
    demand(optima and len({p.premises for p in context.premises}) == 1, "optima of the same terms are covered")
    demand([p.cell for p in context.premises] == body["cells"], "the cells are not those of the optima")
    check_witnesses(proof["witnesses"], cells, context.cell)
    pairs = {(i, j): w for i, j, w in proof["disjoint"]}
    demand(pairs.keys() == set(combinations(range(len(cells)), 2)), "a proof is wanted for every pair of cells")
    for (i, j), weights in pairs.items():
        prove_empty(cells[i].meet(cells[j]), weights, f"the cells {i} and {j} are disjoint")
    check_tree(proof["tree"], context.cell, cells, "the cover")


def match_region(context: Context) -> None:
    """Which derived cells a printed region meets, and which of them are proved to lie inside it."""
    body, proof, region = context.step.conclusion, context.step.certificate, context.cell
    hits, domain = body["hits"], decode_cell(context.step.given["domain"])
    cells = {i: decode_cell(context.premises[i].cell) for i in hits}
    demand(hits == sorted(cells) and min(hits) >= 0, "hits are places among the premises, in order")
    check_witnesses(proof["witnesses"], list(cells.values()), region, domain)
    check_tree(proof["tree"], region.meet(domain), list(cells.values()), "the cover of the printed region")
    demand(body["whole"] == sorted({int(name) for name in proof["whole"]}), "a proof is wanted for every whole hit, in order")
    for name, weights in proof["whole"].items():
        prove_inside(cells[int(name)], region, weights, "inside the printed region")


def cross_wall(context: Context) -> None:
    """Two optima meet on a wall; exponents are continuous across it, or are said to jump."""
    body, (left, right) = context.step.conclusion, context.premises
    wall = parse_ratio(body["polynomial"])
    demand(left.rule == right.rule == "optimum" and wall == wall.primitive(), "two optima meet on a primitive polynomial")
    _check_segment(context.step.certificate["segment"], wall, decode_cell(left.cell), decode_cell(right.cell))
    losses = [parse_ratio(p.conclusion["loss"]) for p in (left, right)]
    demand(not all(losses) or body["loss_quotient"] is not None, "the loss exponent must not jump")
    _check_quotient(losses[0] - losses[1], wall, body["loss_quotient"], "loss")
    demand(set(body["size_quotients"]) == set(left.conclusion["sizes"]), "every size is wanted")
    for name, quotient in body["size_quotients"].items():
        one, two = (parse_ratio(p.conclusion["sizes"][name]) for p in (left, right))
        _check_quotient(one - two, wall, quotient, name)


def _check_quotient(difference: Ratio, wall: Ratio, quotient: Any, what: str) -> None:
    claimed = difference / wall if quotient is None else parse_ratio(quotient)
    demand(claimed * wall == difference, f"{what}: the difference is not the wall times the quotient")
    pole = any(f == wall for f, e in claimed.factors()[1] if e < 0)
    demand(pole == (quotient is None), f"{what}: continuity across the wall is stated wrongly")


def _check_segment(segment: Any, wall: Ratio, left: Cell, right: Cell) -> None:
    """The segment joins the two cells, and crosses the wall but no zero set of their other conditions."""
    first, second = map(decode_point, segment)
    sides = {(left.contains(first), right.contains(second)), (right.contains(first), left.contains(second))}
    demand((True, True) in sides, "the segment does not join the two cells")
    demand(wall.at(first) * wall.at(second) < 0, "the segment does not cross the wall")
    for polynomial in {s.polynomial for s in (*left.conditions, *right.conditions)} - {wall}:
        coefficients = bernstein(polynomial, first, second)
        demand(min(coefficients) > 0 or max(coefficients) < 0, f"the segment may cross {polynomial} = 0 too")


def bernstein(polynomial: Ratio, first: Mapping[str, Fraction], second: Mapping[str, Fraction]) -> list[Fraction]:
    """The Bernstein coefficients on [0, 1] of a polynomial along a segment; the polynomial lies in their hull."""
    t = Ratio.parameter("t")
    along = polynomial.substitute({n: Ratio.of(first[n]) + t * (second[n] - first[n]) for n in polynomial.names})
    plain = {dict(m).get("t", 0): c for m, c in along.monomials().items()}
    n = max([*plain, 1]) + 2
    return [sum((c * Fraction(comb(k, i), comb(n, i)) for i, c in plain.items()), Fraction(0)) for k in range(n + 1)]


def glue_cells(context: Context) -> None:
    """The same conclusion on several cells holds on a cell that they cover, up to zero sets of polynomials."""
    rules = {p.rule for p in context.premises}
    demand(len(rules) == 1 and rules <= GLUED, "one kind of step is glued")
    for premise in context.premises:
        same_terms(context.terms, terms_of(premise), "the pieces that are glued", names=True)
    check_tree(context.step.certificate, context.cell, [decode_cell(p.cell) for p in context.premises], "the cover")


RULES: Final[Mapping[str, Rule]] = {
    "cover": check_cover, "match": match_region, "continuity": cross_wall, "glue": glue_cells,
}
