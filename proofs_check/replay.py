"""Replay: every step of a bundle, in order, by the rule it names; and every derived claim against the steps it rests on.

A fault is reported with the step and the reason, and everything that rests on a faulty step is unsound.
Not covered: whether the numbers agree with the model (see `confirm`), and the printed claims (see `judge`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import final

from proofs_check.statements import check_claim
from proofs_check.steps import Fault, find_fault, replay_step
from scaling_sym.claims.bundle import Bundle, Step

__all__ = ["Fault", "Replay", "replay", "replay_step"]


@final
@dataclass(frozen=True, slots=True)
class Replay:
    """The outcome: faults, and the ids of the steps and labels of the claims that are sound."""

    faults: tuple[Fault, ...]
    checked: tuple[str, ...]
    sound: frozenset[str]


def replay(bundle: Bundle, only: Iterable[str] | None = None) -> Replay:
    """Replay all steps (or those named in `only`, trusting the others) and compare the claims with them."""
    chosen = {s.id for s in bundle.steps} if only is None else set(only)
    lookup: dict[str, Step] = {}
    faults: list[Fault | None] = []
    sound: set[str] = set()
    for step in bundle.steps:
        fault = replay_step(step, lookup) if step.id in chosen else None
        faults.append(fault)
        if fault is None and all(p in sound for p in step.premises):
            sound.add(step.id)
        lookup[step.id] = step
    for claim in bundle.claims:
        fault = find_fault(claim.label, "claim", partial(check_claim, claim, bundle, lookup))
        faults.append(fault)
        if fault is None and all(s in sound for s in claim.steps):
            sound.add(claim.label)
    checked = tuple(s.id for s in bundle.steps if s.id in chosen)
    return Replay(tuple(f for f in faults if f is not None), checked, frozenset(sound))

