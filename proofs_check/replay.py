"""Replay: every step of a bundle, in order, by the rule it names; and every derived claim against the steps it rests on.

A step is checked against its premises, which must stand before it. A fault is reported with the step and the reason, and
everything that rests on a faulty step is unsound. Anything malformed inside a step is a fault of that step, not a crash.

Not covered: whether the numbers agree with the model (see `confirm`), and the printed claims (see `judge`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, final

from proofs_check.framework import Context, RefusedError
from proofs_check.records import check_record, check_texts
from proofs_check.rules import RULES
from proofs_check.statements import Surroundings, check_claim
from scaling_sym.claims.bundle import Bundle, Step
from scaling_sym.errors import BadInputError

MALFORMED: Final = (
    RefusedError, BadInputError, KeyError, TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError,
    AssertionError, OverflowError, NotImplementedError, RecursionError, RuntimeError, StopIteration,
)


WITHOUT: Final[Mapping[str, frozenset[str]]] = {
    "given": frozenset({"model", "perturb", "transfer", "glue", "continuity", "cover", "define", "direction", "truncate"}),
    "certificate": frozenset({
        "model", "perturb", "trace", "power-sum", "levels", "combine", "renew", "transfer", "collect", "define", "solve-fields",
        "total", "sum-identity", "corrections", "collect-flow", "power-law", "invert",
        "volterra", "spacing", "counting", "moment", "unstable", "direction", "simplices", "average", "truncate",
    }),
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


@final
@dataclass(frozen=True, slots=True)
class Replay:
    """The outcome: faults, and the ids of the steps and labels of the claims that are sound."""

    faults: tuple[Fault, ...]
    checked: tuple[str, ...]
    sound: frozenset[str]


def replay(bundle: Bundle, only: Iterable[str] | None = None) -> Replay:
    """Replay all steps (or those named in `only`, trusting the others) and compare the claims with them."""
    chosen = None if only is None else frozenset(only)
    lookup: dict[str, Step] = {}
    faults: list[Fault] = []
    sound: set[str] = set()
    checked = []
    for step in bundle.steps:
        if chosen is None or step.id in chosen:
            checked.append(step.id)
            fault = replay_step(step, lookup)
            if fault is not None:
                faults.append(fault)
        if not any(f.step == step.id for f in faults[-1:]) and all(p in sound for p in step.premises):
            sound.add(step.id)
        lookup[step.id] = step
    around = Surroundings.of(bundle)
    try:
        check_texts(bundle)
    except MALFORMED as error:
        faults.append(Fault("assumptions", "bundle", _reason(error)))
    for claim in bundle.claims:
        try:
            check_claim(claim, around)
            check_record(claim, bundle)
            if all(s in sound for s in claim.steps):
                sound.add(claim.label)
        except MALFORMED as error:
            faults.append(Fault(claim.label, "claim", _reason(error)))
    return Replay(tuple(faults), tuple(checked), frozenset(sound))


def replay_step(step: Step, before: Mapping[str, Step]) -> Fault | None:
    """Replay one step, given those before it; the fault, where there is one."""
    rule = RULES.get(step.rule)
    if rule is None:
        return Fault(step.id, step.rule, "there is no such rule")
    for part, rules in WITHOUT.items():
        if step.rule in rules and getattr(step, part) is not None:
            return Fault(step.id, step.rule, f"this rule has no {part}: anything there would not be checked")
    missing = [p for p in step.premises if p not in before]
    if missing:
        return Fault(step.id, step.rule, f"the premise {missing[0]} does not stand before it")
    try:
        rule(Context(step, tuple(before[p] for p in step.premises), {**before, step.id: step}))
    except MALFORMED as error:
        return Fault(step.id, step.rule, _reason(error))
    return None


def _reason(error: BaseException) -> str:
    text = str(error)[:300]
    return text if isinstance(error, RefusedError | BadInputError) else f"malformed ({type(error).__name__}: {text})"
