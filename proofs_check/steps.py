"""The exact core: a step is replayed by the rule that it names, against its premises, which must stand before it.

Anything malformed inside a step is a fault of that step, not a crash. What a claim may say of steps: `statements`, `records`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, final

from proofs_check.framework import Context, RefusedError
from proofs_check.rules import RULES
from scaling_sym.claims.bundle import Step
from scaling_sym.errors import BadInputError

MALFORMED: Final = (
    RefusedError, BadInputError, KeyError, TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError,
    AssertionError, OverflowError, NotImplementedError, RecursionError, RuntimeError, StopIteration,
)
# The parts that steps by some rules do not have: anything there would not be checked. Without a cell a step holds everywhere.
DEFINED: Final = frozenset({"define", "model", "volterra", "unstable"})
FORMULAS: Final = frozenset({"counting", "moment", "spacing", "direction", "simplices", "average"})
EQUATIONS: Final = frozenset({"solve-fields", "total", "sum-identity", "perturb", "corrections"})
SUMS: Final = frozenset({"power-sum", "power-law", "levels", "trace", "combine", "renew", "transfer"})
COLLECTED: Final = frozenset({"collect", "collect-flow"})
WITHOUT: Final[Mapping[str, frozenset[str]]] = {
    "cell": DEFINED | FORMULAS | EQUATIONS | SUMS | {"identity"},
    "given": DEFINED | COLLECTED | {"perturb", "transfer", "glue", "continuity", "cover", "simplices", "truncate"},
    "certificate": DEFINED | FORMULAS | EQUATIONS | SUMS | COLLECTED | {"invert"},
}


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
    rule = RULES.get(step.rule)
    if rule is None:
        return Fault(step.id, step.rule, "there is no such rule")
    for part, rules in WITHOUT.items():
        if step.rule in rules and getattr(step, part) != ([] if part == "cell" else None):
            return Fault(step.id, step.rule, f"this rule has no {part}: anything there would not be checked")
    missing = [p for p in step.premises if p not in before]
    if missing:
        return Fault(step.id, step.rule, f"the premise {missing[0]} does not stand before it")
    premises, lookup = tuple(before[p] for p in step.premises), {**before, step.id: step}
    return find_fault(step.id, step.rule, lambda: rule(Context(step, premises, lookup)))


def find_fault(name: str, rule: str, check: Callable[[], None]) -> Fault | None:
    """The fault that a check finds, if it finds one."""
    try:
        check()
    except MALFORMED as error:
        text, known = str(error)[:300], isinstance(error, RefusedError | BadInputError)
        return Fault(name, rule, text if known else f"malformed ({type(error).__name__}: {text})")
    return None
