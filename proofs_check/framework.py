"""What every rule shares: the fault, the context of a step, and the few exact checks that proofs are made of.

Trusted: arithmetic of rational functions (`algebra.ratios`, on FLINT), the reading of JSON (`claims.codec`), and this module.
Nothing is searched for, and no floating-point number is used. What each rule trusts and checks: docs/checker.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, final

from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.constants import Constant, add_constants
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio, product
from scaling_sym.algebra.terms import Logs, Monomial, Term, log_power, merge_logs
from scaling_sym.claims.bundle import Step
from scaling_sym.claims.codec import Weights, decode_cell, decode_fraction, decode_monomial, decode_term, decode_weights


class RefusedError(Exception):
    """A step does not replay; the text says what is wrong in it."""


def demand(condition: bool, reason: str) -> None:
    """Refuse the step where the condition fails."""
    if not condition:
        raise RefusedError(reason)


@final
@dataclass(frozen=True, slots=True)
class Context:
    """A step with its premises, and the way to its ancestors."""

    step: Step
    premises: tuple[Step, ...]
    lookup: Mapping[str, Step]

    @property
    def cell(self) -> Cell:
        """The cell on which the step is said to hold."""
        return decode_cell(self.step.cell)

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms that the step concludes."""
        return terms_of(self.step)

    def premise(self, rule: str) -> Step:
        """The only premise made by one of the given rules (separated by `|`)."""
        found = [p for p in self.premises if p.rule in rule.split("|")]
        demand(len(found) == 1, f"exactly one premise by the rule {rule} is wanted")
        return found[0]

    def ancestors_all(self, below: Step | None = None) -> list[Step]:
        """All steps above this one (or the one given)."""
        return list_steps((below or self.step).premises, self.lookup)

    def ancestors(self, rule: str, below: Step | None = None) -> list[Step]:
        """All steps by a rule above this one (or the one given)."""
        return [s for s in self.ancestors_all(below) if s.rule == rule]

    def origin(self, step: Step) -> str:
        """The rule of a step, or of what it glues."""
        return self.lookup[step.premises[0]].rule if step.rule == "glue" else step.rule

    def model(self, below: Step | None = None) -> dict[str, Any]:
        """The conclusion of the one model step that this step (or the one given) rests on."""
        found = self.ancestors("model", below)
        demand(len(found) == 1, "the step must rest on exactly one model")
        body: dict[str, Any] = found[0].conclusion
        return body


Rule = Callable[[Context], None]


def concludes(formula: Callable[[Context], Iterable[Term]]) -> Rule:
    """The rule of a step whose conclusion is, term by term, what the formula gives for its data and premises."""
    def check(context: Context) -> None:
        same_terms(context.terms, formula(context), context.step.rule, names=True)

    return check


def list_steps(names: Iterable[str], lookup: Mapping[str, Step]) -> list[Step]:
    """The steps of these names and all above them, each once."""
    seen: dict[str, Step] = {}
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in seen:
            seen[name] = lookup[name]
            todo += lookup[name].premises
    return list(seen.values())


def terms_of(step: Step) -> tuple[Term, ...]:
    """The terms that a step concludes."""
    return tuple(decode_term(t) for t in step.conclusion["terms"])


def decode_point(body: Mapping[str, Any]) -> dict[str, Fraction]:
    """A rational point."""
    return {n: decode_fraction(x) for n, x in body.items()}


def decode_logs(body: Any) -> Logs:
    """Powers of logarithms."""
    return tuple((decode_monomial(m), parse_ratio(k)) for m, k in body)


def same_terms(found: Iterable[Term], wanted: Iterable[Term], what: str, names: bool = False) -> None:
    """Refuse unless two sums are the same term by term, constants in canonical form; in the first no term is idle or split."""
    written = tuple(found)
    left, right = _add_up(written, names), _add_up(wanted, names)
    demand(len(written) == len(left) and left.keys() == right.keys(), f"{what}: a power is not the one that follows")
    for key, constant in left.items():
        same = constant == right[key] or constant.canonical() == right[key].canonical()
        demand(same, f"{what}: a constant is not the one that follows")


def _add_up(terms: Iterable[Term], names: bool) -> dict[Any, Constant]:
    """The constants of the different terms that do not cancel."""
    groups: dict[Any, list[Constant]] = {}
    for t in terms:
        groups.setdefault((t.name if names else "", t.monomial, t.logs), []).append(t.constant)
    sums = {key: add_constants(group) for key, group in groups.items()}
    return {key: constant for key, constant in sums.items() if constant.coefficient}


def tie(term: Term, upper: str, size: str, ratio: Ratio) -> Term:
    """The term with `upper` = ratio * size; inside logarithms the ratio is of lower order."""
    swap = {upper: Monomial.of({size: 1})}
    logs = merge_logs((m.replace(swap), k) for m, k in term.logs)
    constant = term.constant * Constant.of(ratio) ** term.monomial.exponent(upper)
    return Term(term.monomial.replace(swap), constant, logs, term.cell, term.name)


def drop_terms(candidates: Iterable[Term], proofs: Sequence[Any]) -> list[Term]:
    """The candidates without those that are dropped, one for each proof."""
    remaining = list(candidates)
    for proof in proofs:
        key = (decode_monomial(proof["monomial"]), decode_logs(proof["logs"]))
        found = [t for t in remaining if (t.monomial, t.logs) == key]
        demand(bool(found), "a dropped term is no candidate")
        remaining.remove(found[0])
    return remaining


def check_dropped(proofs: Any, kept: Sequence[Term], rays: Sequence[Mapping[str, Ratio]], cell: Cell) -> None:
    """Refuse unless each dropped term is at most a kept one on every ray of a cone, and less on one of them."""
    for proof in proofs:
        monomial, logs = decode_monomial(proof["monomial"]), decode_logs(proof["logs"])
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


def prove_positive(polynomial: Ratio, cell: Cell, weights: Weights, what: str) -> None:
    """Refuse unless the weights prove that the polynomial is positive on the open cell."""
    demand(_combine(cell, weights) == polynomial, f"{what}: the weights do not add up to {polynomial}")


def prove_empty(cell: Cell, weights: Weights, what: str) -> None:
    """Refuse unless the weights prove that the cell has no points: a positive combination that is zero."""
    demand(not _combine(cell, weights), f"{what}: the weights do not add up to zero")


def _combine(cell: Cell, weights: Weights) -> Ratio:
    """The sum of the products of the cell's conditions with weights that are not negative, and not all zero."""
    demand(any(w > 0 for _, w in weights), "weights that are all zero prove nothing")
    total = Ratio.of(0)
    for powers, weight in weights:
        used = [(s, e) for s, e in zip(cell.conditions, powers, strict=True) if e]
        demand(weight >= 0 and all(s.relation != "=" for s, _ in used), "a weight is negative, or uses an equality")
        total = total + product(s.positive**e for s, e in used) * weight
    return total


def prove_inside(inner: Cell, outer: Cell, proofs: Sequence[Any], what: str) -> None:
    """Refuse unless each condition of an open cell is proved on the inner one."""
    for sign, weights in zip(outer.conditions, proofs, strict=True):
        demand(sign.relation != "=", f"{what}: an open cell is wanted")
        prove_positive(sign.positive, inner, decode_weights(weights), what)


def prove_sign(value: Ratio, cell: Cell, proof: Any, what: str) -> int:
    """The sign of a rational function on the cell, from its factor-wise proof; 0 for `None` and a vanishing function."""
    if proof is None:
        demand(not value, f"{what}: {value} does not vanish identically, and no proof of its sign is given")
        return 0
    content, factors = value.factors()
    given = {parse_ratio(f): (s, decode_weights(w)) for f, s, w in proof}
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


def check_tree(tree: Any, domain: Cell, cells: Sequence[Cell], what: str) -> None:
    """Refuse unless a decision tree proves that the cells cover the domain, up to zero sets of its polynomials."""
    if isinstance(tree, dict):
        if tree["phase"] == -1:
            (weights,) = tree["weights"]
            prove_empty(domain, decode_weights(weights), what)
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
