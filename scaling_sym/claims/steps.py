"""A `Step` is one application of a rule, from premises (earlier steps) and given data, on a cell of the parameter space, to a
conclusion, with a certificate that the rule's checker replays.

Bodies are kept in their JSON form; `codec` reads them. Not covered: claims on steps (`bundle`), and whether a step is sound
(`proofs_check`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, final

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


def list_settings(steps: Iterable[Step]) -> list[tuple[str, str]]:
    """What is set to what in identities among the steps, such as P to 1/f, and f to 0."""
    tables = (at for s in steps if s.rule == "identity" for at in (*s.given.get("at", ()), s.given.get("where", {})))
    return [setting for table in tables for setting in table.items()]


def list_restrictions(steps: Iterable[Step]) -> list[list[str]]:
    """The same as text, such as `P = 1/f`, `f = 0`: a list for each step, each list once."""
    said = dict.fromkeys(tuple(f"{n} = {x}" for n, x in list_settings([step])) for step in steps)
    return [list(texts) for texts in said if texts]
