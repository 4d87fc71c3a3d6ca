"""The verbs `exponents` and `phases`: keys, exact values, walls."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from tests.cli.conftest import Runner

KEYS = {"phase", "region", "tradeoff", "loss_exponent", "size_exponent", "wall", "log_power", "neighbours", "prefactors"}


def test_inside_a_phase(call: Runner) -> None:
    found = call("exponents", "plrf", "--at", "alpha=4/5", "--at", "beta=1.1", "--json")
    assert found.status == 0
    assert found.err == ""
    answer = found.document
    assert set(answer) >= KEYS
    assert answer["phase"] == "III"
    assert sorted(answer["tradeoff"]) == ["F_ac", "K_pp"]
    assert answer["loss_exponent"] == {"exact": "11/16", "symbolic": "(4*alpha - 1)/(4*alpha)"}
    assert answer["size_exponent"]["exact"] == "1/2"
    assert answer["wall"] is None
    assert answer["log_power"] is None


@pytest.mark.parametrize(
    ("alpha", "beta", "wall", "neighbours", "loss", "size", "logs"),
    [
        ("1", "1/2", "2*beta - 1 = 0", {"Ia", "II"}, "2/3", "1/3", ("2/3", "2/3")),
        ("1", "1", "alpha - beta = 0", {"II", "III"}, "3/4", "1/2", ("0", "0")),
        ("1/4", "1", "4*alpha - 1 = 0", {"Ic", "IVb"}, "3/10", "3/5", ("9/10", "1/5")),
        ("1/2", "1/4", "2*alpha - 1 = 0", {"Ia", "Ib"}, "1/4", "1/2", ("1/4", "-1/2")),
        ("2/5", "1/2", "2*beta - 1 = 0", {"Ib", "IVa"}, "2/5", "1/2", ("1", "0")),
        ("1/2", "1", "2*alpha - 1 = 0", {"III", "IVa"}, "1/2", "1/2", (None, None)),
    ],
)
def test_on_a_wall(
    call: Runner, alpha: str, beta: str, wall: str, neighbours: set[str], loss: str, size: str, logs: tuple[str | None, ...]
) -> None:
    answer = call("exponents", "plrf", "--at", f"alpha={alpha}", "--at", f"beta={beta}", "--json").document
    assert answer["phase"] is None
    assert answer["wall"] == wall
    assert set(answer["neighbours"]) == neighbours
    assert (answer["loss_exponent"]["exact"], answer["size_exponent"]["exact"]) == (loss, size)
    assert (answer["log_power"]["loss"], answer["log_power"]["size"]) == logs
    assert bool(answer["log_power"]["note"]) == (None in logs)


def test_in_a_corner(call: Runner) -> None:
    answer = call("exponents", "plrf", "--at", "alpha=1/2", "--at", "beta=1/2", "--json").document
    assert set(answer["wall"].split(" and ")) == {"2*alpha - 1 = 0", "2*beta - 1 = 0", "alpha - beta = 0"}
    assert set(answer["neighbours"]) == {"Ia", "Ib", "II", "III", "IVa"}
    assert answer["loss_exponent"]["exact"] == "1/2"


def test_an_inner_line_is_no_wall(call: Runner) -> None:
    """On 4 alpha = 1 below 2 beta = 1 a piece of the loss appears, but it does not lead: one phase lies all around."""
    answer = call("exponents", "plrf", "--at", "alpha=1/4", "--at", "beta=2/5", "--json").document
    assert answer["phase"] == "Ib"
    assert answer["wall"] is None


def test_prefactors_have_values_where_their_letters_have(call: Runner) -> None:
    line = ["exponents", "plrf", "--at", "alpha=2", "--at", "beta=1", "--json"]
    without = call(*line).document["prefactors"]
    assert without["loss"]["value"] is None
    assert without["loss"]["letters"] == ["gamma"]
    assert float(call(*line, "--given", "gamma=1/10").document["prefactors"]["loss"]["value"]) > 0


def test_phases(call: Runner) -> None:
    answer = call("phases", "plrf", "--json").document
    names = [row["name"] for row in answer["phases"]]
    assert names == ["Ia", "Ib", "Ic", "II", "III", "IVa", "IVb", "none"]
    for row in answer["phases"]:
        assert all(re.fullmatch(r"[A-Za-z_0-9+\-*/() ]+ [<>] 0", c) for c in row["region"])
        at = [x for n, v in row["witness"].items() for x in ("--at", f"{n}={v}")]
        found = call("exponents", "plrf", *at, "--json")
        if row["loss_exponent"] is None:
            assert row["size_exponent"] is None
            assert found.status == 2
        else:
            assert found.document["phase"] == row["name"]
            assert found.document["loss_exponent"]["exact"] == row["loss_exponent"]["exact"]
            assert Fraction(row["loss_exponent"]["exact"]) > 0


@pytest.mark.parametrize("line", ["exponents plrf --at alpha=1 --at beta=2", "exponents plrf --at alpha=1 --at beta=1",
                                  "phases plrf"])
def test_people_get_lines_without_colours(call: Runner, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    found = call(*line.split())
    assert found.status == 0
    assert "III" in found.out
    assert "\x1b" not in found.out + found.err
