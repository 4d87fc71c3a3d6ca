"""The verbs on the mean-field model, as a user types them."""

from __future__ import annotations

from fractions import Fraction
from math import pi, sin

import pytest

from scaling_sym.algebra.grammar import parse_ratio
from tests.cli.conftest import Runner

NUMBERS = {  # by hand, from the laws: a = 3, b = 5/4 lies in b + 1 < a < 2 b + 1 and a > 2 b
    "time": "8/5", "model": "5/4", "data": "2",
}


def test_exponents_of_the_mean_field_model(call: Runner) -> None:
    answer = call("exponents", "dmft", "--at", "a=3", "--at", "b=5/4", "--json").document
    for name, value in NUMBERS.items():
        assert answer[name]["exact"] == value
    assert {k: v["exact"] for k, v in answer["compute"].items()} == {"loss": "2/3", "size": "7/12", "steps": "5/12"}
    assert answer["corrections"]["model"]["time"]["exact"] == "1/5"
    assert answer["corrections"]["data"]["time"]["exact"] == "4/5"
    assert {c["size"]["exact"] for c in answer["corrections"].values()} == {"1"}
    assert answer["wall"] is None


def test_a_wall_is_named(call: Runner) -> None:
    answer = call("exponents", "dmft", "--at", "a=5/2", "--at", "b=3/2", "--json").document
    assert answer["wall"] == ["a - b - 1 = 0"]
    assert answer["model"]["exact"] == "3/2"
    assert (answer["model"]["log"], answer["data"]["log"], answer["time"]["log"]) == ("1", "0", "0")
    assert {k: v["log"] for k, v in answer["compute"].items()} == {"loss": "3/5", "size": "3/5", "steps": "-3/5"}
    assert answer["budgets"]["N*P"]["loss"]["log"] == "3/4"
    # by hand: (c/N)^b log N with c = (pi/b)/sin(pi/b)
    assert float(answer["model"]["constant"]["value"]) == pytest.approx(((pi / 1.5) / sin(pi / 1.5)) ** 1.5, rel=1e-12)


def test_a_wall_with_a_range_of_sizes(call: Runner) -> None:
    """On b = 2 the loss for C = N P is C^-1 whatever the size between two exponents, which are not told apart."""
    answer = call("exponents", "dmft", "--at", "a=4", "--at", "b=2", "--json").document
    late = answer["budgets"]["N*P"]
    assert (late["loss"]["exact"], late["loss"]["log"]) == ("1", "0")
    assert late["size"]["exact"] is None
    assert late["size"]["note"].startswith("undecided")
    assert "undecided" in call("exponents", "dmft", "--at", "a=4", "--at", "b=2").out


def test_a_wall_in_words(call: Runner) -> None:
    told = call("exponents", "dmft", "--at", "a=7/2", "--at", "b=5/4").out
    assert "data       P^(-5/2) (log P)^(1)" in told
    assert "correction P^(-1) t^(-6/5) (log t)^(1)" in told


@pytest.mark.parametrize("at", [("a=1", "b=2"), ("a=2", "b=1"), ("a=2",), ("a=2", "b=2", "c=1"), ("a=x", "b=2")])
def test_bad_points_are_refused(call: Runner, at: tuple[str, ...]) -> None:
    done = call("exponents", "dmft", *(x for one in at for x in ("--at", one)))
    assert done.status == 2
    assert "Traceback" not in done.err


@pytest.mark.parametrize("form", ["tex", "md", "csv", "json"])
@pytest.mark.parametrize("name", ["bottlenecks", "compute"])
def test_tables(call: Runner, name: str, form: str) -> None:
    text = call("table", name, "--format", form).out
    assert "holds only" in text
    assert name == "bottlenecks" or "undecided" in text


def test_exponents_of_a_kernel(call: Runner) -> None:
    """The random teacher has a = b = 1 + t/d, so that data and features have the exponent t/d."""
    answer = call("exponents", "kernel", "--at", "d=3", "--at", "t=2", "--json").document
    assert {answer[k]["exact"] for k in ("alpha_K", "data", "features")} == {"2/3"}
    structured = call("exponents", "kernel", "--at", "d=3", "--at", "t=2", "--at", "a=3", "--json").document
    assert (structured["data"]["exact"], structured["features"]["exact"]) == ("2", "5/3")


@pytest.mark.parametrize("at", [("d=3",), ("d=1/2", "t=1"), ("d=2", "t=0"), ("d=2", "t=1", "a=1"), ("d=2", "t=1", "b=2")])
def test_bad_kernels_are_refused(call: Runner, at: tuple[str, ...]) -> None:
    assert call("exponents", "kernel", *(x for one in at for x in ("--at", one))).status == 2


@pytest.mark.parametrize("form", ["tex", "md", "csv", "json"])
@pytest.mark.parametrize("name", ["regimes", "dictionary", "translation", "disagreements"])
def test_tables_over_papers(call: Runner, name: str, form: str) -> None:
    assert call("table", name, "--format", form).status == 0


def test_disagreements_name_the_winner(call: Runner) -> None:
    """For a > b + 1 the floor is N^(-b): the printed bottleneck N^(-min(a-1, 2b)) differs there, and nowhere else."""
    rows = call("table", "disagreements", "--format", "json").document["rows"]
    late = [r for r in rows if r["quantity"].startswith("loss against size")]
    assert all("a - b - 1 > 0" in r["region"] and r["other"] == "b" for r in late)
    assert all("P-F0: holds" in r["verdicts"] for r in late)
    assert {r["winner"] for r in rows} == {"paquette2024"}
    assert [r["simulation"] != "" for r in rows] == [True, True, True, False, False, False, False, False, True]


def test_phases_in_the_letters_of_the_other_paper(call: Runner) -> None:
    """For b > 1 and a > b three phases remain; a point of each gives the exponents that the other letters give."""
    rows = {r["phase"]: r for r in call("table", "translation", "--format", "json").document["rows"]}
    assert set(rows) == {"Ia", "II", "III"}
    for name, a, b in (("Ia", "2", "3/2"), ("II", "29/10", "3/2"), ("III", "5", "3/2")):
        point = {"a": Fraction(a), "b": Fraction(b)}
        alpha, beta = point["b"] / 2, (point["a"] - point["b"]) / 2
        answer = call("exponents", "plrf", "--at", f"alpha={alpha}", "--at", f"beta={beta}", "--json").document
        assert answer["phase"] == name
        assert parse_ratio(rows[name]["loss"]).at(point) == Fraction(answer["loss_exponent"]["exact"])
        assert parse_ratio(rows[name]["size"]).at(point) == Fraction(answer["size_exponent"]["exact"])
