"""The verbs about proofs: exit statuses, named steps, reports. Small claims are checked here; the whole in test_bundle."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from scaling_sym.claims.bundle import read_bundle
from scaling_sym.claims.writing import claim_id, write_bundle
from scaling_sym.cli.bundles import committed_file
from tests.cli.conftest import Runner

CLAIM = "plrf/F_pp"


def planted(change: Callable[[dict[str, Any]], None], tmp_path: Path, honest: bool) -> Path:
    """A bundle with a planted fault; `honest` renews the digests, so that nothing but the mathematics can see it."""
    body = json.loads(committed_file("paquette2024").read_text())
    change(body)
    file = tmp_path / "planted.json"
    file.write_text(json.dumps(body))
    if honest:
        file.write_text(write_bundle(read_bundle(file.read_bytes())))
    return file


def steps_under(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps under the claim, last first."""
    lookup = {s["id"]: s for s in body["steps"]}
    todo = list(next(c for c in body["claims"] if c["label"] == CLAIM)["steps"])
    found = []
    while todo:
        found.append(lookup[todo.pop()])
        todo += found[-1]["premises"]
    return found


def first(body: dict[str, Any], rule: str) -> dict[str, Any]:
    return next(s for s in steps_under(body) if s["rule"] == rule)


def test_a_claim_checks(call: Runner) -> None:
    found = call("check", "--claim", CLAIM, "--json")
    assert found.status == 0
    assert found.document["sound"] is True
    assert found.document["papers"][0]["steps"] > 5


@pytest.mark.parametrize("digests", [(), ("--no-digests",)])
@pytest.mark.parametrize("rule", ["power-sum", "transfer", "absorb"])
def test_a_planted_constant_is_named(call: Runner, tmp_path: Path, rule: str, digests: tuple[str, ...]) -> None:
    def change(body: dict[str, Any]) -> None:
        first(body, rule)["conclusion"]["terms"][-1]["constant"]["coefficient"] = "7/3"

    file = planted(change, tmp_path, honest=False)
    name = first(json.loads(file.read_text()), rule)["id"]
    found = call("check", "--bundle", file, "--claim", CLAIM, *digests)
    assert found.status == 1
    assert f"step {name} ({rule})" in found.out


def test_the_mathematics_sees_it_behind_renewed_digests(call: Runner, tmp_path: Path) -> None:
    def change(body: dict[str, Any]) -> None:
        first(body, "absorb")["conclusion"]["terms"][0]["monomial"] = {"theta": "-1"}

    file = planted(change, tmp_path, honest=True)
    found = call("check", "--bundle", file, "--claim", CLAIM, "--json")
    assert found.status == 1
    assert found.document["papers"][0]["digests"] is None
    assert found.document["papers"][0]["faults"]


def test_a_stale_digest_is_told_with_what_changed(call: Runner, tmp_path: Path) -> None:
    """Another valid proof is no fault of the mathematics, but a file whose digest is not its own is no committed one."""
    def change(body: dict[str, Any]) -> None:
        body["claims"][0]["source"]["note"] = "Something else."

    file = planted(change, tmp_path, honest=False)
    found = call("check", "--bundle", file, "--claim", CLAIM)
    assert found.status == 1
    assert "digest" in found.out
    assert call("check", "--bundle", file, "--claim", CLAIM, "--no-digests").status == 0


def test_a_claim_whose_assumption_is_worded_otherwise_does_not_hold(call: Runner, tmp_path: Path) -> None:
    def change(body: dict[str, Any]) -> None:
        body["assumptions"]["uniform-transfer"] = "Something else."

    found = call("check", "--bundle", planted(change, tmp_path, honest=True), "--claim", CLAIM)
    assert found.status == 1
    assert "uniform-transfer is not worded" in found.out


def test_the_report_counts_failures(call: Runner, tmp_path: Path) -> None:
    def change(body: dict[str, Any]) -> None:
        first(body, "transfer")["conclusion"]["terms"] = []

    file, report = planted(change, tmp_path, honest=True), tmp_path / "report.xml"
    assert call("check", "--bundle", file, "--claim", CLAIM, "--junitxml", report).status == 1
    suite = ElementTree.parse(report).getroot().find("testsuite")
    assert suite is not None
    assert int(suite.get("tests", "0")) == len(suite.findall("testcase"))
    assert int(suite.get("failures", "0")) == len(suite.findall("testcase/failure")) > 0


def test_impact(call: Runner) -> None:
    fallen = call("impact", "plrf/II/loss", "--json").document
    assert "plrf/phases" in fallen["claims"]
    assert "plrf/F_pp" not in fallen["claims"]


def test_impact_of_other_papers_assumptions_and_rules(call: Runner) -> None:
    """The response equation carries the kernel's laws in another bundle, and printed statements without steps of their own."""
    fallen = call("impact", "dmft/equations/response-1", "--json").document
    assert {"kernel/data/1", "plrf/equations/resolvent", "C-features", "P-equivalent"} <= set(fallen["claims"])
    assert set(fallen["papers"]) == {"paquette2024", "bordelon2024", "bahri2024", "links"}
    assert fallen["stand_again"] == []
    assumed = call("impact", "monotone-resources", "--json").document["claims"]
    assert "dmft/compute-wide/loss/1" in assumed
    assert "dmft/compute-late/loss/1" not in assumed  # proved without it
    ruled = call("impact", "floor", "--json").document
    assert "plrf/II/loss" in ruled["claims"]
    assert "dmft/model/1" not in ruled["claims"]  # its steps use no floor
    wrong = call("impact", "monotone-resource")
    assert wrong.status == 2
    assert "did you mean monotone-resources?" in wrong.err


def test_a_claim_with_another_derivation_stands_again(call: Runner) -> None:
    """The late loss at N modes follows from the static equations, and from the balance at the floor of gradient flow."""
    fallen = call("impact", "dmft/model/1", "--json").document
    assert {"B-bottleneck/model", "kernel/model/1"} <= set(fallen["stand_again"])
    assert "dmft/compute/loss/1" not in fallen["claims"]


def test_an_id_is_a_label_or_a_prefix(call: Runner) -> None:
    claim = next(c for c in read_bundle(committed_file("paquette2024").read_bytes()).claims if c.label == "plrf/II/loss")
    by_label, by_prefix = (call("latex", x).out for x in (claim.label, claim_id(claim)[:8]))
    assert by_label == by_prefix
    assert r"\frac{2\alpha+2\beta-1}{2(\alpha+\beta)}" in by_label
