"""What every rule shares: the fault, the context of a step, and the few exact checks that proofs are made of.

Trusted here: rational-function arithmetic (`scaling_sym.algebra.ratios`, on FLINT), the reading of JSON (`claims.codec`), and the
functions below. A polynomial p is accepted as positive on a cell {c_1 > 0, ...} only through an identity
p = sum of w_i * product of c's with rational w_i >= 0, not all zero. A rational function is accepted as of one sign only
through such proofs for each of its irreducible factors, whose product is compared with the function. Nothing is searched
for, and no floating-point number is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.ratios import Ratio, product
from scaling_sym.algebra.terms import Monomial, Term, merge_logs, merge_terms
from scaling_sym.claims.bundle import Step
from scaling_sym.claims.codec import Weights, decode_cell, decode_ratio, decode_term, decode_weights


class RefusedError(Exception):
    """A step does not replay; the text says what is wrong in it."""


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

    def premise(self, rule: str) -> Step:
        """The only premise made by one of the given rules (separated by `|`)."""
        found = [p for p in self.premises if p.rule in rule.split("|")]
        demand(len(found) == 1, f"exactly one premise by the rule {rule} is wanted")
        return found[0]

    def ancestors(self, rule: str, below: Step | None = None) -> list[Step]:
        """All steps by a rule above this one (or the one given)."""
        return [s for s in self.ancestors_all(below) if s.rule == rule]

    def ancestors_all(self, below: Step | None = None) -> list[Step]:
        """All steps above this one (or the one given)."""
        seen: dict[str, Step] = {}
        todo = [(below or self.step).id]
        while todo:
            for name in self.lookup[todo.pop()].premises:
                if name not in seen:
                    seen[name] = self.lookup[name]
                    todo.append(name)
        return list(seen.values())

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
ZERO: Final = Constant(Fraction(0))


def demand(condition: bool, reason: str) -> None:
    """Refuse the step where the condition fails."""
    if not condition:
        raise RefusedError(reason)


def terms_of(step: Step) -> tuple[Term, ...]:
    """The terms that a step concludes."""
    return tuple(decode_term(t) for t in step.conclusion["terms"])


def same_terms(found: Iterable[Term], wanted: Iterable[Term], what: str, names: bool = False) -> None:
    """Refuse unless two sums of terms are the same, constants compared in canonical form."""
    left, right = _table(found, names), _table(wanted, names)
    for key in left.keys() | right.keys():
        one, two = left.get(key, ZERO), right.get(key, ZERO)
        if one != two:
            demand(one.canonical() == two.canonical(), f"{what}: a power or a constant is not the one that follows")


def _table(terms: Iterable[Term], names: bool) -> dict[Any, Constant]:
    groups: dict[str, list[Term]] = {}
    for t in terms:
        groups.setdefault(t.name if names else "", []).append(Term(t.monomial, t.constant, t.logs))
    return {(n, t.monomial, t.logs): t.constant for n, group in groups.items() for t in merge_terms(group)}


def tie(term: Term, upper: str, size: str, ratio: Ratio) -> Term:
    """The term with `upper` = ratio * size; inside logarithms the ratio is of lower order."""
    swap = {upper: Monomial.of({size: 1})}
    logs = merge_logs((m.replace(swap), k) for m, k in term.logs)
    constant = term.constant * Constant.of(ratio) ** term.monomial.exponent(upper)
    return Term(term.monomial.replace(swap), constant, logs, term.cell, term.name)


def prove_positive(polynomial: Ratio, cell: Cell, weights: Weights, what: str) -> None:
    """Refuse unless the weights prove that the polynomial is positive on the open cell."""
    demand(_combination(cell, weights) == polynomial, f"{what}: the weights do not add up to {polynomial}")


def prove_empty(cell: Cell, weights: Weights, what: str) -> None:
    """Refuse unless the weights prove that the cell has no points: a positive combination that is zero."""
    demand(not _combination(cell, weights), f"{what}: the weights do not add up to zero")


def _combination(cell: Cell, weights: Weights) -> Ratio:
    constraints = [s.positive for s in cell.conditions]
    strict = [s.relation != "=" for s in cell.conditions]
    demand(any(w > 0 for _, w in weights), "weights that are all zero prove nothing")
    total = Ratio.of(0)
    for powers, weight in weights:
        demand(weight >= 0 and len(powers) == len(constraints), "a weight is negative or counts unknown conditions")
        demand(all(ok or not e for ok, e in zip(strict, powers, strict=True)), "a weight uses an equality")
        total = total + product(c**e for c, e in zip(constraints, powers, strict=True)) * weight
    return total


def prove_sign(value: Ratio, cell: Cell, proof: Any, what: str) -> int:
    """The sign of a rational function on the cell, from its factor-wise proof; 0 for `None` and a vanishing function."""
    if proof is None:
        demand(not value, f"{what}: {value} does not vanish identically, and no proof of its sign is given")
        return 0
    content, factors = value.factors()
    demand(bool(value) and len(proof) == len(factors), f"{what}: the factors of the proof are not those of {value}")
    given = {decode_ratio(f): (s, decode_weights(w)) for f, s, w in proof}
    demand(product(f**e for f, e in factors) * content == value, f"{what}: the factorisation fails")
    sign = 1 if content > 0 else -1
    for factor, power in factors:
        demand(factor in given, f"{what}: the factor {factor} has no proof")
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
    from scaling_sym.algebra.cells import Sign

    if isinstance(tree, dict):
        weights = [decode_weights(w) for w in tree["weights"]]
        if tree["phase"] == -1:
            demand(len(weights) == 1, f"{what}: an empty leaf needs one proof")
            prove_empty(domain, weights[0], what)
            return
        target = cells[tree["phase"]]
        demand(len(weights) == len(target.conditions) and tree["phase"] >= 0, f"{what}: a leaf lacks a proof")
        for sign, weight in zip(target.conditions, weights, strict=True):
            demand(sign.relation != "=", f"{what}: an open cell is wanted")
            prove_positive(sign.positive, domain, weight, what)
        return
    polynomial, positive, negative = tree
    split = Sign.of(decode_ratio(polynomial))
    check_tree(positive, domain.meet(Cell.of([split])), cells, what)
    check_tree(negative, domain.meet(Cell.of([split.negate()])), cells, what)
