"""The phases: cutting the parameter space into the largest cells on which one optimum is valid.

Algorithm. (1) The cells on which the terms themselves are valid cut the domain into pieces; in each piece the
conditions of all vertices of the trade-off (`optimum`) are polynomials, whose irreducible factors are the candidate
walls. (2) A rational point in every open piece of that arrangement (`sampling`) gets a *label*: trade-off and
exponents of the vertex that is optimal there. (3) Factors that never separate two labels are dropped. (4) Pieces with
equal labels are merged: a phase is described by the shortest conjunction of wall signs, found greedily from the most
complicated condition down, that contains its own points and none of the others. (5) A decision tree over the wall
polynomials proves that the phases cover the domain: every leaf implies one phase or is empty. Neighbours are proved by
a straight segment between two sample points on which only the one wall polynomial changes sign.

Vocabulary. *Phase*: a cell with one trade-off and one set of exponents. *Wall*: the zero set of a polynomial, between
two phases. *Cover*: the decision tree. The names of phases come later, by matching with the literature.

Not covered: phases that are no single conjunction of signs of the walls (`UndecidedError` says so), and parameters that
occur other than polynomially.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, final

from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.ratios import Point, Ratio
from scaling_sym.algebra.regions import negate
from scaling_sym.algebra.sampling import distance_to_zero_sets, sample_cell, sample_points
from scaling_sym.algebra.signs import Weights, certify_empty, implied, sign_on_cell
from scaling_sym.algebra.terms import Term
from scaling_sym.asymptotics.optimum import Problem, Vertex, find_vertices, terms_at
from scaling_sym.errors import UndecidedError

Witness = dict[str, Fraction]
Label = tuple[tuple[str, ...], Ratio, tuple[tuple[str, Ratio], ...]]


@final
@dataclass(frozen=True, slots=True)
class Phase:
    """A cell of the parameter space with its optimum; `witness` is a rational point well inside."""

    cell: Cell
    vertex: Vertex
    witness: Witness

    @property
    def label(self) -> Label:
        """Trade-off and exponents: what makes two phases different."""
        return label_of(self.vertex)


@final
@dataclass(frozen=True, slots=True)
class Wall:
    """The zero set of a polynomial between two phases (by index), with a segment that crosses it there."""

    polynomial: Ratio
    phases: tuple[int, int]
    segment: tuple[Witness, Witness]


@final
@dataclass(frozen=True, slots=True)
class Cover:
    """A node of the tree: a split by a polynomial (positive, negative), or a leaf: a phase's index, or -1 for empty.

    A leaf carries one tuple of weights for each condition of its phase (or one, for emptiness).
    """

    polynomial: Ratio | None = None
    positive: Cover | None = None
    negative: Cover | None = None
    phase: int = -1
    weights: tuple[Weights, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class PhaseDiagram:
    """The phases of a problem, the walls between them, and the proof that they cover the domain."""

    problem: Problem
    phases: tuple[Phase, ...]
    walls: tuple[Wall, ...]
    cover: Cover


def label_of(vertex: Vertex) -> Label:
    """Trade-off (names of terms, sorted) and exponents of a vertex; a loss that does not decay has no trade-off."""
    if not vertex.loss:
        return (), vertex.loss, ()
    names = tuple(sorted(t.name or str(t.monomial) for t in vertex.tradeoff))
    return names, vertex.loss, tuple(sorted(vertex.sizes.items()))


def find_phases(problem: Problem) -> PhaseDiagram:
    """The phase diagram of a budgeted trade-off; raises `UndecidedError` where it cannot be proved."""
    optimum = _Optimum(problem)
    walls = _find_walls(problem, optimum)
    points = sample_cell(problem.domain, problem.names, walls)
    groups: dict[Label, list[tuple[Witness, Vertex]]] = {}
    for point in points:
        vertex = optimum.at(point)
        groups.setdefault(label_of(vertex), []).append((point, vertex))
    polynomials = distinct_factors([*walls, *(s.polynomial for s in problem.domain.conditions)])
    outside = [p for p in sample_points(polynomials, problem.names) if not problem.domain.contains(p)]
    phases = []
    for label, members in groups.items():
        inner = [p for p, _ in members]
        others = [p for p in points if p not in inner] + outside
        cell = describe(inner, others, polynomials, f"the phase with loss exponent {label[1]}")
        witness = max(inner, key=lambda p: (distance_to_zero_sets(p, polynomials), str(p)))
        phases.append(Phase(cell, next(v for p, v in members if p is witness), witness))
    phases.sort(key=lambda ph: (not ph.vertex.loss, [str(c) for c in ph.cell.conditions]))
    cover = build_cover([ph.cell for ph in phases], problem.domain, polynomials, points)
    neighbours = find_neighbours([ph.cell for ph in phases], points, polynomials)
    return PhaseDiagram(problem, tuple(phases), tuple(neighbours), cover)


def phases_at(cells: Sequence[Cell], point: Point) -> list[int]:
    """The cells whose closure contains the point, found along all directions that the vanishing polynomials tell apart.

    A polynomial that vanishes at the point is replaced by its gradient there; one with zero gradient is not handled
    (none of the walls has a singular point).
    """
    names = sorted(point)
    polynomials = {s.polynomial for c in cells for s in c.conditions if set(s.polynomial.names) <= set(names)}
    slopes = {
        p: sum((p.derivative(n).at(point) * Ratio.parameter(n) for n in p.names), Ratio.of(0))
        for p in polynomials if p.at(point) == 0
    }

    def holds(sign: Sign, direction: Point) -> bool:
        """Whether a condition holds at the point, or just beside it in the direction, if the point lies on it."""
        if sign.polynomial not in slopes:
            return sign.holds_at(point)
        value = slopes[sign.polynomial].at(direction)
        return value > 0 if sign.relation == ">" else value < 0

    directions = sample_points(slopes.values(), names)
    found = {i for x in directions for i, c in enumerate(cells) if all(holds(s, x) for s in c.conditions)}
    return sorted(found)


def build_cover(
    cells: Sequence[Cell], domain: Cell, polynomials: Sequence[Ratio], points: Sequence[Witness] | None = None
) -> Cover:
    """A decision tree that proves: the cells cover the domain up to zero sets of the polynomials.

    `points` holds a point in every open piece of the domain cut by the polynomials (worked out where it is absent); it
    only guides the search: a leaf is tried where its cell contains all of them.
    """
    if points is None:
        names = {*domain.names, *(n for p in polynomials for n in p.names), *(n for c in cells for n in c.names)}
        points = sample_cell(domain, sorted(names), polynomials)
    for i, cell in enumerate(cells):
        if points and all(cell.contains(x) for x in points):
            weights = [_own(s, domain) if s in domain.conditions else implied(s, domain) for s in cell.conditions]
            if all(w is not None for w in weights):
                return Cover(phase=i, weights=tuple(w for w in weights if w is not None))
    empty = None if points else certify_empty(domain)
    if empty is not None:
        return Cover(weights=(empty,))
    used = {s.polynomial for cell in cells for s in cell.conditions}
    split = next((p for p in polynomials if p in used and len({p.at(x) > 0 for x in points}) == 2), None)
    if split is None:
        split = _find_empty_side(cells, domain, points)
    rest = [p for p in polynomials if p != split]
    positive, negative = (
        build_cover(cells, domain.meet(Cell.of([sign])), rest, [x for x in points if sign.holds_at(x)])
        for sign in (Sign.of(split), Sign.of(split, "<"))
    )
    return Cover(split, positive, negative)


def _find_empty_side(cells: Sequence[Cell], domain: Cell, points: Sequence[Witness]) -> Ratio:
    """A polynomial of which the domain has one side only, by a proof that the other is empty."""
    for cell in cells:
        if points and all(cell.contains(x) for x in points):
            for sign in cell.conditions:
                if sign not in domain.conditions and certify_empty(domain.meet(Cell.of([negate(sign)]))) is not None:
                    return sign.polynomial
    raise UndecidedError(f"no wall polynomial decides the phase on {', '.join(domain.texts())}")


def _own(sign: Sign, cell: Cell) -> Weights:
    """The trivial proof of a condition that is one of the cell's own."""
    powers = tuple(int(s == sign) for s in cell.conditions)
    return ((powers, Fraction(1)),)


@final
class _Optimum:
    """The optimal vertex at rational points; the vertices of each set of terms are worked out once."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._vertices: dict[tuple[Term, ...], list[Vertex]] = {}

    def vertices(self, terms: tuple[Term, ...]) -> list[Vertex]:
        """The vertices of the programme with these terms, each list found once."""
        if terms not in self._vertices:
            self._vertices[terms] = list(find_vertices(self.problem, terms))
        return self._vertices[terms]

    def at(self, point: Witness) -> Vertex:
        """The vertex that is the optimum at a point; raises `UndecidedError` where no term limits a resource."""
        best = next((v for v in self.vertices(terms_at(self.problem, point)) if v.is_optimal_at(point)), None)
        if best is None:
            raise UndecidedError(f"the trade-off has no optimum at {point}: no term limits a resource there")
        return best


def _find_walls(problem: Problem, optimum: _Optimum) -> list[Ratio]:
    """Irreducible polynomials that separate two labels somewhere in the domain.

    The conditions of the vertices that were found optimal cut the domain further, until no new vertex is found: in each
    piece one of them is then optimal throughout.
    """
    candidates = distinct_factors(s.polynomial for t in problem.terms for s in t.cell.conditions)
    known: set[tuple[Any, ...]] = set()
    while True:
        points = sample_cell(problem.domain, problem.names, candidates)
        best = [optimum.at(x) for x in points]
        new = list({(v.tradeoff, v.idle): v for v in best if (v.tradeoff, v.idle) not in known}.values())
        if not new:
            break
        known |= {(v.tradeoff, v.idle) for v in new}
        factors = [f for v in new for c in v.conditions if c for f, _ in c.factors()[1]]
        undecided = [f for f in dict.fromkeys(factors) if sign_on_cell(f, problem.domain, problem.names) is None]
        candidates = distinct_factors([*candidates, *undecided])
    labelled = [({p: p.at(x) > 0 for p in candidates}, label_of(v)) for x, v in zip(points, best, strict=True)]
    walls = list(candidates)
    for p in reversed(candidates):
        rest = [w for w in walls if w != p]
        seen: dict[tuple[bool, ...], Label] = {}
        if all(seen.setdefault(tuple(signs[w] for w in rest), label) == label for signs, label in labelled):
            walls = rest
    return walls


def distinct_factors(polynomials: Iterable[Ratio]) -> list[Ratio]:
    """Distinct irreducible factors, the simplest first."""
    factors = {f for p in polynomials for f, _ in p.primitive().factors()[1]}
    return sorted(factors, key=lambda f: (f.degree, len(f.monomials()), str(f)))


def describe(inner: Sequence[Witness], others: Sequence[Witness], polynomials: Sequence[Ratio], what: str) -> Cell:
    """The shortest conjunction of signs, by greedy removal, that holds at `inner` and nowhere in `others`."""
    signs = []
    for p in polynomials:
        values = {p.at(x) > 0 for x in inner}
        if len(values) == 1:
            signs.append(Sign.of(p, ">" if values.pop() else "<"))
    if any(all(s.holds_at(x) for s in signs) for x in others):
        raise UndecidedError(f"{what} is not one conjunction of the wall signs")
    for sign in reversed(list(signs)):
        fewer = [s for s in signs if s is not sign]
        if not any(all(s.holds_at(x) for s in fewer) for x in others):
            signs = fewer
    return Cell.of(signs)


def find_neighbours(cells: Sequence[Cell], points: Sequence[Witness], polynomials: Sequence[Ratio]) -> list[Wall]:
    """For each wall polynomial, the pairs of cells that meet on it, each with a segment that proves it.

    `points` holds points of every open piece, each inside one of the cells.
    """
    owner = [next(i for i, cell in enumerate(cells) if cell.contains(x)) for x in points]
    found: dict[tuple[Ratio, tuple[int, int]], Wall] = {}
    signs = [{p: p.at(x) > 0 for p in polynomials} for x in points]
    for a, first in enumerate(points):
        for b in range(a):
            changed = [p for p in polynomials if signs[a][p] != signs[b][p]]
            pair = (min(owner[a], owner[b]), max(owner[a], owner[b]))
            if len(changed) != 1 or pair[0] == pair[1] or (changed[0], pair) in found:
                continue
            rest = [p for p in polynomials if p != changed[0]]
            if all(keeps_sign(p, first, points[b]) for p in rest):
                found[changed[0], pair] = Wall(changed[0], pair, (points[b], first))
    return [found[k] for k in sorted(found, key=lambda k: (k[1], str(k[0])))]


def keeps_sign(polynomial: Ratio, first: Witness, second: Witness) -> bool:
    """Whether a polynomial has no zero on the closed segment between two points where it has one sign."""
    t = Ratio.parameter("t")
    line = {n: Ratio.of(first[n]) + t * (second[n] - first[n]) for n in polynomial.names}
    along = polynomial.substitute(line)
    inside = Cell.of([Sign.of(t), Sign.of(t - 1, "<")])
    return len({along.at(p) > 0 for p in sample_cell(inside, ("t",), [along])}) == 1
