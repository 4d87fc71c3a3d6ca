"""What is proved and claimed: steps, claims, and the bundle of both that derivations hand to the checker and the exports.

A `Step` is one application of a rule, from premises (earlier steps) and given data, on a cell of the parameter space, to a
conclusion, with a certificate that the rule's checker replays. A `Claim` is a statement of one kind, on a region, under named
assumptions, from a source; it rests on steps. A claim that a paper prints has a kind `printed-...`, rests on nothing but
comparisons, and is judged. Bodies are kept in their JSON form; `codec` reads them. Not covered: reading a bundle from outside
(`bundle`), writing (`writing`), and whether anything here is true (`proofs_check`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


@final
@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement comes from: paper, place, how it was read (`read`, `recalled`, `model`, `derived`), proof."""

    paper: str
    place: str
    tag: str
    proved: str = "no"
    note: str = ""


@final
@dataclass(frozen=True, slots=True)
class Claim:
    """A statement with its label, kind, region (list of comparisons), assumptions, source, and the steps under it.

    `verdict` is what the judge said when the bundle was last renewed, and `finding` how a printed statement that does not
    hold differs from what is derived; `check` compares both with what the judge says now.
    """

    label: str
    kind: str
    statement: Json
    region: Json
    assumptions: tuple[str, ...]
    source: Source
    steps: tuple[str, ...] = ()
    verdict: str = ""
    finding: str = ""


@final
@dataclass(frozen=True, slots=True)
class Bundle:
    """The outcome for one paper: assumptions by name, steps in order, claims in order."""

    paper: str
    assumptions: Mapping[str, str]
    steps: tuple[Step, ...]
    claims: tuple[Claim, ...]


def list_settings(steps: Iterable[Step]) -> list[tuple[str, str]]:
    """What is set to what in identities among the steps, such as P to 1/f, and f to 0."""
    tables = (at for s in steps if s.rule == "identity" for at in (*s.given.get("at", ()), s.given.get("where", {})))
    return [setting for table in tables for setting in table.items()]


def list_restrictions(steps: Iterable[Step]) -> list[list[str]]:
    """The same as text, such as `P = 1/f`, `f = 0`: a list for each step, each list once."""
    said = dict.fromkeys(tuple(f"{n} = {x}" for n, x in list_settings([step])) for step in steps)
    return [list(texts) for texts in said if texts]


def is_printed(claim: Claim) -> bool:
    """Whether a claim is what a paper prints, to be judged, and not derived here."""
    return claim.kind.startswith("printed-")
