"""Claims, steps and the bundle: the one object that is handed from the derivations to the checker and the exports.

A `Step` applies one rule: from premises (earlier steps) and given data, on a cell of the parameter space, to a conclusion, with
a certificate that the rule's checker replays. A `Claim` is a statement of one kind, on a region, under named assumptions, from a
source; it rests on steps. A claim that a paper prints has a kind `printed-...`, rests on nothing but comparisons, and is judged.
A claim's id is the hash of what it says (statement, region, assumptions), not of its proof. Bodies are kept in their JSON form;
`codec` reads them. Not covered: whether anything here is true. That is for `proofs_check`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final, final

from scaling_sym.claims.codec import read_json
from scaling_sym.errors import BadInputError

SCHEMA: Final = "scaling-sym/bundle/1"
Json = Any


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
class Step:
    """One application of a rule; all bodies in JSON form."""

    id: str
    rule: str
    cell: Json
    premises: tuple[str, ...]
    given: Json
    conclusion: Json
    certificate: Json

    def body(self) -> dict[str, Json]:
        """The step as JSON."""
        return {f.name: getattr(self, f.name) for f in fields(self)} | {"premises": list(self.premises)}


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

    @property
    def id(self) -> str:
        """The first 16 digits of the hash of what the claim says."""
        said = {"kind": self.kind, "statement": self.statement, "region": self.region, "assumptions": list(self.assumptions)}
        return _digest(said)[:16]

    def body(self) -> dict[str, Json]:
        """The claim as JSON."""
        said = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "finding" or self.finding}
        lists = {"assumptions": list(self.assumptions), "steps": list(self.steps)}
        return {**said, **lists, "id": self.id, "source": asdict(self.source)}


@final
@dataclass(frozen=True, slots=True)
class Bundle:
    """The outcome for one paper: assumptions by name, steps in order, claims in order."""

    paper: str
    assumptions: Mapping[str, str]
    steps: tuple[Step, ...]
    claims: tuple[Claim, ...]

    def body(self) -> dict[str, Json]:
        """The bundle as JSON, with the digest of everything in it."""
        inner = {
            "schema": SCHEMA, "paper": self.paper, "assumptions": dict(self.assumptions),
            "steps": [s.body() for s in self.steps], "claims": [c.body() for c in self.claims],
        }
        return {**inner, "digest": _digest(inner)}

    def write(self) -> str:
        """Canonical text; the same bundle gives the same bytes."""
        from scaling_sym.claims.encoding import write_json

        return write_json(self.body())

    def with_verdicts(self, verdicts: Mapping[str, str], findings: Mapping[str, str]) -> Bundle:
        """The bundle with the verdicts and findings, by label, recorded in its claims."""
        claims = tuple(replace(c, verdict=verdicts[c.label], finding=findings[c.label]) for c in self.claims)
        return replace(self, claims=claims)

    def step(self, identifier: str) -> Step:
        """The step with this id; raises `BadInputError`."""
        found = next((s for s in self.steps if s.id == identifier), None)
        if found is None:
            raise BadInputError(f"there is no step {identifier!r} in the bundle of {self.paper}")
        return found


def is_printed(claim: Claim) -> bool:
    """Whether a claim is what a paper prints, to be judged, and not derived here."""
    return claim.kind.startswith("printed-")


def read_bundle(text: str | bytes, digests: bool = True, what: str = "the bundle") -> Bundle:
    """Read a bundle from outside; raises `BadInputError` with one sentence for anything that is no bundle.

    With `digests`, the stored digest and claim ids must be those of the content.
    """
    body = read_json(text, what)
    try:
        if body["schema"] != SCHEMA:
            raise BadInputError(f"{what} has schema {str(body['schema'])[:40]!r}; this version reads {SCHEMA!r}")
        steps = tuple(read_step(s) for s in body["steps"])
        claims = tuple(read_claim(c) for c in body["claims"])
        assumptions = {str(k): str(v) for k, v in body["assumptions"].items()}
        bundle = Bundle(_text(body["paper"]), assumptions, steps, claims)
        if len({s.id for s in steps}) != len(steps):
            raise BadInputError(f"{what} has two steps with one id")
        if digests and not has_own_digests(text, bundle):
            raise BadInputError(f"{what} has a digest or an id that is not that of its content")
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise BadInputError(f"{what} is not a bundle: {type(error).__name__} {str(error)[:60]}") from None
    return bundle


def has_own_digests(text: str | bytes, bundle: Bundle) -> bool:
    """Whether the digest and the ids stored in the text are those of the bundle that was read from it."""
    stored, own = read_json(text, "the bundle"), bundle.body()
    return bool(stored.get("digest") == own["digest"]
                and [c.get("id") for c in stored["claims"]] == [c["id"] for c in own["claims"]])


def _digest(value: Json) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError("text is wanted")
    return value


def read_step(s: Json) -> Step:
    """A step from its JSON; raises `KeyError` or `TypeError` for anything else."""
    return Step(_text(s["id"]), _text(s["rule"]), s["cell"], tuple(map(_text, s["premises"])), s["given"],
                s["conclusion"], s["certificate"])


def read_claim(c: Json) -> Claim:
    """A claim from its JSON; raises `KeyError` or `TypeError` for anything else."""
    source = Source(*(_text(c["source"][k]) for k in ("paper", "place", "tag", "proved", "note")))
    return Claim(_text(c["label"]), _text(c["kind"]), c["statement"], c["region"], tuple(map(_text, c["assumptions"])),
                 source, tuple(map(_text, c["steps"])), _text(c["verdict"]), _text(c.get("finding", "")))
