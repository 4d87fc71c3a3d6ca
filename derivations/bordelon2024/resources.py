"""Budgets of other resources than size and time: C = N P at late times, C = P t at infinite size, C = N min(P, t).

The leading terms are known in cones of the resources (P << N and N << P at late times; t << P^b and t >> P^b at infinite size).
One sum of terms that is of the order of the loss in both cones is a problem for the general engine. At late times exact
identities bound the loss by it on both sides of N = P; at infinite size it is assumed to be of this order across t ~ P^b. For
C = N min(P, t) either resource that exceeds the other is free, so that the better of the two problems at its ends is the answer:
P samples until late times, or t steps with all data; which one is decided by the signs of the differences of their exponents.

Not covered: constants; budgets in which all three resources cost something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, final

from derivations.bordelon2024.flow import DOMAIN, NAMES, B
from derivations.bordelon2024.laws import Law, Laws
from derivations.bordelon2024.literature import CLOSURE, PAPER
from derivations.paquette2024.loss_terms import split_until_decided
from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.growth import Growth, SplitNeededError, leading_terms
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.regions import negate
from scaling_sym.algebra.sampling import sample_cell
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.asymptotics.absorption import certify_absorption, certify_ratio
from scaling_sym.asymptotics.certify import certify_inside, record_cover, record_optimum
from scaling_sym.asymptotics.optimum import Budget, Problem
from scaling_sym.asymptotics.phases import PhaseDiagram, find_phases
from scaling_sym.claims.bundle import Claim, Source
from scaling_sym.claims.codec import decode_cell, decode_term
from scaling_sym.claims.recorder import Recorder
from scaling_sym.errors import UndecidedError

ONE: Final = Ratio.of(1)
ZERO: Final = Ratio.of(0)
ASSUMED: Final = ("mean-field-closure", "uniform-transfer", "monotone-resources")
Cones = Sequence[tuple[Sequence[Mapping[str, Ratio]], Sequence[Sequence[Law]]]]
Piece = tuple[str, Cell, tuple[Term, ...]]
Optima = tuple[PhaseDiagram, list[str], list[Piece]]
LATE: Final = (({"N": ONE, "P": ZERO}, {"N": ONE, "P": ONE}), ({"N": ZERO, "P": ONE}, {"N": ONE, "P": ONE}))
WIDE: Final = (({"P": ONE, "t": ZERO}, {"P": ONE, "t": B}), ({"P": ONE, "t": B}, {"P": ZERO, "t": ONE}))
BUDGETS: Final = {
    "compute-late": (("N", "P"), {"size": "N", "data": "P"}), "compute-wide": (("P", "t"), {"data": "P", "steps": "t"}),
}


@final
class Resources:
    """The compute-optimal laws of the other budgets."""

    def __init__(self, laws: Laws, recorder: Recorder) -> None:
        self.laws, self.recorder = laws, recorder
        self.optima: dict[str, Optima] = {}

    def claims(self, known: Sequence[Claim]) -> list[Claim]:
        """The claims on all budgets; `known` holds the laws derived before."""
        late, under = self.laws.both(DOMAIN), self.laws.under(DOMAIN)
        found = self._spend("compute-late", cones_of("compute-late", [late], [under]))
        time = self._laws_of(known, "time")
        correction = self.laws.first_order("loss", DOMAIN)
        data = self.laws.data(DOMAIN)
        found += self._spend("compute-wide", cones_of("compute-wide", [time, correction], [data]))
        return [*found, *self._compare(known)]

    def _laws_of(self, known: Sequence[Claim], quantity: str) -> list[Law]:
        lookup = {s.id: s for s in self.recorder.steps}
        steps = [lookup[c.steps[0]] for c in known if c.kind == "law" and c.statement["quantity"] == quantity]
        return [Law(decode_cell(s.cell), tuple(decode_term(t) for t in s.conclusion["terms"]), s.id) for s in steps]

    def _spend(self, name: str, cones: Cones) -> list[Claim]:
        """The optimum of one budget over the plane."""
        names, quantities = BUDGETS[name]
        supplied = self.join(cones, DOMAIN)
        budget = Budget(Monomial.of(dict.fromkeys(names, 1)))
        terms = tuple(t for _, _, found in supplied for t in found)
        diagram = find_phases(Problem(terms, names, budget, DOMAIN, NAMES))
        optima = [record_optimum(phase, diagram.problem, supplied, self.recorder) for phase in diagram.phases]
        record_cover(diagram, optima, self.recorder)
        self.optima[name] = (diagram, optima, supplied)
        claims = []
        for i, (phase, step) in enumerate(zip(diagram.phases, optima, strict=True)):
            values = {"loss": -phase.vertex.loss} | {k: phase.vertex.sizes[n] for k, n in quantities.items()}
            claims += [_claim(f"{name}/{k}", f"/{i + 1}", v, phase.cell, step) for k, v in values.items()]
        return claims

    def join(self, cones: Cones, domain: Cell) -> list[Piece]:
        """The terms of a budget on every piece of a domain, with their steps."""
        pieces = [piece for _, piece in split_until_decided(lambda cell: self._join(cones, cell), domain, NAMES)]
        return [(step, cell, tuple(replace(t, cell=cell) for t in found)) for step, cell, found in pieces]

    def _join(self, cones: Cones, cell: Cell) -> Piece:
        """The union of the leading terms on one cell, with the proof that it is of the right order in each cone."""
        chosen = [[_choose(laws, cell) for laws in group] for _, group in cones]
        sizes: set[Term] = set()
        for (rays, _), group in zip(cones, chosen, strict=True):
            own = [bare(t) for law in group for t in law.terms]
            sizes |= set(leading_terms(own, Growth(tuple(rays)), cell, NAMES))
        place = len(self.recorder.steps)  # a name of its own on each cell, so that no phase reaches over two of them
        joined = tuple(replace(t, name=f"L{place}_{i + 1}") for i, t in enumerate(sorted(sizes, key=str)))
        steps: list[str] = []
        given, proofs = [], []
        for (rays, _), group in zip(cones, chosen, strict=True):
            proofs.append(certify_cone([t for law in group for t in law.terms], joined, rays, cell))
            given.append({"rays": list(rays), "premises": list(range(len(steps), len(steps) + len(group)))})
            steps += [law.step for law in group]
        rule = "join-exact" if tuple(rays for rays, _ in cones) == LATE else "join"
        step = self.recorder.add(rule, cell, tuple(steps), {"cones": given}, {"terms": joined}, proofs)
        return step, cell, joined

    def _compare(self, known: Sequence[Claim]) -> list[Claim]:
        """C = N min(P, t): data at late times against steps with all data."""
        from scaling_sym.algebra.grammar import parse_ratio

        diagram, optima, _ = self.optima["compute-late"]
        times = [(c, Cell.parse(c.region)) for c in known if c.kind == "law" and c.statement["quantity"] == "compute/loss"]
        claims: list[Claim] = []
        for phase, step in zip(diagram.phases, optima, strict=True):
            for other, region in times:
                rival = -parse_ratio(other.statement["power"]["C"])
                for cell in _cut(phase.cell.meet(region), phase.vertex.loss - rival):
                    pair = [(phase.vertex.loss, step), (rival, other.steps[0])]
                    if (pair[0][0] - pair[1][0]).at(sample_cell(cell, NAMES)[0]) < 0:
                        pair.reverse()
                    (best, first), (worse, second) = pair
                    one = record_order("better", (first, second), ("loss", "loss"), best - worse, cell, {}, self.recorder)
                    claims.append(_claim("compute-min/loss", f"/{len(claims) + 1}", -best, cell, one))
        return claims


def cones_of(budget: str, *groups: Sequence[Sequence[Law]]) -> Cones:
    """The cones of the resources of a budget, with the laws in each."""
    return tuple(zip({"compute-late": LATE, "compute-wide": WIDE}[budget], groups, strict=True))


def record_order(
    rule: str, optima: tuple[str, str], exponents: tuple[str, str], difference: Ratio, cell: Cell, solved: Mapping[str, Ratio],
    recorder: Recorder,
) -> str:
    """The step that compares two exponents at optima on a cell, or on a wall of which the cell holds the other conditions."""
    lookup = {s.id: s for s in recorder.steps}
    proof = {
        "difference": certify_ratio(difference, cell) if difference else None,
        "inside": [certify_inside(decode_cell(lookup[step].cell), cell, solved) for step in optima],
    }
    value = difference.at(sample_cell(cell, tuple(sorted({*cell.names, *difference.names})))[0])
    given = {"substitution": dict(solved), "exponents": list(exponents)}
    return recorder.add(rule, cell, optima, given, {"sign": (value > 0) - (value < 0)}, proof)


def certify_cone(
    own: Sequence[Term], joined: Sequence[Term], rays: Sequence[Mapping[str, Ratio]], cell: Cell
) -> list[dict[str, Any] | None]:
    """The proofs that in a cone the terms of a sum that are the cone's own dominate all others."""
    first, second = (set(map(bare, terms)) for terms in (own, joined))
    return certify_absorption(sorted(first | second, key=str), list(first & second), Growth(tuple(rays)), cell)


def bare(term: Term) -> Term:
    """The term's order: its powers and logarithms."""
    return Term(term.monomial, logs=term.logs)


def _cut(cell: Cell, difference: Ratio) -> list[Cell]:
    """The parts of a cell on which the difference has one sign."""
    cells = [cell] if sample_cell(cell, NAMES) else []
    for factor, _ in difference.factors()[1]:
        if len({factor.at(x) > 0 for c in cells for x in sample_cell(c, NAMES, [factor])}) == 2:
            cells = [c.meet(Cell.of([Sign.of(factor, r)])) for c in cells for r in "><"]
    return [c for c in cells if sample_cell(c, NAMES)]


def _choose(laws: Sequence[Law], cell: Cell) -> Law:
    """The law that holds on the cell; raises `SplitNeededError` where the cell is too large."""
    for law in laws:
        if set(law.cell.conditions) <= set(cell.conditions):
            return law
    for law in laws:
        for sign in law.cell.conditions:
            if sign not in cell.conditions and negate(sign) not in cell.conditions:
                raise SplitNeededError(sign.polynomial)
    raise UndecidedError("no law holds on the cell")


def _claim(quantity: str, suffix: str, value: Ratio, cell: Cell, step: str) -> Claim:
    statement = {"quantity": quantity, "power": {"C": str(value)}, "constant": None, "names": {}}
    source = Source(PAPER, "derived from the model's equations", "derived")
    rests_on = CLOSURE if quantity.startswith("compute-late") else ASSUMED
    return Claim(f"dmft/{quantity}{suffix}", "law", statement, cell.texts(), rests_on, source, (step,))


