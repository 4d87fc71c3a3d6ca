"""Pictures as data: what a figure shows, before anything is drawn.

A *picture* has panels; a *panel* has two axes and layers; a *layer* is a line, an area, a piece of text at a point or on a
line, or a grid of values. A picture is all that the drawing (`drawing`) sees, and `write_picture` saves all of it as CSV beside
the figure: what cannot be read from that file is not in the figure.

Columns of the CSV: `panel` (from 1), `kind` (line, area, text, label, grid), `name` (of the series or region), `part` (of several
areas or lines with one name), `x`, `y`, `value` (of a grid; else empty), `error` (half length of an error bar).

Not covered: numbers (they are computed elsewhere), three dimensions.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, final

from scaling_sym.export.files import write_text_atomically

Numbers: TypeAlias = Sequence[float]

STYLES: Final = ("line", "thin", "points", "theory", "limit", "family", "wall")
COLUMNS: Final = ("panel", "kind", "name", "part", "x", "y", "value", "error")


@final
@dataclass(frozen=True, slots=True)
class Axis:
    """A label with its unit where there is one, bounds (`None`: from the data), and whether it is logarithmic."""

    label: str
    low: float | None = None
    high: float | None = None
    log: bool = False


@final
@dataclass(frozen=True, slots=True)
class Line:
    """A series; `style` is `line`, `thin`, `points`, `theory` (dashed), `limit` (dotted), `family` (one of many) or `wall`.

    `colour` is the number of a colour of the palette, by default the place among the lines that are no `family`.
    """

    name: str
    x: Numbers
    y: Numbers
    style: str = "line"
    error: Numbers = ()
    colour: int | None = None


@final
@dataclass(frozen=True, slots=True)
class Area:
    """A filled polygon of the region `name`; `colour` is the number of a tint, -1 for a region that is only hatched."""

    name: str
    x: Numbers
    y: Numbers
    colour: int


@final
@dataclass(frozen=True, slots=True)
class Text:
    """Words centred at a point of the panel; `upright` turns them by a right angle."""

    text: str
    x: float
    y: float
    upright: bool = False


@final
@dataclass(frozen=True, slots=True)
class Label:
    """The equation of a line, written on it at a point, turned by `angle` degrees."""

    text: str
    x: float
    y: float
    angle: float = 0.0


@final
@dataclass(frozen=True, slots=True)
class Grid:
    """Values on a rectangular grid of points, `values[i][j]` at (x[j], y[i]); `nan` where there is none."""

    name: str
    x: Numbers
    y: Numbers
    values: Sequence[Numbers]


Layer: TypeAlias = Line | Area | Text | Label | Grid


@final
@dataclass(frozen=True, slots=True)
class Panel:
    """Two axes and what is drawn between them; a legend names the lines that are seen, where there are two or more."""

    x: Axis
    y: Axis
    layers: tuple[Layer, ...]
    title: str = ""
    square: bool = False


@final
@dataclass(frozen=True, slots=True)
class Picture:
    """A figure: its name, a title, a sentence that says what it shows (the alternative text), and its panels."""

    name: str
    title: str
    description: str
    panels: tuple[Panel, ...]


def list_rows(picture: Picture) -> list[tuple[object, ...]]:
    """All numbers of a picture, as rows under `COLUMNS`."""
    rows: list[tuple[object, ...]] = []
    for number, panel in enumerate(picture.panels, 1):
        parts: dict[tuple[str, str], int] = {}
        for layer in panel.layers:
            kind = type(layer).__name__.lower()
            name = layer.text.replace("\n", ", ") if isinstance(layer, Text | Label) else layer.name
            part = parts[kind, name] = parts.get((kind, name), 0) + 1
            rows += [(number, kind, name, part, *cells) for cells in _list_points(layer)]
    return rows


def _list_points(layer: Layer) -> Iterator[tuple[object, ...]]:
    match layer:
        case Text(_, x, y) | Label(_, x, y):
            yield x, y, "", ""
        case Grid(_, xs, ys, values):
            yield from ((x, y, v, "") for y, row in zip(ys, values, strict=True) for x, v in zip(xs, row, strict=True))
        case Area(_, xs, ys):
            yield from ((x, y, "", "") for x, y in zip(xs, ys, strict=True))
        case Line(_, xs, ys, _, error):
            bars: Sequence[object] = error or [""] * len(xs)
            yield from ((x, y, "", e) for x, y, e in zip(xs, ys, bars, strict=True))


def format_picture(picture: Picture) -> str:
    """The numbers of a picture as CSV."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_round(cell) for cell in row] for row in list_rows(picture))
    return stream.getvalue()


def write_picture(path: str | os.PathLike[str], picture: Picture) -> None:
    """Write the numbers of a picture as CSV; raises `BadInputError` where the file cannot be written."""
    write_text_atomically(path, format_picture(picture))


def _round(cell: object) -> object:
    """Nine digits: more than a figure shows, and few enough not to depend on the order of a sum."""
    return float(f"{cell:.9g}") if isinstance(cell, float) else cell
