"""Simulation against the printed and the derived numbers: it must side with the derived ones."""

from __future__ import annotations

import json

import pytest

from scaling_sym.cli import run
from scaling_sym.errors import BadInputError
from scaling_sym.numerics.disputes import Dispute, settle_disputes


@pytest.fixture(scope="module")
def found() -> tuple[Dispute, ...]:
    return settle_disputes(60, seed=0)


def test_every_number_is_the_derived_one(found: tuple[Dispute, ...]) -> None:
    # Ten numbers, seed fixed: three standard errors. Terms of order 1/N^2 are 1e-3 or less of each, below the errors.
    assert max(abs(d.off_derived) for d in found) < 3


@pytest.mark.parametrize(("claim", "clear"), [
    ("B-bottleneck/model", 20), ("B-ensemble/one-larger-model", 10), ("B-sgd/no-plateau", 5), ("B-compute/loss", 10),
    ("B-sgd/time-and-size-laws", 20),
])
def test_the_printed_number_is_far_off(found: tuple[Dispute, ...], claim: str, clear: float) -> None:
    assert min(abs(d.off_printed) for d in found if d.claim == claim) > clear


def test_the_printed_response_holds_at_early_times_only(found: tuple[Dispute, ...]) -> None:
    early, _, later, late = (d for d in found if d.claim == "B-early/eq83")
    assert abs(early.off_printed) < 3  # at t = 1/4 the two forms differ by 1e-4
    assert abs(later.off_printed) > 10
    assert abs(late.off_printed) > 20


def test_the_larger_network_is_the_worse_one(found: tuple[Dispute, ...]) -> None:
    (one,) = (d for d in found if d.claim == "B-ensemble/one-larger-model")
    assert one.measured > 10 * one.standard_error


def test_seeds_repeat_and_differ() -> None:
    assert settle_disputes(20, seed=5) == settle_disputes(20, seed=5) != settle_disputes(20, seed=6)


def test_too_few_runs_are_refused() -> None:
    with pytest.raises(BadInputError, match="at least 20"):
        settle_disputes(10)


def test_the_verb_shows_them(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    one = Dispute("B-x", "a number", "somewhere", 1.0, 0.25, 0.0, 1.5)
    monkeypatch.setattr("scaling_sym.numerics.disputes.settle_disputes", lambda *_: (one,))
    assert run(["disputes", "--json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)["disputes"]
    assert (shown["off_printed"], shown["off_derived"]) == (4, -2)
    assert run(["disputes"]) == 0
    assert "B-x" in capsys.readouterr().out


@pytest.mark.deep
def test_with_many_draws() -> None:
    # With errors four times smaller, what the equations leave out of order 1/N^2 is still below one standard error.
    found = settle_disputes(1000, seed=1)
    assert max(abs(d.off_derived) for d in found) < 3.5
