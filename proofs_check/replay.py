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
from scaling_sym.claims.steps import Bundle, Step

__all__ = ["Fault", "Replay", "replay", "replay_step"]


@final
@dataclass(frozen=True, slots=True)
class Replay:
    """The outcome: faults, and the ids of the steps and labels of the claims that are sound."""

    faults: tuple[Fault, ...]
    sound: frozenset[str]


def replay(bundle: Bundle, only: Iterable[str] | None = None) -> Replay:
    """Replay all steps (or those named in `only`, trusting the others) and compare the claims with them."""
    chosen = {s.id for s in bundle.steps} if only is None else set(only)
    lookup: dict[str, Step] = {}
    found: list[Fault | None] = []
    for step in bundle.steps:
        found.append(replay_step(step, lookup) if step.id in chosen else None)
        lookup[step.id] = step
    found += [find_fault(c.label, "claim", partial(check_claim, c, lookup)) for c in bundle.claims]
    faults, sound = tuple(f for f in found if f is not None), set[str]()
    faulty = {f.step for f in faults}
    for name, below in (*((s.id, s.premises) for s in bundle.steps), *((c.label, c.steps) for c in bundle.claims)):
        if name not in faulty and sound.issuperset(below):
            sound.add(name)
    return Replay(faults, frozenset(sound))
