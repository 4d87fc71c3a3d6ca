"""The record of what numbers confirm: the ledger shows it, `check` measures it again, and a false entry is a fault."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from proofs_check.confirm import Confirmation
from scaling_sym.cli import confirming, proofs, run
from scaling_sym.cli.bundles import open_bundle
from scaling_sym.cli.judging import check_bundle, judge_unchecked


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record of one's own, in place of the committed one."""
    file = tmp_path / "confirmed.json"
    monkeypatch.setattr(confirming, "_record_file", lambda paper: file if paper == "paquette2024" else tmp_path / "none")
    return file


def statuses() -> dict[str, str]:
    """As `ledger` shows them if every step replays, which other tests see to."""
    return {j.claim.label: j.status for j in judge_unchecked(open_bundle())}


def test_the_committed_record_raises_what_was_measured() -> None:
    found = statuses()
    for phase in ("Ia", "Ib", "Ic", "II", "III", "IVa", "IVb"):
        assert found[f"plrf/{phase}/loss"] == found[f"plrf/{phase}/size"] == "numerically consistent"
    assert found["plrf/phases"] != "numerically consistent"  # a cover is exact, and nothing of it is measured


def test_without_a_record_nothing_is_raised(record: Path) -> None:
    assert not record.exists()
    assert "numerically consistent" not in statuses().values()
    confirming.write_confirmed(open_bundle(), ["plrf/II/loss"])
    found = statuses()
    assert [label for label, status in found.items() if status == "numerically consistent"] == ["plrf/II/loss"]


def test_a_changed_claim_counts_as_not_measured(record: Path) -> None:
    bundle = open_bundle()
    confirming.write_confirmed(bundle, ["plrf/II/loss", "plrf/II/size"])
    assert record.exists()
    changed = replace(bundle, claims=tuple(
        replace(c, region=[*c.region, "alpha - 9 < 0"]) if c.label == "plrf/II/size" else c for c in bundle.claims))
    assert confirming.read_confirmed(changed) == {"plrf/II/loss"}


def test_an_entry_that_the_numbers_do_not_confirm_is_a_fault(
    capsys: pytest.CaptureFixture[str], record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    false = "plrf/phases"  # a cover, which nobody measures
    monkeypatch.setattr(confirming, "measure", lambda *_: Confirmation((), (), (), 0.0))
    monkeypatch.setattr(proofs, "_check_all", lambda bundles: [check_bundle(b, ()) for b in bundles])  # replay nothing
    for entries, status in (([false], 1), ([], 0)):
        confirming.write_confirmed(open_bundle(), entries)
        assert record.exists()
        assert run(["check", "--json"]) == status
        answer = json.loads(capsys.readouterr().out)
        assert answer["papers"][0]["confirmation"]["lost"] == entries
        assert answer["sound"] == (not status)
