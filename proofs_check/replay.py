"""Replay: every step of a bundle, in order, by the rule it names; and every derived claim against the steps it rests on.

A fault is reported with the step and the reason, and everything that rests on a faulty step is unsound.
Not covered: whether the numbers agree with the model (see `confirm`), and the printed claims (see `judge`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, final

from proofs_check.statements import follow_claim
from proofs_check.steps import Fault, replay_step
from scaling_sym.claims.steps import Step

__all__ = ["Fault", "Replay", "replay", "replay_step"]


@final
@dataclass(frozen=True, slots=True)
class Replay:
    """The outcome: faults, and the ids of the steps and labels of the claims that are sound."""

    faults: tuple[Fault, ...]
    sound: frozenset[str]


class Derivation(Protocol):
    """What is replayed, such as a bundle: steps, and claims on them in the form of steps."""

    @property
    def steps(self) -> Sequence[Step]:
        """The steps, in order."""
    @property
    def stated(self) -> Sequence[Step]:
        """The claims: their rule is their kind, their premises the steps they rest on, their `given` their assumptions."""


def replay(derivation: Derivation, only: Collection[str] | None = None) -> Replay:
    """Replay all steps (or those named in `only`, trusting the others) and compare the claims with them."""
    lookup: dict[str, Step] = {}
    found: list[Fault | None] = []
    for step in derivation.steps:
        found.append(replay_step(step, lookup) if only is None or step.id in only else None)
        lookup[step.id] = step
    found += [replay_step(c, lookup, follow_claim) for c in derivation.stated]
    faults, sound = tuple(f for f in found if f is not None), set[str]()
    faulty = {f.step for f in faults}
    for step in (*derivation.steps, *derivation.stated):
        if step.id not in faulty and sound.issuperset(step.premises):
            sound.add(step.id)
    return Replay(faults, frozenset(sound))
