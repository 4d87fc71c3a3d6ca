"""Claims and the bundle: the one object that is handed from the derivations to the checker and the exports.

A bundle holds steps (`steps`) and claims. A `Claim` is a statement of one kind, on a region, under named assumptions, from a
source; it rests on steps. A claim that a paper prints has a kind `printed-...`, rests on nothing but comparisons, and is judged.
Bodies are kept in their JSON form; `codec` reads them. Not covered: writing, ids and digests (`writing`), and whether anything
here is true (`proofs_check`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, final

from scaling_sym.claims.codec import read_json
from scaling_sym.claims.steps import Json, Step, read_steps, read_text
from scaling_sym.errors import BadInputError

SCHEMA: Final = "scaling-sym/bundle/1"


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


def list_restrictions(steps: Iterable[Step]) -> list[list[str]]:
    """What is set to what in identities among the steps, such as `P = 1/f`, `f = 0`: a list for each step, each list once."""
    found: list[list[str]] = []
    for given in (s.given for s in steps if s.rule == "identity"):
        said = [f"{n} = {x}" for values in (*given.get("at", []), given.get("where", {})) for n, x in values.items()]
        found += [said] if said and said not in found else []
    return found


def is_printed(claim: Claim) -> bool:
    """Whether a claim is what a paper prints, to be judged, and not derived here."""
    return claim.kind.startswith("printed-")


def read_bundle(text: str | bytes, what: str = "the bundle") -> Bundle:
    """Read a bundle from outside; raises `BadInputError` with one sentence for anything that is no bundle."""
    body = read_json(text, what)
    try:
        if body["schema"] != SCHEMA:
            raise BadInputError(f"{what} has schema {str(body['schema'])[:40]!r}; this version reads {SCHEMA!r}")
        steps = read_steps(body["steps"])
        assumptions = {str(k): str(v) for k, v in body["assumptions"].items()}
        return Bundle(read_text(body["paper"]), assumptions, steps, tuple(map(read_claim, body["claims"])))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise BadInputError(f"{what} is not a bundle: {type(error).__name__} {str(error)[:60]}") from None


def read_claim(c: Json) -> Claim:
    """A claim from its JSON; raises `KeyError` or `TypeError` for anything else."""
    source = Source(*(read_text(c["source"][k]) for k in ("paper", "place", "tag", "proved", "note")))
    return Claim(read_text(c["label"]), read_text(c["kind"]), c["statement"], c["region"],
                 tuple(map(read_text, c["assumptions"])), source,
                 tuple(map(read_text, c["steps"])), read_text(c["verdict"]), read_text(c.get("finding", "")))
