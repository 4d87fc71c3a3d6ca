"""The plane of phases as polygons and walls, computed from the certified regions of a bundle.

Algorithm. The window is cut into *slabs* by the critical values of the first parameter: the real roots of leading
coefficients, discriminants and pairwise resultants of all polynomials that bound a region, the window's edges among them.
Over an open slab the real roots in the second parameter are continuous functions that do not cross, so that the *bands*
between them lie in one region each; which one is decided exactly, at a rational point of the band. A wall is a root
function, or a stretch of a critical line, on whose two sides lie different regions. Nothing about the shape of a region is
typed in; curved walls are drawn through `SAMPLES` points a slab.

Names stand where the distance to the nearest wall is greatest, upright where a region is too narrow for them. The equation of a
wall is written once on it, on the longest straight stretch or curve, nearer to the upper end, where names are seldom.

Not covered: planes of more than two parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from math import atan2, degrees, hypot, inf, nan
from typing import Final, TypeAlias, final

from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.eliminants import discriminant, leading_coefficient, resultant
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.errors import BadInputError
from scaling_sym.export.conditions import arrange_surd
from scaling_sym.export.latex import write_name
from scaling_sym.export.layout import Chain, Symbol
from scaling_sym.export.pictures import Area, Axis, Grid, Label, Layer, Line, Panel, Picture, Text
from scaling_sym.export.plain import plain, write_plain
from scaling_sym.export.rows import PhaseRow, Plane
from scaling_sym.export.surds import find_roots

SAMPLES: Final = 24
MAP_POINTS: Final = 81
_INSIDE: Final = 1e-9  # roots are evaluated this far inside a slab, where their number is constant
_ALONG: Final = 0.8  # of a stretch: where its equation stands
_NARROW: Final = 0.075  # of the window: narrower regions have upright names
_WIDE: Final = 0.14  # of the window: wider ones have room for the trade-off
Window: TypeAlias = tuple[Fraction, Fraction, Fraction, Fraction]
Root: TypeAlias = tuple[Ratio, int]
Points: TypeAlias = list[tuple[float, float]]
Wall: TypeAlias = tuple[frozenset[int | None], tuple[tuple[float, float], ...]]


@final
@dataclass(frozen=True, slots=True)
class Band:
    """A piece of one slab between two root functions, inside the region number `region` (`None`: in no region)."""

    left: float
    right: float
    low: Root
    high: Root
    region: int | None


@final
@dataclass(frozen=True, slots=True)
class Shape:
    """The bands of a window, and its walls: the two regions that meet there, and the points of a curve."""

    window: Window
    names: tuple[str, str]
    bands: tuple[Band, ...]
    walls: tuple[Wall, ...]


def window_of(plane: Plane) -> Window:
    """A window that shows every wall and corner: from the domain's lower bounds to 5/2 of the way to the farthest corner."""
    low = [_lower_bound(plane, name) for name in _two_names(plane)]
    marks = [[c.point[name] for c in plane.corners] + [row.witness[name] for row in plane.phases if not plane.corners]
             for name in plane.names]
    high = [x0 + Fraction(5, 2) * max(max(values) - x0, Fraction(1, 4)) for x0, values in zip(low, marks, strict=True)]
    return low[0], high[0], low[1], high[1]


def _two_names(plane: Plane) -> tuple[str, str]:
    if len(plane.names) != 2:
        raise BadInputError(f"{plane.model} has {len(plane.names)} parameters; planes of two can be drawn")
    return plane.names[0], plane.names[1]


def _lower_bound(plane: Plane, name: str) -> Fraction:
    """The bound of the form name > c in the domain, or 0."""
    for sign in plane.domain.conditions:
        slope = sign.positive.derivative(name)
        if sign.positive.names == (name,) and slope.is_constant and slope.constant() > 0:
            return -(sign.positive.at({name: Fraction(0)})) / slope.constant()
    return Fraction(0)


def find_shape(plane: Plane, window: Window) -> Shape:
    """Bands and walls of a plane in a window; raises `BadInputError` unless it has two parameters."""
    names = _two_names(plane)
    polynomials = _list_polynomials(plane, window, names)
    edges = _find_critical(polynomials, names, window)
    slabs = [_cut_slab(plane, polynomials, names, window, ends) for ends in pairwise(edges)]
    walls = [w for slab in slabs for w in _walls_inside(slab, names)]
    walls += [w for left, right in pairwise(slabs) for w in _walls_between(left, right, names)]
    return Shape(window, names, tuple(b for slab in slabs for b in slab), tuple(walls))


def _list_polynomials(plane: Plane, window: Window, names: tuple[str, str]) -> list[Ratio]:
    """The irreducible polynomials that bound regions, and the lower and upper edge of the window."""
    signs: list[Sign] = [s for row in plane.phases for s in row.cell.conditions] + list(plane.domain.conditions)
    y = Ratio.parameter(names[1])
    own = [f for s in signs for f, _ in s.polynomial.factors()[1]]
    edges = [(y - bound).primitive() for bound in window[2:]]
    return sorted({*own, *edges}, key=lambda f: (f.degree, str(f)))


def _find_critical(polynomials: Sequence[Ratio], names: tuple[str, str], window: Window) -> list[float]:
    x, y = names
    inside = [p for p in polynomials if y in p.names]
    projected = [p for p in polynomials if y not in p.names]
    projected += [q for p in inside for q in (leading_coefficient(p, y), discriminant(p, y))]
    projected += [resultant(p, q, y) for p, q in combinations(inside, 2)]
    low, high = float(window[0]), float(window[1])
    roots = (r for p in projected if p and not p.is_constant for r in _real_roots(p, x, {}))
    found = sorted({round(r, 12) for r in roots if low + 1e-9 < r < high - 1e-9})
    return [low, *found, high]


def _real_roots(polynomial: Ratio, name: str, at: Mapping[str, float]) -> list[float]:
    """The real roots in one parameter, ascending, where the others have values."""
    import numpy as np

    dense = [0.0] * (polynomial.degree + 1)
    for powers, coefficient in polynomial.monomials().items():
        value, exponent = float(coefficient), 0
        for letter, power in powers:
            exponent, value = (power, value) if letter == name else (exponent, value * at[letter] ** power)
        dense[exponent] += value
    found = np.roots(dense[::-1])
    return sorted(float(r.real) for r in found if abs(r.imag) < 1e-9 * max(1.0, abs(r)))


def _cut_slab(
    plane: Plane, polynomials: Sequence[Ratio], names: tuple[str, str], window: Window, ends: tuple[float, float]
) -> list[Band]:
    x, y = names
    middle = (ends[0] + ends[1]) / 2
    low, high = float(window[2]), float(window[3])
    found = [(value, (p, k)) for p in polynomials if y in p.names for k, value in enumerate(_real_roots(p, y, {x: middle}))]
    inside = sorted((f for f in found if low - 1e-9 < f[0] < high + 1e-9), key=lambda f: f[0])
    bands = []
    for (bottom, below), (top, above) in pairwise(inside):
        if top - bottom < 1e-9:
            continue
        point = {x: Fraction(middle), y: Fraction((bottom + top) / 2)}
        region = next((i for i, row in enumerate(plane.phases) if row.cell.contains(point)), None)
        bands.append(Band(*ends, below, above, region))
    return bands


def _follow(root: Root, names: tuple[str, str], x: float) -> float:
    """The value of a root function."""
    polynomial, k = root
    return _real_roots(polynomial, names[1], {names[0]: x})[k]


def _sample(band: Band, root: Root, names: tuple[str, str]) -> Points:
    """Points of a root function over the band's slab; two where it is straight."""
    inset = _INSIDE * (band.right - band.left)
    count = 2 if root[0].degree == 1 else SAMPLES
    xs = [band.left + (band.right - band.left) * i / (count - 1) for i in range(count)]
    return [(x, _follow(root, names, min(max(x, band.left + inset), band.right - inset))) for x in xs]


def _walls_inside(slab: Sequence[Band], names: tuple[str, str]) -> list[Wall]:
    """Walls between bands that lie one above the other."""
    return [(frozenset((a.region, b.region)), tuple(_sample(a, a.high, names)))
            for a, b in pairwise(slab) if a.region != b.region]


def _walls_between(left: Sequence[Band], right: Sequence[Band], names: tuple[str, str]) -> list[Wall]:
    """Walls on the critical line between two slabs."""
    x, walls = right[0].left, list[Wall]()
    spans = [[(_sample(b, b.low, names)[end][1], _sample(b, b.high, names)[end][1], b.region) for b in slab]
             for slab, end in ((left, -1), (right, 0))]
    for a, b, first in spans[0]:
        for c, d, second in spans[1]:
            low, high = max(a, c), min(b, d)
            if first != second and high - low > 1e-6:
                walls.append((frozenset((first, second)), ((x, low), (x, high))))
    return walls


def picture_phases(plane: Plane, window: Window | None = None) -> Picture:
    """The plane with its phases, walls and names."""
    shape = find_shape(plane, window or window_of(plane))
    layers: list[Layer] = [*_list_areas(plane, shape), *_list_walls(shape), *_place_names(plane, shape),
                           *_label_walls(plane, shape)]
    names = ", ".join(row.name for row in plane.phases if row.loss is not None)
    return Picture(
        "phases", f"The phases of {plane.model}",
        f"The plane of {' and '.join(plane.names)} with the phases {names}, from the certified regions; black lines are "
        "walls, with their equations.",
        (_panel(shape, layers),),
    )


def _panel(shape: Shape, layers: Iterable[Layer], title: str = "") -> Panel:
    x0, x1, y0, y1 = map(float, shape.window)
    axes = [Axis(f"${write_name(name)}$", low, high) for name, low, high in zip(shape.names, (x0, y0), (x1, y1), strict=True)]
    return Panel(axes[0], axes[1], tuple(layers), title, square=True)


def _list_areas(plane: Plane, shape: Shape) -> list[Area]:
    areas = []
    for band in shape.bands:
        if band.region is None:
            continue
        row = plane.phases[band.region]
        around = _sample(band, band.low, shape.names) + _sample(band, band.high, shape.names)[::-1]
        areas.append(Area(row.name, [p[0] for p in around], [p[1] for p in around], -1 if row.loss is None else band.region))
    return sorted(areas, key=lambda a: a.colour)


def _list_walls(shape: Shape) -> list[Line]:
    return [Line("", [p[0] for p in points], [p[1] for p in points], "wall") for _, points in shape.walls]


def _place_names(plane: Plane, shape: Shape) -> list[Text]:
    """A name for each region that is seen, at the point farthest from walls and edges."""
    x0, x1, y0, y1 = map(float, shape.window)
    steps = 72
    inner = [(i + 0.5) / steps for i in range(steps)]
    scaled = [[((x - x0) / (x1 - x0), (y - y0) / (y1 - y0)) for x, y in points] for _, points in shape.walls]
    segments = [segment for points in scaled for segment in pairwise(points)]
    places: dict[int, list[tuple[float, float, float]]] = {}
    for u in inner:
        regions = _regions_along(shape, x0 + u * (x1 - x0), [y0 + v * (y1 - y0) for v in inner])
        for v, region in zip(inner, regions, strict=True):
            if region is None:
                continue
            room = min([u, 1 - u, v, 1 - v, *(_distance(u, v, s) for s in segments)])
            places.setdefault(region, []).append((room, u, v))
    texts = []
    for region, found in sorted(places.items()):
        room, u, v = _choose_place(found)
        row = plane.phases[region]
        texts.append(Text(_caption(row, 2 * room), x0 + u * (x1 - x0), y0 + v * (y1 - y0), upright=2 * room < _NARROW))
    return texts


def _label_walls(plane: Plane, shape: Shape) -> list[Label]:
    """The equation of each wall between two phases, once, on its longest stretch."""
    stretches: dict[Ratio, list[tuple[tuple[float, float], ...]]] = {}
    for pair, points in shape.walls:
        met = {plane.phases[i].name for i in pair if i is not None}
        for polynomial in {wall.polynomial for wall in plane.walls if set(wall.phases) == met}:
            stretches.setdefault(polynomial, []).append(points)
    labels = []
    for polynomial, found in stretches.items():
        points = max(found, key=lambda p: hypot(p[-1][0] - p[0][0], p[-1][1] - p[0][1]))
        middle = round(_ALONG * (len(points) - 1)) if len(points) > 2 else 1
        (a, b), (c, d) = points[max(middle - 1, 0)], points[middle]
        part = 0.5 if len(points) > 2 else _ALONG
        x, y = a + part * (c - a), b + part * (d - b)
        labels.append(Label(_write_wall(polynomial, shape.names, x, y), x, y, _turn(atan2(d - b, c - a))))
    return labels


def _turn(angle: float) -> float:
    """An angle in degrees at which letters do not stand on their heads."""
    found = degrees(angle)
    return found - 180 if found > 90 else found + 180 if found <= -90 else found


def _write_wall(polynomial: Ratio, names: tuple[str, str], x: float, y: float) -> str:
    """The equation; of a wall on which one parameter is constant, the root that this stretch has."""
    roots = find_roots(polynomial)
    if not roots:
        return plain(Cell((Sign(polynomial, "="),)))
    (name,) = polynomial.names
    here = x if name == names[0] else y
    root = min(roots, key=lambda r: abs(float(r.enclose(40)[0]) - here))
    return write_plain(Chain((Symbol(name), arrange_surd(root)), "="))


def _choose_place(found: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    """Of the places with nearly the most room, the one in their middle."""
    most = max(room for room, _, _ in found)
    good = [place for place in found if place[0] > 0.93 * most]
    u, v = (sum(place[i] for place in good) / len(good) for i in (1, 2))
    return min(good, key=lambda place: hypot(place[1] - u, place[2] - v))


def _caption(row: PhaseRow, room: float) -> str:
    name = "no power\nlaw" if row.loss is None else row.name
    if room < _WIDE or row.loss is None:
        return name
    return name + "\n" + " = ".join(f"${write_name(t)}$" for t in row.tradeoff)


def _regions_along(shape: Shape, x: float, ys: Sequence[float]) -> list[int | None]:
    """The regions that contain the points (x, y); on a wall, one of those that meet there."""
    spans = [(_follow(b.low, shape.names, x), _follow(b.high, shape.names, x), b.region)
             for b in shape.bands if b.left <= x <= b.right]
    return [next((region for low, high, region in spans if low <= y <= high), None) for y in ys]


def _distance(u: float, v: float, segment: tuple[tuple[float, float], tuple[float, float]]) -> float:
    """From a point to a segment."""
    (a, b), (c, d) = segment
    length = (c - a) ** 2 + (d - b) ** 2
    t = 0.0 if not length else min(1.0, max(0.0, ((u - a) * (c - a) + (v - b) * (d - b)) / length))
    return hypot(u - a - t * (c - a), v - b - t * (d - b))


def picture_exponents(plane: Plane, window: Window | None = None, points: int = MAP_POINTS) -> Picture:
    """Maps of the exponents of loss and size over the plane."""
    shape = find_shape(plane, window or window_of(plane))
    x0, x1, y0, y1 = map(float, shape.window)
    inset = 1e-6  # the window's own edges bound no region
    xs, ys = ([low + (high - low) * (inset + (1 - 2 * inset) * i / (points - 1)) for i in range(points)]
              for low, high in ((x0, x1), (y0, y1)))
    columns = [_regions_along(shape, x, ys) for x in xs]
    barren = [area for area in _list_areas(plane, shape) if area.colour < 0]
    panels: list[Panel] = []
    quantities: list[tuple[str, Callable[[PhaseRow], Ratio | None]]] = [
        ("loss falls as $f^{-\\eta}$", lambda row: row.loss), ("best size grows as $f^{\\xi}$", lambda row: row.size),
    ]
    for title, pick in quantities:
        values = [_fill([_exponent_at(plane, shape, pick, region, x, y) for region, y in zip(column, ys, strict=True)])
                  for x, column in zip(xs, columns, strict=True)]
        grid = Grid("$\\eta$" if not panels else "$\\xi$", xs, ys, [list(row) for row in zip(*values, strict=True)])
        panels.append(_panel(shape, [grid, *barren, *_list_walls(shape)], title))
    return Picture("exponent-map", f"The compute-optimal exponents of {plane.model}",
                   f"The exponents of loss and size over the plane of {' and '.join(plane.names)}; black lines are walls.",
                   tuple(panels))


def _fill(column: Sequence[float]) -> list[float]:
    """Where there is no value the nearest one in the column, so that a map reaches the area that is drawn over its end."""
    known = [i for i, value in enumerate(column) if value == value]
    return [column[min(known, key=lambda i: abs(i - j))] if known else nan for j in range(len(column))]


def _exponent_at(
    plane: Plane, shape: Shape, pick: Callable[[PhaseRow], Ratio | None], region: int | None, x: float, y: float
) -> float:
    value = None if region is None else pick(plane.phases[region])
    return nan if value is None else evaluate(value, {shape.names[0]: x, shape.names[1]: y})


def evaluate(value: Ratio, at: Mapping[str, float]) -> float:
    """A rational function in floating point; infinite where its denominator is 0."""
    parts = []
    for polynomial in (value.numerator, value.denominator):
        total = 0.0
        for powers, coefficient in polynomial.monomials().items():
            term = float(coefficient)
            for name, power in powers:
                term *= at[name] ** power
            total += term
        parts.append(total)
    return parts[0] / parts[1] if parts[1] else inf
