"""The drawing of a plane for the explorer, and the points in it worth going to.

The polygons, walls and names are those of `export.planes`. A model with laws but no phases gets *regions*: the open pieces
into which all walls of its laws cut the domain, named by letters. A wall's equation stands at the middle of its longest
drawn stretch. Places are rational points: one inside each region, one on each wall that has any, and the corners.

Not covered: walls without rational points, which cannot be gone to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, product
from math import hypot
from typing import Any, Final, TypeAlias

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.eliminants import resultant
from scaling_sym.algebra.ratios import Point, Ratio
from scaling_sym.algebra.regions import negate
from scaling_sym.algebra.sampling import sample_cell, sample_points
from scaling_sym.export.pictures import Area, Line, Text
from scaling_sym.export.planes import Window, evaluate, picture_phases
from scaling_sym.export.prose import show_region
from scaling_sym.export.rows import PhaseRow, Plane

Stretch: TypeAlias = list[list[float]]
"""Points in the order in which they are drawn through."""

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
GRID: Final = 25  # points on each axis, from which the places inside the regions are chosen
_DIGITS: Final = 4  # of a drawing of some hundred pixels


def name_regions(names: tuple[str, ...], domain: Cell, cells: Sequence[Cell]) -> Plane:
    """The pieces of the domain on which the same ones of `cells` hold, as a plane of phases without exponents."""
    found: dict[Cell, Point] = {}
    for point in sample_points([*list_walls(domain, cells), *(s.polynomial for s in domain.conditions)], names, domain):
        here = domain
        for cell in (c for c in cells if c.contains(point)):
            here = here.meet(cell)
        found.setdefault(here, point)
    rows = [PhaseRow(letter, _drop_implied(cell, names), (), Ratio.of(0), None, point, None, ())
            for letter, (cell, point) in zip(LETTERS, found.items(), strict=False)]
    return Plane("", names, domain, tuple(rows), (), (), ())


def _drop_implied(cell: Cell, names: Sequence[str]) -> Cell:
    """The cell without the conditions that follow from the others."""
    kept = list(cell.conditions)
    for sign in sorted(cell.conditions, key=lambda s: -s.polynomial.degree):
        others = [s for s in kept if s != sign]
        if not sample_cell(Cell.of([*others, negate(sign)]), names):
            kept = others
    return Cell.of(kept)


def list_walls(domain: Cell, cells: Iterable[Cell]) -> list[Ratio]:
    """The polynomials that bound the cells, other than the domain's own, in a fixed order."""
    edges = {s.polynomial for s in domain.conditions}
    found = {s.polynomial for cell in cells for s in cell.conditions} - edges
    return sorted(found, key=lambda p: (p.degree, str(p)))


def name_wall(polynomial: Ratio) -> str:
    """The equation of a wall as text, such as a = b+1."""
    return show_region([f"{polynomial} = 0"]).plain


def draw_plane(plane: Plane, window: Window, named: Sequence[Ratio] = ()) -> dict[str, Any]:
    """Areas, walls and names in the parameters' own units; `named` walls carry their equation."""
    layers = picture_phases(plane, window).panels[0].layers
    lines = [_points(layer) for layer in layers if isinstance(layer, Line)]
    labels = [{"lines": _lines(layer), "x": layer.x, "y": layer.y, "upright": layer.upright}
              for layer in layers if isinstance(layer, Text)]
    return {
        "areas": [{"tint": layer.colour, "points": _points(layer)} for layer in layers if isinstance(layer, Area)],
        "walls": lines, "labels": labels,
        "wallNames": [name for p in named for name in _place_wall_name(p, plane.names, lines, labels, window)],
    }


def _points(layer: Area | Line) -> Stretch:
    return [[round(x, _DIGITS), round(y, _DIGITS)] for x, y in zip(layer.x, layer.y, strict=True)]


def _lines(text: Text) -> list[str]:
    """The lines of a name without formulas, which the page shows elsewhere."""
    return [line for line in text.text.split("\n") if line and "$" not in line]


def _place_wall_name(
    polynomial: Ratio, names: Sequence[str], lines: Sequence[Stretch], labels: Sequence[Mapping[str, Any]], window: Window
) -> Iterator[dict[str, Any]]:
    """The equation of a wall at the middle of the stretch with the most room, with the direction there."""
    x0, x1, y0, y1 = map(float, window)

    def room(stretch: Stretch) -> float:
        """How far the middle of a stretch lies from edges and names that stand already."""
        x, y = _middle(stretch)[0]
        edges = [(x - x0) / (x1 - x0), (x1 - x) / (x1 - x0), (y - y0) / (y1 - y0), (y1 - y) / (y1 - y0)]
        return min(edges + [hypot((x - t["x"]) / (x1 - x0), (y - t["y"]) / (y1 - y0)) for t in labels])

    own = [points for points in lines
           if all(abs(evaluate(polynomial, dict(zip(names, p, strict=True)))) < 1e-2 for p in points)]
    if own:
        (x, y), (dx, dy) = _middle(max(own, key=room))
        yield {"text": name_wall(polynomial), "x": x, "y": y, "dx": dx, "dy": dy}


def _middle(points: Stretch) -> tuple[list[float], list[float]]:
    """The middle of a stretch and its direction there."""
    p, q = points[len(points) // 2 - 1], points[len(points) // 2]
    return [(s + t) / 2 for s, t in zip(p, q, strict=True)], [t - s for s, t in zip(p, q, strict=True)]


def find_places(plane: Plane, window: Window, walls: Sequence[Ratio] = ()) -> list[dict[str, Any]]:
    """A point in each region, on each wall, and the corners, as [title, x, y] with exact text."""
    kind = "phase" if plane.model else "region"
    places = [_place(f"{kind} {row.name}" if row.loss is not None else "no power law", points[len(points) // 2])
              for row, points in zip(plane.phases, _sort_grid(plane, window), strict=True) if points]
    for wall in plane.walls:
        found = next(_points_on(wall.polynomial, plane.names, window, wall.cell.meet(plane.domain)), None)
        places += [] if found is None else [_place("wall " + " | ".join(wall.phases), found)]
    for polynomial in walls:
        places += [_place("wall " + name_wall(polynomial), p)
                   for p in [next(_points_on(polynomial, plane.names, window, plane.domain), None)] if p is not None]
    places += [_place("corner " + " | ".join(corner.phases), corner.point) for corner in plane.corners]
    for first, second in combinations(walls, 2):
        places += [_place(f"corner {name_wall(first)}, {name_wall(second)}", point)
                   for point in _meet(first, second, plane.names) if plane.domain.contains(point)]
    return places


def _place(title: str, point: Point) -> dict[str, Any]:
    return {"title": title, "at": {name: str(x) for name, x in point.items()}}


def _sort_grid(plane: Plane, window: Window) -> list[list[Point]]:
    """The points of a grid in the window that lie inside each phase, by the first parameter and then the second."""
    x0, x1, y0, y1 = map(Fraction, window)
    inner = [Fraction(2 * i + 1, 2 * GRID) for i in range(GRID)]
    sorted_points: list[list[Point]] = [[] for _ in plane.phases]
    for u, v in product(inner, inner):
        point = dict(zip(plane.names, (x0 + u * (x1 - x0), y0 + v * (y1 - y0)), strict=True))
        for row, points in zip(plane.phases, sorted_points, strict=True):
            if row.cell.contains(point):
                points.append(point)
                break
    return sorted_points


def _points_on(polynomial: Ratio, names: Sequence[str], window: Window, cell: Cell) -> Iterator[Point]:
    """Rational points on a wall inside the window and the cell, from the middle outwards; none where it is not linear."""
    bounds = {names[0]: window[:2], names[1]: window[2:]}
    steps = sorted((Fraction(k, 20) for k in range(1, 20)), key=lambda u: abs(u - Fraction(1, 2)))
    for unknown, free in ((names[0], names[1]), (names[1], names[0])):
        low, high = map(Fraction, bounds[free])
        for value in (low + u * (high - low) for u in steps):
            line = polynomial.substitute({free: Ratio.of(value)})
            if line.degree != 1:
                continue
            root = -line.at({unknown: Fraction(0)}) / line.derivative(unknown).constant()
            point = {free: value, unknown: root}
            if bounds[unknown][0] < root < bounds[unknown][1] and cell.contains(point):
                yield {name: point[name] for name in names}


def _meet(first: Ratio, second: Ratio, names: Sequence[str]) -> Iterator[Point]:
    """The rational points where two walls meet."""
    x, y = names
    for factor, _ in resultant(first, second, x).factors()[1]:
        if factor.degree != 1 or factor.names != (y,):
            continue
        height = -factor.at({y: Fraction(0)}) / factor.derivative(y).constant()
        for wall in (first, second):
            line = wall.substitute({y: Ratio.of(height)})
            if line.degree == 1 and not line.is_constant:
                yield {x: -line.at({x: Fraction(0)}) / line.derivative(x).constant(), y: height}
                break
