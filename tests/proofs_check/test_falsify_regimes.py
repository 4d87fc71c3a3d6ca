"""Faults planted in the steps of the regimes: each rule of its own must catch them, without any digest."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scaling_sym.cli.bundles import committed_file
from tests.proofs_check.test_falsify import plant, plant_in_rule, replay_faults

BODY: dict[str, Any] = json.loads(committed_file("bahri2024").read_text())
RULES = ("average", "direction", "evaluate", "scale", "simplices", "truncate")


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_catches_faults(rule: str) -> None:
    """Random faults in all parts that a step of the rule has."""
    for planted, only, place in plant_in_rule(BODY, rule, 4 if rule == "simplices" else 8):
        assert replay_faults(planted, only), place


def test_a_cone_is_not_exchanged() -> None:
    """kappa of the ridge-limited cone under the loss of another one."""
    steps = BODY["steps"]
    scales = [s for s in steps if s["rule"] == "scale" and s["given"]["equation"] == "ridge-balance"]
    kappas = {next(iter(s["conclusion"]["terms"][0]["monomial"])): s["id"] for s in scales}
    i = next(i for i, s in enumerate(steps) if s["rule"] == "evaluate" and s["given"]["equation"] == "ridge-data")
    own = next(p for p in steps[i]["premises"] if any(s["id"] == p and s["rule"] == "scale" for s in steps))
    wrong = [kappas["q"] if p == own else p for p in steps[i]["premises"]]
    assert replay_faults(plant(BODY, "steps", i, ("premises",), wrong), {steps[i]["id"]})


def test_the_claims_name_their_quantity() -> None:
    """A law with the ridge taken for one without, or for that of another cone, is refused."""
    for label, other in (("kernel/ridge/over/3", "ridge/under"), ("kernel/ridge/limited/3", "ridge/noise"),
                         ("kernel/top", "tail"), ("kernel/aspect/over/1", "aspect/under"), ("kernel/linear", "nearest")):
        i = next(i for i, c in enumerate(BODY["claims"]) if c["label"] == label)
        body = plant(BODY, "claims", i, ("statement", "quantity"), other)
        assert any(f.step == label for f in replay_faults(body, set())), label
