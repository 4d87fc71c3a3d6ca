"""Faults in the steps and claims about walls, first orders and exact bounds: the mathematics must catch each one.

As in `test_falsify`, no digest is compared. Left out are parts that may be chosen freely: witnesses, segments, the basis among
terms that tie, and the powers of log C that only attain a bound.
"""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest

from scaling_sym.cli.bundles import committed_file
from tests.proofs_check.test_falsify import change, leaves, plant, plant_in_rule, replay_faults

BODY: dict[str, Any] = json.loads(committed_file("bordelon2024").read_text(encoding="utf-8"))
RULES = ("corrections", "join-exact", "optimum", "better", "power-law", "join")
FREE = frozenset({"powers"})


def find(label: str) -> int:
    return next(i for i, c in enumerate(BODY["claims"]) if c["label"] == label)


@pytest.mark.parametrize("rule", RULES)
def test_every_fault_in_a_step_is_caught(rule: str) -> None:
    for planted, only, place in plant_in_rule(BODY, rule, 12, FREE):
        assert replay_faults(planted, only), place


def test_every_fault_in_a_claim_on_a_wall_is_caught() -> None:
    rng = random.Random("claims on walls")
    places = [i for i, c in enumerate(BODY["claims"]) if c["kind"] == "law-on-wall"]
    for _ in range(30):
        i = rng.choice(places)
        claim = BODY["claims"][i]
        options = [((part, *path), v) for part in ("statement", "region") for path, v in leaves(claim[part])]
        path, value = rng.choice(options)
        assert replay_faults(plant(BODY, "claims", i, path, change(value, rng)), set()), (claim["label"], path, value)


@pytest.mark.parametrize(("label", "key", "value"), [
    ("dmft/model/a=b+1", "log", "0"), ("dmft/model/a=b+1", "wall", {"a": "b + 2"}), ("dmft/model/a=b+1", "constant", None),
    ("dmft/compute/loss/a=b+1", "log", "1"), ("dmft/compute-late/loss/b=2/1", "wall", {"b": "3"}),
    ("dmft/compute-min/loss/a=3,b=2", "log", "0"),
])
def test_named_faults(label: str, key: str, value: Any) -> None:
    assert replay_faults(plant(BODY, "claims", find(label), ("statement", key), value), set())


def test_a_law_on_a_wall_is_no_law_of_the_plane() -> None:
    """The bias on a = 2 b + 1, without its logarithm, as if it held where b > 1."""
    wrong = copy.deepcopy(BODY)
    claim = wrong["claims"][find("dmft/bias/a=2*b+1")]
    said = claim["statement"]
    claim |= {"kind": "law", "label": "dmft/bias/3",
              "statement": {k: said[k] for k in ("quantity", "power", "constant", "names")}}
    assert any(f.step == "dmft/bias/3" for f in replay_faults(wrong, set()))


def test_generic_sums_are_refused_on_a_wall() -> None:
    """The optimum on a = b + 1 with the terms of an open cell next to it, which have no logarithm there."""
    wrong = copy.deepcopy(BODY)
    claim = wrong["claims"][find("dmft/compute-late/loss/a=b+1/1")]
    step = next(s for s in wrong["steps"] if s["id"] == claim["steps"][0])
    beside = wrong["claims"][find("dmft/compute-late/loss/1")]["steps"][0]
    generic = next(s for s in wrong["steps"] if s["id"] == beside)["premises"][0]
    assert next(s for s in wrong["steps"] if s["id"] == generic)["rule"] == "join-exact"
    step["premises"][0] = generic
    assert replay_faults(wrong, {step["id"]})


def test_the_assumption_on_crossovers_stands_where_it_is_used() -> None:
    named = {c["label"] for c in BODY["claims"] if "monotone-resources" in c["assumptions"]}
    assert all(n.startswith(("dmft/compute-wide/", "dmft/compute-min/")) for n in named)
    assert named
