"""The static loss with a ridge, at a fixed ratio of features to data, and the best ridge against label noise.

With the ridge 1/q there are three scales in the modes, P, N and q^(1/b); each may be the smallest, which gives three cones, and
in each of them the loss has up to two leading terms:

    limited   q^(1/b) far below N and P      kappa ~ 1/q: the ridge limits the loss, and features add a variance of order 1/N
    over      P far below N and q^(1/b)      the laws without ridge
    under     N far below P and q^(1/b)      the laws without ridge

At a fixed ratio 1 + x of the sizes the constants are functions of x. With label noise of variance 1 and N = infinity the noise
adds q^(1/b)/P, and the ridge at which the loss is smallest is the optimum of two terms, as for any budget.

Letters as in the derivation: N features, P data; lambda_k = k^(-b), lambda_k w_k^2 = k^(-a).

Not covered: the crossovers, where two of the three scales have a fixed ratio (other than N and P without ridge).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, final

from derivations.bordelon2024.flow import NAMES, B
from derivations.bordelon2024.laws import TO_ZERO, Law, Laws, evaluate, put
from derivations.bordelon2024.plane import glue_laws
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.growth import Growth
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, merge_terms
from scaling_sym.asymptotics.absorption import certify_absorption, certify_ratio
from scaling_sym.asymptotics.certify import record_cover, record_optimum
from scaling_sym.asymptotics.optimum import Budget, Problem
from scaling_sym.asymptotics.phases import find_phases
from scaling_sym.claims.recorder import Recorder

Rays = Sequence[Mapping[str, Ratio]]
ONE, ZERO = Ratio.of(1), Ratio.of(0)


@final
@dataclass(frozen=True, slots=True)
class Cone:
    """Where the sizes grow along which rays, what kappa is there, and the loss with its small symbols."""

    size: str
    rays: Rays
    owner: str
    formula: str
    small: Mapping[str, str]
    symbols: tuple[str, ...]
    zero: tuple[str, ...] = ("sigma2",)


FAR: Final = {"N": ONE, "P": ONE, "q": B}
LIMITED: Final = ({"N": ONE}, {"P": ONE}, FAR)
CONES: Final[Mapping[str, Cone]] = {
    "ridge/limited": Cone(
        "1/q", LIMITED, "ridge", "(kappa**2*W1*(1 - x) + kappa**2*K1*F/N)/((1 - x)*(1 - y) + (1 - x)*u + (1 - y)*v)",
        {"x": "dof/N", "y": "dof/P", "u": "kappa*K1/P", "v": "kappa*K1/N"}, ("W1", "K1", "F", "dof"),
    ),
    "ridge/over": Cone(
        "P", ({"N": ONE}, {"q": ONE}, FAR), "ridge-data",
        "(kappa*P*W1/K1*(1 - x) + kappa*P*F/N)/(y + v*y/(1 - x) + 1 - x)",
        {"x": "dof/N", "y": "P/(q*kappa**2*K1)", "v": "kappa*K1/N"}, ("W1", "K1", "F", "dof"),
    ),
    "ridge/under": Cone(
        "N", ({"P": ONE}, {"q": ONE}, FAR), "ridge-model", "kappa*F*(1 + w/(1 - x))/(y + v*y/(1 - x) + 1 - x)",
        {"x": "dof/P", "y": "N/(q*kappa**2*K1)", "v": "kappa*K1/P", "w": "W1*N/(q*kappa*K1*F)"}, ("W1", "K1", "F", "dof"),
    ),
    "ridge/noise": Cone(
        "1/q", LIMITED, "unit-noise", "(kappa**2*W1 + K2/P)/(1 - x)", {"x": "K2/P"}, ("W1", "K2"), (),
    ),
}
ASPECTS: Final = {  # quantity: owner, formula, sums, size
    "aspect/over": ("aspect-over", "kappa*P*W1/K1 + kappa*F/x", ("W1", "K1", "F"), "P"),
    "aspect/under": ("aspect-under", "kappa*F/x + kappa*F", ("F",), "N"),
}


def ridge_laws(laws: Laws, domain: Cell) -> dict[str, list[Law]]:
    """The laws of all cones, and those at a fixed ratio of the sizes, on the pieces of the plane."""
    found = {name: laws.split(lambda cell, c=cone: _solve(laws, c, cell), domain) for name, cone in CONES.items()}  # type: ignore[misc]
    for name, (owner, formula, symbols, size) in ASPECTS.items():
        found[name] = laws.solve(owner, owner, formula, symbols, size, domain)
    return found


def _solve(laws: Laws, cone: Cone, cell: Cell) -> Law:
    """The leading terms in a cone on one cell; raises `SplitNeededError`."""
    dof = laws.lead(*laws.sums["dof"], TO_ZERO, cell)
    inverted, kappa = _invert(laws, cone, dof)
    leads = {s: dof if s == "dof" else laws.lead(*laws.sums[s], TO_ZERO, cell) for s in cone.symbols}
    tables = {"kappa": [kappa]} | {s: [put(t, "u", kappa) for t in law.terms] for s, law in leads.items()}
    tiny = {n: evaluate(parse_ratio(x), tables) for n, x in cone.small.items()}
    proofs = {n: [_signs(t.monomial, cone.rays, cell) for t in terms] for n, terms in tiny.items()}
    given = {
        "equation": cone.owner, "unknown": "L", "formula": cone.formula, "zero": list(cone.zero), "branch": {},
        "small": dict(cone.small), "rays": list(cone.rays), "symbols": {s: i + 2 for i, s in enumerate(cone.symbols)},
    }
    terms = merge_terms(evaluate(parse_ratio(cone.formula).substitute(dict.fromkeys(tiny, ZERO)), tables))
    premises = (laws.equations.steps[cone.owner], inverted, *(leads[s].step for s in cone.symbols))
    step = laws.recorder.add("evaluate", cell, premises, given, {"terms": terms}, proofs)
    return laws.lead(step, terms, cone.rays, cell)


def _invert(laws: Laws, cone: Cone, law: Law) -> tuple[str, Term]:
    """kappa in a cone: 1/q, or the term at which dof is the smaller size."""
    (dof,) = law.terms
    if cone.size == "1/q":
        kappa = Term(Monomial.of({"q": -1}))
        small = [put(dof, "u", kappa).monomial * Monomial.of({n: -1}) for n in ("N", "P")]
    else:
        power = -dof.monomial.exponent("u")
        kappa = Term(Monomial.of({cone.size: -1 / power}), dof.constant ** (1 / power))
        small = [Monomial.of({"N": 1, "P": -1}) ** (1 if cone.size == "N" else -1), Monomial.of({"q": -1}) * kappa.monomial**-1]
    proofs = [_signs(m, cone.rays, law.cell) for m in (kappa.monomial, *small)]
    given = {"size": cone.size, "rays": list(cone.rays)}
    premises = (laws.equations.steps["ridge-scale"], law.step)
    return laws.recorder.add("regularise", law.cell, premises, given, {"terms": [kappa]}, proofs), kappa


def _signs(monomial: Monomial, rays: Rays, cell: Cell) -> list[object]:
    rates = [monomial.rate(ray) for ray in rays]
    return [certify_ratio(rate, cell) if rate else None for rate in rates]


def best_ridge(noise: Sequence[Law], domain: Cell, recorder: Recorder) -> list[tuple[Cell, Ratio, Ratio, str]]:
    """Cells with the exponents of the loss and of q at the best ridge, as powers of the data, and the step of the optimum."""
    supplied = []
    for law in glue_laws(noise, recorder):
        place = len(recorder.steps)
        joined = tuple(Term(t.monomial, name=f"L{place}_{i + 1}", cell=law.cell) for i, t in enumerate(law.terms))
        bare = [replace(t, cell=Cell()) for t in joined]
        proof = certify_absorption(bare, bare, Growth(LIMITED), law.cell)
        given = {"cones": [{"rays": list(LIMITED), "premises": [0]}]}
        step = recorder.add("join", law.cell, (law.step,), given, {"terms": bare}, [proof])
        supplied.append((step, law.cell, joined))
    terms = tuple(t for _, _, found in supplied for t in found)
    diagram = find_phases(Problem(terms, ("P", "q"), Budget(Monomial.of({"P": 1})), domain, NAMES))
    optima = [record_optimum(phase, diagram.problem, supplied, recorder) for phase in diagram.phases]
    record_cover(diagram, optima, recorder)
    pairs = zip(diagram.phases, optima, strict=True)
    return [(phase.cell, -phase.vertex.loss, phase.vertex.sizes["q"], step) for phase, step in pairs]

