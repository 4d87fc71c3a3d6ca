"""The numbers of the figures that are measured: curves, fronts, gaps, crossovers, each as a picture (`export.pictures`).

Each function solves the model's equations at the parameters that it is given and lays the derived or printed exponents
beside them. Sizes and times are chosen here; what is drawn is what was computed. Points at which the error estimate is not
far below the value are left out.

Not covered: the plane of phases and its maps, which come from the bundle alone (`export.planes`); regimes in data and features
(`figure_regimes`) and real data (`figure_data`), which are only listed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf, log10, nan
from typing import TYPE_CHECKING, Any, Final, TypeAlias, final

from scaling_sym.cli.figure_data import measure_spectra
from scaling_sym.cli.figure_regimes import measure_limits, measure_regimes
from scaling_sym.errors import BadInputError

if TYPE_CHECKING:
    from scaling_sym.export.pictures import Line, Picture

Point: TypeAlias = Mapping[str, Fraction]
COMPUTE: Final = "compute $f = d\\,r\\,B$"
LOCAL_POINTS: Final = (("1", "1/4"), ("1", "3/4"), ("7/10", "7/10"), ("1/3", "2/5"))


@final
@dataclass(frozen=True, slots=True)
class Measured:
    """A figure of a paper: its parameters with their usual values, and the function that computes the picture."""

    paper: str
    defaults: Mapping[str, str]
    compute: Callable[[Point], Picture]

    def parameters(self, given: Point) -> dict[str, Fraction]:
        """The usual values, replaced by what is given; raises `BadInputError` for an unknown name."""
        from scaling_sym.cli.usage import nearest

        for name in given:
            if name not in self.defaults:
                hint = nearest(name, self.defaults) or "; it takes none"
                raise BadInputError(f"this figure has no parameter {name!r}{hint}")
        return {name: Fraction(text) for name, text in self.defaults.items()} | dict(given)


def _powers(low: float, high: float, count: int) -> list[float]:
    """Numbers from 10^low to 10^high at equal distances in the logarithm."""
    return [10.0 ** (low + (high - low) * i / (count - 1)) for i in range(count)]


def _theory(point: Point) -> dict[str, Any]:
    """What is derived at a point of the plane of plrf."""
    from scaling_sym.cli.bundles import open_plane
    from scaling_sym.export.answers import answer_exponents

    return answer_exponents(open_plane("plrf"), point)


def _floats(values: Any) -> list[float]:
    return [float(x) for x in values]


def _slope(name: str, exponent: Fraction | float, x: Sequence[float], at: tuple[float, float], style: str = "theory") -> Line:
    """The line of the power law x^(-exponent) through a point."""
    from scaling_sym.export.pictures import Line

    return Line(name, list(x), [at[1] * (u / at[0]) ** -float(exponent) for u in x], style)


def _at(point: Mapping[str, object]) -> str:
    letters = {"alpha": "\\alpha", "beta": "\\beta"}
    return ", ".join(f"${letters.get(n, n)}={x}$" for n, x in point.items())


def measure_curves(point: Point) -> Picture:
    """Loss against compute for sizes that double twice, their compute-optimal front, and the derived slope beside it."""
    import numpy as np

    from scaling_sym.export.pictures import Axis, Line, Panel, Picture
    from scaling_sym.numerics.frontier import Family, evaluate_losses, frontier

    family, theory = Family.of(point["alpha"], point["beta"]), _theory(point)
    budgets = _powers(5, 15, 11)
    front = frontier(family, budgets)
    sizes = [2.0**k for k in range(6, 27, 2)]
    steps = _powers(1, 11, 61)
    found = evaluate_losses(family, np.repeat(sizes, len(steps)), np.tile(steps, len(sizes)))
    loss = np.where(found.error < 1e-3, np.exp(found.log_loss), nan).reshape(len(sizes), -1)
    lines = []
    for i, (d, row) in enumerate(zip(sizes, loss, strict=True)):
        name = f"$d=2^{{{d.as_integer_ratio()[0].bit_length() - 1}}}$" if i in (0, len(sizes) - 1) else ""
        kept = [(d * r, y) for r, y in zip(steps, _floats(row), strict=True) if 1e4 <= d * r <= 1e16]
        lines.append(Line(name, [x for x, _ in kept], [y for _, y in kept], "family"))
    lines.append(Line("compute-optimal", budgets, [p.loss for p in front], "points"))
    eta = theory["loss_exponent"]
    if eta:
        last = front[-1]
        lines.append(_slope(f"derived slope $-\\eta=-{eta['exact']}$", Fraction(eta["exact"]), [1e4, 1e16],
                            (last.compute, last.loss)))
    lowest = front[-1].loss / 30
    panel = Panel(Axis(COMPUTE, 1e4, 1e16, log=True), Axis("loss", lowest, 0.1, log=True), tuple(lines))
    title = f"Loss curves and their front, plrf, {_at(point)}"
    return Picture("curves", title, "Loss against compute for eleven sizes, one curve each, with the compute-optimal points "
                   "on their lower envelope and a line of the derived slope.", (panel,))


def measure_pieces(point: Point) -> Picture:
    """The loss of one model against steps, with the pieces of its forcing function and kernel."""
    from scaling_sym.export.pictures import Axis, Line, Panel, Picture
    from scaling_sym.numerics.plrf import loss_curve
    from scaling_sym.numerics.plrf_model import PlrfModel

    size = point["d"]
    model = PlrfModel.of(point["alpha"], point["beta"], size, gamma_fraction=Fraction(1, 2), dynamics="continuous")
    end = float(size) ** (2 * float(model.alpha))
    steps = [float(f"{r:.4g}") for r in _powers(0, 2 + log10(end), 81)]
    found = loss_curve(model, steps, "continuous")
    lines = [Line("loss", steps, _floats(found.loss), colour=6)]
    names = {"F_0": "$F_0$", "F_pp": "$F_{pp}$", "F_ac": "$F_{ac}$", "K_pp": "$K_{pp}/(\\gamma B)$"}
    scale = float(model.gamma * model.B)
    for name, shown in names.items():
        values, errors = found.pieces[name], found.piece_errors[name]
        kept = [v if v > 20 * e and v > 0 else nan for v, e in zip(_floats(values), _floats(errors), strict=True)]
        lines.append(Line(shown, steps, [v / scale for v in kept] if name == "K_pp" else kept))
    floor = min(v for v in _floats(found.loss))
    panel = Panel(Axis("steps $r$", 1, steps[-1], log=True), Axis("loss", floor / 30, 2, log=True), tuple(lines))
    title = f"The pieces of the loss, plrf, {_at(point)}"
    return Picture("pieces", title, "The loss of one model against steps, with its floor, its point part, its continuous part "
                   "and the noise kernel, each of which rules it in turn.", (panel,))


def measure_local_exponents(_: Point) -> Picture:
    """Local exponents of the compute-optimal loss and size against compute, at points of several phases, with their limits."""
    from scaling_sym.export.pictures import Axis, Line, Panel, Picture
    from scaling_sym.numerics.frontier import Family, frontier

    budgets = _powers(4, 22, 7)
    losses: list[Line] = []
    sizes: list[Line] = []
    for i, (alpha, beta) in enumerate(LOCAL_POINTS):
        point = {"alpha": Fraction(alpha), "beta": Fraction(beta)}
        theory, front = _theory(point), frontier(Family.of(point["alpha"], point["beta"]), budgets)
        place = f"phase {theory['phase']}" if theory["phase"] else "wall " + "|".join(theory["neighbours"])
        name = f"({alpha}, {beta}), {place}"
        for lines, key, values in ((losses, "loss_exponent", [p.loss_exponent for p in front]),
                                   (sizes, "size_exponent", [p.size_exponent for p in front])):
            limit = float(Fraction(theory[key]["exact"]))
            lines += [Line(name, budgets, values, colour=i),
                      Line("", [budgets[0], budgets[-1]], [limit, limit], "limit", colour=i)]
    panels = tuple(
        Panel(Axis(COMPUTE, budgets[0], budgets[-1], log=True), Axis(label), tuple(lines))
        for label, lines in (("$-d\\log P_\\star/d\\log f$", losses), ("$d\\log d_\\star/d\\log f$", sizes))
    )
    description = "Local exponents of loss and size against compute at four points; dotted lines are the derived limits."
    return Picture("local-exponents", "Local exponents and their limits, plrf at $(\\alpha,\\beta)$", description, panels)


def _dmft_sizes(point: Point, times: Sequence[float], sizes: Sequence[tuple[float, float]]) -> list[Any]:
    from scaling_sym.numerics.dmft import DmftModel, loss_curve

    a, b = float(point["a"]), float(point["b"])
    return [loss_curve(DmftModel(a, b, n, p), times) for n, p in sizes]


def measure_gap(point: Point) -> Picture:
    """Train and test loss under gradient flow for three amounts of data, and the gap between them."""
    from scaling_sym.export.pictures import Axis, Line, Panel, Picture

    times = _powers(0, 6, 61)
    data = (50.0, 200.0, 800.0)
    found = _dmft_sizes(point, times, [(inf, p) for p in data])
    left: list[Line] = []
    right: list[Line] = []
    for i, (p, curve) in enumerate(zip(data, found, strict=True)):
        test, train = _floats(curve.test), _floats(curve.train)
        train = [v if v > 10 * e else nan for v, e in zip(train, _floats(curve.train_error), strict=True)]
        gap = [u - v for u, v in zip(test, _floats(curve.train), strict=True)]
        left += [Line(f"test, $P={p:g}$", times, test, colour=i), Line(f"train, $P={p:g}$", times, train, "limit", colour=i)]
        right.append(Line(f"$P={p:g}$", times, gap, colour=i))
    low, lowest = found[-1].test.min() / 300, min(y for line in right for y in line.y) / 5
    panels = (Panel(Axis("time $t$", 1, 1e6, log=True), Axis("loss", float(low), 1.5, log=True), tuple(left)),
              Panel(Axis("time $t$", 1, 1e6, log=True), Axis("test less train loss", lowest, log=True), tuple(right)))
    return Picture("gap", f"Train and test loss, dmft, $N=\\infty$, {_at(point)}",
                   "Test and train loss against time for three amounts of data, and their difference, which grows as data are "
                   "used again.", panels)


def measure_bottlenecks(point: Point) -> Picture:
    """The loss against time, model size and data, each held up by the others, beside the derived laws."""
    from scaling_sym.export.pictures import Axis, Line, Panel, Picture

    laws = _laws(point)
    times = _powers(0, 8, 49)
    widths = (1e2, 1e3, 1e4)
    over_time = _dmft_sizes(point, times, [(inf, inf), *((n, inf) for n in widths)])
    lines = [Line("$N=P=\\infty$", times, _floats(over_time[0].test), colour=6)]
    lines += [Line(f"$N=10^{len(str(int(n))) - 1}$", times, _floats(c.test)) for n, c in zip(widths, over_time[1:], strict=True)]
    lines += _law(laws, "time", "t", times)
    panels = [Panel(Axis("time $t$", 1, 1e8, log=True), Axis("test loss", log=True), tuple(lines), "held up by the model")]
    sizes = _powers(1, 5, 13)
    moments = [1e2, 1e4, 1e6]
    for letter, key, title in (("N", "model", "model size, $P=\\infty$"), ("P", "data", "data, $N=\\infty$")):
        pairs = [(s, inf) if letter == "N" else (inf, s) for s in sizes]
        found = _dmft_sizes(point, moments, pairs)
        own = [Line(f"$t=10^{len(str(int(t))) - 1}$", sizes, [float(c.test[i]) for c in found]) for i, t in enumerate(moments)]
        own.append(Line("$t=\\infty$", sizes, _static(point, pairs), colour=6))
        own += _law(laws, key, letter, sizes)
        panels.append(Panel(Axis(f"${letter}$", sizes[0], sizes[-1], log=True), Axis("test loss", log=True), tuple(own), title))
    return Picture("bottlenecks", f"Which resource holds the loss up, dmft, {_at(point)}",
                   "Test loss against time, model size and data; each curve follows its own power law until another resource "
                   "holds it up. Dashed lines are the derived laws, with their constants.", tuple(panels))


def _laws(point: Point) -> dict[str, Any]:
    """What is derived of the mean-field model at a point; nothing on a wall or outside the domain."""
    from scaling_sym.cli.bundles import LAWS, open_bundle
    from scaling_sym.export.laws import answer_laws

    try:
        return answer_laws(open_bundle(paper=LAWS["dmft"]), point)
    except BadInputError:
        return {}


def _law(laws: Mapping[str, Any], key: str, letter: str, x: Sequence[float]) -> list[Line]:
    """The derived law of one resource as a line, where its constant is known."""
    found = laws.get(key) or {}
    value = (found.get("constant") or {}).get("value")
    if value is None:
        return []
    return [_slope(f"derived, ${letter}^{{-{found['exact']}}}$", Fraction(found["exact"]), [x[0], x[-1]], (1.0, float(value)))]


def _static(point: Point, pairs: Sequence[tuple[float, float]]) -> list[float]:
    """The test loss at t = inf; where it diverges, a gap."""
    from scaling_sym.numerics.dmft import DmftModel
    from scaling_sym.numerics.dmft_static import static_limit

    a, b = float(point["a"]), float(point["b"])
    return [x if x < inf else nan for x in (static_limit(DmftModel(a, b, n, p)).test for n, p in pairs)]


def measure_ensembles(point: Point) -> Picture:
    """Ensembles of E models against one model with as many features in all, at fixed time, and the gain of averaging."""
    from scaling_sym.export.pictures import Axis, Line, Panel, Picture

    times, totals = [1e2, 1e4], _powers(2, 5, 10)
    members = (1, 4, 16)
    panels = []
    for i, time in enumerate(times):
        lines = []
        for e in members:
            found = _dmft_sizes(point, [time], [(n / e, inf) for n in totals])
            name = "one model" if e == 1 else f"{e} models"
            lines.append(Line(name, totals, [float(c.average(networks=e)[0]) for c in found]))
        limit = float(found[0].limit[0])
        lines.append(Line("$N=\\infty$", [totals[0], totals[-1]], [limit, limit], "limit", colour=6))
        panels.append(Panel(Axis("features in all, $E\\,N$", totals[0], totals[-1], log=True), Axis("test loss", log=True),
                            tuple(lines), f"time $t=10^{2 * (i + 1)}$"))
    return Picture("ensembles", f"Ensembles against one larger model, dmft, $P=\\infty$, {_at(point)}",
                   "Test loss against the number of features in all, for one model and for the mean of 4 and 16 smaller ones.",
                   tuple(panels))


_PLRF: Final = {"alpha": "4/5", "beta": "11/10"}
_DMFT: Final = {"a": "19/10", "b": "13/10"}
MEASURED: Final[Mapping[str, Measured]] = {
    "curves": Measured("paquette2024", _PLRF, measure_curves),
    "pieces": Measured("paquette2024", {**_PLRF, "d": "10000"}, measure_pieces),
    "local-exponents": Measured("paquette2024", {}, measure_local_exponents),
    "gap": Measured("bordelon2024", _DMFT, measure_gap),
    "bottlenecks": Measured("bordelon2024", _DMFT, measure_bottlenecks),
    "ensembles": Measured("bordelon2024", _DMFT, measure_ensembles),
    "regimes": Measured("bahri2024", {"a": "7/2", "b": "3/2"}, measure_regimes),
    "limits": Measured("bahri2024", {"a": "3/2", "b": "3/2"}, measure_limits),
    "spectra": Measured("", {}, measure_spectra),  # of no paper: it needs data
}
