"""Claims, and the bundle of steps and claims that derivations hand to the checker and the exports; reading one from outside.

A `Claim` is a statement of one kind, on a region, under named assumptions, from a source; it rests on steps. A claim that a paper
prints has a kind `printed-...`, rests on nothing but comparisons, and is judged. Hostile text becomes such objects, or is refused
with one sentence: bounded are the size of the text, its nesting, and the whole numbers in it; refused are keys that stand twice,
what is no number, text where there is none, and two steps of one id. The checker replays the objects, whoever made them, and does
not load this module: it reads a claim as a step, and nothing of its source, verdict and finding. No proof is sound because of
what is refused here, but a reader who is handed a bundle gets an answer in bounded time and memory.

Bodies stay JSON; `codec` reads them. Not covered: files (`files`), writing, ids and digests (`writing`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, final

from scaling_sym.claims.steps import Json, Step
from scaling_sym.errors import BadInputError

SCHEMA: Final = "scaling-sym/bundle/1"
LARGEST_FILE: Final = 32 * 2**20
DEEPEST: Final = 60


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

    @property
    def stated(self) -> tuple[Step, ...]:
        """The claims as they are replayed: of the kind, on the steps, in the region and under the assumptions that they name."""
        return tuple(Step(c.label, c.kind, c.region, c.steps, c.assumptions, c.statement, None) for c in self.claims)


def is_printed(claim: Claim) -> bool:
    """Whether a claim is what a paper prints, to be judged, and not derived here."""
    return claim.kind.startswith("printed-")


def read_bundle(text: str | bytes, what: str = "the bundle") -> Bundle:
    """Read a bundle from outside; raises `BadInputError` with one sentence for anything that is no bundle."""
    body = read_json(text, what)
    try:
        if body["schema"] != SCHEMA:
            raise BadInputError(f"{what} has schema {str(body['schema'])[:40]!r}; this version reads {SCHEMA!r}")
        steps = tuple(map(read_step, body["steps"]))
        if len({s.id for s in steps}) != len(steps):
            raise BadInputError(f"{what} has two steps with one id")
        assumptions = {str(k): str(v) for k, v in body["assumptions"].items()}
        return Bundle(_read_text(body["paper"]), assumptions, steps, tuple(map(read_claim, body["claims"])))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise BadInputError(f"{what} is not a bundle: {type(error).__name__} {str(error)[:60]}") from None


def read_step(s: Json) -> Step:
    """A step from its JSON; raises `KeyError` or `TypeError` for anything else."""
    return Step(_read_text(s["id"]), _read_text(s["rule"]), s["cell"], tuple(map(_read_text, s["premises"])), s["given"],
                s["conclusion"], s["certificate"])


def read_claim(c: Json) -> Claim:
    """A claim from its JSON; raises `KeyError` or `TypeError` for anything else."""
    source = Source(*(_read_text(c["source"][k]) for k in ("paper", "place", "tag", "proved", "note")))
    return Claim(_read_text(c["label"]), _read_text(c["kind"]), c["statement"], c["region"],
                 tuple(map(_read_text, c["assumptions"])), source,
                 tuple(map(_read_text, c["steps"])), _read_text(c["verdict"]), _read_text(c.get("finding", "")))


def _read_text(value: Json) -> str:
    """Text, and nothing else; raises `TypeError`."""
    if not isinstance(value, str):
        raise TypeError("text is wanted")
    return value


def read_json(text: str | bytes, what: str) -> Any:
    """Parse JSON from outside; raises `BadInputError` with one sentence for anything malformed, huge or deep."""
    if len(text) > LARGEST_FILE:
        raise BadInputError(f"{what} is larger than {LARGEST_FILE // 2**20} MiB, which is the most that is read")
    try:
        value = json.loads(text, parse_int=_read_count, parse_constant=_refuse_constant, object_pairs_hook=_refuse_twice)
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{what} is not valid JSON: {str(error)[:100]}") from None
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise BadInputError(f"{what} is nested deeper than {DEEPEST} levels, which is the most that is read")
        level = [x for v in level if isinstance(v, dict | list) for x in (v.values() if isinstance(v, dict) else v)]
    return value


def _read_count(text: str) -> int:
    """Whole numbers are orders, places and multiplicities; a power of a sum to a large one would not fit into memory."""
    if len(text.lstrip("-")) > 2:
        raise ValueError("a whole number has more than two digits")
    return int(text)


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("an object has a key twice")
    return dict(pairs)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")
