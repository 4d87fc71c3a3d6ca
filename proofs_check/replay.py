"""Replay: every step of a bundle, in order, by the rule it names; and every derived claim against the steps it rests on.

A fault is reported with the step and the reason, and everything that rests on a faulty step is unsound.
Not covered: whether the numbers agree with the model (see `confirm`), and the printed claims (see `judge`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from proofs_check.statements import follow_claim
from proofs_check.steps import Fault, replay_step
from scaling_sym.claims.steps import Step

if TYPE_CHECKING:  # what is replayed are objects, whoever made them
    from scaling_sym.claims.bundle import Bundle

__all__ = ["Fault", "Replay", "replay", "replay_step"]


@final
@dataclass(frozen=True, slots=True)
class Replay:
    """The outcome: faults, and the ids of the steps and labels of the claims that are sound."""

    faults: tuple[Fault, ...]
    sound: frozenset[str]


def replay(bundle: Bundle, only: Collection[str] | None = None) -> Replay:
    """Replay all steps (or those named in `only`, trusting the others) and compare the claims with them."""
    lookup: dict[str, Step] = {}
    found: list[Fault | None] = []
    claims = [Step(c.label, c.kind, c.region, c.steps, c.assumptions, c.statement, None) for c in bundle.claims]
    for step in bundle.steps:
        found.append(replay_step(step, lookup) if only is None or step.id in only else None)
        lookup[step.id] = step
    found += [replay_step(c, lookup, follow_claim) for c in claims]
    faults, sound = tuple(f for f in found if f is not None), set[str]()
    faulty = {f.step for f in faults}
    for step in (*bundle.steps, *claims):
        if step.id not in faulty and sound.issuperset(step.premises):
            sound.add(step.id)
    return Replay(faults, frozenset(sound))
