"""Bad input gets one sentence on standard error, nothing on standard output, and exit status 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scaling_sym.cli.bundles import committed_file
from tests.cli.conftest import Runner

LINES = [
    "exponents plrf --at alpha=-1 --at beta=1", "exponents plrf --at alpha=1 --at beta=0",
    "exponents plrf --at alpha=1/0 --at beta=1", "exponents plrf --at alpha=nan --at beta=1",
    "exponents plrf --at alpha=inf --at beta=1", "exponents plrf --at alpha=1e99999 --at beta=1",
    "exponents plrf --at alpha=1/10 --at beta=1/10", "exponents plrf --at alpha=1/4 --at beta=1/4",
    "exponents plrf --at alpha=1", "exponents plrf", "exponents", "exponents plrf --at alpha", "exponents plrf --at =1",
    "exponents plrf --at gamma=1 --at alpha=1 --at beta=1", "exponents plrf --at alpha=1 --at alpha=1 --at beta=1",
    "exponents plrf --at alpha=1 --at beta=__import__('os')", "exponents nosuchmodel --at alpha=1",
    "exponents plrf --at alpha=1 --at beta=2 --given gamma=0", "exponents plrf --at alpha=1 --at beta=2 --given v=3",
    "exponents plrf --at alpha=1 --at beta=2 --given gamma=50", "exponents plrf --at alpha=1 --at beta=2 --given B=1/2",
    "phases nosuchmodel", "phases", "table nosuchtable", "table phases --format xml", "latex nosuchclaim", "explain 12345",
    "explain plrf/II/loss --format html", "cite nosuchpaper", "impact nosuchclaim", "ledger --paper nosuchpaper",
    "check --bundle /nonexistent/file.json", "check --claim nosuchclaim", "nosuchverb", "exponents plrf --nosuchoption",
    "check extra words", "regenerate --out /dev/null",
]


@pytest.mark.parametrize("line", LINES)
def test_one_sentence(call: Runner, line: str) -> None:
    found = call(*line.split())
    assert found.status == 2
    assert found.out == ""
    assert found.err.startswith("scaling-sym: ")
    assert found.err.count("\n") == 1
    assert "Traceback" not in found.err


@pytest.mark.parametrize(
    ("line", "meant"),
    [("exponent plrf", "exponents"), ("exponents plrf --att alpha=1", "--at"), ("latex plrf/II/los", "plrf/II/loss"),
     ("exponents plr --at alpha=1", "plrf"), ("table phase", "phases"), ("exponents dmtf --at a=3", "dmft"),
     ("cite paquete2024", "paquette2024"), ("task digit", "digits"), ("task digits --kernel ntkk", "ntk"),
     ("figure phses --out a.png", "phases"), ("ledger --paper bahri204", "bahri2024"), ("--versio", "--version"),
     ("curve plrf --at alpha=1 --at beta=1 --at d=9 --steps 1 --dynamics continous", "continuous")],
)
def test_the_nearest_relative_is_offered(call: Runner, line: str, meant: str) -> None:
    assert f"did you mean {meant}?" in call(*line.split()).err


HOSTILE = [
    b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"schema": "other"}', b'{"schema": "scaling-sym/bundle/1"}', b"[" * 100_000,
    b'{"schema": "scaling-sym/bundle/1", "paper": 3, "assumptions": {}, "steps": [], "claims": [], "digest": ""}',
    b'{"schema": "scaling-sym/bundle/1", "paper": "x", "assumptions": [], "steps": [], "claims": [], "digest": ""}',
    b'{"schema": "scaling-sym/bundle/1", "paper": "x", "assumptions": {}, "steps": [7], "claims": [], "digest": NaN}',
]


@pytest.mark.parametrize("content", HOSTILE)
@pytest.mark.parametrize("digests", [(), ("--no-digests",)])
def test_a_corrupt_bundle(call: Runner, tmp_path: Path, content: bytes, digests: tuple[str, ...]) -> None:
    file = tmp_path / "bundle.json"
    file.write_bytes(content)
    found = call("check", "--bundle", file, *digests)
    assert found.status == 2
    assert found.err.count("\n") == 1


def test_a_folder_is_no_bundle(call: Runner, tmp_path: Path) -> None:
    assert call("check", "--bundle", tmp_path).status == 2


@pytest.mark.parametrize("verb", ["table phases", "latex plrf/II/loss", "explain plrf/II/loss"])
def test_a_malformed_claim_is_one_sentence_too(call: Runner, tmp_path: Path, verb: str) -> None:
    body = json.loads(committed_file("paquette2024").read_text())
    for claim in body["claims"]:
        claim["statement"] = {"odd": [1, {"two": None}]}
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(body))
    found = call(*verb.split(), "--bundle", file)
    assert found.status == 2
    assert found.err.count("\n") == 1
