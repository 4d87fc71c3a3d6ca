"""The (alpha, beta) plane of paquette2024: phases, walls, corners, prefactors, and the bundle that carries them.

Order: loss terms on every piece of the plane (`loss_terms`, `glue`), the single pieces as the paper prints them, the
budgeted optimum and its phases, the walls with their logarithms, the corners, the prefactors, and the claims. Phases get
their names at the very end, by matching with the rows that the paper prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from derivations.paquette2024.comparison import compare_printed
from derivations.paquette2024.corners import find_corners
from derivations.paquette2024.glue import glue_pieces
from derivations.paquette2024.literature import PAPER, ROWS, printed_claims
from derivations.paquette2024.loss_terms import BATCH, LossTerms, Setting, derive_all
from derivations.paquette2024.single_pieces import record_single_pieces
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.sampling import sample_cell
from scaling_sym.algebra.terms import Monomial
from scaling_sym.asymptotics.certify import (
    record_continuity,
    record_cover,
    record_log_optimum,
    record_optimum,
    record_prefactor,
    sign_or_none,
)
from scaling_sym.asymptotics.log_powers import LogOptimum, find_log_optimum
from scaling_sym.asymptotics.optimum import Budget, Problem
from scaling_sym.asymptotics.phases import Phase, PhaseDiagram, Wall, find_phases
from scaling_sym.asymptotics.prefactors import find_prefactors
from scaling_sym.claims.assumptions import quote_assumptions
from scaling_sym.claims.bundle import Bundle, Claim, Source
from scaling_sym.claims.recorder import Recorder

NAMES: Final = ("alpha", "beta")
ALPHA: Final = Ratio.parameter("alpha")
BETA: Final = Ratio.parameter("beta")
RESOURCES: Final = ("d", "r")
BUDGET: Final = Budget(Monomial.of({"d": 1, "r": 1}))
PREMISES: Final = ("deterministic-equivalent", "sgd-follows-volterra", "uniform-transfer", "learning-rate-fraction")


@final
@dataclass(frozen=True, slots=True)
class WallLaw:
    """What holds on one wall: the parameter that its equation fixes, side conditions, and the powers of log f."""

    wall: Wall
    solved: dict[str, Ratio]
    cell: Cell
    log: LogOptimum | None
    steps: tuple[str, ...]


def domain() -> Cell:
    """alpha > 0 and beta > 0."""
    return Cell.parse(["alpha > 0", "beta > 0"])


def build_bundle() -> Bundle:
    """Everything that is derived about the plane, and the printed claims, as one bundle."""
    recorder = Recorder("s")
    own = _record_equations(recorder)
    pieces = glue_pieces(derive_all(Setting(ALPHA, BETA, NAMES), domain(), recorder), domain(), NAMES, recorder)
    single = record_single_pieces(recorder)
    problem = Problem(tuple(t for p in pieces for t in p.terms), RESOURCES, BUDGET, domain(), NAMES)
    diagram = find_phases(problem)
    supplied = [(p.step, p.cell, p.terms) for p in pieces]
    optima = [record_optimum(phase, problem, supplied, recorder) for phase in diagram.phases]
    cover = record_cover(diagram, optima, recorder)
    names = [name_phase(p) for p in diagram.phases]
    claims = [*own, *single]
    claims += [_terms_claim(i, p) for i, p in enumerate(pieces)]
    claims += _infinite_width(pieces, recorder)
    for phase, name, step in zip(diagram.phases, names, optima, strict=True):
        prefactor = _record_prefactor(phase, pieces, step, recorder)
        claims += _phase_claims(phase, name, step, prefactor)
    claims.append(Claim(
        "plrf/phases", "cover", {"phases": names}, domain().texts(), PREMISES, _source(),
        (cover,),
    ))
    for wall in diagram.walls:
        claims.append(_wall_claim(_study_wall(wall, diagram, optima, recorder), diagram, names))
    claims += find_corners(diagram, names, optima, recorder, _source(), PREMISES)
    phases = [(step, p.cell) for step, p in zip(optima, diagram.phases, strict=True)]
    claims += compare_printed(printed_claims(), claims, phases, pieces, recorder)
    return Bundle(PAPER, quote_assumptions(("mean-field-closure", *PREMISES)), recorder.list_used(claims), tuple(claims))


def _record_equations(recorder: Recorder) -> list[Claim]:
    """The recursion of SGD given the features, and the resolvent of the features, from the models' fields."""
    from derivations.bordelon2024.equations import Equations2024

    u, b, g = (Ratio.parameter(n) for n in ("u", "B", "gamma"))
    body = {"factor": str(1 - g * b * u * 2 + g**2 * u**2 * b * (b + 1)), "kernel": str(g**2 * u**2 * b)}
    volterra = recorder.add("volterra", Cell(), (), None, body)
    claims = [Claim("plrf/recursion", "recursion", body, [], (), _source(), (volterra,))]
    equations = Equations2024(recorder, whole=False)
    for name, step in (("resolvent", "resolvent"), ("infinite-1", "infinite-data")):
        text = equations.known[name]
        statement = recorder.state_equation(name, text, equations.sums, equations.steps[step])
        label = f"plrf/equations/{name}"
        claims.append(Claim(label, "equation", statement, [], ("mean-field-closure",), _source(), (equations.steps[step],)))
    return claims


def name_phase(phase: Phase) -> str:
    """The name of the printed row that contains the phase's witness with the same trade-off; `none` if there is none."""
    for row in ROWS:
        inside = Cell.parse(row["region"]).contains(phase.witness)
        if inside and sorted(row["tradeoff"]) == sorted(phase.label[0]):
            return str(row["name"])
    return "none"


def _source() -> Source:
    return Source(PAPER, "derived from the model's equations", "derived")


def _terms_claim(index: int, piece: LossTerms) -> Claim:
    statement = {"time": "theta = 2 gamma B r", "names": sorted({t.name for t in piece.terms})}
    return Claim(f"plrf/terms/{index + 1}", "terms", statement, piece.cell.texts(), PREMISES, _source(), (piece.step,))


def _infinite_width(pieces: Sequence[LossTerms], recorder: Recorder) -> list[Claim]:
    """The same derivation for v = infinity, where 2 alpha > 1: the powers must be those for v = rho d."""
    cell = domain().meet(Cell.parse(["2*alpha - 1 > 0"]))
    derived = derive_all(Setting(ALPHA, BETA, NAMES, ""), cell, recorder)
    claims = []
    for i, piece in enumerate(glue_pieces(derived, cell, NAMES, recorder)):
        finite = next(p for p in pieces if p.cell.contains(sample_cell(piece.cell, NAMES)[0]))
        statement = {"width": "infinite", "names": sorted({t.name for t in piece.terms})}
        claims.append(Claim(f"plrf/infinite/terms/{i + 1}", "terms-infinite", statement, piece.cell.texts(), PREMISES,
                            _source(), (piece.step, finite.step)))
    return claims


def _phase_claims(phase: Phase, name: str, step: str, prefactor: str | None) -> list[Claim]:
    vertex, assumptions = phase.vertex, PREMISES
    decays = bool(vertex.loss)
    common = {"phase": name, "tradeoff": list(phase.label[0]), "witness": {n: str(x) for n, x in phase.witness.items()}}
    region = phase.cell.texts()
    loss = {**common, "quantity": "loss", "exponent": str(vertex.loss) if decays else None}
    size = {**common, "quantity": "size", "exponent": str(vertex.sizes["d"]) if decays else None}
    claims = [Claim(f"plrf/{name}/{s['quantity']}", "phase", s, region, assumptions, _source(), (step,))
              for s in (loss, size)]
    if prefactor is not None:
        claims.append(Claim(f"plrf/{name}/prefactor", "prefactor", {"phase": name}, region, assumptions, _source(),
                            (prefactor,)))
    return claims


def _record_prefactor(phase: Phase, pieces: Sequence[LossTerms], step: str, recorder: Recorder) -> str | None:
    """The prefactors where the optimum lies strictly inside the window of two terms; else the reason."""
    vertex = phase.vertex
    if not vertex.loss:
        return None
    piece = next(p for p in pieces if p.cell.contains(phase.witness))
    time_rate = vertex.sizes["r"] + piece.learning_rate.monomial.exponent("d") * vertex.sizes["d"]
    gap = ALPHA * 2 * vertex.sizes["d"] - time_rate
    found = None
    if gap:
        first, second = (t for t in piece.terms if t in vertex.tradeoff)
        found = find_prefactors(first, second, "d", "r", Constant.of(BATCH), phase.witness)
    proof = {"time": sign_or_none(time_rate, phase.cell), "gap": sign_or_none(gap, phase.cell)}
    return record_prefactor(phase.cell, step, found, proof, recorder)


def _study_wall(wall: Wall, diagram: PhaseDiagram, optima: Sequence[str], recorder: Recorder) -> WallLaw:
    """Continuity across the wall, and the loss terms and logarithms on it where it can be solved for a parameter."""
    steps = [record_continuity(wall, diagram, optima, recorder)]
    solved = solve_wall(wall.polynomial)
    left, right = (diagram.phases[i] for i in wall.phases)
    if solved is None or not (left.vertex.loss and right.vertex.loss):
        return WallLaw(wall, solved or {}, Cell(), None, tuple(steps))
    cell = restrict(left.cell.meet(right.cell), wall.polynomial, solved)
    free = tuple(n for n in NAMES if n not in solved)
    setting = Setting(ALPHA.substitute(solved), BETA.substitute(solved), free)
    (piece,) = derive_all(setting, cell, recorder)
    sizes = {n: x.substitute(solved) for n, x in left.vertex.sizes.items()}
    point = sample_cell(cell, free)[0]
    found = find_log_optimum(
        piece.terms, RESOURCES, BUDGET, sizes, left.vertex.loss.substitute(solved), {"gamma": piece.learning_rate}, point
    )
    if found is not None:
        steps.append(record_log_optimum(found, cell, diagram.problem, piece.step, solved, recorder))
    return WallLaw(wall, solved, cell, found, tuple(steps))


def solve_wall(polynomial: Ratio) -> dict[str, Ratio] | None:
    """The wall's equation solved for one parameter that occurs linearly with a constant coefficient; else `None`."""
    for name in reversed(NAMES):
        slope = polynomial.derivative(name)
        if slope and slope.is_constant:
            return {name: Ratio.parameter(name) - polynomial / slope}
    return None


def restrict(cell: Cell, wall: Ratio, solved: dict[str, Ratio]) -> Cell:
    """The conditions of a cell other than the wall's own, on the wall; those that become constants are dropped."""
    signs = []
    for sign in cell.conditions:
        if sign.polynomial != wall:
            on_wall = sign.positive.substitute(solved)
            if not on_wall.is_constant:
                signs.append(type(sign).of(on_wall))
    return Cell.of(signs)


def _wall_claim(law: WallLaw, diagram: PhaseDiagram, names: Sequence[str]) -> Claim:
    left, right = (names[i] for i in law.wall.phases)
    vertex = diagram.phases[law.wall.phases[0]].vertex
    statement: dict[str, Any] = {
        "polynomial": str(law.wall.polynomial), "phases": [left, right],
        "loss": str(vertex.loss), "size": str(vertex.sizes["d"]) if vertex.loss else None,
        "log_loss": None, "log_size": None, "note": None,
    }
    if law.log is None:
        statement["note"] = _missing_logs(law, diagram)
    elif law.log.iterated:
        statement["note"] = "iterated: the law contains log log f"
    else:
        statement |= {"log_loss": str(law.log.loss), "log_size": str(law.log.sizes["d"])}
    label = f"plrf/wall/{'|'.join(sorted((left, right)))}"
    return Claim(label, "wall", statement, law.cell.texts(), PREMISES, _source(), law.steps)


def _missing_logs(law: WallLaw, diagram: PhaseDiagram) -> str:
    left, right = (diagram.phases[i].vertex for i in law.wall.phases)
    if not (left.loss and right.loss):
        return "undecided: the boundary of the admissible region, beyond which there is no power law"
    if left.sizes["d"] != right.sizes["d"] and not law.solved:
        return "undecided: no rational points on this wall; the size exponent jumps, all sizes between are optimal"
    return "undecided: the optimum on the wall is not unique"


