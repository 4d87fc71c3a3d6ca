"""Nothing stands in a step that its rule does not read: an idle key in any part of any step of any bundle is refused.

And the tables that say what claims rest on are whole; names of phases are recorded.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from proofs_check.framework import DEFINITIONS
from proofs_check.records import find_wrong_record
from proofs_check.replay import replay
from proofs_check.statements import CLAIMS, KINDS, LAWS
from proofs_check.steps import RULES, replay_step
from scaling_sym.claims.steps import Step
from scaling_sym.cli.bundles import PAPERS, open_bundle


def test_the_parts_of_just_the_rules_there_are_are_listed() -> None:
    assert DEFINITIONS["parts"].keys() == RULES.keys()
    assert {part for row in DEFINITIONS["parts"].values() for part in row} == {"cell", "given", "conclusion", "certificate"}


@pytest.mark.parametrize("paper", PAPERS)
def test_an_idle_key_in_any_part_of_any_step_is_refused(paper: str) -> None:
    before: dict[str, Step] = {}
    for step in open_bundle(paper=paper).steps:
        for part in ("given", "conclusion", "certificate"):
            body = getattr(step, part)
            if isinstance(body, dict) or body is None:
                other = replace(step, **{part: {**(body or {}), "nobody": {}}})
                assert replay_step(other, before) is not None, (step.id, step.rule, part)
        before[step.id] = step



def test_what_each_kind_of_claim_rests_on_is_listed() -> None:
    assert CLAIMS.keys() | {"law", "law-on-wall"} == KINDS.keys()
    assert not CLAIMS.keys() & LAWS.keys()


@pytest.mark.parametrize("kind", ["prefactor", "cover", "wall", "corner"])
def test_a_phase_has_the_name_that_the_claim_on_its_loss_gives_it(kind: str) -> None:
    bundle = open_bundle(paper="paquette2024")
    claim = next(c for c in bundle.claims if c.kind == kind)
    assert not find_wrong_record(claim, bundle)
    said = {"phase": "V"} if kind == "prefactor" else {"phases": [*reversed(claim.statement["phases"])]}
    label = "plrf/V/prefactor" if kind == "prefactor" else claim.label
    false = replace(claim, label=label, statement={**claim.statement, **said})
    claims = tuple(false if c is claim else c for c in bundle.claims)
    assert "other names" in find_wrong_record(false, replace(bundle, claims=claims))


def test_that_nothing_vanishes_is_no_equation() -> None:
    bundle = open_bundle(paper="bahri2024")
    claim = next(c for c in bundle.claims if c.kind == "equation")
    said = claim.statement["equation"]
    for equation, holds in (("0", False), (f"2*({said})*P", True), (f"({said})*(P + 1)", False)):
        sums = claim.statement["sums"] if equation != "0" else {}
        false = replace(claim, statement={**claim.statement, "equation": equation, "sums": sums})
        faults = replay(replace(bundle, claims=(false,)), ()).faults
        assert [f.reason for f in faults] == ([] if holds else ["the equation is another"])
