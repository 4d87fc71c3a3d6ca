"""From a model that somebody states to steps: its terms, the optimum of every phase, and the laws claimed for it.

Algorithm. The terms are grouped by the cells on which they are stated to hold (rule `stated`). Each phase of the problem is
cut until it lies inside or outside every such cell, and gets the optimum of the terms that hold there, with the proof
(rule `optimum`). Where multipliers vanish, many sizes do equally well; a resource has the same exponent in all of them if
its unit vector is a combination of the rows that are tight in every optimum: terms and idle resources with non-vanishing
multipliers, the budget, the fixed ratios. A law is laid beside the optima that its region meets (rule `match`), with witnesses
off the zero sets of the differences, so that a law that is wrong is wrong at the witness.

Vocabulary. *Law*: a region, a quantity (the loss, or a resource), and the exponent that is claimed for it. *Determined*:
the same in every optimum.

Not covered: verdicts (see `proofs_check.own_claims`); phases that `find_phases` leaves undecided; laws on walls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import final

from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.regions import negate
from scaling_sym.algebra.sampling import sample_cell
from scaling_sym.algebra.signs import certify_empty, implied
from scaling_sym.asymptotics.certify import Piece, describe_problem, record_optimum
from scaling_sym.asymptotics.matching import record_match
from scaling_sym.asymptotics.optimum import Problem, Vertex, optimum_at, terms_at
from scaling_sym.asymptotics.phases import Phase, PhaseDiagram
from scaling_sym.claims.recorder import Recorder
from scaling_sym.errors import BadInputError, UndecidedError


@final
@dataclass(frozen=True, slots=True)
class Law:
    """A claimed exponent of the loss (positive: decays) or of a resource, on a region of the domain."""

    name: str
    region: Cell
    quantity: str
    exponent: Ratio
    source: str = ""


@final
@dataclass(frozen=True, slots=True)
class Optima:
    """The steps that prove the optima of a stated model, each with its phase, in order."""

    problem: Problem
    phases: tuple[Phase, ...]
    steps: tuple[str, ...]


def record_optima(diagram: PhaseDiagram, recorder: Recorder) -> Optima:
    """The steps `stated` and `optimum` of all phases; raises `UndecidedError` where a proof is not found."""
    pieces = record_terms(diagram.problem, recorder)
    # The checker meets the terms in the order of the pieces, and the slacks with them.
    problem = replace(diagram.problem, terms=tuple(t for _, _, terms in pieces for t in terms))
    phases = [part for phase in diagram.phases for part in _cut(phase, [c for _, c, _ in pieces], problem)]
    steps = []
    for phase in phases:
        steps.append(record_optimum(phase, problem, pieces, recorder))
    return Optima(problem, tuple(phases), tuple(steps))


def record_terms(problem: Problem, recorder: Recorder) -> list[Piece]:
    """A step for each set of terms that are stated on one cell."""
    given, pieces = describe_problem(problem), list[Piece]()
    for cell in dict.fromkeys(t.cell for t in problem.terms):
        terms = [t for t in problem.terms if t.cell == cell]
        pieces.append((recorder.add("stated", cell, (), given, {"terms": terms}), cell, terms))
    return pieces


def record_law(law: Law, optima: Optima, recorder: Recorder) -> str:
    """The step that lays a law beside the optima that its region meets; raises `UndecidedError`."""
    domain, names = optima.problem.domain, optima.problem.names
    if not sample_cell(law.region.meet(domain), names):
        raise BadInputError(f"the region of the claim {law.name} contains no point of the domain")
    derived = list(zip(optima.steps, (p.cell for p in optima.phases), strict=True))
    differences = [d for p in optima.phases if (d := law.exponent - value_of(p.vertex, law.quantity))]
    avoid = [*(d.numerator for d in differences), *(d.denominator for d in differences)]
    return record_match(law.region, domain, derived, names, recorder, avoid)


def value_of(vertex: Vertex, quantity: str) -> Ratio:
    """The exponent of the loss or of a resource at a vertex."""
    return vertex.loss if quantity == "loss" else vertex.sizes[quantity]


def _cut(phase: Phase, cells: Sequence[Cell], problem: Problem) -> list[Phase]:
    """The parts of a phase that lie inside or outside each of the cells, with the optimum of the terms that hold there."""
    split = next((s for c in cells for s in _open_signs(phase.cell, c)), None)
    if split is None:
        vertex = optimum_at(problem, terms_at(problem, phase.witness), phase.witness)
        if vertex is None:
            raise UndecidedError(f"the trade-off has no optimum at {phase.witness}")
        return [Phase(phase.cell, vertex, phase.witness)]
    parts = []
    for sign in (split, negate(split)):
        cell = phase.cell.meet(Cell.of([sign]))
        points = sample_cell(cell, problem.names)
        if points:
            parts += _cut(Phase(cell, phase.vertex, points[len(points) // 2]), cells, problem)
    return parts


def _open_signs(cell: Cell, piece: Cell) -> list[Sign]:
    """The conditions of a piece that split the cell: none where the cell lies inside, or is proved to lie outside."""
    if certify_empty(cell.meet(piece)) is not None:
        return []
    return [s for s in piece.conditions if s not in cell.conditions and implied(s, cell) is None]
