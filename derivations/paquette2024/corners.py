"""The corners of the plane: rational points at which three or more phases meet, with the loss there.

A corner is a point on a wall at which one of the wall's side conditions vanishes. Both parameters are numbers there, so
the same derivation runs without any free parameter, and the logarithms come from the poles that coincide at that point.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from derivations.paquette2024.loss_terms import Setting, derive_all
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.asymptotics.certify import record_log_optimum
from scaling_sym.asymptotics.log_powers import find_log_optimum
from scaling_sym.asymptotics.phases import PhaseDiagram, phases_at
from scaling_sym.claims.bundle import Claim, Source
from scaling_sym.claims.recorder import Recorder


def find_corners(
    diagram: PhaseDiagram, names: Sequence[str], optima: Sequence[str], recorder: Recorder, source: Source,
    assumptions: tuple[str, ...],
) -> list[Claim]:
    """One claim for every rational corner inside the domain at which three or more decaying phases meet."""
    claims = []
    for point in _candidate_points(diagram):
        meeting = phases_at([p.cell for p in diagram.phases], point)
        if len(meeting) >= 3 and all(diagram.phases[i].vertex.loss for i in meeting):
            claims.append(_corner_claim(diagram, names, optima, point, meeting, recorder, source, assumptions))
    return claims


def _candidate_points(diagram: PhaseDiagram) -> list[dict[str, Fraction]]:
    """Rational points where two linear walls cross inside the domain."""
    walls = sorted({w.polynomial for w in diagram.walls}, key=str)
    found = {}
    for i, first in enumerate(walls):
        for second in walls[:i]:
            point = _cross(first, second, diagram.problem.names)
            if point is not None and diagram.problem.domain.contains(point):
                found[tuple(sorted(point.items()))] = point
    return [found[k] for k in sorted(found)]


def _cross(first: Ratio, second: Ratio, names: Sequence[str]) -> dict[str, Fraction] | None:
    if first.degree > 1 or second.degree > 1:
        return None
    from scaling_sym.algebra.linear import solve_system

    rows = [[p.derivative(n).constant() for n in names] for p in (first, second)]
    right = [-p.at(dict.fromkeys(names, Fraction(0))) for p in (first, second)]
    solution = solve_system(rows, right)
    return None if solution is None else dict(zip(names, solution, strict=True))


def _corner_claim(
    diagram: PhaseDiagram, names: Sequence[str], optima: Sequence[str], point: dict[str, Fraction],
    meeting: Sequence[int], recorder: Recorder, source: Source, assumptions: tuple[str, ...],
) -> Claim:
    solved = {n: Ratio.of(x) for n, x in point.items()}
    (piece,) = derive_all(Setting(solved["alpha"], solved["beta"], ()), Cell(), recorder)
    vertex, problem = diagram.phases[meeting[0]].vertex, diagram.problem
    sizes = {n: x.substitute(solved) for n, x in vertex.sizes.items()}
    loss = vertex.loss.substitute(solved)
    found = find_log_optimum(
        piece.terms, problem.resources, problem.budget, sizes, loss, {"gamma": piece.learning_rate}, {}
    )
    statement = {
        "point": {n: str(x) for n, x in point.items()}, "phases": [names[i] for i in meeting], "loss": str(loss),
        "size": str(sizes["d"]), "log_loss": None, "log_size": None, "note": "undecided: the optimum is not unique",
    }
    steps: tuple[str, ...] = (piece.step,)
    if found is not None:
        steps = (*(optima[i] for i in meeting), record_log_optimum(found, Cell(), problem, piece.step, solved, recorder))
        statement["note"] = "iterated: the law contains log log f" if found.iterated else None
        if not found.iterated:
            statement |= {"log_loss": str(found.loss), "log_size": str(found.sizes["d"])}
    label = f"plrf/corner/{','.join(str(x) for _, x in sorted(point.items()))}"
    return Claim(label, "corner", statement, [], assumptions, source, steps)
