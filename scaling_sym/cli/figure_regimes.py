"""The numbers of two figures about data D and features P after training: `regimes` and `limits`.

`regimes` is the phase diagram of the ridgeless loss in (log D, log P): on each side of the peak D = P the derived leading
terms (`export.regimes`) divide the plane into cells, in which the largest of them rules. Two cells meet where their terms
are equal. The crossover is measured without them: above the peak the loss falls in P to a limit, and is twice that limit where
what falls equals what stays. Beside each plane stand measured local exponents along one line across it.

`limits` shows the four regimes themselves: excess over a limit (variance), and the loss with one size infinite (resolution).

All derived exponents are read from the bundle; curves come from `numerics.kernel` and `numerics.dmft_static`.

On a wall a = b + 1 or a = 2 b + 1 a term has a logarithm and its coefficient is not derived: cells are then bounded by the
measured crossover, and exponents are those of both sides, which agree.

Not covered: noise and ridge; the neighbourhood of the peak.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import exp, inf, isnan, log, nan, sqrt
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from scaling_sym.export.pictures import Layer, Line, Panel, Picture
    from scaling_sym.export.regimes import Leading

Crossover: TypeAlias = Callable[[float], float]
LEAST: Final = 10.0
MOST_DATA: Final = 1e6
MOST_FEATURES: Final = 1e12
WORDS_AT: Final = 1.5e5
ROOM: Final = 60.0
"""Two lines of words stand between the diagonal and the crossover where they are further apart than this factor."""
CUT: Final = 1e4
"""The number of data along whose line local exponents are measured."""
MEASURED_AT: Final = (1e2, 1e3, 1e4, 1e5)
NEAR_PEAK: Final = 1.3
"""Local exponents diverge at the peak; within this factor of it they are left out."""


def measure_regimes(point: Mapping[str, Fraction]) -> Picture:
    """The phase diagram in (log D, log P) for the random teacher, a = b, and for the one given, with local exponents."""
    from scaling_sym.export.pictures import Picture

    panels = []
    teachers = [("random teacher", {"a": point["b"], "b": point["b"]})]
    if point["a"] != point["b"]:
        teachers.append(("structured teacher", dict(point)))
    for word, place in teachers:
        terms = _read_terms(place)
        top = _find_crossover(terms, place)
        title = f"{word}, $a={place['a']}$, $b={place['b']}$"
        if any(t.logarithm for t in terms):
            title += ", on a wall"
        panels += [_draw_plane(terms, top, place, title), _draw_cut(terms, top, place, title)]
    return Picture("regimes", "The ridgeless loss in data and features",
                   "Left: cells of the plane of data and features with the derived law in each, their boundaries, and "
                   "crossovers measured in the solver. Right: measured local exponents in data and features along a line of "
                   "constant data, with the derived exponents of each cell it crosses.", tuple(panels))


def _read_terms(place: Mapping[str, Fraction]) -> list[Leading]:
    """The derived leading terms; on a wall without their coefficients."""
    from scaling_sym.cli.bundles import open_bundle
    from scaling_sym.errors import OutsideDomainError
    from scaling_sym.export.regimes import read_leading, read_leading_at_wall

    bundle = open_bundle(paper="bahri2024")
    try:
        return read_leading(bundle, place)
    except OutsideDomainError:
        return read_leading_at_wall(bundle, place)


def _draw_plane(terms: Sequence[Leading], top: Crossover, place: Mapping[str, Fraction], title: str) -> Panel:
    from scaling_sym.export.pictures import Area, Axis, Line, Panel, Text

    by_name = {t.name: t for t in terms}
    edges = sorted({*_powers(LEAST, MOST_DATA, 41), *_leave_at(top)})
    tops = [top(d) for d in edges]
    layers: list[Layer] = [Area("features", [LEAST, MOST_DATA, MOST_DATA], [LEAST, LEAST, MOST_DATA], 0),
                           Area("data", [*edges, *edges[::-1]], [*tops, *[MOST_FEATURES] * len(edges)], 4),
                           Line("$D=P$", [LEAST, MOST_DATA], [LEAST, MOST_DATA], "wall")]
    spots = {"features": (2e5, 2e3), "data": _between(top, 1e3 if top(1e3) < 1e9 else 50.0, MOST_FEATURES)}
    if "feature variance" in by_name:
        layers += [Area("feature variance", [*edges, *edges[::-1]], [*tops, *edges[::-1]], 2), _measure_crossovers(place)]
        known = not isnan(by_name["data"].coefficient)
        layers.append(Line("derived crossover" if known else "crossover", edges, tops, "wall"))
        if top(WORDS_AT) > ROOM * WORDS_AT:
            spots["feature variance"] = _between(top, WORDS_AT, WORDS_AT)
    layers.append(Line("the line beside", [CUT, CUT], [LEAST, MOST_FEATURES], "limit", colour=6))
    layers += [Text(f"{name}\n{_write_law(by_name[name])}", *spot) for name, spot in spots.items()]
    return Panel(Axis("data $D$", LEAST, MOST_DATA, log=True), Axis("features $P$", LEAST, MOST_FEATURES, log=True),
                 tuple(layers), title)


def _write_law(term: Leading) -> str:
    """The law as it stands in a cell."""
    powers = [f"{n}^{{-{e}}}" for n, e in (("D", term.of_data), ("P", term.of_features)) if e]
    return f"${''.join(powers)}$"


def _find_crossover(terms: Sequence[Leading], place: Mapping[str, Fraction]) -> Crossover:
    """The P, between the diagonal and the top, where feature variance gives way to data; the diagonal where it never leads."""
    found = {t.name: t for t in terms}
    if "feature variance" not in found:
        return lambda data: data
    variance, rest = found["feature variance"], found["data"]
    if isnan(rest.coefficient):
        return _join_crossovers(_measure_crossovers(place))
    slope, ratio = float(variance.of_features - rest.of_features), log(variance.coefficient / rest.coefficient)

    def cross(data: float) -> float:
        """The features at which two derived laws are equal."""
        return min(max(exp((ratio - float(variance.of_data - rest.of_data) * log(data)) / slope), data), MOST_FEATURES)

    return cross


def _join_crossovers(measured: Line) -> Crossover:
    """Straight lines in the logarithms through the measured crossovers, continued beyond them."""
    x, y = [log(v) for v in measured.x], [log(v) for v in measured.y]

    def cross(data: float) -> float:
        """The features on the measured crossover, between its points on a straight line of logarithms."""
        i = min(max(sum(u < log(data) for u in x), 1), len(x) - 1)
        value = y[i - 1] + (y[i] - y[i - 1]) * (log(data) - x[i - 1]) / (x[i] - x[i - 1])
        return exp(min(max(value, log(data)), log(MOST_FEATURES)))

    return cross


def _between(top: Crossover, data: float, end: float) -> tuple[float, float]:
    """The middle, at this D, between the crossover and an end: a place for words inside a cell."""
    return data, sqrt(top(data) * end)


def _leave_at(top: Crossover) -> list[float]:
    """The D at which the crossover leaves the plane, by bisection: a corner of two areas."""
    low, high = log(LEAST), log(MOST_DATA)
    if top(MOST_DATA) < MOST_FEATURES:
        return []
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if top(exp(middle)) >= MOST_FEATURES else (middle, high)
    return [exp(high)]


def _measure_crossovers(place: Mapping[str, Fraction]) -> Line:
    """Where the loss is twice its limit for infinitely many features: where two terms are equal."""
    from scaling_sym.export.pictures import Line

    found = [(d, _double_loss(place, d)) for d in MEASURED_AT]
    kept = [(d, p) for d, p in found if p < MOST_FEATURES]
    return Line("measured crossover", [d for d, _ in kept], [p for _, p in kept], "points", colour=1)


def _double_loss(place: Mapping[str, Fraction], data: float) -> float:
    """P > D with L(D, P) = 2 L(D, infinity), inf beyond the plane; above the peak the loss falls in P, from infinity."""
    from scipy.optimize import brentq

    from scaling_sym.numerics.kernel import KernelModel, kernel_loss

    def solve(features: float) -> float:
        """The loss with these features."""
        return kernel_loss(KernelModel(float(place["a"]), float(place["b"]), data, features)).test

    limit = solve(inf)
    if solve(MOST_FEATURES) >= 2.0 * limit:
        return inf
    # Nearly a straight line in log P until the excess is lost in rounding, which is cut off.
    found = brentq(lambda y: log(max(solve(exp(y)) / limit - 1.0, 1e-9)), log(1.01 * data), log(MOST_FEATURES), xtol=1e-6)
    return exp(float(found))


def _local(place: Mapping[str, Fraction], data: float, features: float) -> tuple[float, float]:
    from scaling_sym.numerics.kernel import KernelModel, local_exponents

    return local_exponents(KernelModel(float(place["a"]), float(place["b"]), data, features))


def _draw_cut(terms: Sequence[Leading], top: Crossover, place: Mapping[str, Fraction], title: str) -> Panel:
    """Local exponents at D = `CUT` against P, with those of the cells."""
    from scaling_sym.export.pictures import Axis, Line, Panel

    near = [CUT * 10.0**x for x in (-0.8, -0.6, -0.4, -0.25, -0.15, 0.0, 0.15, 0.25, 0.4, 0.6, 0.8)]
    sizes = sorted([*_powers(LEAST, MOST_FEATURES, 20), *near])
    local = [_local(place, CUT, p) if max(p / CUT, CUT / p) > NEAR_PEAK else (nan, nan) for p in sizes]
    ends = {"features": (LEAST, CUT), "feature variance": (CUT, top(CUT)), "data": (top(CUT), MOST_FEATURES)}
    layers: list[Layer] = [Line("in $D$, measured", sizes, [x for x, _ in local], colour=0),
                           Line("in $P$, measured", sizes, [y for _, y in local], colour=1)]
    for i, letter in enumerate("DP"):
        found = [(ends[t.name], float(t.of_features if i else t.of_data)) for t in terms]
        x = [end for pair, _ in found for end in (*pair, nan)]
        y = [value for _, value in found for value in (value, value, nan)]
        layers.append(Line(f"in ${letter}$, derived", x, y, "limit", colour=i))
    high = max(float(e) for t in terms for e in (t.of_data, t.of_features)) + 1.2
    return Panel(Axis(f"features $P$, at $D={CUT:.0f}$", LEAST, MOST_FEATURES, log=True),
                 Axis("local exponent of the loss", -1.0, high), tuple(layers), title)


def measure_limits(point: Mapping[str, Fraction]) -> Picture:
    """The four regimes at infinite time: limited by variance or by resolution, in data and in model size."""
    from scaling_sym.export.pictures import Axis, Line, Panel, Picture

    (powers, logarithms), sizes, limited = _read_slopes(point), _powers(10, 1e4, 13), _powers(1e3, 1e6, 10)
    panels = []
    for letter, other, word in (("D", "P", "data"), ("P", "D", "size")):
        lines = []
        for i, fixed in enumerate((10.0, 100.0)):
            pairs = [(fixed, s) if letter == "D" else (s, fixed) for s in limited]
            end = _solve_static(point, [(fixed, inf) if letter == "D" else (inf, fixed)])[0]
            excess = [x - end for x in _solve_static(point, pairs)]
            lines.append(Line(f"${other}={fixed:g}$", limited, excess, colour=i))
        slope = powers[f"variance/{letter}"]
        lines.append(_slope(f"printed, ${letter}^{{-{slope}}}$", slope, (1e3, 1e6), 0.4 * min(line.y[-1] for line in lines)))
        panels.append(Panel(Axis(f"${letter}$", 1e3, 1e6, log=True), Axis(f"$L-L({letter}=\\infty)$", log=True), tuple(lines),
                            f"variance-limited in {word}"))
        values = _solve_static(point, [(inf, s) if letter == "D" else (s, inf) for s in sizes])
        slope, log_too = powers[f"resolution/{letter}"], letter in logarithms
        name = f"derived, ${letter}^{{-{slope}}}$" + ", without its logarithm" * log_too
        own = [Line(f"${other}=\\infty$", sizes, values, colour=2),
               _slope(name, slope, (sizes[4], sizes[-1]), 0.6 * values[-1])]
        panels.append(Panel(Axis(f"${letter}$", sizes[0], sizes[-1], log=True), Axis("$L$", log=True), tuple(own),
                            f"resolution-limited in {word}"))
    return Picture("limits", f"Four regimes of random features, $a={point['a']}$, $b={point['b']}$",
                   "Loss after infinite time: its excess over the limit where the other resource is fixed, and the loss itself "
                   "where the other is infinite, each with the slope that is printed or derived.", tuple(panels))


def _read_slopes(point: Mapping[str, Fraction]) -> tuple[dict[str, Fraction], set[str]]:
    """The printed exponents of the excess and the derived ones of the loss, and the sizes in which the loss has a logarithm."""
    from scaling_sym.cli.bundles import open_bundle

    claims = open_bundle(paper="bahri2024").claims
    printed: dict[str, Any] = {c.label: c.statement for c in claims if c.kind == "printed-variance"}
    leading = {t.name: t for t in _read_terms(point)}
    slopes = {
        "variance/D": -Fraction(printed["C-variance/data"]["power"]["P"]),
        "variance/P": -Fraction(printed["C-variance/width"]["power"]["N"]),
        "resolution/D": leading["data"].of_data, "resolution/P": leading["features"].of_features,
    }
    return slopes, {letter for letter, name in (("D", "data"), ("P", "features")) if leading[name].logarithm}


def _slope(name: str, exponent: Fraction, ends: tuple[float, float], last: float) -> Line:
    """The line of a power law through (ends[1], last)."""
    from scaling_sym.export.pictures import Line

    return Line(name, list(ends), [last * (ends[0] / ends[1]) ** -float(exponent), last], "theory")


def _solve_static(point: Mapping[str, Fraction], pairs: Sequence[tuple[float, float]]) -> list[float]:
    """The test loss after training at pairs of features and data."""
    from scaling_sym.numerics.dmft import DmftModel
    from scaling_sym.numerics.dmft_static import static_limit

    return [static_limit(DmftModel(float(point["a"]), float(point["b"]), n, p)).test for n, p in pairs]


def _powers(low: float, high: float, count: int) -> list[float]:
    return [low * (high / low) ** (i / (count - 1)) for i in range(count)]
