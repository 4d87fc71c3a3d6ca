"""The figures of regimes and of real data: every number in the CSV against the second route, the bundle or the library."""

from __future__ import annotations

import csv
import importlib.util
import re
import sys
from collections import defaultdict
from fractions import Fraction
from itertools import pairwise
from math import exp, isnan, log
from pathlib import Path

import pytest

import scaling_sym.cli.figure_regimes as figure_regimes
from scaling_sym.cli.bundles import open_bundle
from scaling_sym.errors import OutsideDomainError
from scaling_sym.export.regimes import read_leading, read_leading_at_wall
from scaling_sym.numerics.kernel import KernelModel, local_exponents, variance_excess
from scaling_sym.numerics.kernel_regimes import crossover, leading_term, regime_terms
from tests.cli.conftest import Runner

Columns = dict[tuple[int, str, str], list[tuple[float, float]]]
needs_sklearn = pytest.mark.skipif(importlib.util.find_spec("sklearn") is None, reason="scikit-learn is missing")


def read(file: Path) -> Columns:
    """Points by panel, kind and name."""
    found: Columns = defaultdict(list)
    with file.open() as stream:
        for row in csv.DictReader(stream):
            found[int(row["panel"]), row["kind"], row["name"]].append((float(row["x"]), float(row["y"])))
    return found


@pytest.mark.parametrize("point", [("3/2", "3/2"), ("2", "3/2"), ("7/2", "3/2"), ("5", "13/10"), ("6", "3"), ("11/10", "3")])
def test_leading_terms_are_those_of_the_other_route(point: tuple[str, str]) -> None:
    """Derived terms against `kernel_regimes`, which shares no code: 1e-12 is the rounding of its gamma functions."""
    a, b = (Fraction(x) for x in point)
    other = {t.name: t for t in regime_terms(float(a), float(b))}
    found = read_leading(open_bundle(paper="bahri2024"), {"a": a, "b": b})
    assert [t.name for t in found if t.side == "P<D"] == ["features"]
    assert {t.name for t in found if t.side == "P>D"} == ({"data", "feature variance"} if a > b + 1 else {"data"})
    for term in found:
        twin = other[term.name]
        assert (term.side, float(term.of_data), float(term.of_features)) == pytest.approx(
            (twin.side, twin.of_data, twin.of_features), abs=1e-15 * 16)
        assert term.coefficient == pytest.approx(twin.coefficient, rel=1e-12)


@pytest.mark.parametrize("point", [("5/2", "3/2"), ("4", "3/2"), ("1", "3/2")])
def test_walls_have_no_leading_terms(point: tuple[str, str]) -> None:
    a, b = (Fraction(x) for x in point)
    with pytest.raises(OutsideDomainError, match="cell of the late laws"):
        read_leading(open_bundle(paper="bahri2024"), {"a": a, "b": b})


@pytest.mark.parametrize(("point", "with_logarithm"), [(("5/2", "3/2"), {"features"}), (("4", "3/2"), {"data"})])
def test_terms_on_a_wall_are_those_of_both_sides(point: tuple[str, str], with_logarithm: set[str]) -> None:
    """Exponents against the other route a little to either side, where they are linear in a with slope at most 1."""
    a, b = (Fraction(x) for x in point)
    found = read_leading_at_wall(open_bundle(paper="bahri2024"), {"a": a, "b": b})
    assert {t.name for t in found if t.logarithm} == with_logarithm
    assert all(isnan(t.coefficient) for t in found)
    for beside in (-1e-9, 1e-9):
        other = {t.name: t for t in regime_terms(float(a) + beside, float(b))}
        for term in found:
            if term.name in other:
                twin = other[term.name]
                assert (float(term.of_data), float(term.of_features)) == pytest.approx((twin.of_data, twin.of_features), abs=2e-9)


def test_nothing_is_said_outside_the_domain() -> None:
    with pytest.raises(OutsideDomainError, match="a > 1 and b > 1 are needed"):
        read_leading_at_wall(open_bundle(paper="bahri2024"), {"a": Fraction(1), "b": Fraction(3, 2)})


def test_the_figure_on_a_wall(call: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells are bounded by measured crossovers, and nothing is called derived that is not."""
    monkeypatch.setattr(figure_regimes, "_local", lambda *_: (0.0, 0.0))  # costs time, and is no part of the plane
    assert call("figure", "regimes", "--out", tmp_path / "a.svg", "--at", "a=4", "--at", "b=3/2").status == 0
    found = read(tmp_path / "a.csv")
    assert not any(name == "derived crossover" for _, _, name in found)
    measured, joined = found[3, "line", "measured crossover"], found[3, "line", "crossover"]
    for (x0, y0), (x1, y1) in pairwise(measured):
        for x, y in joined:
            if x0 <= x <= x1:
                part = log(x / x0) / log(x1 / x0)
                assert log(y) == pytest.approx(log(y0) + part * log(y1 / y0), abs=1e-7)  # nine digits are kept


def test_the_phase_diagram(call: Runner, tmp_path: Path) -> None:
    assert call("figure", "regimes", "--out", tmp_path / "a.svg").status == 0
    found = read(tmp_path / "a.csv")
    labels = {(n, name) for n, kind, name in found if kind == "text"}
    assert labels == {(1, "features, $P^{-1/2}$"), (1, "data, $D^{-1/2}$"), (3, "features, $P^{-3/2}$"),
                      (3, "feature variance, $D^{-1/2}P^{-1}$"), (3, "data, $D^{-5/2}$")}
    for number, a in ((1, 1.5), (3, 3.5)):
        for (n, kind, name), points in found.items():
            if n == number and kind == "text":  # each label lies in the cell that the other route names there
                (x, y), = points
                assert leading_term(a, 1.5, log(x), log(y)).name == name.split(",")[0]
    for x, y in found[3, "line", "derived crossover"]:
        assert log(y) == pytest.approx(crossover(3.5, 1.5, log(x)), abs=1e-7)  # nine digits are kept
    measured = found[3, "line", "measured crossover"]
    assert [x for x, _ in measured] == [1e2, 1e3, 1e4, 1e5]
    for x, y in measured:
        excess = variance_excess(KernelModel(3.5, 1.5, x, 2 * x))  # a closed form, where the figure looks for a root
        assert y - x == pytest.approx(excess.coefficient / excess.limit, rel=1e-4)
    # The next power in L(D) is D^-2b, smaller by D^-1/2; the constant before it is about 1.7.
    assert measured[-1][1] == pytest.approx(exp(crossover(3.5, 1.5, log(1e5))), rel=3 * 1e5**-0.5)
    check_cut(found)


@pytest.mark.parametrize("point", ["9,3", "13/5,3/2", "11/5,8/5"])
def test_words_stand_in_their_cells(call: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    """At points where the crossover leaves the plane, is too near to the diagonal for words, or is not there."""
    monkeypatch.setattr(figure_regimes, "_local", lambda *_: (0.0, 0.0))  # costs time, and is no part of the plane
    a, b = point.split(",")
    assert call("figure", "regimes", "--out", tmp_path / "a.svg", "--at", f"a={a}", "--at", f"b={b}").status == 0
    found = read(tmp_path / "a.csv")
    names = {name.split(",")[0]: places[0] for (n, kind, name), places in found.items() if (n, kind) == (3, "text")}
    wide = Fraction(a) > Fraction(b) + 1 and crossover(float(Fraction(a)), float(Fraction(b)), log(1.5e5)) > log(60 * 1.5e5)
    assert set(names) == {"features", "data"} | ({"feature variance"} if wide else set())
    for name, (x, y) in names.items():
        assert leading_term(float(Fraction(a)), float(Fraction(b)), log(x), log(y)).name == name


def check_cut(found: Columns) -> None:
    """Local exponents at D = 10^4 against the solver called directly, and their limit against the other route."""
    in_data, in_features = found[4, "line", "in $D$, measured"], found[4, "line", "in $P$, measured"]
    assert all(isnan(y) == (abs(log(x / 1e4)) <= log(1.3)) for x, y in in_data)  # the peak
    for i in (3, 20):
        at = local_exponents(KernelModel(3.5, 1.5, 1e4, in_data[i][0]))
        assert (in_data[i][1], in_features[i][1]) == pytest.approx(at, abs=1e-6)
    end = leading_term(3.5, 1.5, log(1e4), log(1e12))
    assert [y for x, y in found[4, "line", "in $D$, derived"] if x == pytest.approx(1e12)] == [end.of_data]
    assert in_data[-1][1] == pytest.approx(end.of_data, abs=2 * 1e4**-0.5)  # the next power of D, as above


def test_slopes_of_the_limits_follow_the_point(call: Runner, tmp_path: Path) -> None:
    call("figure", "limits", "--out", tmp_path / "a.svg", "--at", "a=4", "--at", "b=8/5")
    names = [name for _, kind, name in read(tmp_path / "a.csv") if kind == "line" and re.match("printed|derived", name)]
    assert names == ["printed, $D^{-1}$", "derived, $D^{-3}$", "printed, $P^{-1}$", "derived, $P^{-8/5}$"]


@needs_sklearn
def test_spectra_are_those_of_the_verb_task(call: Runner, tmp_path: Path) -> None:
    assert call("figure", "spectra", "--out", tmp_path / "a.svg").status == 0
    found, answer = read(tmp_path / "a.csv"), call("task", "digits", "--json").document
    for name in ("eigenvalues", "task power"):  # those that a figure can show, and both ends
        shown = [k for k, _ in found[1, "line", name]]
        assert (shown[0], shown[-1]) == (1, answer["modes"])
        assert len(shown) < 150
    for letter in "ba":
        x = answer[letter]
        floor = " + floor" if x["floor"] else ""
        line = found[1, "line", f"$k^{{-{letter}}}${floor}, ${letter}={x['value']:.2f}$ ({x['low']:.2f} to {x['high']:.2f})"]
        (k0, y0), (k1, y1) = line[0], line[-1]
        assert (k0, k1) == (x["windows"][0]["first"], x["windows"][0]["last"])
        slope = log((y0 - x["floor"]) / (y1 - x["floor"])) / log(k1 / k0)
        assert slope == pytest.approx(x["value"], abs=1e-7)  # nine digits are kept
        area = found[1, "area", f"interval of {letter}"]
        assert len(area) == 2 * len(line)
        upper = dict(area[len(line):])
        assert all(low < mid < upper[k] for (k, mid), (_, low) in zip((line[0], line[-1]), (area[0], area[len(line) - 1]),
                                                                     strict=True))
    for number, curve in enumerate(answer["prediction"]["curves"], 2):
        for name, key in (("predicted from the spectrum", "predicted"), ("trained", "trained")):
            points = found[number, "line", name]
            assert [x for x, _ in points] == pytest.approx(curve[curve["variable"]], rel=1e-8)
            assert [y for _, y in points] == pytest.approx(curve[key], rel=1e-6)


def test_spectra_without_the_extra(call: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    found = call("figure", "spectra", "--out", tmp_path / "a.svg")
    assert found.status == 2
    assert "scaling-sym[data]" in found.err
    assert not list(tmp_path.iterdir())
