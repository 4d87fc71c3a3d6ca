"""From a phase diagram to steps: the certificates of optima, cover, continuity and logarithms, for any model.

Each function records one kind of step (`claims.bundle.Recorder`) whose certificate the rule of the same name in
`proofs_check.rules` replays:

    optimum       one phase, or one wall: multipliers, sizes, slacks, each with the proof of its sign on the cell
    cover         all phases: decision tree, witnesses, pairwise disjointness
    continuity    one wall: the loss exponents of both sides agree on it; sizes agree or are said to jump
    prefactor     one phase: the constants of loss and size, or why leading constants do not determine them

Not covered: how the terms came about; their steps are the premises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.signs import Weights, certify_empty, implied
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.asymptotics.absorption import certify_ratio
from scaling_sym.asymptotics.log_powers import LogOptimum
from scaling_sym.asymptotics.optimum import Problem, find_determined
from scaling_sym.asymptotics.phases import Cover, Phase, PhaseDiagram, Wall
from scaling_sym.asymptotics.prefactors import Prefactors
from scaling_sym.claims.codec import decode_cell, decode_term, put_values
from scaling_sym.claims.recorder import Recorder
from scaling_sym.errors import UndecidedError

Piece = tuple[str, Cell, Sequence[Term]]
BETWEEN: Final = Cell.parse(["t > 0", "t - 1 < 0"])


def describe_problem(problem: Problem) -> dict[str, Any]:
    """The resources and the budget, as they stand in the steps."""
    return {"resources": list(problem.resources), "cost": problem.budget.cost, "fixed": list(problem.budget.fixed)}


def sign_or_none(value: Ratio, cell: Cell) -> list[list[Weights]] | None:
    """The proof of a sign; `None` for a function that vanishes identically."""
    return certify_ratio(value, cell) if value else None


def record_optimum(phase: Phase, problem: Problem, pieces: Sequence[Piece], recorder: Recorder) -> str:
    """The step that proves one phase's optimum; premises are the steps that supply the terms on their cells.

    A size is stated where it is the same in every optimum, which for stated models, whose multipliers may vanish, it need not be.
    """
    cell, vertex = phase.cell, phase.vertex
    placed = [_place(cell, piece_cell) for _, piece_cell, _ in pieces]
    terms = [t for (_, _, found), place in zip(pieces, placed, strict=True) if "inside" in place for t in found]
    places = {(t.name, t.monomial): i for i, t in enumerate(terms)}
    basis = [places[t.name, t.monomial] for t in vertex.tradeoff]
    gaps = [-vertex.loss - t.monomial.rate(vertex.sizes) for t in terms]
    sizes = [vertex.sizes[n] for n in problem.resources]
    planes = [problem.budget.cost, *problem.budget.fixed]
    rows = [*(terms[i].monomial for i in basis), *planes, *(Monomial.of({n: 1}) for n in vertex.idle)]
    tight = [*map(bool, vertex.multipliers), *[True] * len(planes), *map(bool, vertex.idle_multipliers)]
    determined = find_determined(problem.resources, rows, tight)
    certificate = {
        "pieces": placed, "idle": list(vertex.idle), "basis": basis, "powers": dict(vertex.sizes), "determined": determined,
        "multipliers": list(vertex.multipliers), "limits": [*vertex.fixed_multipliers, *vertex.idle_multipliers],
        **_list_signs(cell, gaps, sizes, [*vertex.multipliers, *vertex.idle_multipliers]),
    }
    conclusion = {
        "tradeoff": [terms[i] for i in basis], "loss": vertex.loss, "sizes": {n: vertex.sizes[n] for n in determined},
    }
    premises = tuple(step for step, _, _ in pieces)
    return recorder.add("optimum", cell, premises, describe_problem(problem), conclusion, certificate)


def _list_signs(cell: Cell, gaps: Sequence[Ratio], sizes: Sequence[Ratio], signs: Sequence[Ratio]) -> dict[str, Any]:
    """Why nothing in an optimum is negative: what terms lack to the loss, sizes, multipliers."""
    values = {"gaps": gaps, "sizes": sizes, "signs": signs}
    return {k: [sign_or_none(v, cell) for v in group] for k, group in values.items()}


def _place(cell: Cell, piece: Cell) -> dict[str, Any]:
    """Whether a phase lies inside the cell of a set of terms, or outside of it, with the proof; else `apart` is None."""
    inside = [implied(sign, cell) for sign in piece.conditions]
    if all(w is not None for w in inside):
        return {"inside": [of_polynomial(w) for w in inside]}
    empty = certify_empty(cell.meet(piece))
    if empty is None:
        raise UndecidedError("a phase lies partly inside the cell of a term")
    return {"outside": empty}


def of_polynomial(weights: Weights | None) -> list[list[Weights | None]]:
    """Weights for a polynomial, in the form of a certificate for a quotient."""
    return [[weights], []]


def record_cover(diagram: PhaseDiagram, optima: Sequence[str], recorder: Recorder) -> str:
    """The step that proves: the phases are non-empty, disjoint, and fill the domain up to walls."""
    cells = [p.cell for p in diagram.phases]
    disjoint = []
    for i, j in combinations(range(len(cells)), 2):
        weights = certify_empty(cells[i].meet(cells[j]))
        if weights is None:
            raise UndecidedError(f"the phases {i} and {j} are not proved disjoint")
        disjoint.append(weights)
    certificate = {
        "tree": encode_cover(diagram.cover), "witnesses": [p.witness for p in diagram.phases], "disjoint": disjoint,
    }
    return recorder.add("cover", diagram.problem.domain, tuple(optima), None, {"cells": cells}, certificate)


def encode_cover(cover: Cover) -> Any:
    """The decision tree as plain data: [polynomial, positive branch, negative branch], {phase, weights}, or empty."""
    if cover.polynomial is None or cover.positive is None or cover.negative is None:
        empty = cover.phase == -1
        return {"phase": None if empty else cover.phase,
                "weights": cover.weights[0] if empty else [of_polynomial(w) for w in cover.weights]}
    return [cover.polynomial, encode_cover(cover.positive), encode_cover(cover.negative)]


def record_continuity(wall: Wall, diagram: PhaseDiagram, optima: Sequence[str], recorder: Recorder) -> str:
    """The step that proves what happens across one wall."""
    left, right = (diagram.phases[i] for i in wall.phases)
    pairs = {n: (x, right.vertex.sizes[n]) for n, x in left.vertex.sizes.items()}
    pairs["loss"] = (left.vertex.loss, right.vertex.loss)
    jumps = [n for n, (x, y) in sorted(pairs.items()) if ((x - y).numerator / wall.polynomial).denominator != 1]
    if "loss" in jumps and all(pairs["loss"]):
        raise UndecidedError(f"the loss exponents differ on the wall {wall.polynomial} = 0")
    ends = wall.segment if left.cell.contains(wall.segment[0]) else (wall.segment[1], wall.segment[0])
    line = {n: Ratio.parameter("t") * (ends[1][n] - x) + x for n, x in ends[0].items()}
    others = Cell.of(s for s in left.cell.meet(right.cell).conditions if s.polynomial != wall.polynomial)
    certificate = {"segment": list(ends), "inside": certify_inside(others, BETWEEN, line)}
    premises = tuple(optima[i] for i in wall.phases)
    conclusion = {"polynomial": wall.polynomial, "jumps": jumps}
    return recorder.add("continuity", Cell(), premises, None, conclusion, certificate)


def certify_inside(own: Cell, cell: Cell, solved: Mapping[str, Ratio]) -> list[list[list[Weights]]]:
    """Why a cell on a wall (or a segment), where parameters are solved for, lies inside another: a proof for each condition."""
    return [certify_ratio(s.positive.substitute(solved), cell) for s in own.conditions]


def record_log_optimum(
    found: LogOptimum, cell: Cell, problem: Problem, source: str, solved: Mapping[str, Ratio], recorder: Recorder
) -> str:
    """The step that proves the optimum on a wall, with its powers of log f (or says that the law is iterated)."""
    step = next(s for s in recorder.steps if s.id == source)
    terms = [decode_term(put_values(t, solved)) for t in step.conclusion["terms"]]
    rows = [*(found.terms[i].monomial for i in found.places), problem.budget.cost]
    determined = find_determined(problem.resources, rows, [True] * len(rows))
    sizes = [found.first[n] or found.sizes[n] for n in problem.resources]
    certificate = {
        "pieces": [{"inside": certify_inside(decode_cell(step.cell), cell, solved)}], "idle": [],
        "powers": dict(found.first), "logs": dict(found.sizes), "basis": list(found.places),
        "multipliers": list(found.multipliers), "limits": [], "determined": determined,
        **_list_signs(cell, found.gaps, sizes, found.multipliers),
    }
    conclusion = {
        "tradeoff": [terms[i] for i in found.places], "loss": found.power, "sizes": {n: found.first[n] for n in determined},
        "logs": {"loss": -found.loss, **{n: found.sizes[n] for n in determined}}, "iterated": found.iterated,
    }
    given = {**describe_problem(problem), "substitution": dict(solved)}
    return recorder.add("optimum", cell, (source,), given, conclusion, certificate)


def record_prefactor(
    cell: Cell, optimum: str, found: Prefactors | None, proof: Mapping[str, Any], recorder: Recorder
) -> str:
    """The step that gives the prefactors, or the reason why there are none (the optimum at the window's edge)."""
    conclusion: dict[str, Constant | None] = {
        "loss": found.loss if found else None, "size": found.size if found else None,
    }
    return recorder.add("prefactor", cell, (optimum,), None, conclusion, proof)
