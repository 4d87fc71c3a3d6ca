"""The exact core: a step is replayed by the rule that it names, against its premises, which must stand before it.

Nothing may stand in a step that its rule does not read, as it would not be checked: the keys of each body are in a closed list
(`parts` in definitions.json, `*` where the rule reads all; a step whose rule has no cell there holds everywhere). Anything
malformed inside a step is a fault of that step, not a crash: whatever a rule raises refuses the step. What a claim may say of
steps: `statements`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, final

from proofs_check.framework import DEFINITIONS, Context, Follows, RefusedError, Rule, demand, same_terms, terms_of
from proofs_check.rules import equations, expansions, optima, regions, sizes, windows
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


def replay_step(step: Step, before: Mapping[str, Step], rule: Rule | None = None) -> Fault | None:
    """Replay one step by its rule (or the one given), with those before it; the fault, where there is one."""
    return find_fault(step.id, step.rule, lambda: _check_step(step, before, rule or follow_rule))


def _check_step(step: Step, before: Mapping[str, Step], rule: Rule) -> None:
    """Refuse unless the id is new, the premises stand before it, and what follows from them is the step's conclusion."""
    demand(step.id not in before, "a step of this id stands before it")
    demand(before.keys() >= {*step.premises}, "a premise does not stand before it")
    context = Context(step, tuple(before[p] for p in step.premises), {**before, step.id: step})
    follows = rule(context)
    if isinstance(follows, dict):
        demand(step.conclusion == follows, f"{step.rule}: the conclusion is not what follows")
    elif follows is not None:
        same_terms(terms_of(context.step), follows, step.rule, names=True)


def follow_rule(context: Context) -> Follows:
    """What follows by the rule that the step names, which must read all that stands in the step."""
    step = context.step
    demand(step.rule in RULES, "there is no such rule")
    for part in ("cell", "given", "conclusion", "certificate"):
        body, known = getattr(step, part) or (), DEFINITIONS["parts"][step.rule].get(part, "")
        read = known == "*" or (known != "" and isinstance(body, list)) or {*body} <= {*known.split()}
        demand(read, f"this rule reads {known or 'nothing'} in the {part}: anything else there would not be checked")
    demand(step.rule == "match" or all(s.relation != "=" for s in context.cell.conditions), "an open cell is wanted")
    return RULES[step.rule](context)


def find_fault(name: str, rule: str, check: Callable[[], None]) -> Fault | None:
    """The fault that a check finds, if it finds one."""
    try:
        check()
        return None
    except Exception as error:
        known, reason = isinstance(error, RefusedError | BadInputError), str(error)[:300]
        return Fault(name, rule, reason if known else f"malformed ({type(error).__name__}: {reason})")
