"""Drawing pictures with matplotlib: SVG, PDF or PNG, readable in print and without colour vision.

Lines have the colours of M. Okabe and K. Ito and different dashes; a family of curves has the shades of cividis; areas have
the light tints of P. Tol, carry their names, and are bounded by black walls. Nothing is told by colour alone. Legends stand
below the axes, where they cover nothing, and name what is seen between them. No date and no random name goes into a file, so
that equal pictures give equal bytes with one version of matplotlib. Text stays text in SVG.

The drawing sees nothing but the picture, whose numbers are saved beside the figure (`pictures`).
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite, log10
from typing import TYPE_CHECKING, Any, Final

from scaling_sym.export.files import write_bytes_atomically
from scaling_sym.export.pictures import Area, Axis, Grid, Label, Line, Panel, Picture, Text
from scaling_sym.export.plots import check_plot_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import XAxis, YAxis
    from matplotlib.figure import Figure

PALETTE: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
TINTS: Final = ("#77AADD", "#99DDFF", "#44BB99", "#BBCC33", "#EEDD88", "#EE8866", "#FFAABB", "#AAAA00")
DASHES: Final = ("-", (0, (6, 1.5)), (0, (4, 1, 1, 1)), (0, (2, 1)), (0, (8, 1, 1, 1, 1, 1)), (0, (1, 1)), "-")
MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")
_DECADES: Final = 2.5  # an axis of fewer may have but two powers of ten on it
_SHORT: Final = 24  # signs of a name of which three stand in a row
_BELOW: Final = 4.6  # heights of a legend's letters, for the ticks and the label of the axis
_PAPER: Final[Any] = {"boxstyle": "round,pad=0.08", "facecolor": "white", "edgecolor": "none", "alpha": 0.9}
_SETTINGS: Final[Any] = {
    "svg.hashsalt": "scaling-sym", "svg.fonttype": "none", "pdf.fonttype": 42, "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"], "font.size": 9, "axes.titlesize": 9, "axes.labelsize": 9,
    "legend.fontsize": 7.5, "xtick.labelsize": 8, "ytick.labelsize": 8, "axes.linewidth": 0.7, "lines.linewidth": 1.4,
    "axes.grid": False, "figure.facecolor": "white", "savefig.dpi": 200, "mathtext.fontset": "dejavusans",
}
_METADATA: Final[Mapping[str, Mapping[str, str | None]]] = {
    "png": {"Software": None}, "pdf": {"CreationDate": None, "ModDate": None, "Producer": None, "Creator": None},
    "svg": {"Date": None, "Creator": None},
}


def draw_picture(path: str | os.PathLike[str], picture: Picture) -> None:
    """Draw into a file whose ending chooses the format; raises `BadInputError` for one that cannot be drawn or written."""
    write_bytes_atomically(path, render_picture(picture, check_plot_file(path)))


def render_picture(picture: Picture, form: str) -> bytes:
    """The bytes of the figure; `form` is `svg`, `pdf` or `png`."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    data, count = io.BytesIO(), len(picture.panels)
    columns = count if count <= 3 else 2
    lines = -(-count // columns)
    with matplotlib.rc_context({**_SETTINGS, "svg.hashsalt": f"scaling-sym {picture.name}"}):
        figure = Figure(figsize=((5.6, 4.9) if count == 1 else (3.9 * columns, 3.9 * lines)), layout="constrained")
        FigureCanvasAgg(figure)
        grid = list(figure.subplots(lines, columns, squeeze=False).ravel())
        for panel, axes in zip(picture.panels, grid, strict=True):
            _draw_panel(panel, axes)
        _add_legends(figure, grid)
        figure.suptitle(picture.title, fontsize=10)
        figure.savefig(data, format=form, metadata=dict(_METADATA[form]))
    return data.getvalue()


def _draw_panel(panel: Panel, axes: Axes) -> None:
    axes.set_xscale("log" if panel.x.log else "linear")
    axes.set_yscale("log" if panel.y.log else "linear")
    families = [layer for layer in panel.layers if isinstance(layer, Line) and layer.style == "family"]
    number = 0
    for layer in panel.layers:
        match layer:
            case Line():
                _draw_line(_keep_drawable(layer, panel), axes, number, families)
                number += layer.style not in ("family", "wall") and layer.colour is None
            case Area():
                _draw_area(layer, axes)
            case Text():
                _write_text(layer, axes)
            case Label():
                _write_label(layer, axes)
            case Grid():
                _draw_grid(layer, axes)
    axes.set(xlabel=panel.x.label, ylabel=panel.y.label, title=panel.title, xlim=_bounds(panel.x), ylim=_bounds(panel.y))
    for axis, found in ((axes.xaxis, panel.x), (axes.yaxis, panel.y)):
        if found.log:
            _set_ticks(axis)
    if panel.square:
        axes.set_aspect("equal")


def _set_ticks(axis: XAxis | YAxis) -> None:
    """Powers of ten where there is room for three of them; else round numbers, written out."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

    low, high = sorted(axis.get_view_interval())
    axis.set_minor_formatter(NullFormatter())
    decades = log10(high / low)
    if decades < _DECADES:
        axis.set_major_locator(MaxNLocator(5) if decades < 0.7 else LogLocator(subs=(1.0, 2.0, 5.0)))
        if decades < 0.7:
            axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.6g}"))


def _add_legends(figure: Figure, grid: Sequence[Axes]) -> None:
    """One legend below the figure where all panels have the same names, else one below each panel."""
    found = [_list_seen(axes) for axes in grid]
    looks: dict[str, Any] = {"frameon": False, "handlelength": 2.8, "borderpad": 0.2, "columnspacing": 1.4}
    if len(found) > 1 and len(found[0][1]) > 1 and all(labels == found[0][1] for _, labels in found):
        figure.legend(*found[0], loc="outside lower center", ncols=2 if len(found[0][1]) > 4 else len(found[0][1]), **looks)
        return
    for axes, (handles, labels) in zip(grid, found, strict=True):
        if labels:
            columns = 3 if max(map(len, labels)) < _SHORT and len(labels) != 4 else 2
            axes.legend(handles, labels, loc="upper center", bbox_to_anchor=(0.5, 0.0), borderaxespad=_BELOW,
                        ncols=min(len(labels), columns), **looks)


def _list_seen(axes: Axes) -> tuple[list[Any], list[str]]:
    """Handles and names of what can be seen between the axes; a line alone needs no name."""
    handles, labels = axes.get_legend_handles_labels()
    seen = [(h, name) for h, name in zip(handles, labels, strict=True) if _is_seen(h, axes)]
    if len(seen) == 1 and not axes.patches:
        return [], []
    return [h for h, _ in seen], [name for _, name in seen]


def _is_seen(handle: Any, axes: Axes) -> bool:
    """Whether a point of a line lies within the bounds."""
    import numpy as np

    line = handle[0] if isinstance(handle, tuple) else handle
    inside = [(data >= min(ends)) & (data <= max(ends)) for data, ends in (
        (np.asarray(line.get_xdata(), float), axes.get_xlim()), (np.asarray(line.get_ydata(), float), axes.get_ylim()))]
    return bool((inside[0] & inside[1]).any())


def _bounds(axis: Axis) -> tuple[float | None, float | None]:
    return axis.low, axis.high


def _keep_drawable(line: Line, panel: Panel) -> Line:
    """The line without points that have no place on its axes; gaps stay gaps."""
    nan = float("nan")
    y = [v if _has_place(u, panel.x) and _has_place(v, panel.y) else nan for u, v in zip(line.x, line.y, strict=True)]
    return replace(line, y=y)


def _has_place(value: float, axis: Axis) -> bool:
    return isfinite(value) and (value > 0 or not axis.log)


def _draw_line(line: Line, axes: Axes, number: int, families: Sequence[Line]) -> None:
    from matplotlib import colormaps

    index = number if line.colour is None else line.colour
    colour, label = PALETTE[index % len(PALETTE)], line.name or "_nolegend_"
    match line.style:
        case "family":
            shade = colormaps["cividis"](0.05 + 0.85 * families.index(_find(line, families)) / max(1, len(families) - 1))
            axes.plot(line.x, line.y, color=shade, linewidth=0.9, label=label, zorder=2)
        case "points":
            axes.errorbar(line.x, line.y, yerr=list(line.error) or None, color=colour, linestyle="none", label=label, zorder=4,
                          marker=MARKERS[index % len(MARKERS)], markersize=3.5, capsize=2)
        case "theory":
            axes.plot(line.x, line.y, color="#AA3311", linestyle=(0, (5, 4)), linewidth=0.9, label=label, zorder=5)
        case "thin":
            axes.plot(line.x, line.y, color=colour, linestyle=DASHES[index % len(DASHES)], linewidth=0.6, label=label, zorder=3)
        case "limit":
            axes.plot(line.x, line.y, color=colour, linestyle=":", linewidth=1, label=label, zorder=3)
        case "wall":
            axes.plot(line.x, line.y, color="black", linewidth=1.1, solid_capstyle="round", zorder=6)
        case _:
            axes.plot(line.x, line.y, color=colour, linestyle=DASHES[index % len(DASHES)], label=label, zorder=3)


def _find(line: Line, families: Sequence[Line]) -> Line:
    return next(f for f in families if f.name == line.name and f.x == line.x)


def _draw_area(area: Area, axes: Axes) -> None:
    hatched = area.colour < 0
    tint = "#EEEEEE" if hatched else TINTS[area.colour % len(TINTS)]
    axes.fill(area.x, area.y, facecolor=tint, edgecolor=tint, linewidth=0.4, zorder=1.5 if hatched else 1)
    if hatched:
        axes.fill(area.x, area.y, facecolor="none", edgecolor="#D2D2D2", linewidth=0, hatch="///", zorder=1.6)


def _write_text(text: Text, axes: Axes) -> None:
    axes.text(text.x, text.y, text.text, ha="center", va="center", rotation=90 if text.upright else 0, zorder=7,
              fontsize=8 if "\n" in text.text or text.upright else 9, linespacing=1.4)


def _write_label(label: Label, axes: Axes) -> None:
    axes.text(label.x, label.y, label.text, ha="center", va="center", rotation=label.angle, rotation_mode="anchor", zorder=8,
              fontsize=6.5, bbox=_PAPER)


def _draw_grid(grid: Grid, axes: Axes) -> None:
    import numpy as np
    from matplotlib.ticker import MaxNLocator

    values = np.ma.masked_invalid(np.array(grid.values, dtype=float))
    # Bands of equal width about round values: a value can be read in print too, and none lies between two bands.
    round_values = MaxNLocator(nbins=14, steps=[1, 2, 5, 10]).tick_values(float(values.min()), float(values.max()))
    half = (round_values[1] - round_values[0]) / 2
    levels = [round_values[0] - half, *(v + half for v in round_values)]
    shown = axes.contourf(grid.x, grid.y, values, levels=levels, cmap="cividis", zorder=1)
    shown.set_edgecolor("face")
    figure = axes.get_figure()
    assert figure is not None
    figure.colorbar(shown, ax=axes, label=grid.name, ticks=round_values, fraction=0.046, pad=0.03)
