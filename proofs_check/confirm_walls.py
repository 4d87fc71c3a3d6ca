r"""Numerical confirmation of the laws on walls and in corners of the (a, b) plane.

Where one logarithm leads, values are x^-p (A log x + B) up to powers of x that die. Then, at equal steps h of log x, three
neighbours satisfy  y_2 - 2 r y_1 + r^2 y_0 = 0  with r = e^(-p h): the root gives the exponent without the constants, to 1e-6.
With the exponent taken off, the slope of x^p y in log x tends to A, as fast as a power: so does the power of the logarithm,
1 + d log(slope)/d log log x, and the logarithm of A, both to 1e-6.

For a budget C the loss C^-eta (log C)^k shifts the local exponent by k/log C. Corrections are powers of 1/log C, or smaller ones
where terms that tie differ in their logarithms, so that k is known to 2e-2 only, and a small difference is a doubt.

Not covered: C = N min(P, t), whose laws on walls are those of one of its two ways; sizes of which a range is equally good.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import inf, log
from typing import Final

import numpy as np

from proofs_check.confirm_laws import WALLS
from proofs_check.measure import Limit, extrapolate, extrapolate_logs
from proofs_check.measure_laws import Series, measure_law
from proofs_check.measured import EXPONENT_ACCURACY, Outcome, compare_number
from scaling_sym.algebra.constant_values import evaluate, orient
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.sampling import distance_to_zero_sets
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_cell, decode_constant
from scaling_sym.errors import ScalingSymError
from scaling_sym.numerics.power_sums import RealArray

Place = dict[str, Fraction]
Task = tuple[tuple[str, ...], Place]
LOG_ACCURACY: Final = 2e-2
_LARGE_LOG: Final = 0.25
MEASURED: Final = ("model", "data", "bias", "correction/model", "correction/data", "sgd/time", "sgd/size", "compute/",
                   "compute-late/", "compute-wide/")


def list_wall_tasks(bundle: Bundle, deep: bool = True) -> list[Task]:
    """Labels with the point at which they are measured; laws of one budget share their measurements.

    Without `deep`, budgets are left out where no logarithm is claimed, in corners, and for C = P t, where the corrections are
    such small powers of log C that no budget decides.
    """
    tasks: dict[tuple[str, Fraction, Fraction], list[Claim]] = {}
    for claim in bundle.claims:
        if claim.kind == "law-on-wall" and str(claim.statement["quantity"]).startswith(MEASURED):
            place = find_witness(claim)
            budget, slash, _ = str(claim.statement["quantity"]).partition("/")
            shared = budget if budget.startswith("compute") or not slash else str(claim.statement["quantity"])
            tasks.setdefault((shared, place["a"], place["b"]), []).append(claim)
    return [(tuple(c.label for c in claims), {"a": a, "b": b}) for (shared, a, b), claims in tasks.items()
            if deep or not shared.startswith("compute") or _is_quick(shared, claims)]


def _is_quick(budget: str, claims: Sequence[Claim]) -> bool:
    logs = any(c.statement["log"] != "0" for c in claims)
    return logs and budget != "compute-wide" and all(len(c.statement["wall"]) == 1 for c in claims)


def find_witness(claim: Claim) -> Place:
    """The point of a grid on the wall that is farthest from the other walls; the corner itself."""
    wall, cell = {n: parse_ratio(x) for n, x in claim.statement["wall"].items()}, decode_cell(claim.region)
    others = [w for w in WALLS if w.substitute(wall)]
    places = [p for p in _grid(wall) if cell.contains(p)]
    return max(places, key=lambda p: distance_to_zero_sets(p, others))


def _grid(wall: Mapping[str, Ratio]) -> list[Place]:
    free = [{"b": Fraction(j, 10)} for j in range(11, 28)] if "a" in wall else [{"a": Fraction(i, 10)} for i in range(11, 80)]
    return [{**x, **{n: value.at(x) for n, value in wall.items()}} for x in free]


def confirm_walls(bundle: Bundle, labels: Sequence[str], place: Mapping[str, Fraction]) -> list[Outcome]:
    """Measure the named laws at one point."""
    outcomes: list[Outcome] = []
    known: dict[str, Series] = {}
    for claim in (c for c in bundle.claims if c.label in labels):
        quantity = str(claim.statement["quantity"])
        try:
            if quantity not in known:
                known |= measure_law(quantity, float(place["a"]), float(place["b"]))
            confirm = _confirm_budget if quantity.startswith("compute") else _confirm_single
            outcomes += confirm(claim, known[quantity], place)
        except ScalingSymError as error:
            outcomes.append(compare_number(claim.label, place, "law", Limit(0.0, inf), 0.0, 0.0, str(error)))
    return outcomes


def _confirm_budget(claim: Claim, series: Series, place: Mapping[str, Fraction]) -> list[Outcome]:
    """The power of log C, from the drift of the local exponents."""
    ((_, power),) = claim.statement["power"].items()
    middle = (series.log_x[1:] + series.log_x[:-1]) / 2
    drift = (np.diff(series.log_y) / np.diff(series.log_x) - float(parse_ratio(power).at(place))) * middle
    limit, derived = extrapolate_logs(middle, drift, 1e-8), float(parse_ratio(claim.statement["log"]).at(place))
    near = LOG_ACCURACY < abs(limit.value - derived) < _LARGE_LOG
    doubt = f"the drift gives {limit.value:.3f}; fractional powers of log C may correct it" if near else ""
    return [compare_number(claim.label, place, "power of log C", limit, derived, LOG_ACCURACY, doubt)]


def _confirm_single(claim: Claim, series: Series, place: Mapping[str, Fraction]) -> list[Outcome]:
    """Exponent, power of the logarithm, and constant."""
    said = claim.statement
    powers = {n: float(parse_ratio(e).at(place)) for n, e in said["power"].items()}
    resource = "t" if len(powers) > 1 else next(iter(powers))
    k, gaps = float(parse_ratio(said["log"]).at(place)), [(g, 2) for g, _ in series.gaps]
    x, y = series.log_x, series.log_y
    step = float(np.diff(x).min())
    if k:
        middle, found = x[1:-1], _double_root(x, y)
    else:
        middle, found = (x[1:] + x[:-1]) / 2, np.diff(y) / np.diff(x)
    limit = extrapolate(middle, found, gaps, 100 * series.noise / step)
    outcomes = [compare_number(claim.label, place, f"power of {resource}", limit, powers[resource], EXPONENT_ACCURACY)]
    if not k:
        return outcomes
    scaled = np.exp(y - powers[resource] * x)
    slopes, between = np.diff(scaled) / np.diff(x), (x[1:] + x[:-1]) / 2
    noise = series.noise * float(np.abs(scaled / slopes[-1]).max()) / step
    log_slopes = np.log(np.abs(slopes))
    inner = (between[1:] + between[:-1]) / 2
    growth = 1 + np.diff(log_slopes) / np.diff(between) * inner
    power = extrapolate(inner, growth, gaps, noise * float(inner.max()) / step)
    outcomes.append(compare_number(claim.label, place, f"power of log {resource}", power, k, EXPONENT_ACCURACY))
    if said["constant"] is not None:
        wanted = log(float(evaluate(orient(decode_constant(said["constant"]), place), place).mid()))
        constant = extrapolate(between, log_slopes, gaps, noise)
        outcomes.append(compare_number(claim.label, place, "log constant", constant, wanted, EXPONENT_ACCURACY))
    return outcomes


def _double_root(x: RealArray, y: RealArray) -> RealArray:
    """log r/h with y_2 - 2 r y_1 + r^2 y_0 = 0 for neighbours at equal steps; log y is given."""
    one, two = np.exp(y[1:-1] - y[:-2]), np.exp(y[2:] - y[:-2])
    root = one - np.sqrt(np.maximum(one**2 - two, 0.0))
    found: RealArray = np.log(root) / np.diff(x)[:-1]
    return found
