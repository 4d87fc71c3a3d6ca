"""Falsify on purpose: whatever is changed in the bundle, the mathematics must catch it, without any digest.

One fault is planted at a time, the step and those that use it are replayed, and the verdicts are compared. What is not a
fault (another valid witness, segment, or basis among terms that tie; a note in
prose) is left out of the planting.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest

from proofs_check.judge import compare_verdicts, judge
from proofs_check.records import find_wrong_record
from proofs_check.replay import Fault, replay
from scaling_sym.claims.bundle import read_bundle
from tests.derivations.loss_terms_of_bundle import FILE

BODY: dict[str, Any] = json.loads(FILE.read_text())
FREE = {"witness", "witnesses", "segment", "basis", "note"}
PARTS = ("cell", "given", "conclusion", "certificate")


def faults(body: dict[str, Any], only: set[str] | None = None) -> tuple[Fault, ...]:
    bundle = read_bundle(json.dumps(body))
    outcome = replay(bundle, only)
    return (*outcome.faults, *compare_verdicts(judge(bundle, outcome)))


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in FREE:
                yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from leaves(inner, (*path, i))
    else:
        yield path, value


def change(value: Any, rng: random.Random) -> Any:
    if isinstance(value, int):
        return value + 1
    if value is None:
        return "1"
    numbers = list(re.finditer(r"\d+", value))
    if not numbers:
        return value + "x"
    at = rng.choice(numbers)
    return value[: at.start()] + str(int(at[0]) + 1) + value[at.end() :]


def plant(body: dict[str, Any], section: str, index: int, path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    item = copy.deepcopy(body[section][index])
    place = item
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return {**body, section: [*body[section][:index], item, *body[section][index + 1 :]]}


def affected(body: dict[str, Any], step: str) -> set[str]:
    """A step and those that use it."""
    return {step} | {s["id"] for s in body["steps"] if step in s["premises"]}


def plant_in_rule(
    body: dict[str, Any], rule: str, count: int, free: frozenset[str] = frozenset()
) -> Iterator[tuple[dict[str, Any], set[str], Any]]:
    """Random faults in all parts that the steps of a rule have, but for `free` ones: the body, what it affects, and the place."""
    rng = random.Random(f"faults in {rule}")
    places = [i for i, s in enumerate(body["steps"]) if s["rule"] == rule]
    for _ in range(count):
        i = rng.choice(places)
        step = body["steps"][i]
        options = [((part, *path), v) for part in PARTS for path, v in leaves(step[part])
                   if (path or step[part] is None) and not free & set(path)]
        path, value = rng.choice(options)
        yield plant(body, "steps", i, path, change(value, rng)), affected(body, step["id"]), (step["id"], path, value)


def replay_faults(body: dict[str, Any], only: set[str]) -> tuple[Fault, ...]:
    """The faults of some steps, of all claims, and of what stands beside these, without digests."""
    bundle = read_bundle(json.dumps(body))
    records = (Fault(c.label, c.kind, find_wrong_record(c, bundle)) for c in bundle.claims)
    return (*replay(bundle, only).faults, *(f for f in records if f.reason))


def test_untouched_bundle_replays() -> None:
    assert faults(BODY) == ()


@pytest.mark.parametrize("rule", sorted({s["rule"] for s in BODY["steps"]}))
def test_every_rule_catches_faults(rule: str) -> None:
    """Six random faults in steps of each rule, in every part that the rule has."""
    for planted, only, place in plant_in_rule(BODY, rule, 6):
        assert faults(planted, only), place


@pytest.mark.parametrize("kind", sorted({c["kind"] for c in BODY["claims"]}))
def test_every_kind_of_claim_is_compared(kind: str) -> None:
    rng = random.Random(f"faults in {kind}")
    places = [i for i, c in enumerate(BODY["claims"]) if c["kind"] == kind]
    for _ in range(5):
        i = rng.choice(places)
        claim = BODY["claims"][i]
        options = [((part, *path), v) for part in ("statement", "region") for path, v in leaves(claim[part])]
        options.append((("verdict",), claim["verdict"]))
        path, value = rng.choice(options)
        assert faults(plant(BODY, "claims", i, path, change(value, rng)), set()), (claim["label"], path, value)


@pytest.mark.parametrize(
    ("rule", "key", "value"),
    [("optimum", "loss", "alpha"), ("cover", "cells", []), ("prefactor", "size", None), ("optimum", "iterated", True)],
)
def test_named_faults(rule: str, key: str, value: Any) -> None:
    i = next(i for i, s in enumerate(BODY["steps"]) if s["rule"] == rule and s["conclusion"].get(key) is not None)
    wrong = plant(BODY, "steps", i, ("conclusion", key), value)
    assert any(f.step == BODY["steps"][i]["id"] for f in faults(wrong, affected(BODY, BODY["steps"][i]["id"])))


def test_widened_region_is_caught() -> None:
    """Phase IVb without its bound 4 alpha - 1 > 0 would overlap Ic."""
    i = next(i for i, s in enumerate(BODY["steps"])
             if s["rule"] == "optimum" and "4*alpha - 1 > 0" in s["cell"] and "2*alpha**2 - 4*alpha + 1 > 0" in s["cell"])
    wider = plant(BODY, "steps", i, ("cell",), [c for c in BODY["steps"][i]["cell"] if c != "4*alpha - 1 > 0"])
    assert faults(wider, affected(BODY, BODY["steps"][i]["id"]))


def test_missing_premise_is_caught() -> None:
    i = next(i for i, s in enumerate(BODY["steps"]) if s["rule"] == "optimum")
    premises = BODY["steps"][i]["premises"]
    assert faults(plant(BODY, "steps", i, ("premises",), premises[1:]), affected(BODY, BODY["steps"][i]["id"]))
