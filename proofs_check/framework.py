"""What every rule shares: the fault, the context of a step, and sums of terms.

Trusted: arithmetic of rational functions (`algebra.ratios`, on FLINT), and the reading of JSON (`claims.codec`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import ONE
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Term, merge_terms
from scaling_sym.claims.codec import decode_cell, decode_fraction, decode_term, put_values
from scaling_sym.claims.steps import Step

DEFINITIONS: Final[Any] = json.loads(Path(__file__).with_name("definitions.json").read_text())


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

    def ancestors(self, *rules: str, below: Step | None = None) -> list[Step]:
        """All steps above this one (or the one given); where rules are given, those by them."""
        return [s for s in list_steps((below or self.step).premises, self.lookup) if not rules or s.rule in rules]

    def pieces(self, step: Step) -> list[Step]:
        """The step, or what it glues."""
        return [self.lookup[p] for p in step.premises] if step.rule == "glue" else [step]

    def model(self) -> Any:
        """The conclusion of the one model step that this step rests on."""
        (model,) = self.ancestors("model")
        return model.conclusion


# A rule refuses the step, or grants it: by itself, or if the step concludes what it returns (a sum of terms, or the whole body).
Follows = Iterable[Term] | dict[str, Any] | None
Rule = Callable[[Context], Follows]


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
    """The premises: by just these rules in this order (`|` separates alternatives), on the step's cell, or without any cell.

    What a premise glues is by them too. Where `part`, the cell of the step may have further conditions; no step is on a zero set,
    where what was glued may fail.
    """
    demand(len(context.premises) == len(rules), f"{len(rules)} premises are wanted")
    for premise, rule in zip(context.premises, rules, strict=True):
        demand({premise.rule, *(p.rule for p in context.pieces(premise))} <= {*rule.split("|")}, f"a premise by {rule} is wanted")
        own, held = set(context.cell.conditions), set(decode_cell(premise.cell).conditions)
        everywhere = "cell" not in DEFINITIONS["parts"][premise.rule]
        demand(everywhere or held == own or (part and held < own), "a premise is for another cell")
    return context.premises


def read_ratios(table: Mapping[str, str]) -> dict[str, Ratio]:
    """Expressions by name."""
    return {name: parse_ratio(text) for name, text in table.items()}


def terms_of(step: Step) -> tuple[Term, ...]:
    """The terms that a step concludes."""
    return read_terms(step.conclusion, {})


def read_terms(body: Any, values: Mapping[str, Ratio]) -> tuple[Term, ...]:
    """The terms of a conclusion or a formula, with functions in place of parameters."""
    return tuple(decode_term(put_values(t, values)) for t in body["terms"])


def decode_point(body: Mapping[str, Any]) -> dict[str, Fraction]:
    """A rational point."""
    return {n: decode_fraction(x) for n, x in body.items()}


def same_terms(found: Iterable[Term], wanted: Iterable[Term], what: str, names: bool = False) -> None:
    """Refuse unless two sums are the same term by term, constants in canonical form; in the first no term is idle or split."""
    written, other = ([t if names else replace(t, name="") for t in terms] for terms in (found, wanted))
    left, right = merge_terms(written), merge_terms(other)
    same = len(written) == len(left) and [replace(t, constant=ONE) for t in left] == [replace(t, constant=ONE) for t in right]
    demand(same, f"{what}: a power is not the one that follows")
    for one, two in zip(left, right, strict=True):
        same = one.constant == two.constant or one.constant.canonical() == two.constant.canonical()
        demand(same, f"{what}: a constant is not the one that follows")
