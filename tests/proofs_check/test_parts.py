"""Nothing stands in a step that its rule does not read: an idle key in any part of any step of any bundle is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from proofs_check.framework import DEFINITIONS
from proofs_check.steps import RULES, replay_step
from scaling_sym.cli.bundles import PAPERS, open_bundle


def test_the_parts_of_just_the_rules_there_are_are_listed() -> None:
    assert DEFINITIONS["parts"].keys() == RULES.keys()
    assert {part for row in DEFINITIONS["parts"].values() for part in row} == {"cell", "given", "conclusion", "certificate"}


@pytest.mark.parametrize("paper", PAPERS)
def test_an_idle_key_in_any_part_of_any_step_is_refused(paper: str) -> None:
    steps = open_bundle(paper=paper).steps
    lookup = {s.id: s for s in steps}
    for step in steps:
        for part in ("given", "conclusion", "certificate"):
            body = getattr(step, part)
            if isinstance(body, dict) or not body:
                other = replace(step, **{part: {**(body or {}), "idle": "1"}})
                fault = replay_step(other, {**lookup, step.id: other})
                assert fault is not None, (step.id, step.rule, part)
