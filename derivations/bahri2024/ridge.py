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
from dataclasses import replace
from typing import Final

from derivations.bordelon2024.flow import NAMES, B
from derivations.bordelon2024.laws import Law, Laws
from derivations.bordelon2024.plane import glue_laws
from derivations.bordelon2024.resources import certify_cone
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.asymptotics.certify import record_cover, record_optimum
from scaling_sym.asymptotics.optimum import Budget, Problem
from scaling_sym.asymptotics.phases import find_phases
from scaling_sym.claims.recorder import Recorder

Rays = Sequence[Mapping[str, Ratio]]
ONE, ZERO = Ratio.of(1), Ratio.of(0)


FAR: Final = {"N": ONE, "P": ONE, "q": B}
LIMITED: Final = ({"N": ONE}, {"P": ONE}, FAR)
CASES: Final[Mapping[str, tuple[str, str, Rays]]] = {  # quantity: equation, what limits kappa, the cone
    "ridge/limited": ("ridge", "q", LIMITED),
    "ridge/over": ("ridge-data", "P", ({"N": ONE}, {"q": ONE}, FAR)),
    "ridge/under": ("ridge-model", "N", ({"P": ONE}, {"q": ONE}, FAR)),
    "ridge/noise": ("unit-noise", "q", LIMITED),
    "aspect/over": ("aspect-over", "P", ({"P": ONE, "x": ZERO},)),
    "aspect/under": ("aspect-under", "N", ({"N": ONE, "x": ZERO},)),
}


def ridge_laws(laws: Laws, domain: Cell) -> dict[str, list[Law]]:
    """The laws of all cones, and those at a fixed ratio of the sizes, on the pieces of the plane."""
    return {name: laws.solve(owner, owner, size, rays, domain) for name, (owner, size, rays) in CASES.items()}


def best_ridge(noise: Sequence[Law], domain: Cell, recorder: Recorder) -> list[tuple[Cell, Ratio, Ratio, str]]:
    """Cells with the exponents of the loss and of q at the best ridge, as powers of the data, and the step of the optimum."""
    supplied = []
    for law in glue_laws(noise, recorder):
        place = len(recorder.steps)
        joined = tuple(Term(t.monomial, name=f"L{place}_{i + 1}", cell=law.cell) for i, t in enumerate(law.terms))
        bare = [replace(t, cell=Cell()) for t in joined]
        proof = certify_cone(law.terms, bare, LIMITED, law.cell)
        given = {"cones": [{"rays": list(LIMITED), "premises": [0]}]}
        step = recorder.add("join", law.cell, (law.step,), given, {"terms": bare}, [proof])
        supplied.append((step, law.cell, joined))
    terms = tuple(t for _, _, found in supplied for t in found)
    diagram = find_phases(Problem(terms, ("P", "q"), Budget(Monomial.of({"P": 1})), domain, NAMES))
    optima = [record_optimum(phase, diagram.problem, supplied, recorder) for phase in diagram.phases]
    record_cover(diagram, optima, recorder)
    pairs = zip(diagram.phases, optima, strict=True)
    return [(phase.cell, -phase.vertex.loss, phase.vertex.sizes["q"], step) for phase, step in pairs]

