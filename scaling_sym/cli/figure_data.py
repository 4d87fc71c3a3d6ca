"""The numbers of the figure `spectra`: the spectrum of a real task, and its learning curves, predicted and trained.

The task of the figure is the scanned digits of scikit-learn, with pixels as features; `regenerate --data` draws the same for
every task whose data are installed. Eigenvalues and task power (of many modes, as many as a figure can show) stand beside the
fitted laws (`data.exponents`): a line of the estimated slope in the window that was used, and an area between the lines of the
two ends of its interval; where noise of the labels adds a floor, so do the lines. The level of each line is the one that the
fit's quasi-likelihood has for its slope, without the correction for finite samples. The learning curves are those of
`data.learning`: nothing in them is fitted.

Not covered: tangent kernels (the verb `task` plots their learning curves).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

    from scaling_sym.data.exponents import Exponent
    from scaling_sym.data.learning import Curve, Study
    from scaling_sym.export.pictures import Layer, Panel, Picture

WORDS: Final = {"digits": "scanned digits", "fashion": "images of Fashion-MNIST", "text": "contexts of eight characters"}


def measure_spectra(_: Mapping[str, Fraction]) -> Picture:
    """Eigenvalues and task power with their fits, and three learning curves; raises `BadInputError` without scikit-learn."""
    return picture_task("digits", None)


def picture_task(name: str, source: Path | None, study: Study | None = None) -> Picture:
    """The same for the inputs of any task, with learning curves that are known, or measured here."""
    from scaling_sym.data.exponents import estimate_exponents
    from scaling_sym.data.learning import study_learning
    from scaling_sym.data.tasks import load_task, measure_task
    from scaling_sym.export.pictures import Axis, Panel, Picture

    task = load_task(name, source, seed=0)
    measured = measure_task(task, task.inputs)
    found = estimate_exponents(measured, seed=0)
    study = study or study_learning(task.inputs, task.target, task.name, seed=0)
    layers = _fit_layers("eigenvalues", "b", measured.eigenvalues, found.b, 0)
    if measured.power is not None and found.a is not None:
        layers += _fit_layers("task power", "a", measured.power, found.a, 1)
    spectrum = Panel(Axis("mode $k$", log=True), Axis("eigenvalue, task power", log=True), tuple(layers),
                     "spectrum, intervals tinted")
    title = f"{name.capitalize()}: spectrum and learning curves, median relative error {study.median_error():.1%}"
    return Picture("spectra", title, f"Eigenvalues and task power of {WORDS[name]} with fitted power laws and the intervals of "
                   "their exponents, and the test loss against time, width and samples, predicted from the spectrum and trained.",
                   (spectrum, *(_draw_curve(c) for c in study.curves)))


def _fit_layers(name: str, letter: str, values: Any, found: Exponent, colour: int) -> list[Layer]:
    """The values, the line of the fitted slope in its window, and the area between the ends of the interval."""
    import numpy as np

    from scaling_sym.export.pictures import Area, Line

    modes, window = np.arange(1.0, values.size + 1.0), found.windows[0]
    k = modes[window.first - 1 : window.last]
    weights = 1.0 / k if letter == "b" else np.ones(k.size)  # those of the estimator
    inside = values[window.first - 1 : window.last]

    def law(slope: float) -> Any:
        """The power law of this slope with the fitted floor, of the mean height of the values inside."""
        return np.average((inside - found.floor) * k**slope, weights=weights) * k**-slope + found.floor

    ends = np.array([law(found.low), law(found.high)])
    kept = _thin(k.size, 40)
    line, ends, k = law(found.value)[kept], ends[:, kept], k[kept]
    lower, upper = ends.min(axis=0).tolist(), ends.max(axis=0).tolist()
    dots = _thin(values.size, 150)
    floor = " + floor" if found.floor else ""
    shown = f"$k^{{-{letter}}}${floor}, ${letter}={found.value:.2f}$ ({found.low:.2f} to {found.high:.2f})"
    return [
        Area(f"interval of {letter}", [*k.tolist(), *k[::-1].tolist()], [*lower, *upper[::-1]], 1 if letter == "b" else 4),
        Line(name, modes[dots].tolist(), values[dots].tolist(), "points", colour=colour),
        Line(shown, k.tolist(), line.tolist(), colour=colour),
    ]


def _thin(size: int, most: int) -> Any:
    """At most so many places, evenly spread on a logarithmic axis, with both ends: more dots would cover each other."""
    import numpy as np

    return np.unique(np.round(np.geomspace(1, size, most)).astype(int)) - 1


def _draw_curve(curve: Curve) -> Panel:
    from scaling_sym.export.pictures import Axis, Line, Panel

    first, labels = curve.points[0], {"time": "time $t$", "width": "width $N$", "samples": "samples $P$"}
    fixed = {"time": f"$t={first.time:g}$", "width": f"$N={first.width}$", "samples": f"$P={first.samples}$"}
    lines = (
        Line("predicted from the spectrum", curve.x, curve.predicted.tolist(), colour=0),
        Line("trained", curve.x, curve.trained.tolist(), "points", curve.error.tolist(), colour=1),
        Line("out of reach of all features", curve.x, [curve.floor] * len(curve.x), "limit", colour=6),
    )
    return Panel(Axis(labels[curve.variable], log=True), Axis("test loss", 0.0), lines,
                 "at " + ", ".join(text for name, text in fixed.items() if name != curve.variable))
