"""Plots of numbers against numbers, on doubly logarithmic axes.

The file's ending chooses the format. No date and no random name goes into the file, so that equal numbers give equal
bytes with one version of matplotlib. Values that are missing or not positive have no place on such axes and are left
out; a series of which nothing remains is not drawn.

Not covered: the figures of the papers (phase diagrams), and axes that are not logarithmic.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaling_sym.errors import BadInputError
from scaling_sym.export.files import write_bytes_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Numbers = Sequence[float | None]

_NO_DATE: Final[Mapping[str, Mapping[str, None]]] = {
    "png": {}, "pdf": {"CreationDate": None, "ModDate": None}, "svg": {"Date": None},
}
LARGEST: Final = 1e250
"""Beyond this matplotlib's margins leave the range of doubles."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One pair of axes: each of `series` against `x`; `errors` are half lengths of error bars by series."""

    x: Numbers
    series: Mapping[str, Numbers]
    x_label: str
    y_label: str
    errors: Mapping[str, Numbers]


def check_plot_file(path: str | os.PathLike[str]) -> str:
    """The format that a file's ending asks for; raises `BadInputError` for one that cannot be drawn."""
    form = Path(path).suffix.lower().removeprefix(".")
    if form not in _NO_DATE:
        raise BadInputError(f"{path} names no format for a plot: the endings .png, .pdf and .svg are allowed")
    return form


def draw_panels(path: str | os.PathLike[str], title: str, panels: Sequence[Panel]) -> None:
    """Draw the panels side by side; raises `BadInputError` where the file cannot be written."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    form, data = check_plot_file(path), io.BytesIO()
    # Text stays text and names inside an SVG depend on nothing random.
    with matplotlib.rc_context({"svg.hashsalt": "scaling-sym", "svg.fonttype": "none"}):
        figure = Figure(figsize=(6.4 * len(panels), 4.8), layout="constrained")
        FigureCanvasAgg(figure)
        for panel, axes in zip(panels, figure.subplots(1, len(panels), squeeze=False)[0], strict=True):
            _draw(panel, axes)
        figure.suptitle(title, fontsize="medium")
        figure.savefig(data, format=form, metadata=dict(_NO_DATE[form]))
    write_bytes_atomically(path, data.getvalue())


def _draw(panel: Panel, axes: Axes) -> None:
    drawn = 0
    for name, values in panel.series.items():
        rows = zip(panel.x, values, panel.errors.get(name) or [0.0] * len(values), strict=True)
        kept = sorted((x, y, e or 0.0) for x, y, e in rows if _has_place(x) and _has_place(y))
        if kept:
            x, y, e = zip(*kept, strict=True)
            axes.errorbar(x, y, yerr=e if any(e) else None, marker="o", markersize=3, linewidth=1, label=name)
            drawn += 1
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(panel.x_label)
    axes.set_ylabel(panel.y_label)
    if drawn > 1:
        axes.legend(fontsize="small")


def _has_place(value: float | None) -> bool:
    return value is not None and isfinite(value) and 1 / LARGEST < value < LARGEST
