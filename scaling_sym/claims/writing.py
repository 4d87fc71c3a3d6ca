"""A bundle as it is kept: its canonical text, ids and digests, and the verdicts recorded in it.

A claim's id is the hash of what it says (statement, region, assumptions), not of its proof; a bundle carries the digest of
everything in it. Not covered: whether anything in it is true.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from scaling_sym.claims.bundle import SCHEMA, Bundle, Claim, read_bundle, read_json
from scaling_sym.claims.encoding import write_json
from scaling_sym.claims.steps import Step
from scaling_sym.errors import BadInputError

Json = Any


def step_body(step: Step) -> dict[str, Json]:
    """A step as JSON."""
    return {f.name: getattr(step, f.name) for f in fields(step)} | {"premises": list(step.premises)}


def claim_body(claim: Claim) -> dict[str, Json]:
    """A claim as JSON."""
    said = {f.name: getattr(claim, f.name) for f in fields(claim) if f.name != "finding" or claim.finding}
    lists = {"assumptions": list(claim.assumptions), "steps": list(claim.steps)}
    return {**said, **lists, "id": claim_id(claim), "source": asdict(claim.source)}


def bundle_body(bundle: Bundle) -> dict[str, Json]:
    """A bundle as JSON, with the digest of everything in it."""
    inner = {
        "schema": SCHEMA, "paper": bundle.paper, "assumptions": dict(bundle.assumptions),
        "steps": [step_body(s) for s in bundle.steps], "claims": [claim_body(c) for c in bundle.claims],
    }
    return {**inner, "digest": _digest(inner)}


def write_bundle(bundle: Bundle) -> str:
    """Canonical text; the same bundle gives the same bytes."""
    return write_json(bundle_body(bundle))


def claim_id(claim: Claim) -> str:
    """The first 16 digits of the hash of what a claim says."""
    said = {"kind": claim.kind, "statement": claim.statement, "region": claim.region, "assumptions": list(claim.assumptions)}
    return _digest(said)[:16]


def _digest(value: Json) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_own_bundle(text: str | bytes, what: str = "the bundle") -> Bundle:
    """Read a bundle whose digest and ids must be those of its content; raises `BadInputError`."""
    bundle = read_bundle(text, what)
    if not has_own_digests(text, bundle):
        raise BadInputError(f"{what} has a digest or an id that is not that of its content")
    return bundle


def has_own_digests(text: str | bytes, bundle: Bundle) -> bool:
    """Whether the digest and the ids stored in the text are those of the bundle that was read from it."""
    stored, own = read_json(text, "the bundle"), bundle_body(bundle)
    return bool(stored.get("digest") == own["digest"]
                and [c.get("id") for c in stored["claims"]] == [c["id"] for c in own["claims"]])


def with_verdicts(bundle: Bundle, verdicts: Mapping[str, str], findings: Mapping[str, str]) -> Bundle:
    """The bundle with the verdicts and findings, by label, recorded in its claims."""
    claims = tuple(replace(c, verdict=verdicts[c.label], finding=findings[c.label]) for c in bundle.claims)
    return replace(bundle, claims=claims)


def find_step(bundle: Bundle, identifier: str) -> Step:
    """The step with this id; raises `BadInputError`."""
    found = next((s for s in bundle.steps if s.id == identifier), None)
    if found is None:
        raise BadInputError(f"there is no step {identifier!r} in the bundle of {bundle.paper}")
    return found
