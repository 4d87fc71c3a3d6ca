"""Proofs on cells: the sign of a function, an empty cell, a cover, and which terms are dominated.

What is a sum of w * product of c's, with rational w > 0, at least one, is positive on the cell {c_1 > 0, ...}. A
function has a sign only by an identity: up to the sign it is a quotient of products of such sums. Nothing is searched for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any

from proofs_check.framework import demand
from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import ZERO, Ratio, add_up, product
from scaling_sym.algebra.terms import UNIT, Term, log_power, merge_terms
from scaling_sym.claims.codec import decode_weights


def drop_terms(terms: Sequence[Term], proofs: Sequence[Any], rays: Sequence[Mapping[str, Ratio]], cell: Cell) -> list[Term]:
    """The terms that stay; each other one is at most one of these on every ray of a cone, and less inside it."""
    middle = add_up(pair for ray in rays for pair in ray.items())
    kept = [term for term, proof in zip(terms, proofs, strict=True) if proof is None]
    for term, proof in zip(terms, proofs, strict=True):
        if proof is not None:
            other = kept[proof["by"]]
            signs = prove_all([_compare(other, term, ray) for ray in rays], cell, proof["rays"], f"{term} is dominated")
            inside = _compare(other, term, middle)  # the sum of what the rays give, but for logarithms: these must be known
            sure = other.monomial.rate(middle) != term.monomial.rate(middle) or (inside.is_constant and inside.constant() > 0)
            demand(any(signs) and sure, f"{term} is not dominated, it ties on every ray or inside the cone")
    return kept


def demand_sum(terms: Sequence[Term]) -> None:
    """Refuse terms that cancel: of one power and as many logarithms, with the logarithm of a product as a sum of unknowns."""
    unknown = {n: Ratio.parameter(f"log_{n}") for t in terms for m, _ in t.logs for n, _ in m.powers}
    values = (prod((Constant.of(m.rate(unknown)) ** k for m, k in t.logs), start=t.constant).canonical() for t in terms)
    sums = [Term(t.monomial, value, ((UNIT, sum((k for _, k in t.logs), ZERO)),)) for t, value in zip(terms, values, strict=True)]
    demand(len(merge_terms(sums)) == len({(t.monomial, t.logs) for t in sums}), "terms cancel to leading order")


def _compare(one: Term, other: Term, ray: Mapping[str, Ratio]) -> Ratio:
    """By how much one term grows faster along a ray: in powers, and where these tie in powers of logarithms."""
    return one.monomial.rate(ray) - other.monomial.rate(ray) or log_power(one.logs, ray) - log_power(other.logs, ray)


def combine(cell: Cell, weights: Any) -> Ratio:
    """A sum of products of the conditions of an open cell with positive weights, at least one: positive on the cell."""
    pairs = decode_weights(weights)
    demand(bool(pairs) and all(w > 0 for _, w in pairs), "weights are positive, and without one nothing is proved")
    demand(all(s.relation != "=" for s in cell.conditions), "an equality proves nothing: an open cell is wanted")
    parts = (product(s.positive**e for s, e in zip(cell.conditions, powers, strict=True)) * w for powers, w in pairs)
    return sum(parts, ZERO)


def prove_empty(cell: Cell, weights: Any, what: str) -> None:
    """Refuse unless the weights prove that the cell has no points: a positive combination that is zero."""
    demand(not combine(cell, weights), f"{what}: the weights do not add up to zero")


def prove_sign(value: Ratio, cell: Cell, proof: Any, what: str) -> int:
    """The sign of a rational function: up to it a quotient of products of positive combinations; 0 for `None` and a zero."""
    if proof is None:
        demand(not value, f"{what}: {value} does not vanish identically, and no proof of its sign is given")
        return 0
    above, below = (product(combine(cell, weights) for weights in part) for part in proof)
    found = above / below
    demand(found in (value, -value), f"{what}: the weights do not add up to {value}")
    return 1 if found == value else -1


def prove_all(values: Iterable[Ratio], cell: Cell, proofs: Sequence[Any], what: str) -> list[bool]:
    """Refuse unless all values are proved non-negative on the cell; tells which of them are strictly positive."""
    signs = [prove_sign(value, cell, proof, what) for value, proof in zip(values, proofs, strict=True)]
    demand(all(sign >= 0 for sign in signs), f"{what}: one of the values is negative")
    return [sign > 0 for sign in signs]


def prove_inside(inner: Cell, outer: Cell, proofs: Sequence[Any], what: str, solved: Mapping[str, Ratio]) -> None:
    """Refuse unless each condition of an open cell is proved on the inner one (on a wall: with the parameters known there)."""
    demand(all(sign.relation != "=" for sign in outer.conditions), f"{what}: an open cell is wanted")
    positive = prove_all([sign.positive.substitute(solved) for sign in outer.conditions], inner, proofs, what)
    demand(all(positive), f"{what}: a condition vanishes")


def check_tree(tree: Any, domain: Cell, cells: Sequence[Cell], what: str) -> None:
    """Refuse unless a decision tree proves that the cells cover the domain, up to zero sets of its polynomials."""
    if not isinstance(tree, dict):
        polynomial, *branches = tree
        split = parse_ratio(polynomial)
        for branch, side in zip(branches, (split, -split), strict=True):
            check_tree(branch, domain.meet(Cell.of([Sign.of(side)])), cells, what)
    elif tree["phase"] is None:
        prove_empty(domain, tree["weights"], what)
    else:
        prove_inside(domain, cells[tree["phase"]], tree["weights"], what, {})
