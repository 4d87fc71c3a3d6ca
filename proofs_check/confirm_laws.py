r"""Numerical confirmation of laws: each exponent and constant of the mean-field model against the solved equations.

A *law* says that a quantity goes like constant x^power in a resource x. `measure_laws` gives the quantity at growing x with the
gaps of its approach; the local exponents, and log(value) - power log(x), are extrapolated by `measure`. Gaps come from (a, b)
alone, never from the claim: a wrong claim must not spoil its own test. Asked for:

    bottlenecks (time, model, data), compute    exponents to 1e-6, for each budget
    corrections, late, bias, SGD, response      exponents to 1e-6
    gap                                         exponents to 1e-6, though it is a difference of two losses
    all that have one                           logarithm of the constant to 1e-6

The laws in late times have up to two terms; those in the smaller size alone are measured where the larger is infinite, that in
1/N as its coefficient. An order of steps
and size is confirmed where the measured exponents differ by more than their errors. Points at which a gap is too small for the
sizes at hand end undecided. For C = N min(P, t) both ways to spend are measured (data until late times, steps with all data),
and the better one counts. Not covered: laws of other papers, walls (`confirm_walls`), and crossovers.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from math import inf, log
from typing import Final

import numpy as np

from proofs_check.measure import Limit, extrapolate
from proofs_check.measure_laws import Series, measure_law
from proofs_check.measured import EXPONENT_ACCURACY, Outcome, compare_number, doubt_approach
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constant_values import evaluate, orient
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.sampling import distance_to_zero_sets
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_cell, decode_constant, decode_term
from scaling_sym.errors import ScalingSymError
from scaling_sym.numerics.power_sums import RealArray

Place = Mapping[str, Fraction]
Task = tuple[tuple[str, ...], dict[str, Fraction]]
LEAST_DISTANCE: Final = Fraction(1, 20)
WALLS: Final = tuple(parse_ratio(x) for x in ("a - 1", "b - 1", "a - 1 - b", "a - 1 - 2*b", "a - 2*b", "b - 2"))
PAPER: Final = "bordelon2024"
FLOORS: Final = ("model", "bias", "data", "late", "late/under")
COMPUTE: Final = ("compute/loss", "compute/size", "compute/steps", "compute/asymmetry")
LATE_COMPUTE: Final = ("compute-late/loss", "compute-late/size", "compute-late/data", "compute-min/loss")
WIDE_COMPUTE: Final = ("compute-wide/loss", "compute-wide/data", "compute-wide/steps")
MEASURED: Final = (
    *FLOORS, *COMPUTE, *LATE_COMPUTE, *WIDE_COMPUTE,
    "time", "correction/model", "correction/data", "gap", "early/response", "sgd/time", "sgd/size",
)


def list_law_tasks(bundle: Bundle, draws: int, seed: int) -> list[Task]:
    """Labels with the point at which they are measured: a witness for each region, then random points of it.

    Laws that share their measurements at a point are one task.
    """
    source = random.Random(seed)
    laws = [c for c in bundle.claims if c.kind == "law" and bundle.paper == PAPER and c.statement["quantity"] in MEASURED]
    places: dict[tuple[str, ...], list[dict[str, Fraction]]] = {}
    tasks: dict[tuple[str, Fraction, Fraction], list[str]] = {}
    for claim in laws:
        region, quantity = tuple(claim.region), str(claim.statement["quantity"])
        if region not in places:
            cell = decode_cell(claim.region)
            places[region] = [_witness(cell), *(draw_law_point(cell, source) for _ in range(draws))]
        shared = next((group[0] for group in (FLOORS, COMPUTE, LATE_COMPUTE, WIDE_COMPUTE) if quantity in group), quantity)
        for place in places[region]:
            tasks.setdefault((shared, place["a"], place["b"]), []).append(claim.label)
    return [(tuple(labels), {"a": a, "b": b}) for (_, a, b), labels in tasks.items()]


@cache
def _grid() -> tuple[tuple[tuple[Fraction, Fraction], float], ...]:
    places = [(Fraction(i, 10), Fraction(j, 10)) for i in range(11, 80) for j in range(11, 28)]
    return tuple((p, float(distance_to_zero_sets({"a": p[0], "b": p[1]}, WALLS))) for p in places)


def _witness(cell: Cell) -> dict[str, Fraction]:
    """The point of a grid that is farthest from all walls."""
    inside = [(p, d) for p, d in _grid() if cell.contains({"a": p[0], "b": p[1]})]
    if not inside:
        raise ScalingSymError("no point of the cell lies in 1 < a < 8, 1 < b < 14/5")
    a, b = max(inside, key=lambda x: x[1])[0]
    return {"a": a, "b": b}


def draw_law_point(cell: Cell, source: random.Random) -> dict[str, Fraction]:
    """A random rational point of the cell at distance 1/20 or more from every wall; a to 8 and b to 3."""
    for _ in range(100000):
        q = source.randint(20, 200)
        place = {"a": Fraction(source.randint(q, 8 * q), q), "b": Fraction(source.randint(q, 3 * q), q)}
        if cell.contains(place) and distance_to_zero_sets(place, WALLS) >= LEAST_DISTANCE:
            return place
    raise ScalingSymError("no point of the cell lies at distance 1/20 from every wall, with a < 8 and b < 3")


def confirm_laws(bundle: Bundle, labels: Sequence[str], place: Place) -> list[Outcome]:
    """Measure the named laws at one point."""
    outcomes: list[Outcome] = []
    known: dict[str, Series] = {}
    for claim in (c for c in bundle.claims if c.label in labels):
        try:
            outcomes += _confirm_law(claim, bundle, place, known)
        except ScalingSymError as error:
            outcomes.append(compare_number(claim.label, place, "law", Limit(0.0, inf), 0.0, 0.0, str(error)))
    return outcomes


def _confirm_law(claim: Claim, bundle: Bundle, place: Place, known: dict[str, Series]) -> list[Outcome]:
    quantity = str(claim.statement["quantity"])
    if quantity == "compute/asymmetry":
        return [_confirm_order(claim, place, _measured("compute/steps", place, known), known["compute/size"])]
    if quantity not in ("late", "late/under"):
        powers = {n: parse_ratio(e).at(place) for n, e in claim.statement["power"].items()}
        said = claim.statement["constant"]
        return _compare(claim, place, quantity, powers, decode_constant(said) if said else None, known)
    outcomes = []
    (step,) = (s for s in bundle.steps if s.id == claim.steps[0])
    grows = "N" if quantity == "late/under" else "P"  # the smaller of the two sizes
    for term in map(decode_term, step.conclusion["terms"]):
        own = {"N": "model", "P": "data"}[grows] if len(term.monomial.powers) == 1 else "late"
        outcomes += _compare(claim, place, own, {grows: term.monomial.exponent(grows).at(place)}, term.constant, known)
    return outcomes


def _measured(quantity: str, place: Place, known: dict[str, Series]) -> Series:
    if quantity == "compute-min/loss" and quantity not in known:
        ways = [_measured(one, place, known) for one in ("compute-late/loss", "compute/loss")]
        limits = [_extrapolate_slopes(series, 0.0, 0.0)[0].value for series in ways]
        known[quantity] = ways[limits.index(min(limits))]
    if quantity not in known:
        known |= measure_law(quantity, float(place["a"]), float(place["b"]))
    return known[quantity]


def _compare(
    claim: Claim, place: Place, quantity: str, powers: Mapping[str, Fraction], constant: Constant | None,
    known: dict[str, Series],
) -> list[Outcome]:
    """The exponent of the resource that grows, that of the size in a correction, and the constant."""
    series = _measured(quantity, place, known)
    width = {n: p for n, p in powers.items() if len(powers) > 1 and n in ("N", "P")}
    (resource,) = (n for n in powers if n not in width)
    derived = float(powers[resource]) * (-1 if resource == "u" else 1)  # u -> 0, and 1/u grows
    accuracy = EXPONENT_ACCURACY
    outcomes = [compare_number(claim.label, place, f"power of {resource}", *_extrapolate_slopes(series, derived, accuracy))]
    for name, power in width.items():
        limit = Limit(series.width_power, 1e-7)
        outcomes.append(compare_number(claim.label, place, f"power of {name}", limit, float(power), accuracy))
    if constant is not None:
        wanted = log(float(evaluate(orient(constant, place), place).mid()))
        values = series.log_y - derived * series.log_x
        limit = _extrapolate(series.log_x, values, series, series.noise)
        doubt = doubt_approach(Limit(0.0, 0.0), series.log_x, [*series.gaps]) if series.gaps else ""
        outcomes.append(compare_number(claim.label, place, "log constant", limit, wanted, EXPONENT_ACCURACY, doubt))
    return outcomes


def _extrapolate_slopes(series: Series, derived: float, accuracy: float) -> tuple[Limit, float, float, str]:
    """The limit of the local exponents, with what it is compared to, and the doubt about its approach."""
    middle, slopes = local_exponents(series)
    limit = _extrapolate(middle, slopes, series, 2 * series.noise / float(np.diff(series.log_x).min()))
    return limit, derived, accuracy, doubt_approach(limit, middle, [*series.gaps]) if series.gaps else ""


def local_exponents(series: Series) -> tuple[RealArray, RealArray]:
    """d log(value)/d log(x) between neighbours, and the places in between."""
    return (series.log_x[1:] + series.log_x[:-1]) / 2, np.diff(series.log_y) / np.diff(series.log_x)


def _extrapolate(x: RealArray, y: RealArray, series: Series, noise: float) -> Limit:
    """Without gaps, the last value, with the change of the last three as its error."""
    if series.gaps:
        return extrapolate(x, y, series.gaps, noise)
    return Limit(float(y[-1]), float(np.ptp(y[-3:])) + 10 * noise)


def _confirm_order(claim: Claim, place: Place, steps: Series, size: Series) -> Outcome:
    """The sign of the difference of two measured exponents."""
    limits = [_extrapolate_slopes(s, 0.0, 0.0)[0] for s in (steps, size)]
    difference = limits[0].value - limits[1].value
    clear = abs(difference) > 10 * (limits[0].error + limits[1].error)
    sign = Limit(float(np.sign(difference)), 0.0 if clear else inf)
    return compare_number(claim.label, place, "sign of steps against size", sign, float(claim.statement["sign"]), 1e-6)
