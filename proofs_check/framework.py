"""What every rule shares: the fault, the context of a step, and sums of terms.

Trusted: arithmetic of rational functions (`algebra.ratios`, on FLINT), and the reading of JSON (`claims.codec`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Constant, add_constants
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Term, merge_logs
from scaling_sym.claims.bundle import Step
from scaling_sym.claims.codec import decode_cell, decode_fraction, decode_term


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
        """Refuse unless the conclusion is what the formula gives."""
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


def take(context: Context, *rules: str, part: bool = False) -> tuple[Step, ...]:
    """The premises: by just these rules in this order (`|` separates alternatives), on the same cell or everywhere.

    Where `part`, the cell of the step may be any part of that of a premise: it has all its conditions, and more.
    """
    demand(len(context.premises) == len(rules), f"{len(rules)} premises are wanted")
    for premise, rule in zip(context.premises, rules, strict=True):
        demand(premise.rule in rule.split("|"), f"a premise by {rule} is wanted")
        inside = part and set(decode_cell(premise.cell).conditions) <= set(context.cell.conditions)
        demand(inside or premise.cell in ([], context.step.cell), "a premise is for another cell")
    return context.premises


def read_ratios(table: Mapping[str, str]) -> dict[str, Ratio]:
    """Expressions by name."""
    return {name: parse_ratio(text) for name, text in table.items()}


def terms_of(step: Step) -> tuple[Term, ...]:
    """The terms that a step concludes."""
    return tuple(decode_term(t) for t in step.conclusion["terms"])


def decode_point(body: Mapping[str, Any]) -> dict[str, Fraction]:
    """A rational point."""
    return {n: decode_fraction(x) for n, x in body.items()}


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


def substitute(term: Term, values: Mapping[str, Term]) -> Term:
    """Resources as terms in others; inside logarithms their constants are of lower order."""
    monomials, constant = {n: t.monomial for n, t in values.items()}, term.constant
    logs = [(m.replace(monomials), k) for m, k in term.logs]
    for name, value in values.items():
        exponent = term.monomial.exponent(name)
        constant = constant * value.constant**exponent
        logs += [(m, k * exponent) for m, k in value.logs]
    return Term(term.monomial.replace(monomials), constant, merge_logs(logs), name=term.name)
