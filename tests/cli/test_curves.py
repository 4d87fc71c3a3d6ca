"""The verbs curve, frontier and simulate: form, agreement with the library called directly, and what they refuse."""

from __future__ import annotations

import csv
import json
import re
from decimal import Decimal
from fractions import Fraction
from math import inf
from pathlib import Path
from typing import Any

import pytest

from scaling_sym.cli import run
from scaling_sym.numerics import dmft, plrf
from scaling_sym.numerics.plrf_model import PlrfModel, stability_limit

PLRF = ["plrf", "--at", "alpha=4/5", "--at", "beta=11/10"]
DMFT = ["dmft", "--at", "a=19/10", "--at", "b=13/10"]


def point(**values: str) -> list[str]:
    return [word for name, value in values.items() for word in ("--at", f"{name}={value}")]


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """Run the words with --json; standard output must be one JSON object."""
    capsys.readouterr()
    assert run([*words, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert isinstance(answer, dict)
    return answer


def test_curve_plrf_is_the_solvers(capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(capsys, "curve", *PLRF, *point(d="1000000", gamma="3/10", B="1"), "--steps", "1000,100000",
                 "--dynamics", "continuous")
    model = PlrfModel.of(Fraction(4, 5), Fraction(11, 10), 10**6, gamma=Fraction(3, 10), dynamics="continuous")
    found = plrf.loss_curve(model, [1000, 100000], "continuous")
    assert answer["steps"] == [1000, 100000]
    # JSON writes doubles so that they read back the same.
    assert answer["loss"] == found.loss.tolist()
    assert answer["error"] == found.error.tolist()
    assert list(answer["pieces"]) == list(plrf.PIECES)
    assert answer["at"] == {"alpha": "4/5", "beta": "11/10", "d": "1000000", "v": "inf", "gamma": "3/10", "B": "1"}


def test_forcing_is_the_sum_of_its_pieces(capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(capsys, "curve", *PLRF, *point(d="100", v="400"), "--steps", "10,1000")
    for i, forcing in enumerate(answer["forcing"]):
        parts = [answer["pieces"][name][i] for name in ("F_0", "F_pp", "F_ac")]
        # Five sums of doubles, each with an error estimate near 1e-14.
        assert sum(parts) == pytest.approx(forcing, rel=1e-11)


def test_many_digits_are_text_that_agrees_with_doubles(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("curve", *PLRF, *point(d="1000", gamma="1/5"), "--steps", "500")
    precise, plain = ask(capsys, *words, "--digits", "20"), ask(capsys, *words)
    (text,) = precise["loss"]
    assert len(Decimal(text).as_tuple().digits) <= 20
    assert abs(float(text) - plain["loss"][0]) <= plain["error"][0]
    # One unit in the twentieth digit.
    assert Decimal("1e-20") <= Decimal(precise["error"][0]) / Decimal(text) <= Decimal("1e-19")


def test_defaults_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(capsys, "curve", *PLRF, *point(d="1000"), "--steps", "10")
    assert answer["at"]["v"] == "inf"
    assert any("1/2 of the stability limit, the default" in note for note in answer["notes"])
    # The rate shown is rounded to 12 digits.
    assert float(Fraction(answer["at"]["gamma"])) == pytest.approx(answer["stability_limit"] / 2, rel=1e-11)
    again = ask(capsys, "curve", *PLRF, *point(d="1000", gamma=answer["at"]["gamma"]), "--steps", "10")
    assert again["loss"] == answer["loss"]
    slow = ask(capsys, "curve", "plrf", *point(alpha="2/5", beta="1", d="50"), "--steps", "10")
    assert slow["at"]["v"] == "200"


def test_a_rate_beyond_the_limit_is_answered_with_the_limit(capsys: pytest.CaptureFixture[str]) -> None:
    model = PlrfModel.of(Fraction(4, 5), Fraction(11, 10), 100, gamma_fraction=Fraction(1, 2))
    assert run(["curve", *PLRF, *point(d="100", gamma="50"), "--steps", "10"]) == 2
    assert f"{stability_limit(model):.12g}" in capsys.readouterr().err


def test_a_loss_below_the_doubles_is_refused_and_not_zero(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["curve", *PLRF, *point(d="1e200"), "--steps", "1e500"]) == 2
    assert "--digits" in capsys.readouterr().err


def test_curve_dmft_is_the_solvers(capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(capsys, "curve", *DMFT, *point(N="100", P="inf", modes="1500", sigma="1/2"), "--times", "0,1,10.5")
    found = dmft.loss_curve(dmft.DmftModel(1.9, 1.3, 100.0, inf, 1500.0, 0.5), [0.0, 1.0, 10.5])
    assert answer["times"] == [0, 1, 10.5]
    for name in ("test", "train", "error", "train_error"):
        assert answer[name] == getattr(found, name).tolist()


def test_curve_dmft_to_many_digits(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("curve", *DMFT, *point(N="10", P="20", modes="40"), "--times", "3")
    precise, plain = ask(capsys, *words, "--digits", "15"), ask(capsys, *words)
    for name, error in (("test", "error"), ("train", "train_error")):
        # The double-precision route reads 19/10 as the nearest double, which moves the loss by about 1e-16.
        assert abs(float(precise[name][0]) - plain[name][0]) <= plain[error][0] + 1e-15


def test_frontier_stands_next_to_theory(capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(capsys, "frontier", *PLRF, "--compute", "1e8,1e9,1e10,1e30", "--fits")
    assert answer["theory"]["phase"] == "III"
    assert answer["theory"]["loss_exponent"]["exact"] == "11/16"
    off = answer["loss_exponent_off"]
    # Both must shrink: over twenty decades of compute the next order is negligible.
    assert abs(off[3]) < 1e-5 < abs(off[0])
    assert abs(answer["size_exponent_off"][3]) < 1e-5 < abs(answer["size_exponent_off"][0])
    assert [fit["method"] for fit in answer["fits"]] == ["envelope", "isoflop", "parametric"]
    for fit in answer["fits"][:2]:
        # Straight lines through optima between 1e8 and 1e30 see the law itself; sizes that double cost some percent.
        assert abs(fit["size_exponent_off"]) < 0.03


DOCS = Path(__file__).resolve().parents[2] / "docs" / "finite-size.md"


def read_tables(text: str) -> list[list[list[str]]]:
    """The rows of each Markdown table, without heads."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    starts = [i for i, row in enumerate(rows) if set("".join(row)) == {"-"}]
    ends = [*(i - 1 for i in starts[1:]), len(rows)]
    return [rows[start + 1:end] for start, end in zip(starts, ends, strict=True)]


def test_the_page_on_finite_sizes_tells_what_the_program_says(capsys: pytest.CaptureFixture[str]) -> None:
    text = DOCS.read_text(encoding="utf-8")
    near, fitted = (line.removeprefix("$ scaling-sym ").split() for line in text.splitlines() if line.startswith("$ "))
    local, fits = read_tables(text)
    answer = ask(capsys, *near)
    for i, row in enumerate(local[:-1]):
        values = (answer["compute"][i], answer["d"][i], answer["loss_exponent"][i], answer["size_exponent"][i])
        # The page shows three or four digits.
        assert [float(cell) for cell in row] == pytest.approx(values, rel=6e-4)
    assert [float(cell) for cell in local[-1][2:]] == [float(Fraction(answer["theory"][n]["exact"])) for n in
                                                        ("loss_exponent", "size_exponent")]
    said = [float(a) * 10 ** int(b) for a, b in re.findall(r"([0-9.]+)\\cdot10\^\{([0-9]+)\}", text)][:4]
    found = [answer["settled"][n][q] for n in ("loss_exponent", "size_exponent") for q in ("compute", "d")]
    assert said == pytest.approx(found, rel=0.03)  # two digits
    answer = ask(capsys, *fitted)
    for row, fit in zip(fits, answer["fits"], strict=True):
        assert row[0] == fit["method"]
        assert [float(cell) for cell in row[1:]] == pytest.approx([fit["loss_exponent"], fit["size_exponent"]], abs=6e-4)


def test_frontier_in_many_digits_and_other_widths(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("frontier", *PLRF, "--compute", "1e8")
    answer = ask(capsys, *words, "--digits", "8")
    assert float(answer["loss_digits"][0]) == pytest.approx(answer["loss"][0], rel=1e-8)
    assert float(answer["d_digits"][0]) == pytest.approx(answer["d"][0], rel=1e-3)
    same = ask(capsys, *words, *point(v="inf"))
    assert same["d"] == answer["d"]
    narrow, fixed = ask(capsys, *words, "--v-ratio", "4"), ask(capsys, *words, *point(v="1000000"))
    # Where 2 alpha > 1 modes beyond d matter little, but they do.
    assert narrow["at"]["v"] == "4 d"
    assert 1e-4 < abs(narrow["d"][0] / same["d"][0] - 1) < 0.2
    assert fixed["notes"]
    assert 1e-6 < abs(fixed["d"][0] / same["d"][0] - 1) < 0.01


def test_simulation_meets_the_curve(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("simulate", *PLRF, *point(d="30", gamma="1/5"), "--steps", "0,20,200", "--runs", "200", "--seed", "3",
             "--workers", "1")
    answer = ask(capsys, *words)
    # Nothing is random before the first step; later the seed is fixed, and the law of errors allows four.
    assert answer["loss"]["deviation"][0] is None
    assert all(abs(x) < 4 for x in answer["loss"]["deviation"][1:])
    assert ask(capsys, *words) == answer


def test_simulation_resumes_from_its_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ("simulate", *DMFT, *point(N="8", P="16", modes="20"), "--times", "1,10", "--runs", "8", "--workers", "1",
             "--directory", str(tmp_path))
    first = ask(capsys, *words)
    saved = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    assert saved
    assert ask(capsys, *words) == first
    assert {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == saved


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_files_hold_the_answer_and_are_reproducible(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, ending: str
) -> None:
    table, drawing = tmp_path / "curve.csv", tmp_path / f"curve.{ending}"
    words = ("curve", *PLRF, *point(d="100"), "--steps", "0,10,100", "--csv", str(table), "--plot", str(drawing))
    answer = ask(capsys, *words)
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["loss"]) for row in rows] == answer["loss"]
    before = drawing.read_bytes()
    assert ask(capsys, *words) == answer
    assert drawing.read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ["curve", *PLRF, *point(d="100"), "--steps", "-5"],
        ["curve", *PLRF, *point(d="100"), "--steps", "1,x"],
        ["curve", *PLRF, *point(d="100"), "--steps", ""],
        ["curve", *PLRF, *point(d="100"), "--steps", "3/2"],
        ["curve", *PLRF, *point(d="100")],
        ["curve", *PLRF, *point(d="100"), "--times", "1"],
        ["curve", *PLRF, "--steps", "1"],
        ["curve", *PLRF, *point(d="100", gama="1"), "--steps", "1"],
        ["curve", *PLRF, *point(d="100", v="50"), "--steps", "1"],
        ["curve", *PLRF, *point(d="1e9999"), "--steps", "1"],
        ["curve", *PLRF, *point(d="100", gamma="1/10"), "--gamma-fraction", "1/2", "--steps", "1"],
        ["curve", *PLRF, *point(d="100"), "--gamma-fraction", "1", "--steps", "1"],
        ["curve", *PLRF, *point(d="100"), "--steps", "1", "--rtol", "nan"],
        ["curve", *PLRF, *point(d="100"), "--steps", "1", "--digits", "0"],
        ["curve", *PLRF, *point(d="100"), "--steps", "1", "--dynamics", "flow"],
        ["curve", *PLRF, *point(d="100"), "--steps", "1", "--plot", "curve.xyz"],
        ["curve", "nosuchmodel", *point(d="100"), "--steps", "1"],
        ["curve", *DMFT, *point(N="10", P="10", sigma="-1"), "--times", "1"],
        ["curve", *DMFT, *point(N="1e400", P="10"), "--times", "1"],
        ["curve", *DMFT, *point(N="10"), "--times", "1"],
        ["curve", *DMFT, *point(N="10", P="10"), "--times", "0", "--digits", "20"],
        ["frontier", *PLRF, "--compute", "10"],
        ["frontier", *PLRF, "--compute", "1e400"],
        ["frontier", *PLRF, "--compute", "1e8", "--v-ratio", "2"],
        ["frontier", *PLRF, "--compute", "1e8", "--at", "v=100"],
        ["frontier", *PLRF, "--compute", "1e8", "--at", "v=1000"],
        ["frontier", *PLRF, "--compute", "1e8", "--at", "v=1000000", "--v-ratio", "4"],
        ["frontier", *PLRF, "--compute", "1e8", "--digits", "1"],
        ["frontier", *PLRF, "--compute", "1e8", "--within", "2"],
        ["frontier", "plrf", *point(alpha="2/5", beta="9/10", v="inf"), "--compute", "1e8"],
        ["frontier", *PLRF, "--compute", "1e8,1e9", "--fits"],
        ["frontier", "dmft", "--compute", "1e8", "--at", "a=1"],
        ["simulate", *PLRF, *point(d="1e400"), "--steps", "1"],
        ["simulate", *PLRF, *point(d="10"), "--steps", "1e12"],
        ["simulate", *PLRF, *point(d="10"), "--steps", "1", "--workers", "0"],
        ["simulate", *DMFT, *point(N="10", P="10"), "--times", "1"],
        ["simulate", *DMFT, *point(N="10", P="10", modes="20"), "--times", "1.5", "--dynamics", "descent"],
    ],
    ids=lambda words: " ".join(words),
)
def test_bad_input_gets_one_sentence(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert run(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("scaling-sym: ")
    assert captured.err.count("\n") == 1
