r"""Numerical confirmation: what is derived, against the loss itself, at sizes at which the corrections have died away.

For each claim of a bundle that says a number at a rational point, the second route (`scaling_sym.numerics`, which shares no
code with the derivations) measures the number, and the claim is

    confirmed       the measured approach has one of the predicted rates, and its limit is the derived number
    contradicted    the limit is known to the accuracy asked for, and is another number
    undecided       the limit, or the rate, is not known to that accuracy within the time; counts neither way

Kinds that are measured, and the accuracy asked for:

    phase       eta and xi of the optimum, 1e-6, from local exponents at budgets up to 1e180
    prefactor   P_* f^eta and d_* f^-xi, 1e-4 relative, from the same budgets
    terms       the constant of each term, 1e-4 relative, along the ray d = 64 f^x, r = f^(1-x) on which it dominates best
    wall        the powers of log f in P_* and d_*, 0.02, from the drift of the local exponents, (power)/log f
    law         exponents and constants of the mean-field model: `confirm_laws`; of the regimes of bahri2024: `confirm_regimes`
    law-on-wall   powers of logarithms on the walls of the mean-field model: `confirm_walls`

Besides, the expansion of each power sum is laid beside the sum itself, enclosed in balls (`enclosures`): a step that is not
what it says is contradicted under its name.

The dynamics is the continuous one, for which the expansions are derived; learning rate half of its stability limit, B = 2, and
v = 4 d where 2 alpha <= 1, v = infinity otherwise. The extrapolation is that of `measure`. A confirmation never makes a claim
stronger than *numerically consistent*, and replay does not know of it.

Not covered: pieces by themselves, covers, corners, log log f on walls, prefactors where three terms or the edge of the window
tie (none is claimed there), and points so near a wall that corrections die too slowly: they end undecided.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import inf, log, nan
from typing import Final, final

import numpy as np

from proofs_check.confirm_laws import confirm_laws, list_law_tasks
from proofs_check.confirm_regimes import confirm_regimes, list_regime_tasks
from proofs_check.confirm_walls import confirm_walls, list_wall_tasks
from proofs_check.enclosures import find_false_sums
from proofs_check.measure import (
    Limit,
    correction_rates,
    extrapolate,
    extrapolate_logs,
    measure_ray,
    optimal_ray,
    piece_rates,
    trace_frontier,
)
from proofs_check.measured import CONSTANT_ACCURACY, EXPONENT_ACCURACY, Outcome, compare_number, doubt_approach
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constant_values import evaluate
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.sampling import distance_to_zero_sets
from scaling_sym.algebra.terms import Term
from scaling_sym.algebra.values import parse_number
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_cell, decode_constant, decode_term
from scaling_sym.claims.steps import Step
from scaling_sym.errors import ScalingSymError
from scaling_sym.numerics.frontier import Family, Optimum
from scaling_sym.numerics.power_sums import RealArray

Place = Mapping[str, Fraction]
DECADES: Final = tuple(float(x) for x in np.linspace(20, 180, 26))
LEAST_DISTANCE: Final = Fraction(1, 50)
SECONDS: Final = 3.0
LOG_ACCURACY: Final = 2e-2
_FRACTION, _BATCH, _RHO = Fraction(1, 2), 2, 4
_LARGE_LOG = 0.25


@final
@dataclass(frozen=True, slots=True)
class Confirmation:
    """All outcomes; `confirmed` and `contradicted` are labels, `undecided_share` is over the points of the phases."""

    outcomes: tuple[Outcome, ...]
    confirmed: tuple[str, ...]
    contradicted: tuple[str, ...]
    undecided_share: float

    @property
    def sentence(self) -> str:
        """One line for a report."""
        n = len({(o.label, tuple(o.point.items())) for o in self.outcomes})
        return (f"{n} measurements: {len(self.confirmed)} claims confirmed, {len(self.contradicted)} contradicted; "
                f"{100 * self.undecided_share:.0f} % of the points undecided")


def confirm_bundle(
    bundle: Bundle, deep: bool = False, seed: int = 0, workers: int = 1, draws: int = 6, seconds: float = SECONDS,
    only: Collection[str] | None = None,
) -> Confirmation:
    """Measure each claim at one witness point, or with `deep` also at `draws` seeded random points of every phase.

    The outcomes do not depend on `workers`, but for points that run out of time (`seconds` each). With `only`, tasks without
    one of these labels are left out.
    """
    tasks = [*list_tasks(bundle, draws if deep else 0, seed), *list_law_tasks(bundle, draws // 2 if deep else 0, seed),
             *list_wall_tasks(bundle, deep), *list_regime_tasks(bundle, draws // 2 if deep else 0, seed)]
    if only is not None:
        tasks = [task for task in tasks if not set(only).isdisjoint(task[0])]
    run = partial(confirm_point, bundle, seconds=seconds)
    if workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            groups = list(pool.map(run, *zip(*tasks, strict=True)))
    else:
        groups = [run(*task) for task in tasks]
    return summarise([*(o for group in groups for o in group), *(doubt_sums(bundle) if only is None else ())])


def doubt_sums(bundle: Bundle) -> list[Outcome]:
    """The steps whose expansion of a power sum is not within what was left out of it."""
    return [Outcome(f"step {f.step}", "contradicted", {}, "a power sum", nan, nan, nan, f.reason)
            for f in find_false_sums(bundle.steps)]


def summarise(outcomes: Iterable[Outcome]) -> Confirmation:
    """A claim is contradicted where one outcome is, else confirmed where one point confirms all its numbers."""
    rows = tuple(outcomes)
    by_point: dict[tuple[str, tuple[tuple[str, str], ...]], list[str]] = {}
    for o in rows:
        by_point.setdefault((o.label, tuple(o.point.items())), []).append(o.result)
    bad = {o.label for o in rows if o.result == "contradicted"}
    good = {label for (label, _), r in by_point.items() if set(r) == {"confirmed"}} - bad
    drawn: dict[tuple[tuple[str, str], ...], bool] = {}
    for (label, point), results in by_point.items():
        if label.endswith(("/loss", "/size")) or label.startswith("dmft/"):
            drawn[point] = drawn.get(point, False) or "undecided" in results
    share = sum(drawn.values()) / len(drawn) if drawn else 0.0
    return Confirmation(rows, tuple(sorted(good)), tuple(sorted(bad)), share)


def list_tasks(bundle: Bundle, draws: int, seed: int) -> list[tuple[tuple[str, ...], dict[str, Fraction]]]:
    """Labels with the point at which they are measured: a claim's witness first, then the random points of its phase."""
    source, tasks = random.Random(seed), []
    phases: dict[str, list[Claim]] = {}
    for claim in bundle.claims:
        if claim.kind in ("phase", "prefactor"):
            phases.setdefault(claim.statement["phase"], []).append(claim)
    walls = _walls(bundle)
    for claims in phases.values():
        main = claims[0].statement
        if main["exponent"] is None:
            continue
        labels, cell = tuple(c.label for c in claims), decode_cell(claims[0].region)
        tasks.append((labels, {n: parse_number(x) for n, x in main["witness"].items()}))
        tasks += [(labels, draw_point(cell, walls, source)) for _ in range(draws)]
    for claim in bundle.claims:
        if claim.kind == "terms" and len(claim.statement["names"]) > 1:
            cell = decode_cell(claim.region)
            places = [_witness(cell, bundle)] + [draw_point(cell, walls, source) for _ in range(draws // 2)]
            tasks += [((claim.label,), place) for place in places]
        if claim.kind == "wall" and claim.statement["log_loss"] is not None:
            tasks.append(((claim.label,), _on_wall(claim, walls)))
    return tasks


def draw_point(cell: Cell, walls: Iterable[Ratio], source: random.Random) -> dict[str, Fraction]:
    """A random rational point of the cell at distance 1/50 or more from every wall; alpha to 3/2 and beta to 2."""
    sides = list(walls)
    for _ in range(100000):
        q = source.randint(20, 200)
        place = {"alpha": Fraction(source.randint(1, 3 * q // 2), q), "beta": Fraction(source.randint(1, 2 * q), q)}
        if cell.contains(place) and distance_to_zero_sets(place, sides) >= LEAST_DISTANCE:
            return place
    raise ScalingSymError("no point of the cell lies at distance 1/50 from every wall, with alpha < 3/2 and beta < 2")


def _walls(bundle: Bundle) -> list[Ratio]:
    found = [parse_ratio(c.statement["polynomial"]) for c in bundle.claims if c.kind == "wall"]
    return [*found, Ratio.parameter("alpha"), Ratio.parameter("beta")]


def _witness(cell: Cell, bundle: Bundle) -> dict[str, Fraction]:
    """The witness of a phase inside the cell."""
    places = [c.statement["witness"] for c in bundle.claims if c.kind == "phase"]
    return next(p for w in places if cell.contains(p := {n: parse_number(x) for n, x in w.items()}))


def _on_wall(claim: Claim, walls: list[Ratio]) -> dict[str, Fraction]:
    """A rational point of the wall's region, far from the other walls."""
    wall, cell = parse_ratio(claim.statement["polynomial"]), decode_cell(claim.region)
    others = [w for w in walls if w != wall and w != -wall]
    grid = [{"alpha": Fraction(i, 40), "beta": Fraction(j, 20)} for i in range(1, 60) for j in range(1, 40)]
    return max((p for p in grid if not wall.at(p) and cell.contains(p)), key=lambda p: distance_to_zero_sets(p, others))


def confirm_point(bundle: Bundle, labels: tuple[str, ...], place: Place, seconds: float = SECONDS) -> list[Outcome]:
    """Measure the named claims at one point; claims of one phase share the optima."""
    claims = [c for c in bundle.claims if c.label in labels]
    if bundle.paper == "bahri2024":
        return confirm_regimes(bundle, labels, place)
    if claims[0].kind == "law":
        return confirm_laws(bundle, labels, place)
    if claims[0].kind == "law-on-wall":
        return confirm_walls(bundle, labels, place)
    try:
        family = Family.of(place["alpha"], place["beta"], gamma_fraction=_FRACTION, B=_BATCH)
        if claims[0].kind == "terms":
            return [o for c in claims for o in _confirm_terms(c, bundle, family, place)]
        return _confirm_optimum(claims, bundle, family, place, seconds)
    except ScalingSymError as error:
        return [compare_number(c.label, place, c.kind, Limit(0.0, inf), 0.0, 0.0, str(error)) for c in claims]


def _confirm_optimum(
    claims: list[Claim], bundle: Bundle, family: Family, place: Place, seconds: float
) -> list[Outcome]:
    """Phases, prefactors and walls: everything that the optima at growing budgets say."""
    lookup = {s.id: s for s in bundle.steps}
    eta, xi = (_exponent(claims, bundle, quantity, place) for quantity in ("loss", "size"))
    points = trace_frontier(family, DECADES, optimal_ray(float(place["alpha"]), float(place["beta"]))[1], seconds)
    if len(points) < 10:
        return [compare_number(c.label, place, c.kind, Limit(0.0, inf), 0.0, 0.0,
                         "too few budgets gave an optimum within the time") for c in claims]
    series = _series(points)
    if claims[0].kind == "wall":
        return _confirm_logs(claims[0], series, eta, xi, place)
    gaps = _gaps_at_optimum(float(place["alpha"]), float(place["beta"]))
    outcomes = []
    for claim in claims:
        if claim.kind == "phase":
            outcomes.append(_confirm_exponent(claim, series, gaps, place))
        else:
            outcomes += _confirm_prefactors(claim, lookup, series, gaps, (eta, xi), place)
    return outcomes


@final
@dataclass(frozen=True, slots=True)
class _Series:
    """Optima as arrays over budgets, and local exponents between neighbours; `error` is the largest error of a loss."""

    log_f: RealArray
    log_size: RealArray
    log_loss: RealArray
    between: RealArray
    eta: RealArray
    xi: RealArray
    error: float


def _series(points: list[Optimum]) -> _Series:
    log_f, size, loss = (np.array([getattr(p, n) for p in points]) for n in ("log_compute", "log_size", "log_loss"))
    step = np.diff(log_f)
    near = step < 1.01 * step.min()  # a pair about a budget that was left out is no neighbour
    between = ((log_f[1:] + log_f[:-1]) / 2)[near]
    eta, xi = (-np.diff(loss) / step)[near], (np.diff(size) / step)[near]
    return _Series(log_f, size, loss, between, eta, xi, max(p.error for p in points))


def _exponent(claims: list[Claim], bundle: Bundle, quantity: str, place: Place) -> Fraction:
    """The exponent that the bundle derives for the phase (or wall) of these claims."""
    said = claims[0].statement
    if claims[0].kind == "wall":
        return parse_ratio(said[quantity]).at(place)
    return next(parse_ratio(c.statement["exponent"]).at(place) for c in [*claims, *bundle.claims]
                if c.kind == "phase" and c.statement["phase"] == said["phase"] and c.statement["quantity"] == quantity)


def _gaps_at_optimum(alpha: float, beta: float) -> list[tuple[float, int]]:
    eta, size, theta = optimal_ray(alpha, beta)
    quotients = [r - eta for r in piece_rates(alpha, beta, size, theta).values()]
    return correction_rates(alpha, beta, size, theta, quotients)


def _confirm_exponent(claim: Claim, series: _Series, gaps: list[tuple[float, int]], place: Place) -> Outcome:
    quantity = claim.statement["quantity"]
    derived = float(parse_ratio(claim.statement["exponent"]).at(place))
    values = series.eta if quantity == "loss" else series.xi
    limit = extrapolate(series.between, values, gaps, 2e-12)
    doubt = doubt_approach(limit, series.log_f, gaps)
    return compare_number(claim.label, place, quantity, limit, derived, EXPONENT_ACCURACY, doubt)


def _confirm_prefactors(
    claim: Claim, lookup: Mapping[str, Step], series: _Series, gaps: list[tuple[float, int]],
    exponents: tuple[Fraction, Fraction], place: Place,
) -> list[Outcome]:
    """The constants of P_* and d_*, as logarithms; none where none is claimed."""
    said, outcomes = lookup[claim.steps[0]].conclusion, []
    eta, xi = map(float, exponents)
    rows = {"loss": series.log_loss + eta * series.log_f, "size": series.log_size - xi * series.log_f}
    for quantity, values in rows.items():
        if said[quantity] is not None:
            derived = _log(evaluate(decode_constant(said[quantity]), constants_at(place)))
            limit = extrapolate(series.log_f, values, gaps, 1e-10 + series.error)
            doubt = doubt_approach(Limit(0.0, 0.0), series.log_f, gaps)
            outcomes.append(compare_number(claim.label, place, f"log prefactor of the {quantity}", limit, derived,
                                     CONSTANT_ACCURACY, doubt))
    return outcomes


def _log(value: object) -> float:
    return log(float(str(value.mid().str(25, radius=False))))  # type: ignore[attr-defined]


def constants_at(place: Place) -> dict[str, Fraction]:
    """The numbers in a constant: exponents, B, rho = v/d (0: infinite), s = gamma Tr D / 2, and gamma where it has a limit."""
    values = {**place, "B": Fraction(_BATCH), "rho": Fraction(_RHO if 2 * place["alpha"] <= 1 else 0), "s": _FRACTION}
    if 2 * place["alpha"] > 1:
        from mpmath import mp

        trace = mp.zeta(mp.mpf(2 * place["alpha"].numerator) / place["alpha"].denominator)
        values["gamma"] = Fraction(float(2 * float(_FRACTION) / trace))
    return values


def _confirm_terms(claim: Claim, bundle: Bundle, family: Family, place: Place) -> list[Outcome]:
    lookup = {s.id: s for s in bundle.steps}
    terms = [decode_term(t) for t in lookup[claim.steps[0]].conclusion["terms"]]
    return [_confirm_term(claim.label, t, terms, family, place) for t in terms]


def _confirm_term(label: str, term: Term, terms: list[Term], family: Family, place: Place) -> Outcome:
    derived = _log(evaluate(term.constant, constants_at(place)))
    what = f"log constant of {term.name}"
    rays = [(x, _gaps_on_ray(term, terms, place, x)) for x in np.linspace(0.02, 0.98, 193)]
    x, gaps = max(rays, key=lambda ray: ray[1][0][0] if ray[1] else 0.0)
    if not gaps:
        return compare_number(label, place, what, Limit(0.0, inf), derived, 0.0, "it dominates on no ray")
    log_f, log_loss, error = measure_ray(family, np.linspace(20, 230, 36) * log(10.0), x, 1 - x)
    size, steps = (float(term.monomial.exponent(n).at(place)) for n in ("d", "r"))
    values = log_loss - size * (x * log_f + log(64.0)) - steps * (1 - x) * log_f
    limit = extrapolate(log_f, values, gaps, 1e-10 + error)
    doubt = doubt_approach(Limit(0.0, 0.0), log_f, gaps)
    return compare_number(label, place, what, limit, derived, CONSTANT_ACCURACY, doubt)


def _gaps_on_ray(term: Term, terms: list[Term], place: Place, size: float) -> list[tuple[float, int]]:
    """The corrections to one term along d = f^size, r = f^(1 - size); none where another term is larger."""
    alpha, beta = float(place["alpha"]), float(place["beta"])
    theta = 1 - size - max(0.0, 1 - 2 * alpha) * size
    edge = 2 * alpha * size - theta
    if theta <= 0 or abs(edge) < 0.05:
        return []
    if edge < 0:  # beyond the window all but the floor dies faster than any power of f, once edge is large enough
        floor = term.name == "F_0" and -edge > max(0.25, size) and not _wins_inside(terms, place)
        return correction_rates(alpha, beta, size, inf) if floor else []
    rates = {t.name: -sum(float(t.monomial.exponent(n).at(place)) * k for n, k in (("d", size), ("r", 1 - size)))
             for t in terms}
    quotients = [r - rates[term.name] for n, r in rates.items() if n != term.name]
    if min(quotients) <= 0:
        return []
    more = [r - rates[term.name] for r in piece_rates(alpha, beta, size, theta).values()]
    return correction_rates(alpha, beta, size, theta, [*quotients, *more])


def _wins_inside(terms: list[Term], place: Place) -> bool:
    """Whether the floor leads already inside the window (alpha < 1/4): the plateau beyond it is then another one."""
    return any(t.name == "F_0" for t in terms) and 4 * place["alpha"] < 1 < 2 * place["beta"]


def _confirm_logs(claim: Claim, series: _Series, eta: Fraction, xi: Fraction, place: Place) -> list[Outcome]:
    """P_* ~ f^-eta (log f)^k shifts the local exponent by -k/log f, d_* ~ f^xi (log f)^k by k/log f."""
    outcomes = []
    rows = {"log_loss": (float(eta) - series.eta), "log_size": series.xi - float(xi)}
    for name, drift in rows.items():
        limit = extrapolate_logs(series.between, drift * series.between, 1e-8)
        derived = float(parse_ratio(claim.statement[name]).at(place))
        # Where three terms meet, corrections are fractional powers of log f (say (log f)^-0.2), and no list of them is at hand:
        # a difference then is a doubt, and a contradiction only where it is large.
        near = LOG_ACCURACY < abs(limit.value - derived) < _LARGE_LOG
        doubt = f"the drift gives {limit.value:.3f}; fractional powers of log f may correct it" if near else ""
        outcomes.append(compare_number(claim.label, place, name, limit, derived, LOG_ACCURACY, doubt))
    return outcomes


