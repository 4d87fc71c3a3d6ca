"""Faults in the equations of descent, momentum, one-pass SGD and the narrow band: each planted one must be named."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from proofs_check.replay import replay
from scaling_sym.claims.bundle import read_bundle
from scaling_sym.cli.bundles import committed_file

BODY: dict[str, Any] = json.loads(committed_file("bordelon2024").read_bytes())
Step = dict[str, Any]


def concludes(name: str) -> Callable[[Step], bool]:
    return lambda step: name in (step["conclusion"] or {}).get("equations", {})


def defines(model: str) -> Callable[[Step], bool]:
    return lambda step: step["rule"] == "define" and step["conclusion"]["model"] == model


def faults(find: Callable[[Step], bool], change: Callable[[Step], None]) -> list[str]:
    """The rules of the faults when the last such step is changed, that step and those that use it being replayed."""
    body = copy.deepcopy(BODY)
    step = [s for s in body["steps"] if find(s)][-1]
    change(step)
    users = {s["id"] for s in body["steps"] if step["id"] in s["premises"]}
    return [f.rule for f in replay(read_bundle(json.dumps(body)), {step["id"], *users}).faults]


def swap(key: str, name: str, old: str, new: str) -> Callable[[Step], None]:
    def change(step: Step) -> None:
        assert old in step["conclusion"][key][name]
        step["conclusion"][key][name] = step["conclusion"][key][name].replace(old, new, 1)

    return change


@pytest.mark.parametrize(("find", "change", "rule"), [
    (defines("dmft-descent"), lambda s: s["conclusion"]["equations"].update(v0="eta*v4 - v0 + z*(v0 - w)"), "define"),
    (defines("dmft-momentum"), swap("equations", "kappa", "R3*kappa", "kappa"), "define"),
    (defines("dmft-momentum"), swap("sources", "u1", "sigma2", "2*sigma2"), "define"),
    (defines("dmft-online"), swap("sources", "u2", "lam/B", "lam"), "define"),
    (concludes("descent-balance"), swap("equations", "descent-balance", "beta", "2*beta"), "identity"),
    (concludes("plain-system-1"), swap("equations", "plain-system-1", "sigma2", "2*sigma2"), "identity"),
    (concludes("momentum-system-3"), swap("equations", "momentum-system-3", "beta", "beta**2"), "identity"),
    (concludes("descent-pair"), swap("equations", "descent-pair", "s2", "s1"), "identity"),
    (concludes("descent-mean"), swap("equations", "descent-mean", "bias", "2*bias"), "identity"),
    (concludes("online-renewal"), swap("equations", "online-renewal", "Q", "2*Q"), "identity"),
    (concludes("online-stream"), swap("equations", "online-stream", "Qx", "Q"), "identity"),
    (concludes("band-loss"), swap("equations", "band-loss", "M", "2*M"), "identity"),
    (concludes("band-law"), swap("equations", "band-law", "W", "M"), "identity"),
    (concludes("C0y"), swap("equations", "C0y", "C3y", "C3"), "total"),
    (concludes("C0y"), lambda s: s["conclusion"].update(equations={"C0x": "C0x - (A1 + C3y*B1/N)"}), "total"),
    (concludes("v0"), swap("equations", "v0", "w", "2*w"), "identity"),
])
def test_a_fault_is_named(find: Callable[[Step], bool], change: Callable[[Step], None], rule: str) -> None:
    assert rule in faults(find, change)


def test_without_a_fault_there_is_none() -> None:
    assert not faults(concludes("online-renewal"), lambda _: None)
