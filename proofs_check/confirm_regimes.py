r"""Numerical confirmation of bahri2024: each law of the regimes against `measure_regimes`, each equation at a solved point.

    laws in a and b            exponents to 1e-6, logarithms of constants to 1e-4, at a witness of the region far from all walls;
                               where a law has several terms, each is measured where it stands alone (all features, all data, or
                               first order in 1/N or 1/P); at a fixed ratio of the sizes the constant of the sum
    points, tails, averages    the same at the points listed in `PLACES`
    equations                  the residual, relative to the largest of its terms, at a solved model with sums over 400 modes
    unstable flow              the base from the binomial sum, and its sign on both sides of the margin

Not covered: the sizes in `late` by themselves; linear interpolation, whose constants are proposed from the exact means that would
measure them, and derived by another route in a test (`simplices` is a trusted formula; tests interpolate drawn points).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import comb, inf, log
from typing import Any, Final

import numpy as np

from proofs_check import measure_regimes as regimes
from proofs_check.confirm_laws import WALLS, confirm_laws, draw_law_point, local_exponents
from proofs_check.measure import Limit, extrapolate
from proofs_check.measure_laws import Series
from proofs_check.measured import CONSTANT_ACCURACY, EXPONENT_ACCURACY, Outcome, compare_number, doubt_approach
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constant_values import evaluate, orient
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.sampling import distance_to_zero_sets
from scaling_sym.algebra.terms import Term
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_cell, decode_constant, decode_term
from scaling_sym.errors import ScalingSymError
from scaling_sym.numerics.kernel import KernelModel, kernel_loss
from scaling_sym.numerics.sample_means import growth_rate

Place = Mapping[str, Fraction]
Task = tuple[tuple[str, ...], dict[str, Fraction]]
PAPER: Final = "bahri2024"
NUMBERS: Final = {"f1": 1, "f2": 1, "f3": 1, "f4": 1, "g1": 1, "g2": 1, "s2": 1, "r2": 1, "s3": 2}
DEEP: Final = {**NUMBERS, "f1": 2, "f2": 2}
PLACES: Final[Mapping[str, tuple[dict[str, Fraction], ...]]] = {
    "distance": tuple({"n": Fraction(n), "d": Fraction(d)} for n, d in ((2, 3), (1, 1), (3, 5))),
    "nearest": tuple({"n": Fraction(n), "d": Fraction(d)} for n, d in ((1, 2), (2, 1), (3, 4))),
    "tail": tuple({"b": Fraction(b, 4)} for b in (6, 5, 12)),
    "eigenvalues": tuple({"d": Fraction(d), "t": Fraction(t, 2)} for d, t in ((2, 2), (3, 5), (1, 1))),
    "average": ({"layers": Fraction(1)},), "average/depth": ({"layers": Fraction(2)},),
    "moment": tuple({"alpha": Fraction(n), "s2": Fraction(1, 4)} for n in (2, 3)),
}
UNSTABLE: Final = {"alpha": Fraction(3, 4), "y": Fraction(3, 2)}
STEP: Final = 1e-6
SIZES: Final = {  # data and features, where an equation is about one size, or about one side of their ratio
    "variance-data": (30.0, 12.0), "aspect-under": (18.0, 12.0), "variance-width": (12.0, 30.0), "aspect-over": (12.0, 18.0),
    **dict.fromkeys(("floor-model", "exchange-model"), (inf, 12.0)),
    **dict.fromkeys(("floor-data", "replica", "exchange-data", "stationary", "exchange-difference"), (12.0, inf)),
}
ISOTROPIC: Final = ("exchange-model", "exchange-data", "stationary")  # w_k = 1, no noise


def list_regime_tasks(bundle: Bundle, draws: int, seed: int) -> list[Task]:
    """Labels with the point at which they are measured, and more points where `draws` are asked for."""
    if bundle.paper != PAPER:
        return []
    source, tasks = random.Random(seed), dict[tuple[Any, ...], list[str]]()
    for claim in bundle.claims:
        if claim.kind not in ("law", "growth", "equation") or claim.statement.get("quantity") == "linear":
            continue
        for place in _places(claim, draws, source):
            shared = claim.kind == "law" and set(place) == {"a", "b"}
            key = tuple(sorted(place.items())) if shared else (claim.label, *sorted(place.items()))
            tasks.setdefault(key, []).append(claim.label)
    return [(tuple(labels), dict(x for x in key if isinstance(x, tuple))) for key, labels in tasks.items()]


def _places(claim: Claim, draws: int, source: random.Random) -> Sequence[dict[str, Fraction]]:
    if claim.kind == "growth":
        return [UNSTABLE]
    if claim.kind == "equation":
        return [{"a": Fraction(3 if claim.statement["name"] in ISOTROPIC else 4, 2), "b": Fraction(3, 2)}]
    listed = PLACES.get(str(claim.statement["quantity"]))
    if listed:
        return listed if draws else listed[:1]
    cell = decode_cell(claim.region)
    return [_witness(cell), *(draw_law_point(cell, source) for _ in range(draws))]


def _witness(cell: Cell) -> dict[str, Fraction]:
    """The point of a coarse grid that is farthest from all walls."""
    grid = [{"a": Fraction(i, 10), "b": Fraction(j, 10)} for i in range(11, 70, 3) for j in range(11, 20, 2)]
    inside = [p for p in grid if cell.contains(p)]
    return max(inside, key=lambda p: distance_to_zero_sets(p, WALLS))


def confirm_regimes(bundle: Bundle, labels: Sequence[str], place: Place) -> list[Outcome]:
    """Measure the named claims at one point."""
    outcomes: list[Outcome] = []
    known: dict[str, Series] = {}
    for claim in (c for c in bundle.claims if c.label in labels):
        try:
            if claim.kind == "equation":
                outcomes.append(_confirm_equation(claim, place))
            elif claim.kind == "growth":
                outcomes += _confirm_growth(claim, place)
            elif claim.statement["quantity"].startswith("late"):
                outcomes += confirm_laws(bundle, [claim.label], place)
            else:
                outcomes += _confirm_law(claim, bundle, place, known)
        except ScalingSymError as error:
            outcomes.append(compare_number(claim.label, place, claim.kind, Limit(0.0, inf), 0.0, 0.0, str(error)))
    return outcomes


def _confirm_law(claim: Claim, bundle: Bundle, place: Place, known: dict[str, Series]) -> list[Outcome]:
    """Each term where it stands alone, or their sum where they have one power."""
    quantity, said = str(claim.statement["quantity"]), claim.statement
    if quantity in ("aspect/over", "aspect/under", "average/depth"):
        (step,) = (s for s in bundle.steps if s.id == claim.steps[0])
        terms = [decode_term(t) for t in step.conclusion["terms"]]
        (resource,) = {n for t in terms for n, _ in t.monomial.powers} & {"N", "P", "x"} - (
            {"x"} if quantity.startswith("aspect") else set())
        (power,) = {t.monomial.exponent(resource).at(place) for t in terms}
        total = sum(_weigh(t, resource, quantity, place) for t in terms)
        return _compare(claim, place, resource, power, log(total), _measure(quantity, place))
    if not said["power"]:
        (step,) = (s for s in bundle.steps if s.id == claim.steps[0])
        return [o for t in map(decode_term, step.conclusion["terms"]) for o in _confirm_term(claim, t, quantity, place)]
    powers = {n: parse_ratio(e).at(place) for n, e in said["power"].items()}
    resource = next(n for n in powers if n not in NUMBERS)
    constant = None if said["constant"] is None else log(_value(decode_constant(said["constant"]), place))
    if quantity.startswith("ridge/best"):
        known |= {} if known else regimes.measure_best_ridge(float(place["a"]), float(place["b"]))
        return _compare(claim, place, resource, powers[resource], constant, known[quantity])
    return _compare(claim, place, resource, powers[resource], constant, _measure(quantity, place))


def _weigh(term: Term, resource: str, quantity: str, place: Place) -> float:
    """The constant of a term times the numbers beside the resource, as they are in what is measured."""
    numbers = {"x": regimes.RATIO, **{k: float(v) for k, v in place.items()}, **(DEEP if quantity == "average/depth" else {})}
    value = _value(term.constant, place)
    for name, power in term.monomial.powers:
        if name != resource:
            value *= numbers[name] ** float(power.at(place))
    return value


def _value(constant: Constant, place: Place) -> float:
    return float(evaluate(orient(constant, place), place).mid())


def _confirm_term(claim: Claim, term: Term, quantity: str, place: Place) -> list[Outcome]:
    """One of the terms with a ridge: its power of q, N or P, the other size standing for a coefficient."""
    names = dict(term.monomial.powers)
    a, b = float(place["a"]), float(place["b"])
    if quantity == "ridge/over" and len(names) == 2:
        series, resource = regimes.measure_ridge_coefficient(a, b), "P"
    elif quantity in ("ridge/over", "ridge/under"):
        (resource,) = names
        series = regimes.measure_small_ridge(a, b, "model" if resource == "N" else "data")
    else:
        measure = {("q",): regimes.measure_ridge_bias, ("N", "q"): regimes.measure_ridge_features,
                   ("P", "q"): regimes.measure_ridge_noise}[tuple(sorted(names))]
        series, resource = measure(a, b), "q"
    return _compare(claim, place, resource, names[resource].at(place), log(_value(term.constant, place)), series)


def _measure(quantity: str, place: Place) -> Series:
    numbers = {n: float(x) for n, x in place.items()}
    a, b = numbers.get("a", 0.0), numbers.get("b", 0.0)
    d, n = int(numbers.get("d", 1)), numbers.get("n", 0.0)
    table: Mapping[str, Callable[[], Series]] = {
        **{k: lambda k=k: regimes.measure_one_size(k, a, b) for k in ("model", "data", "kappa", "share")},  # type: ignore[misc]
        **{f"aspect/{k}": lambda k=k: regimes.measure_aspect(a, b, k) for k in ("over", "under")},  # type: ignore[misc]
        "top": lambda: regimes.measure_top(a, b), "tail": lambda: regimes.measure_tail(b),
        "distance": lambda: regimes.measure_points("distance", n, d), "nearest": lambda: regimes.measure_points("nearest", n, d),
        "eigenvalues": lambda: regimes.measure_eigenvalues(d, numbers["t"]),
        "average": lambda: regimes.measure_average(1), "average/depth": lambda: regimes.measure_average(2),
        "moment": lambda: regimes.measure_moment(numbers["alpha"]),
    }
    return table[quantity]()


def _compare(
    claim: Claim, place: Place, resource: str, power: Fraction, constant: float | None, series: Series
) -> list[Outcome]:
    """The exponent, and the logarithm of the constant where there is one."""
    middle, slopes = local_exponents(series)
    noise = 2 * series.noise / float(np.diff(series.log_x).min())
    pairs = [(f"power of {resource}", middle, slopes, noise, float(power), EXPONENT_ACCURACY)]
    if constant is not None:
        rest = series.log_y - float(power) * series.log_x
        pairs.append(("log constant", series.log_x, rest, series.noise, constant, CONSTANT_ACCURACY))
    outcomes = []
    for what, x, y, error, derived, accuracy in pairs:
        limit = extrapolate(x, y, series.gaps, error) if series.gaps else Limit(float(y[-1]), float(np.ptp(y[-3:])) + error)
        doubt = doubt_approach(limit if what != "log constant" else Limit(0.0, 0.0), x, [*series.gaps]) if series.gaps else ""
        outcomes.append(compare_number(claim.label, place, what, limit, derived, accuracy, doubt))
    return outcomes


def _confirm_equation(claim: Claim, place: Place) -> Outcome:
    """The residual of an equation at a solved model, relative to its largest term."""
    name, value = str(claim.statement["name"]), parse_ratio(claim.statement["equation"])
    numbers, terms = _solve_model(name, place), []
    for powers, coefficient in value.numerator.monomials().items():
        term = float(coefficient)
        for n, e in powers:
            term *= numbers[n] ** e
        terms.append(term)
    if name.startswith("slope-"):  # it holds to first order in e: relative to the smallest term, that of order e
        second = Limit(sum(terms) / min(map(abs, terms)), 1e-8)
        return compare_number(claim.label, place, "residual of first order", second, 0.0, 100 * STEP)
    return compare_number(claim.label, place, "residual", Limit(sum(terms) / max(map(abs, terms)), 1e-12), 0.0, 1e-9)


def _solve_model(name: str, place: Place) -> dict[str, float]:
    """All symbols of an equation at a solved model of 400 modes, with the sizes that the equation is about."""
    data, width = SIZES.get(name, (12.0, 30.0))
    ridge = 0.01 if name.startswith("ridge") else 0.0
    sigma = 0.0 if name in ("floor-model", "exchange-difference", *ISOTROPIC) else 0.5
    a, b, k = float(place["a"]), float(place["b"]), np.arange(1.0, 401.0)
    lam, w2 = k**-b, k ** (b - a)
    found = kernel_loss(KernelModel.from_spectrum(lam, w2, data, width, ridge, sigma))
    kappa = found.kappa

    def total(i: int, n: int, task: int = 0, shift: float = 0.0) -> float:
        """The sum over modes of lam^i w2^task/(kappa + shift + lam)^n."""
        return float((lam**i * w2**task / (kappa + shift + lam) ** n).sum())

    return {
        "L": found.test - sigma**2, "kappa": kappa, "sigma2": sigma**2, "N": width, "P": data, "q": 1 / ridge if ridge else inf,
        "x": 0.5, "n": data, "LP": found.test, "e": STEP, "dof": total(1, 1), "F": total(1, 1, 1),
        "LN": kernel_loss(KernelModel.from_spectrum(lam, w2, inf, data)).test if name == "exchange-difference" else inf,
        "dof_": total(1, 1, 0, STEP), "F_": total(1, 1, 1, STEP), "K1": total(1, 2), "K2": total(2, 2), "K3": total(2, 3),
        "W1": total(1, 2, 1), "W2": total(2, 2, 1), "W3": total(2, 3, 1),
    }


def _confirm_growth(claim: Claim, place: Place) -> list[Outcome]:
    """The base by the binomial sum for 400 samples, and the sign of the margin against the growth of the loss."""
    alpha, y = place["alpha"], place["y"]
    total = sum(comb(400, k) * alpha**k * (1 - alpha) ** (400 - k) * y ** (400 - 2 * k) for k in range(401))
    base = log(total.numerator) - log(total.denominator)
    derived = 400 * log(parse_ratio(claim.statement["base"]).at(place))
    outcomes = [compare_number(claim.label, place, "400 log base", Limit(base, 1e-10), derived, 1e-8)]
    margin = parse_ratio(claim.statement["margin"])
    for point in (y, Fraction(29, 10), Fraction(31, 10), Fraction(7, 2)):  # for alpha = 3/4 the margin vanishes at y = 3
        rate = growth_rate(float(alpha), log(float(point)) / 2)
        sign = float(np.sign(float(margin.at({"alpha": alpha, "y": point}))))
        decay = Limit(-float(np.sign(rate)), 0.0)
        outcomes.append(compare_number(claim.label, place, f"decay at y = {point}", decay, sign, 1e-6))
    return outcomes

