"""Learning rates gamma ~ d^(-c) and batches B ~ d^(c'): the phases of random features with free exponents.

Algorithm. In the time theta = 2 gamma B r the terms of the loss contain gamma, through the kernel, but not B, so that
they are those of `loss_terms` with a learning rate that falls as d^(-c); which of them lead in the window
1 << theta << d^(2 alpha) is decided again, now with three parameters. In the samples n = r B the time is 2 gamma n and the
budget is f = d n: neither contains B. So the exponents of loss, size and samples do not depend on c' at all, and
r = n/B has the exponent of n less c' times that of d.

Domain. (gamma/2) Tr D stays bounded for c >= max(0, 1 - 2 alpha), and gamma (B + 1) l_max for c' <= c; batches do not
shrink, c' >= 0. The open cells have c > max(0, 1 - 2 alpha): the norm of the kernel falls to zero. At the limit itself it is a
constant below one, the powers are the same, and the closures of the cells hold (2 alpha = 1 with c = 0 excepted, where the
limit is 1/log d). Since gamma B does not grow, r grows wherever theta does: no optimum runs out of steps.

The optima, their cover, and each phase as a law are recorded with certificates (rules `stated`, `optimum`, `cover`, `match`).
Not covered: the terms' own derivation in the bundle (it stands in `loss_terms`; here its outcome is stated), prefactors,
logarithms on the walls.
"""

from __future__ import annotations

from typing import Final

from derivations.paquette2024.literature import PAPER
from derivations.paquette2024.loss_terms import Derivation, Setting, split_until_decided
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, substitute
from scaling_sym.asymptotics.certify import record_cover
from scaling_sym.asymptotics.optimum import Budget, Problem
from scaling_sym.asymptotics.phases import PhaseDiagram, build_cover, distinct_factors, find_phases
from scaling_sym.asymptotics.stated import Law, Optima, record_law, record_optima
from scaling_sym.claims.bundle import Bundle, Claim, Source
from scaling_sym.claims.recorder import Recorder

NAMES: Final = ("alpha", "c", "beta")  # beta occurs linearly in almost all walls, and is eliminated first
DOMAIN: Final = ("alpha > 0", "beta > 0", "c > 0", "2*alpha + c - 1 > 0")
ASSUMPTION: Final = "The terms are those that loss_terms derives for gamma ~ d^(-c), under the assumptions named there."


def build_bundle() -> Bundle:
    """The phases over (alpha, beta, c) as laws, with the steps that prove them from the terms."""
    recorder, problem = Recorder("r"), derive_problem()
    diagram = find_phases(problem)
    optima = record_optima(diagram, recorder)
    _record_cover(optima, diagram, recorder)
    claims = []
    for number, phase in enumerate(diagram.phases, 1):
        values = {"loss": phase.vertex.loss, **phase.vertex.sizes}
        for quantity, exponent in values.items():
            law = Law(f"rates/{number}/{quantity}", phase.cell, quantity, exponent)
            claims.append(_claim(law, record_law(law, optima, recorder)))
    return Bundle(f"{PAPER}-rates", {"rates-terms": ASSUMPTION}, tuple(recorder.steps), tuple(claims))


def derive_problem() -> Problem:
    """The trade-off in the resources d and n = r B, with terms on every piece of the domain."""
    alpha, beta, c = (Ratio.parameter(n) for n in ("alpha", "beta", "c"))
    setting, domain = Setting(alpha, beta, ("alpha", "beta", "c")), Cell.parse(DOMAIN)
    derivation, rate = Derivation(setting, Recorder("t")), Term(Monomial.of({"d": -c}))

    def decide(cell: Cell) -> list[Term]:
        """The terms of the loss on one cell, with the free learning rate put in."""
        transforms = derivation.transforms(moving=True)
        window, _ = derivation.find_window(cell, rate, transforms)
        floor, _, _ = derivation.find_floor(cell)
        parts = [*window] if any(t.name == "F_0" for t in window) else [*window, floor]
        return [Term(in_samples(t.monomial, rate.monomial), cell=cell, name=t.name) for t in parts]

    pieces = split_until_decided(decide, domain, setting.names)
    terms = tuple(t for _, found in pieces for t in found)
    return Problem(terms, ("d", "n"), Budget(Monomial.of({"d": 1, "n": 1})), domain, NAMES)


def in_samples(monomial: Monomial, rate: Monomial) -> Monomial:
    """Write theta as gamma n, and gamma as its power of d."""
    steps = substitute(Term(monomial), {"theta": Term(Monomial.of({"n": 1, "gamma": 1}))})
    return substitute(steps, {"gamma": Term(rate)}).monomial


def _record_cover(optima: Optima, diagram: PhaseDiagram, recorder: Recorder) -> None:
    cells, domain = [p.cell for p in optima.phases], diagram.problem.domain
    polynomials = distinct_factors(s.polynomial for c in (domain, *cells) for s in c.conditions)
    tree = build_cover(cells, domain, polynomials)
    record_cover(PhaseDiagram(diagram.problem, optima.phases, (), tree), optima.steps, recorder)


def _claim(law: Law, step: str) -> Claim:
    statement = {"quantity": law.quantity, "exponent": str(law.exponent)}
    source = Source(f"{PAPER}-rates", "derived from the model's equations", "derived")
    return Claim(law.name, "printed-own", statement, law.region.texts(), ("rates-terms",), source, (step,))
