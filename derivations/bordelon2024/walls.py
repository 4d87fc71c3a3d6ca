"""What holds on the walls of the (a, b) plane: powers of logarithms, with constants where they are determined.

The walls are read off the laws: the zero set of a polynomial that has one law on each of its sides. On a wall a is a function of
b; the same derivation runs there once more, and poles that coincide identically give the logarithms:

    bottlenecks, corrections   the leading term on the wall                                              (lead)
    budgets                    the optimum of the terms on the wall, with its powers of log C     (join, optimum)
    C = N min(P, t)            the better of two ways that are known there                               (better)

At a corner three phases of a budget meet; both parameters are numbers there, and the terms are those of a wall through it.

Not covered: sizes on the wall b = 2 of C = N P, where a range of them is equally good (there is no claim about them).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from derivations.bordelon2024.equations import FLOW, Equations2024
from derivations.bordelon2024.flow import DOMAIN, NAMES, A, B, correct_in_size, derive_flow
from derivations.bordelon2024.laws import Law, Laws
from derivations.bordelon2024.literature import CLOSURE, PAPER, SGD, WINDOW
from derivations.bordelon2024.resources import ASSUMED, Cones, Optima, Piece, Resources, cones_of, record_order
from derivations.paquette2024.loss_terms import LossTerms, Setting, derive_all
from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.regions import negate
from scaling_sym.algebra.sampling import sample_cell
from scaling_sym.algebra.substitution import add_constants
from scaling_sym.algebra.terms import Monomial, Term, substitute
from scaling_sym.asymptotics.certify import record_log_optimum
from scaling_sym.asymptotics.log_powers import LogOptimum, find_log_optimum
from scaling_sym.asymptotics.phases import PhaseDiagram, phases_at
from scaling_sym.claims.bundle import Claim, Source
from scaling_sym.claims.encoding import encode
from scaling_sym.claims.recorder import Recorder
from scaling_sym.errors import UndecidedError

ZERO: Final = Ratio.of(0)
ONE: Final = Ratio.of(1)
SINGLE: Final = {  # quantity -> what its laws rest on
    "model": CLOSURE, "data": CLOSURE, "bias": CLOSURE, "time": WINDOW, "correction/model": WINDOW, "correction/data": WINDOW,
    "gap": WINDOW, "sgd/time": SGD, "sgd/size": SGD,
}
SPENT: Final[Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]]] = {
    "compute": (WINDOW, {"size": "N", "steps": "t"}), "compute-late": (CLOSURE, {"size": "N", "data": "P"}),
    "compute-wide": (ASSUMED, {"data": "P", "steps": "t"}),
}


@final
@dataclass(frozen=True, slots=True)
class Spent:
    """An optimum on a wall or in a corner: its place, the cell of the other conditions, and the step."""

    solved: Mapping[str, Ratio]
    cell: Cell
    loss: Ratio
    found: LogOptimum
    step: str


@final
class Walls:
    """The claims about walls and corners, after all laws on the open cells."""

    def __init__(self, equations: Equations2024, resources: Resources, recorder: Recorder) -> None:
        self.equations, self.resources, self.recorder = equations, resources, recorder
        self._laws: dict[str, Laws] = {}
        self._flows: dict[str, list[LossTerms]] = {}
        self.spent: dict[str, list[Spent]] = {}

    def claims(self, known: Sequence[Claim]) -> list[Claim]:
        """One claim for every quantity on every wall of it."""
        claims = [c for quantity in SINGLE for c in self._single(quantity, known)]
        for budget in SPENT:
            claims += self._spend(budget, self.resources.optima[budget])
        claims += self._compare(known)
        return _label(claims)

    def laws(self, solved: Mapping[str, Ratio]) -> Laws:
        """The sums over modes on a wall."""
        key = str(dict(solved))
        if key not in self._laws:
            self._laws[key] = Laws(self.equations, self.recorder, solved)
        return self._laws[key]

    def flow(self, solved: Mapping[str, Ratio], cell: Cell) -> list[LossTerms]:
        """Gradient flow on a wall."""
        key = str(dict(solved))
        if key not in self._flows:
            self._flows[key] = derive_flow(self._width(), cell, self.recorder, A.substitute(dict(solved)))
        return self._flows[key]

    def _single(self, quantity: str, known: Sequence[Claim]) -> list[Claim]:
        """The laws of one quantity on its walls."""
        cells = [Cell.parse(c.region) for c in known if c.kind == "law" and c.statement["quantity"] == quantity]
        claims = []
        for wall in find_walls(cells):
            solved = solve_wall(wall)
            cell = restrict(DOMAIN, solved)
            for law in self._on(quantity, solved, cell):
                claims.append(self._law_claim(quantity, solved, law))
        return claims

    def _on(self, quantity: str, solved: Mapping[str, Ratio], cell: Cell) -> list[Law]:
        """The derivation of one quantity on a wall."""
        laws = self.laws(solved)
        match quantity:
            case "model":
                return laws.model(cell)
            case "data":
                return laws.data(cell)
            case "bias":
                return laws.bias(cell)
            case "correction/data" | "gap":
                return laws.first_order({"correction/data": "loss"}.get(quantity, quantity), cell)
            case "correction/model":
                step, terms = correct_in_size(self._width(), self.recorder, A.substitute(dict(solved)))
                along = ({"theta": ONE},)
                return [self.laws({}).lead(step, terms, along, piece.cell) for piece in self.flow(solved, cell)]
            case "time":
                return [laws.send(piece, "N", "t") for piece in self.flow(solved, cell)]
        alpha, beta = B / 2, (A.substitute(dict(solved)) - B) / 2
        pieces = derive_all(Setting(alpha, beta, NAMES, ""), cell, self.recorder)
        gone, left = {"sgd/time": ("d", "r"), "sgd/size": ("r", "d")}[quantity]
        return [laws.send(piece, gone, left) for piece in pieces]

    def _width(self) -> tuple[str, ...]:
        """The steps on which gradient flow rests."""
        return tuple(self.equations.steps[n] for n in FLOW)

    def _law_claim(self, quantity: str, solved: Mapping[str, Ratio], law: Law) -> Claim:
        names = {"d": "N", "theta": "t"} if quantity == "correction/model" else {}
        first = law.terms[0]
        if any((t.monomial, t.logs) != (first.monomial, first.logs) for t in law.terms):
            raise UndecidedError(f"{quantity} has no single order on the wall {dict(solved)}")
        constant, log = add_constants(t.constant for t in law.terms), ZERO
        for argument, k in first.logs:  # log of x^r is r log x
            ((_, rate),) = argument.powers
            constant, log = constant * Constant.of(rate) ** k, log + k
        constant = constant * Constant.of(2) ** first.monomial.exponent("theta")  # theta = 2 t
        power = substitute(Term(first.monomial), {n: Term(Monomial.of({m: 1})) for n, m in names.items()}).monomial
        statement = {
            "quantity": quantity, "wall": write_wall(solved), "power": encode(power), "log": str(log),
            "constant": None if quantity.startswith("sgd") else encode(constant), "names": names,
        }
        return _claim(statement, law.cell, SINGLE[quantity], law.step)

    def _spend(self, budget: str, optima: Optima) -> list[Claim]:
        """The optimum of one budget on its walls and in its corners."""
        diagram = optima[0]
        places: list[tuple[dict[str, Ratio], Sequence[int]]] = [(solve_wall(w.polynomial), w.phases) for w in diagram.walls]
        places += find_corners(diagram)
        claims = []
        for solved, meeting in places:
            spent = self._optimise(budget, optima, solved, meeting)
            if spent is None:
                continue
            self.spent.setdefault(budget, []).append(spent)
            rests_on, sizes = SPENT[budget]
            values = {"loss": (-spent.loss, spent.found.loss)}
            if spent.found.is_unique:
                vertex = diagram.phases[meeting[0]].vertex
                values |= {k: (vertex.sizes[n].substitute(dict(solved)), spent.found.sizes[n]) for k, n in sizes.items()}
            claims += [_claim(_exponent(f"{budget}/{k}", solved, *v), spent.cell, rests_on, spent.step)
                       for k, v in values.items()]
        return claims

    def _optimise(
        self, budget: str, optima: Optima, solved: Mapping[str, Ratio], meeting: Sequence[int]
    ) -> Spent | None:
        """The second programme at one place."""
        diagram, _, supplied = optima
        fixed, vertex = dict(solved), diagram.phases[meeting[0]].vertex
        around = [diagram.phases[i].cell for i in meeting] if len(solved) == 1 else []
        cell = restrict(Cell.of(s for c in (diagram.problem.domain, *around) for s in c.conditions), solved)
        free = tuple(n for n in NAMES if n not in solved)
        points = sample_cell(cell, free)
        if not points:
            return None
        place = points[0]
        step, terms = self._terms_at(budget, solved, place, supplied)
        on_wall = [Term(t.monomial.substitute(fixed), logs=tuple((m.substitute(fixed), k) for m, k in t.logs)) for t in terms]
        sizes = {n: x.substitute(fixed) for n, x in vertex.sizes.items()}
        loss, problem = vertex.loss.substitute(fixed), diagram.problem
        found = find_log_optimum(on_wall, problem.resources, problem.budget, sizes, loss, {}, place)
        if found is None or found.iterated:
            return None
        return Spent(fixed, cell, loss, found, record_log_optimum(found, cell, problem, step, fixed, self.recorder))

    def _terms_at(
        self, budget: str, solved: Mapping[str, Ratio], place: Mapping[str, Any], supplied: Sequence[Piece]
    ) -> tuple[str, Sequence[Term]]:
        """The step that supplies the terms on a wall, and the terms."""
        if "a" not in solved:
            point = {**place, **{n: x.constant() for n, x in solved.items()}}
            return next((step, terms) for step, cell, terms in supplied if cell.contains(point))
        wall = solved if "b" not in solved else solve_wall(self._wall_through(budget, solved))
        inner = restrict(DOMAIN, wall)
        if budget == "compute":
            supplied = [(p.step, p.cell, p.terms) for p in self.flow(wall, inner)]
        else:
            supplied = self.resources.join(self._cones(budget, wall, inner), inner)
        at = {**place, **({"b": solved["b"].constant()} if "b" in solved else {})}
        return next((step, terms) for step, cell, terms in supplied if cell.contains(at))

    def _wall_through(self, budget: str, corner: Mapping[str, Ratio]) -> Ratio:
        """The polynomial of a wall in a and b through a corner."""
        walls = [w.polynomial for w in self.resources.optima[budget][0].walls]
        return next(w for w in walls if "a" in w.names and not w.substitute(dict(corner)))

    def _cones(self, budget: str, wall: Mapping[str, Ratio], cell: Cell) -> Cones:
        laws = self.laws(wall)
        if budget == "compute-late":
            return cones_of(budget, [laws.both(cell)], [laws.under(cell)])
        time = [laws.send(piece, "N", "t") for piece in self.flow(wall, cell)]
        return cones_of(budget, [time, laws.first_order("loss", cell)], [laws.data(cell)])

    def _compare(self, known: Sequence[Claim]) -> list[Claim]:
        """C = N min(P, t) on the walls of its two ways, and where they tie."""
        cells = [Cell.parse(c.region) for c in known if c.kind == "law" and c.statement["quantity"] == "compute-min/loss"]
        places = [(dict(s.solved), s.cell) for s in self.spent["compute-late"]]
        for wall in find_walls(cells):
            solved = solve_wall(wall)
            if all(s != solved for s, _ in places):
                places += [(solved, restrict(c, solved)) for c in cells if any(s.polynomial == wall for s in c.conditions)][:1]
        claims = []
        for solved, cell in places:
            ways = sorted((self._way(budget, solved, cell) for budget in ("compute-late", "compute")),
                          key=lambda way: -way[0].at(_sample(cell)))
            (best, first, log), (worse, second, _) = ways
            one = record_order("better", (first, second), ("loss", "loss"), best - worse, cell, solved, self.recorder)
            claims.append(_claim(_exponent("compute-min/loss", solved, -best, log), cell, ASSUMED, one))
        return claims

    def _way(self, budget: str, solved: Mapping[str, Ratio], cell: Cell) -> tuple[Ratio, str, Ratio]:
        """Exponent, step, and power of log C of one way to spend, on a wall or inside one of its phases."""
        fixed, place = dict(solved), _sample(cell)
        point = {**place, **{n: x.at(place) for n, x in fixed.items()}}
        diagram, steps, _ = self.resources.optima[budget]
        for phase, step in zip(diagram.phases, steps, strict=True):
            if phase.cell.contains(point):
                return phase.vertex.loss.substitute(fixed), step, ZERO
        for spent in self.spent[budget]:
            if all(x.substitute(fixed) == fixed.get(n) for n, x in spent.solved.items()) and spent.cell.contains(point):
                return spent.loss.substitute(fixed), spent.step, spent.found.loss.substitute(fixed)
        raise UndecidedError(f"nothing is known about {budget} on the wall {fixed}")


def find_walls(cells: Sequence[Cell]) -> list[Ratio]:
    """The polynomials that are positive on one cell and negative on another."""
    sides: dict[Ratio, set[str]] = {}
    for sign in (s for c in cells for s in c.conditions):
        sides.setdefault(sign.polynomial, set()).add(sign.relation)
    return sorted((p for p, found in sides.items() if len(found) == 2), key=str)


def solve_wall(polynomial: Ratio) -> dict[str, Ratio]:
    """The wall's equation solved for a, or for b where a does not occur; raises `UndecidedError`."""
    name = NAMES[0] if NAMES[0] in polynomial.names else NAMES[1]
    slope = polynomial.derivative(name)
    if not slope or name in slope.names:
        raise UndecidedError(f"the wall {polynomial} = 0 is not linear in {name}")
    return {name: Ratio.parameter(name) - polynomial / slope}


def restrict(cell: Cell, solved: Mapping[str, Ratio]) -> Cell:
    """The conditions of a cell on a wall, those that hold by themselves or by others left out."""
    signs = []
    for sign in cell.conditions:
        on_wall = sign.positive.substitute(dict(solved))
        if not on_wall.is_constant:
            content, factors = on_wall.factors()
            signs += [Sign.of(f * (1 if content > 0 else -1)) for f, e in factors if e % 2 and len(factors) == 1]
    found = Cell.of(signs)
    for sign in found.conditions:
        fewer = Cell(tuple(s for s in found.conditions if s != sign))
        if not sample_cell(fewer.meet(Cell.of([negate(sign)])), fewer.names or sign.polynomial.names):
            found = fewer
    return found


def find_corners(diagram: PhaseDiagram) -> list[tuple[dict[str, Ratio], Sequence[int]]]:
    """Rational points at which two linear walls cross and three or more phases meet."""
    walls = sorted({w.polynomial for w in diagram.walls}, key=str)
    found: dict[str, tuple[dict[str, Ratio], Sequence[int]]] = {}
    for first in walls:
        for second in walls:
            one = solve_wall(first)
            rest = second.substitute(one)
            if "a" in one and rest.degree == 1 and rest.names == ("b",):
                b = -rest.substitute({"b": ZERO}) / rest.derivative("b")
                point = {"a": one["a"].substitute({"b": b}).constant(), "b": b.constant()}
                meeting = phases_at([p.cell for p in diagram.phases], point)
                if diagram.problem.domain.contains(point) and len(meeting) > 2:
                    found[str(point)] = {n: Ratio.of(x) for n, x in point.items()}, meeting
    return [found[k] for k in sorted(found)]


def write_wall(solved: Mapping[str, Ratio]) -> dict[str, str]:
    """The place as it stands in a claim."""
    return {n: str(x) for n, x in sorted(solved.items())}


def _sample(cell: Cell) -> dict[str, Any]:
    return sample_cell(cell, cell.names)[0]


def _exponent(quantity: str, solved: Mapping[str, Ratio], value: Ratio, log: Ratio) -> dict[str, Any]:
    return {"quantity": quantity, "wall": write_wall(solved), "power": {"C": str(value)}, "log": str(log), "constant": None,
            "names": {}}


def _claim(statement: dict[str, Any], cell: Cell, assumptions: tuple[str, ...], step: str) -> Claim:
    source = Source(PAPER, "derived from the model's equations", "derived")
    return Claim("", "law-on-wall", statement, cell.texts(), assumptions, source, (step,))


def _label(claims: Sequence[Claim]) -> list[Claim]:
    """dmft/model/a=b+1, with a number where there are several."""
    from dataclasses import replace

    stems = ["dmft/" + c.statement["quantity"] + "/" + name_wall(c.statement["wall"]) for c in claims]
    return [replace(c, label=s if stems.count(s) == 1 else f"{s}/{stems[: i + 1].count(s)}")
            for i, (c, s) in enumerate(zip(claims, stems, strict=True))]


def name_wall(wall: Mapping[str, str]) -> str:
    """a=b+1, or a=3,b=2."""
    return ",".join(f"{n}={x}".replace(" ", "") for n, x in sorted(wall.items()))
