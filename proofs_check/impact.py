"""Impact: what falls if a claim, an assumption or a rule falls, near and far, over all papers.

    a claim        its steps fall
    an assumption  the claims that list it fall
    a rule         all steps by it fall

Every step that rests on a fallen one falls, and so does every step, in any bundle, that says the same. A claim falls with a step
that it rests on; a printed claim without steps falls with the derived claims beside which it is laid. A fallen claim *stands
again* where another derivation of it, independent of the fallen one, is left (`proofs_check.standing`).

Not covered: what follows from the contrary of a claim.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from proofs_check.records import find_claims_under
from proofs_check.standing import Library, find_steps_beside
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.steps import Step

Place = tuple[str, str]


def find_impact_of_claim(claim: Claim, home: Bundle, bundles: Sequence[Bundle]) -> dict[str, Any]:
    """What falls with a claim of the bundle `home`; the claim itself is not counted."""
    first = {(home.paper, s) for s in claim.steps}
    found = _describe(bundles, _spread(first, bundles), {(home.paper, claim.label)})
    found["claims"].remove(claim.label)
    return found


def find_impact_of_rule(rule: str, bundles: Sequence[Bundle]) -> dict[str, Any]:
    """What falls if a rule proves nothing."""
    return _describe(bundles, _spread({(b.paper, s.id) for b in bundles for s in b.steps if s.rule == rule}, bundles), set())


def find_impact_of_assumption(name: str, bundles: Sequence[Bundle]) -> dict[str, Any]:
    """The claims that list the assumption."""
    return _describe(bundles, set(), {(b.paper, c.label) for b in bundles for c in b.claims if name in c.assumptions})


def _spread(first: set[Place], bundles: Sequence[Bundle]) -> set[Place]:
    """All steps that fall with some: those that rest on them, and those that say the same."""
    copies: dict[str, list[Place]] = {}
    above: dict[Place, list[Place]] = {}
    saying: dict[Place, str] = {}
    for b in bundles:
        for s in b.steps:
            saying[b.paper, s.id] = _say(s)
            copies.setdefault(_say(s), []).append((b.paper, s.id))
            for p in s.premises:
                above.setdefault((b.paper, p), []).append((b.paper, s.id))
    fallen, todo = set(first), list(first)
    while todo:
        place = todo.pop()
        fresh = [p for p in (*above.get(place, ()), *copies.get(saying[place], ())) if p not in fallen]
        fallen.update(fresh)
        todo += fresh
    return fallen


def _say(step: Step) -> str:
    return json.dumps([step.rule, step.cell, step.given, step.conclusion], sort_keys=True)


def _describe(bundles: Sequence[Bundle], steps: set[Place], first: set[Place]) -> dict[str, Any]:
    """The fallen steps and claims, by paper and together; `first` are claims that have fallen already."""
    library, papers, again = Library.of(bundles), {}, []
    for b in bundles:
        gone = [s.id for s in b.steps if (b.paper, s.id) in steps]
        claims = _fall(b, set(gone), {label for paper, label in first if paper == b.paper})
        if gone or claims:
            papers[b.paper] = {"steps": gone, "claims": claims}
        again += [c.label for c in b.claims if c.label in claims and _stands(c, b, library, steps)]
    return {"claims": [c for p in papers.values() for c in p["claims"]], "stand_again": again, "papers": papers}


def _fall(bundle: Bundle, gone: set[str], fallen: set[str]) -> list[str]:
    """The labels of the claims of a bundle that fall."""
    tests: list[Callable[[Claim], bool]] = [
        lambda c: bool(gone & set(c.steps)),
        lambda c: not c.steps and any(d.label in fallen for d in find_claims_under(c, bundle)),
    ]
    for test in tests:
        fallen = fallen | {c.label for c in bundle.claims if test(c)}
    return [c.label for c in bundle.claims if c.label in fallen]


def _stands(claim: Claim, bundle: Bundle, library: Library, steps: set[Place]) -> bool:
    """Whether each of the steps on which the claim rests, if it has fallen, has another derivation that has not."""
    def holds(step: str) -> bool:
        """Whether the step stands, or another derivation of what it says does."""
        place = (bundle.paper, step)
        return place not in steps or any(p not in steps for p in library.find_others(place))

    needed: Iterable[str] = find_steps_beside(claim, bundle)
    return bool(steps) and bool(claim.steps) and all(map(holds, needed))
