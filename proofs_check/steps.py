"""The exact core: a step is replayed by the rule that it names, against its premises, which must stand before it.

A part of a step that its rule does not read must be empty: anything there would not be checked (`without` in definitions.json;
without a cell a step holds everywhere). Anything malformed inside a step is a fault of that step, not a crash: whatever a rule
raises refuses the step. What a claim may say of steps: `statements`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, final

from proofs_check.framework import DEFINITIONS, Context, RefusedError, Rule, demand, same_terms
from proofs_check.rules import equations, expansions, optima, regions, sizes, windows
from scaling_sym.claims.codec import decode_cell
from scaling_sym.claims.steps import Step
from scaling_sym.errors import BadInputError

MODULES: Final = (equations, expansions, windows, sizes, regions, optima)
RULES: Final[Mapping[str, Rule]] = {name: rule for module in MODULES for name, rule in module.RULES.items()}


@final
@dataclass(frozen=True, slots=True)
class Fault:
    """A step (or a claim, by its label) that does not replay."""

    step: str
    rule: str
    reason: str

    def __str__(self) -> str:
        return f"step {self.step} ({self.rule}): {self.reason}"


def replay_step(step: Step, before: Mapping[str, Step]) -> Fault | None:
    """Replay one step, given those before it; the fault, where there is one."""
    return find_fault(step.id, step.rule, lambda: _check_step(step, before))


def _check_step(step: Step, before: Mapping[str, Step]) -> None:
    """Refuse unless the rule exists, the parts that it does not read are empty, and it grants the conclusion."""
    demand(step.rule in RULES, "there is no such rule")
    for part, rules in DEFINITIONS["without"].items():
        empty = not getattr(step, part)
        demand(empty or step.rule not in rules, f"this rule has no {part}: anything there would not be checked")
    demand(step.rule == "match" or all(s.relation != "=" for s in decode_cell(step.cell).conditions), "an open cell is wanted")
    for name in step.premises:
        demand(name in before, f"the premise {name} does not stand before it")
    context = Context(step, tuple(before[p] for p in step.premises), {**before, step.id: step})
    follows = RULES[step.rule](context)
    if follows is not None:
        same_terms(context.terms, follows, step.rule, names=True)


def find_fault(name: str, rule: str, check: Callable[[], None]) -> Fault | None:
    """The fault that a check finds, if it finds one."""
    try:
        check()
    except (RefusedError, BadInputError) as error:
        return Fault(name, rule, str(error)[:300])
    except Exception as error:
        return Fault(name, rule, f"malformed ({type(error).__name__}: {str(error)[:300]})")
    return None
