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
from math import inf, log, log2, log10, nan
from typing import TYPE_CHECKING, Any, Final, TypeAlias, final

from scaling_sym.cli.figure_data import measure_spectra
from scaling_sym.cli.figure_regimes import measure_limits, measure_regimes
from scaling_sym.errors import BadInputError, NoConvergenceError

if TYPE_CHECKING:
    from scaling_sym.export.pictures import Line, Panel, Picture
    from scaling_sym.numerics.frontier import Family, Frontier

Point: TypeAlias = Mapping[str, Fraction]
COMPUTE: Final = "compute $f = d\\,r\\,B$"
LOCAL_POINTS: Final = (("1", "1/4"), ("1", "3/4"), ("7/10", "7/10"), ("1/3", "2/5"))


@final
@dataclass(frozen=True, slots=True)
class Measured:
    """A figure of a paper: its parameters with their usual values, and the function that computes the picture.

    Parameters in `optional` have no usual value; `needs` is an optional package without which it cannot be computed.
    """

    paper: str
    defaults: Mapping[str, str]
    compute: Callable[[Point], Picture]
    optional: tuple[str, ...] = ()
    needs: str = ""

    def parameters(self, given: Point) -> dict[str, Fraction]:
        """The usual values, replaced by what is given; raises `BadInputError` for an unknown name."""
        from scaling_sym.cli.usage import nearest

        known = (*self.defaults, *self.optional)
        for name in given:
            if name not in known:
                hint = nearest(name, known) or "; it takes none"
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
    return ", ".join(f"${letters.get(n, n)}={_write_size(str(x))}$" for n, x in point.items())


def _write_size(text: str) -> str:
    """A number as it is, but long ones as powers of ten."""
    if len(text) <= 7 or "/" in text:
        return text
    digits, power = f"{float(text):.6g}".split("e") if "e" in f"{float(text):.6g}" else (text, "0")
    return f"10^{{{int(power)}}}" if digits == "1" else rf"{digits}\cdot 10^{{{int(power)}}}"


def measure_curves(point: Point) -> Picture:
    """Loss against compute for sizes about the best, their compute-optimal front, and the derived law beside it."""
    import numpy as np

    from scaling_sym.export.pictures import Axis, Line, Panel, Picture
    from scaling_sym.numerics.frontier import Family, evaluate_losses

    family, theory = Family.of(point["alpha"], point["beta"]), _theory(point)
    front = _find_front(family)
    ends = (front[0].compute / 10, front[-1].compute * 10)
    sizes = _sizes_about(front[0].d, front[-1].d)
    steps = np.array([np.geomspace(max(10.0, ends[0] / d), ends[1] / d, 61) for d in sizes])
    found = evaluate_losses(family, np.repeat(sizes, 61), steps.ravel())
    loss = np.where(found.error < 1e-3, np.exp(found.log_loss), nan).reshape(len(sizes), -1)
    lines = []
    for i, (d, r, row) in enumerate(zip(sizes, steps, loss, strict=True)):
        name = f"$d=2^{{{d.as_integer_ratio()[0].bit_length() - 1}}}$" if i in (0, len(sizes) - 1) else ""
        lines.append(Line(name, _floats(d * r), _floats(row), "family"))
    lines += _optimum_lines(front, theory, ends)
    bounds = front[-1].loss / 10, min(10 * front[0].loss, 1.5 * float(np.nanmax(loss)))
    panel = Panel(Axis(COMPUTE, *ends, log=True), Axis("loss", *bounds, log=True), tuple(lines))
    title = f"Loss curves and their front, plrf, {_at(point)}"
    return Picture("curves", title, f"Loss against compute for {len(sizes)} sizes, one curve each, with the compute-optimal "
                   "points on their lower envelope and a line of the derived law through the last of them.", (panel,))


def _find_front(family: Family) -> Frontier:
    """Eleven budgets over ten decades, the least for which the best size is not at an end of its range."""
    from scaling_sym.numerics.frontier import frontier

    for first in (5, 7, 10, 14):
        try:
            return frontier(family, _powers(first, first + 10, 11))
        except (BadInputError, NoConvergenceError):
            continue
    return frontier(family, _powers(19, 29, 11))


def _sizes_about(first: float, last: float) -> list[float]:
    """About eleven powers of two from below the best size of the first budget to above that of the last."""
    low, high = max(int(log2(first)) - 1, 5), int(log2(last)) + 2
    return [2.0**k for k in range(low, high + 1, max(1, round((high - low) / 10)))]


def _optimum_lines(front: Frontier, theory: Mapping[str, Any], ends: tuple[float, float]) -> list[Line]:
    """The compute-optimal points, and through the last of them the derived law, on a wall with its logarithm."""
    from scaling_sym.export.pictures import Line

    lines = [Line("compute-optimal", [p.compute for p in front], [p.loss for p in front], "points")]
    eta, last = theory["loss_exponent"], front[-1]
    if not eta:
        return lines
    logs = theory["log_power"] or {"loss": "0"}
    power, name = float(Fraction(logs["loss"] or 0)), f"derived, $f^{{-{eta['exact']}}}$"
    if power:
        name = f"derived, $f^{{-{eta['exact']}}}(\\log f)^{{{logs['loss']}}}$"
    elif logs["loss"] is None:
        name += " up to logarithms"
    x = _powers(log10(ends[0]), log10(ends[1]), 61)
    y = [last.loss * (u / last.compute) ** -float(Fraction(eta["exact"])) * (log(u) / log(last.compute)) ** power for u in x]
    return [*lines, Line(name, x, y, "theory")]


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
    loss = _floats(found.loss)
    panel = Panel(Axis("steps $r$", 1, steps[-1], log=True), Axis("loss", min(loss) / 30, 2 * max(loss), log=True), tuple(lines))
    title = f"The pieces of the loss, plrf, {_at(point)}"
    return Picture("pieces", title, "The loss of one model against steps, with the pieces of its forcing function, which are its "
                   "floor, point part and continuous part, and with the noise kernel. The largest of them rules; the noise of "
                   "SGD, fed back, multiplies their sum.", (panel,))


def measure_local_exponents(given: Point) -> Picture:
    """Local exponents of the compute-optimal loss and size against compute, with their limits: at four points, or at one."""
    from scaling_sym.export.pictures import Axis, Line, Panel, Picture
    from scaling_sym.numerics.frontier import Family, frontier

    if given and set(given) != {"alpha", "beta"}:
        raise BadInputError("local-exponents needs alpha and beta together, or neither")
    points = [dict(given)] if given else [{"alpha": Fraction(x), "beta": Fraction(y)} for x, y in LOCAL_POINTS]
    losses: list[Line] = []
    sizes: list[Line] = []
    for i, point in enumerate(points):
        theory, family = _theory(point), Family.of(point["alpha"], point["beta"])
        front = _find_front(family) if given else frontier(family, _powers(4, 22, 10))
        budgets = [p.compute for p in front]
        place = f"phase {theory['phase']}" if theory["phase"] else "wall " + "|".join(theory["neighbours"])
        name = f"({point['alpha']}, {point['beta']}), {place}"
        for lines, key, values in ((losses, "loss_exponent", [p.loss_exponent for p in front]),
                                   (sizes, "size_exponent", [p.size_exponent for p in front])):
            lines.append(Line(name, budgets, values, colour=i))
            if theory[key]:
                limit = float(Fraction(theory[key]["exact"]))
                shown = f"limit {theory[key]['exact']}" if given else ""
                lines.append(Line(shown, [budgets[0], budgets[-1]], [limit, limit], "limit", colour=i))
    panels = tuple(
        Panel(Axis(COMPUTE, budgets[0], budgets[-1], log=True), Axis(label), tuple(lines))
        for label, lines in (("$-d\\log P_\\star/d\\log f$", losses), ("$d\\log d_\\star/d\\log f$", sizes))
    )
    description = "Local exponents of the compute-optimal loss and size against compute; dotted lines are the derived limits."
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
        left += [Line(f"test, $P={p:g}$", times, test, colour=i), Line(f"train, $P={p:g}$", times, train, "thin", colour=i)]
        right.append(Line(f"$P={p:g}$", times, gap, colour=i))
    most = 1.5 * max(float(c.test.max()) for c in found)
    low = min(float(found[-1].test.min()) / 300, most / 1e3)
    panels = (Panel(Axis("time $t$", 1, 1e6, log=True), Axis("loss", low, most, log=True), tuple(left)),
              Panel(Axis("time $t$", 1, 1e6, log=True), Axis("test less train loss", log=True), tuple(right)))
    return Picture("gap", f"Train and test loss, dmft, $N=\\infty$, {_at(point)}",
                   "Test loss (thick) and train loss (thin) against time for three amounts of data, and their difference, which "
                   "remains when the data are learnt by heart.", panels)


def measure_bottlenecks(point: Point) -> Picture:
    """The loss against time, model size and data, each held up by the others, beside the derived laws and their crossovers."""
    from scaling_sym.export.pictures import Picture

    laws = _laws(point)
    panels = [_hold_up_time(point, laws, letter) for letter in "NP"]
    panels += [_hold_up_size(point, laws, letter) for letter in "NP"]
    return Picture("bottlenecks", f"Which resource holds the loss up, dmft, {_at(point)}",
                   "Test loss against time, held up by the model and by the data, and against model size and data, held up by "
                   "time; each curve follows its own power law until the other resource holds it up. Long dashes are the "
                   "derived laws with their constants; crosses are where two of them are equal.", tuple(panels))


_KEYS: Final[Mapping[str, str]] = {"t": "time", "N": "model", "P": "data"}


def _pair(letter: str, size: float) -> tuple[float, float]:
    """N and P where one is given and the other infinite."""
    return (size, inf) if letter == "N" else (inf, size)


def _hold_up_time(point: Point, laws: Mapping[str, Any], letter: str) -> Panel:
    from scaling_sym.export.pictures import Axis, Line, Panel

    times, widths, other = _powers(0, 8, 49), (1e2, 1e3, 1e4), "P" if letter == "N" else "N"
    free, *held = _dmft_sizes(point, times, [(inf, inf), *(_pair(letter, n) for n in widths)])
    lines = [Line(f"${letter}=10^{round(log10(n))}$", times, _floats(c.test)) for n, c in zip(widths, held, strict=True)]
    lines.append(Line(f"${letter}=\\infty$", times, _floats(free.test), colour=6))
    lines += _law(laws, "t", times) + _crossings(laws, "t", letter, widths, times)
    least = min(float(c.test[-1]) for c in held) / 100  # beyond it the curve that nothing holds up is alone
    bounds = max(least, float(free.test[-1]) / 2), 1.5 * max(float(c.test[0]) for c in (free, *held))
    return Panel(Axis("time $t$", 1, 1e8, log=True), Axis("test loss", *bounds, log=True), tuple(lines),
                 f"held up by {'the model' if letter == 'N' else 'the data'}, ${other}=\\infty$")


def _hold_up_size(point: Point, laws: Mapping[str, Any], letter: str) -> Panel:
    from scaling_sym.export.pictures import Axis, Line, Panel

    sizes, moments, other = _powers(1, 5, 13), [1e2, 1e4, 1e6], "P" if letter == "N" else "N"
    pairs = [_pair(letter, s) for s in sizes]
    found = _dmft_sizes(point, moments, pairs)
    lines = [Line(f"$t=10^{round(log10(t))}$", sizes, [float(c.test[i]) for c in found]) for i, t in enumerate(moments)]
    lines.append(Line("$t=\\infty$", sizes, _static(point, pairs), colour=6))
    lines += _law(laws, letter, sizes) + _crossings(laws, letter, "t", moments, sizes)
    word = "model size $N$" if letter == "N" else "data $P$"
    return Panel(Axis(word, sizes[0], sizes[-1], log=True), Axis("test loss", log=True), tuple(lines),
                 f"held up by time, ${other}=\\infty$")


def _crossings(laws: Mapping[str, Any], own: str, other: str, values: Sequence[float], x: Sequence[float]) -> list[Line]:
    """Where the law of one resource gives the loss at which another one holds it up: points of the line of the first."""
    from scaling_sym.export.pictures import Line

    first, second = _read_law(laws, own), _read_law(laws, other)
    if first is None or second is None:
        return []
    levels = [second[0] * v ** -second[1] for v in values]
    found = [(u, y) for y in levels if x[0] <= (u := (first[0] / y) ** (1 / first[1])) <= x[-1]]
    return [Line("laws equal", [u for u, _ in found], [y for _, y in found], "points", colour=6)] if found else []


def _read_law(laws: Mapping[str, Any], letter: str) -> tuple[float, float] | None:
    """Constant and exponent of the derived law of one resource, where its constant is known."""
    found = laws.get(_KEYS[letter]) or {}
    value = (found.get("constant") or {}).get("value")
    return None if value is None else (float(value), float(Fraction(found["exact"])))


def _laws(point: Point) -> dict[str, Any]:
    """What is derived of the mean-field model at a point; nothing on a wall or outside the domain."""
    from scaling_sym.cli.bundles import LAWS, open_bundle
    from scaling_sym.export.laws import answer_laws

    try:
        return answer_laws(open_bundle(paper=LAWS["dmft"]), point)
    except BadInputError:
        return {}


def _law(laws: Mapping[str, Any], letter: str, x: Sequence[float]) -> list[Line]:
    """The derived law of one resource as a line, where its constant is known."""
    law = _read_law(laws, letter)
    if law is None:
        return []
    exact = laws[_KEYS[letter]]["exact"]
    return [_slope(f"derived, ${letter}^{{-{exact}}}$", Fraction(exact), x, (1.0, law[0]))]


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
        limit, least = float(found[0].limit[0]), min(min(line.y) for line in lines)
        lines.append(Line("$N=\\infty$", [totals[0], totals[-1]], [limit, limit], "limit", colour=6))
        panels.append(Panel(Axis("features in all, $E\\,N$", totals[0], totals[-1], log=True),
                            Axis("test loss", least / 4 if limit < least / 4 else None, log=True), tuple(lines),
                            f"time $t=10^{2 * (i + 1)}$"))
    return Picture("ensembles", f"Ensembles against one larger model, dmft, $P=\\infty$, {_at(point)}",
                   "Test loss against the number of features in all, for one model and for the mean of 4 and 16 smaller ones.",
                   tuple(panels))


_PLRF: Final = {"alpha": "4/5", "beta": "11/10"}
_DMFT: Final = {"a": "19/10", "b": "13/10"}
MEASURED: Final[Mapping[str, Measured]] = {
    "curves": Measured("paquette2024", _PLRF, measure_curves),
    "pieces": Measured("paquette2024", {**_PLRF, "d": "10000"}, measure_pieces),
    "local-exponents": Measured("paquette2024", {}, measure_local_exponents, ("alpha", "beta")),
    "gap": Measured("bordelon2024", _DMFT, measure_gap),
    "bottlenecks": Measured("bordelon2024", _DMFT, measure_bottlenecks),
    "ensembles": Measured("bordelon2024", _DMFT, measure_ensembles),
    "regimes": Measured("bahri2024", {"a": "7/2", "b": "3/2"}, measure_regimes),
    "limits": Measured("bahri2024", {"a": "3/2", "b": "3/2"}, measure_limits),
    "spectra": Measured("bahri2024", {}, measure_spectra, needs="sklearn"),  # which has the scanned digits
}
