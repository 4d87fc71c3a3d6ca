"""A step: one application of a rule, from premises (earlier steps) and given data, on a cell of the parameter space, to a
conclusion, with a certificate that the rule's checker replays.

Bodies are kept in their JSON form; `codec` reads them. Not covered: whether a step is sound (`proofs_check.steps`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from scaling_sym.errors import BadInputError

Json = Any


@final
@dataclass(frozen=True, slots=True)
class Step:
    """One application of a rule; all bodies in JSON form."""

    id: str
    rule: str
    cell: Json
    premises: tuple[str, ...]
    given: Json
    conclusion: Json
    certificate: Json


def read_text(value: Json) -> str:
    """Text, and nothing else; raises `TypeError`."""
    if not isinstance(value, str):
        raise TypeError("text is wanted")
    return value


def read_step(s: Json) -> Step:
    """A step from its JSON; raises `KeyError` or `TypeError` for anything else."""
    return Step(read_text(s["id"]), read_text(s["rule"]), s["cell"], tuple(map(read_text, s["premises"])), s["given"],
                s["conclusion"], s["certificate"])


def read_steps(body: Json) -> tuple[Step, ...]:
    """Steps from their JSON, in order; raises `BadInputError` where two have one id."""
    steps = tuple(map(read_step, body))
    if len({s.id for s in steps}) != len(steps):
        raise BadInputError("there are two steps with one id")
    return steps
