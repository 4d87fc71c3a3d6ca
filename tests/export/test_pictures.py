"""Figures: the plane drawn is the plane certified, equal pictures give equal bytes, and no two labels overlap."""

from __future__ import annotations

import csv
import io
import re
from fractions import Fraction
from itertools import combinations, pairwise
from math import log
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling_sym.cli.bundles import open_plane
from scaling_sym.cli.figures import compute_figure, list_figures
from scaling_sym.errors import BadInputError
from scaling_sym.export import drawing
from scaling_sym.export.answers import locate
from scaling_sym.export.drawing import draw_picture, render_picture
from scaling_sym.export.pictures import Area, Axis, Line, Panel, Picture, list_rows, write_picture
from scaling_sym.export.planes import evaluate, find_shape, picture_exponents, picture_phases, window_of
from scaling_sym.export.rows import Plane

PLANE: Plane = open_plane("plrf")
AREAS = [layer for layer in picture_phases(PLANE).panels[0].layers if isinstance(layer, Area)]
SMALL = Picture("small", "Title", "What it shows.", (
    Panel(Axis("x", log=True), Axis("y", log=True),
          (Line("a", [1.0, 2.0, 4.0], [1.0, 0.5, 0.25]), Line("b", [1.0, 2.0], [2.0, -1.0], "points", [0.1, 0.2]))),
))


def holds(area: Area, x: float, y: float) -> bool:
    """Whether a polygon contains a point, by counting crossings."""
    corners = list(zip(area.x, area.y, strict=True))
    crossed = [(a, b) for a, b in pairwise([*corners, corners[0]]) if (a[1] > y) != (b[1] > y)]
    return sum(x < a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]) for a, b in crossed) % 2 == 1


COORDINATES = st.fractions(Fraction(1, 100), Fraction(6, 5), max_denominator=997)


@given(COORDINATES, COORDINATES)
def test_polygons_are_the_certified_regions(alpha: Fraction, beta: Fraction) -> None:
    exact = locate(PLANE, {"alpha": alpha, "beta": beta})
    if len(exact) == 1:  # off the walls
        assert {a.name for a in AREAS if holds(a, float(alpha), float(beta))} == {exact[0].name}


def test_the_walls_drawn_are_the_walls_claimed() -> None:
    shape = find_shape(PLANE, window_of(PLANE))
    drawn = {frozenset(PLANE.phases[i].name for i in pair if i is not None) for pair, _ in shape.walls}
    assert {w for w in drawn if len(w) == 2} == {frozenset(w.phases) for w in PLANE.walls}
    for pair, points in shape.walls:
        wall = next(w for w in PLANE.walls if set(w.phases) == {PLANE.phases[i].name for i in pair if i is not None})
        for x, y in points:
            # Roots of polynomials of degree two are good to about 1e-15, and the slabs' ends to 1e-12.
            assert abs(evaluate(wall.polynomial, {"alpha": x, "beta": y})) < 1e-8


def test_the_map_shows_the_derived_exponents() -> None:
    grid = picture_exponents(PLANE, points=7).panels[0].layers[0]
    for x, column in zip(grid.x, zip(*grid.values, strict=True), strict=True):
        for y, value in zip(grid.y, column, strict=True):
            rows = locate(PLANE, {"alpha": Fraction(x), "beta": Fraction(y)})
            if len(rows) == 1 and rows[0].loss is not None:
                assert value == pytest.approx(float(rows[0].loss.at({"alpha": Fraction(x), "beta": Fraction(y)})), rel=1e-12)


@pytest.mark.parametrize("form", ["svg", "pdf", "png"])
def test_equal_pictures_give_equal_bytes(form: str) -> None:
    first, second = render_picture(SMALL, form), render_picture(SMALL, form)
    assert first == second
    assert not any(word in first for word in (b"CreationDate", b"dc:date"))


def test_numbers_stand_beside_the_figure(tmp_path: Path) -> None:
    write_picture(tmp_path / "small.csv", SMALL)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "small.csv").read_text())))
    assert len(rows) == len(list_rows(SMALL)) == 5
    assert rows[1] == {"panel": "1", "kind": "line", "name": "a", "part": "1", "x": "2.0", "y": "0.5", "value": "", "error": ""}
    assert [r["error"] for r in rows[3:]] == ["0.1", "0.2"]


def test_an_ending_that_is_no_format(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"\.png, \.pdf and \.svg are allowed"):
        draw_picture(tmp_path / "a.gif", SMALL)
    assert not list(tmp_path.iterdir())


def overlaps(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes meet in the figure as it is drawn (tick labels beyond the limits are never drawn)."""
    from matplotlib.text import Text

    boxes: dict[int, tuple[str, Any]] = {}
    draw = Text.draw

    def record(self: Any, renderer: Any) -> None:
        if self.get_visible() and self.get_text().strip():
            boxes[id(self)] = (self.get_text(), self.get_window_extent(renderer))
        draw(self, renderer)

    monkeypatch.setattr(Text, "draw", record)
    drawing.render_picture(picture, "png")
    monkeypatch.undo()
    assert len(boxes) > 8
    return [(a, b) for (a, u), (b, v) in combinations(boxes.values(), 2) if u.overlaps(v)]


@pytest.mark.parametrize("name", ["phases", "pieces", "exponent-map"])
def test_no_two_labels_overlap(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert overlaps(compute_figure(name, {}), monkeypatch) == []


@pytest.mark.deep
@pytest.mark.parametrize("name", list_figures())
def test_no_two_labels_overlap_in_any_figure(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert overlaps(compute_figure(name, {}), monkeypatch) == []


@pytest.mark.parametrize(("alpha", "beta"), [("1/3", "2/5"), ("1", "1/2"), ("3", "1/10")])
def test_the_front_is_seen_and_follows_its_law(alpha: str, beta: str) -> None:
    """Limits hold every optimum; the last decade falls as the law says, on a wall with its logarithm."""
    panel = compute_figure("curves", {"alpha": Fraction(alpha), "beta": Fraction(beta)}).panels[0]
    lines = {layer.name: layer for layer in panel.layers if isinstance(layer, Line)}
    front, law = lines["compute-optimal"], next(line for line in lines.values() if line.style == "theory")
    assert panel.y.low is not None
    assert panel.y.high is not None
    assert all(panel.y.low < y < panel.y.high for y in front.y)
    assert all(panel.x.low < x < panel.x.high for x in front.x)
    on_law = [y for x, y in zip(law.x, law.y, strict=True) if x == pytest.approx(front.x[-2])]
    assert front.y[-2] == pytest.approx(on_law[0], rel=0.1)  # 10^14 or more: corrections fall as small powers of it


def test_crossings_lie_on_both_laws() -> None:
    """In the panel of time and model: where t^-x meets the level of N, the level is that of the solver at N for late times."""
    panel = compute_figure("bottlenecks", {}).panels[0]
    lines = {layer.name: layer for layer in panel.layers if isinstance(layer, Line)}
    law = next(line for line in lines.values() if line.style == "theory")
    crossings = lines["laws equal"]
    for x, y, n in zip(crossings.x, crossings.y, (2, 3, 4), strict=True):
        slope = (law.y[-1] / law.y[0], law.x[-1] / law.x[0])
        power = log(slope[0]) / log(slope[1])
        assert y == pytest.approx(law.y[0] * (x / law.x[0]) ** power, rel=1e-9)
        assert y == pytest.approx(lines[f"$N=10^{n}$"].y[-1], rel=0.3)  # leading order; at N = 100 it is off by a fifth


def test_names_are_given_only_to_what_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.text import Text

    said: set[str] = set()
    monkeypatch.setattr(Text, "draw", lambda self, _: said.add(self.get_text()))
    lines = (Line("seen", [1.0, 2.0], [0.5, 0.6]), Line("above", [1.0, 2.0], [5.0, 6.0]), Line("too", [1.0, 2.0], [0.1, 0.2]))
    render_picture(Picture("p", "", "", (Panel(Axis("x"), Axis("y", 0.0, 1.0), lines),)), "png")
    assert {"seen", "too"} <= said
    assert "above" not in said


@pytest.mark.parametrize(("low", "high"), [(0.02, 0.6), (7.0, 8.5), (99.0, 101.0)])
def test_narrow_axes_have_numbers_on_them(low: float, high: float, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.text import Text

    said: set[str] = set()
    monkeypatch.setattr(Text, "draw", lambda self, _: said.add(self.get_text()))
    panel = Panel(Axis("x"), Axis("y", low, high, log=True), (Line("", [1.0, 2.0], [low, high]),))
    render_picture(Picture("p", "", "", (panel,)), "png")
    numbers = [float(text) for text in said if re.fullmatch(r"[0-9.]+", text)]
    assert sum(low <= x <= high for x in numbers if not 1.0 <= x <= 2.0) >= 3  # 1 to 2 is the other axis
