"""Proofs on cells: the sign of a function, an empty cell, a cover, and which terms are dominated.

A polynomial is positive on the cell {c_1 > 0, ...} only by an identity p = sum of w * product of c's, with rational w >= 0 that
are not all zero; a rational function has a sign only by such a proof for each of its irreducible factors. Nothing is searched
for, and no floating-point number is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from proofs_check.framework import decode_point, demand
from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio, product
from scaling_sym.algebra.terms import Logs, Monomial, Term, log_power
from scaling_sym.claims.codec import decode_monomial, decode_weights


def drop_terms(candidates: Iterable[Term], proofs: Sequence[Any]) -> list[Term]:
    """The candidates without those that are dropped, one for each proof."""
    remaining = list(candidates)
    for proof in proofs:
        found = [t for t in remaining if (t.monomial, t.logs) == _read_dropped(proof)]
        demand(bool(found), "a dropped term is no candidate")
        remaining.remove(found[0])
    return remaining


def _read_dropped(proof: Mapping[str, Any]) -> tuple[Monomial, Logs]:
    return decode_monomial(proof["monomial"]), tuple((decode_monomial(m), parse_ratio(k)) for m, k in proof["logs"])


def check_dropped(proofs: Any, kept: Sequence[Term], rays: Sequence[Mapping[str, Ratio]], cell: Cell) -> None:
    """Refuse unless each dropped term is at most a kept one on every ray of a cone, and less on one of them."""
    for proof in proofs:
        monomial, logs = _read_dropped(proof)
        demand(type(proof["by"]) is int and 0 <= proof["by"] < len(kept), "a dominating term is named by its place")
        other, signs = kept[proof["by"]], []
        for ray, one in zip(rays, proof["rays"], strict=True):
            difference, further = other.monomial.rate(ray) - monomial.rate(ray), log_power(other.logs, ray) - log_power(logs, ray)
            if isinstance(one, list) and one[:1] == ["log"]:
                demand(not difference, "powers that differ are not decided by logarithms")
                difference, one = further, one[1]
            elif one is None:
                demand(not further, "the logarithms differ where powers tie")
            signs.append(prove_sign(difference, cell, one, f"{monomial} is dominated"))
        demand(min(signs) >= 0 and max(signs) > 0, f"{monomial} is not dominated, or ties on every ray")


def prove_positive(polynomial: Ratio, cell: Cell, weights: Any, what: str) -> None:
    """Refuse unless the weights prove that the polynomial is positive on the open cell."""
    demand(_combine(cell, weights) == polynomial, f"{what}: the weights do not add up to {polynomial}")


def prove_empty(cell: Cell, weights: Any, what: str) -> None:
    """Refuse unless the weights prove that the cell has no points: a positive combination that is zero."""
    demand(not _combine(cell, weights), f"{what}: the weights do not add up to zero")


def _combine(cell: Cell, weights: Any) -> Ratio:
    """The sum of the products of the cell's conditions with weights that are not negative, and not all zero."""
    total, pairs = Ratio.of(0), decode_weights(weights)
    demand(any(w > 0 for _, w in pairs), "weights that are all zero prove nothing")
    for powers, weight in pairs:
        used = [(s, e) for s, e in zip(cell.conditions, powers, strict=True) if e]
        demand(weight >= 0 and all(s.relation != "=" for s, _ in used), "a weight is negative, or uses an equality")
        total = total + product(s.positive**e for s, e in used) * weight
    return total


def prove_inside(inner: Cell, outer: Cell, proofs: Sequence[Any], what: str) -> None:
    """Refuse unless each condition of an open cell is proved on the inner one."""
    for sign, weights in zip(outer.conditions, proofs, strict=True):
        demand(sign.relation != "=", f"{what}: an open cell is wanted")
        prove_positive(sign.positive, inner, weights, what)


def prove_on_wall(inner: Cell, outer: Cell, solved: Mapping[str, Ratio], proofs: Sequence[Any], what: str) -> None:
    """Refuse unless each condition of an open cell, on a wall where some parameters are known, is proved on the inner cell."""
    for sign, proof in zip(outer.conditions, proofs, strict=True):
        demand(sign.relation != "=", f"{what}: an open cell is wanted")
        demand(prove_sign(sign.positive.substitute(solved), inner, proof, what) > 0, f"{what}: the wall lies outside")


def prove_sign(value: Ratio, cell: Cell, proof: Any, what: str) -> int:
    """The sign of a rational function on the cell, from its factor-wise proof; 0 for `None` and a vanishing function."""
    if proof is None:
        demand(not value, f"{what}: {value} does not vanish identically, and no proof of its sign is given")
        return 0
    content, factors = value.factors()
    given = {parse_ratio(f): (s, w) for f, s, w in proof}
    same = len(proof) == len(factors) and given.keys() == {f for f, _ in factors}
    demand(bool(value) and same, f"{what}: the factors of the proof are not those of {value}")
    demand(product(f**e for f, e in factors) * content == value, f"{what}: the factorisation fails")
    sign = 1 if content > 0 else -1
    for factor, power in factors:
        one, weights = given[factor]
        demand(one in (1, -1), f"{what}: a sign is 1 or -1")
        prove_positive(factor * one, cell, weights, what)
        sign *= one if power % 2 else 1
    return sign


def prove_non_negative(value: Ratio, cell: Cell, proof: Any, what: str) -> bool:
    """Refuse unless the value is proved non-negative on the cell; tells whether it is strictly positive."""
    sign = prove_sign(value, cell, proof, what)
    demand(sign >= 0, f"{what}: {value} is negative")
    return sign > 0


def prove_all(values: Iterable[Ratio], cell: Cell, proofs: Sequence[Any], what: str) -> list[bool]:
    """The same for each of several values."""
    return [prove_non_negative(value, cell, proof, what) for value, proof in zip(values, proofs, strict=True)]


def check_tree(tree: Any, domain: Cell, cells: Sequence[Cell], what: str) -> None:
    """Refuse unless a decision tree proves that the cells cover the domain, up to zero sets of its polynomials."""
    if isinstance(tree, dict):
        if tree["phase"] == -1:
            (weights,) = tree["weights"]
            prove_empty(domain, weights, what)
            return
        demand(tree["phase"] >= 0, f"{what}: a leaf names a cell by its place")
        prove_inside(domain, cells[tree["phase"]], tree["weights"], what)
        return
    polynomial, positive, negative = tree
    split = Sign.of(parse_ratio(polynomial))
    check_tree(positive, domain.meet(Cell.of([split])), cells, what)
    check_tree(negative, domain.meet(Cell.of([split.negate()])), cells, what)


def check_witnesses(witnesses: Sequence[Any], cells: Sequence[Cell], *domains: Cell) -> None:
    """Refuse unless each cell has its witness, which lies in the domains too."""
    for cell, witness in zip(cells, witnesses, strict=True):
        point = decode_point(witness)
        demand(all(c.contains(point) for c in (cell, *domains)), "a witness lies outside its cell")
