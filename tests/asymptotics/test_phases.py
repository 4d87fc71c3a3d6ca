"""The phase cutter against brute force, on typed-in PLRF terms and on users' models.

The reference is `tests.peers.brute_force`, which works at one rational point at a time, in fractions.
"""

from __future__ import annotations

import random
from fractions import Fraction
from functools import cache

import pytest

from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.grammar import parse_ratio as read
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.regions import negate
from scaling_sym.algebra.signs import certify_empty, check_weights
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.asymptotics.optimum import Budget, Problem
from scaling_sym.asymptotics.phases import Cover, PhaseDiagram, build_cover, find_phases, keeps_sign
from scaling_sym.errors import UndecidedError
from tests.asymptotics.plrf_by_hand import plrf_problem
from tests.peers.brute_force import minimise_line, minimise_vertices, plrf_terms

Place = dict[str, Fraction]


@cache
def plrf() -> PhaseDiagram:
    return find_phases(plrf_problem())


def place(alpha: Fraction | str, beta: Fraction | str) -> Place:
    return {"alpha": Fraction(alpha), "beta": Fraction(beta)}


# Phase, trade-off, loss exponent, size exponent: the table of mathematics.md, section 1, and the region without a law.
TABLE = {
    "Ia": ("F_0 F_pp", "(2*alpha+2*beta-1)/(2*alpha+1)", "1/(2*alpha+1)", place(1, "1/4")),
    "Ib": ("F_0 F_pp", "alpha+beta-1/2", "1/2", place("2/5", "1/5")),
    "Ic": ("F_0 F_pp", "alpha*(2*alpha+2*beta-1)/(alpha*(3-2*beta)+2*beta-1)",
           "(2*alpha+2*beta-1)/(2*(alpha*(3-2*beta)+2*beta-1))", place("1/5", 1)),
    "II": ("F_ac F_pp", "(2*alpha+2*beta-1)/(2*(alpha+beta))", "beta/(alpha+beta)", place(1, "3/4")),
    "III": ("F_ac K_pp", "1-1/(4*alpha)", "1/2", place(1, 2)),
    "IVa": ("F_0 K_pp", "alpha", "1/2", place("2/5", 1)),
    "IVb": ("F_pp K_pp", "(1-2*alpha)*(2*alpha+2*beta-1)/(2*(2*beta-alpha-2*alpha*beta))",
            "(beta-alpha)/(2*beta-alpha-2*alpha*beta)", place("27/100", 1)),
}


@pytest.mark.parametrize("name", TABLE)
def test_printed_table_comes_out(name: str) -> None:
    tradeoff, loss, size, inside = TABLE[name]
    [phase] = [ph for ph in plrf().phases if ph.cell.contains(inside)]
    assert phase.label[0] == tuple(tradeoff.split())
    assert phase.vertex.loss == read(loss)
    assert phase.vertex.sizes["d"] == read(size)
    assert phase.vertex.sizes["d"] + phase.vertex.sizes["r"] == 1


def test_seven_phases_and_the_region_without_a_power_law() -> None:
    phases = plrf().phases
    assert len(phases) == 8
    assert [ph.label for ph in phases if not ph.vertex.loss] == [((), Ratio.of(0), ())]
    [dead] = [ph for ph in phases if not ph.vertex.loss]
    assert "2*alpha + 2*beta - 1 < 0" in dead.cell.texts()
    assert len({ph.label for ph in phases}) == 8


def test_walls() -> None:
    """The quadratic wall has the root alpha = 1 - 1/sqrt 2 in the plane, the smaller root of 2 a^2 - 4 a + 1."""
    found = {str(w.polynomial) for w in plrf().walls}
    assert found == {"2*alpha - 1", "2*beta - 1", "4*alpha - 1", "2*alpha**2 - 4*alpha + 1", "alpha - beta",
                     "2*alpha + 2*beta - 1"}


def check_against_brute_force(diagram: PhaseDiagram, at: Place) -> int:
    """Phase, trade-off and exponents at one point off the walls; returns the phase's index."""
    owners = [i for i, ph in enumerate(diagram.phases) if ph.cell.contains(at)]
    assert len(owners) == 1, at
    phase = diagram.phases[owners[0]]
    reference = minimise_line(plrf_terms(at["alpha"], at["beta"]), "d", "r")
    assert phase.vertex.loss.at(at) == reference.loss
    if reference.loss:
        assert reference.places == (tuple(phase.vertex.sizes[n].at(at) for n in ("d", "r")),)
        assert frozenset(phase.label[0]) == reference.active
    return owners[0]


def on_a_wall(at: Place) -> bool:
    a, b = at["alpha"], at["beta"]
    return 0 in {2 * a - 1, 2 * b - 1, 4 * a - 1, a - b, 2 * a + 2 * b - 1}


def test_ten_thousand_random_rational_points() -> None:
    """Denominators up to 200, so that walls are hit too; there no phase may claim the point."""
    draw, seen, walls = random.Random(20240515), set(), 0
    for _ in range(10_000):
        bottom = draw.randint(1, 200)
        at = place(Fraction(draw.randint(1, 2 * bottom), bottom), Fraction(draw.randint(1, 2 * bottom), bottom))
        owners = [ph for ph in plrf().phases if ph.cell.contains(at)]
        if owners:
            seen.add(check_against_brute_force(plrf(), at))
        else:
            assert on_a_wall(at)
            walls += 1
    assert seen == set(range(8))
    assert walls > 50


WALL_POINTS = [
    place("1/2", "3/4"), place("1/2", "1/4"), place("1/4", "2/3"), place("2/3", "1/2"), place("1/3", "1/2"),
    place("27/100", "1/2"), place("1/5", "1/2"), place("3/4", "3/4"), place("1/5", "3/10"), place("1/2", "1/2"),
    place("1/4", "1/2"), place("1/3", "1/6"),
]


@pytest.mark.parametrize("at", WALL_POINTS, ids=lambda p: f"{p['alpha']},{p['beta']}")
def test_points_on_walls_belong_to_no_phase_and_exponents_are_continuous(at: Place) -> None:
    """The loss exponent there, by brute force with the terms on either side, is the common value of the neighbours."""
    assert not any(ph.cell.contains(at) for ph in plrf().phases)
    hair = Fraction(1, 10**9)
    near = [place(at["alpha"] + i * hair, at["beta"] + j * hair) for i, j in ((1, 2), (-1, 2), (1, -2), (-1, -2))]
    owners = {check_against_brute_force(plrf(), p) for p in near}
    assert len(owners) > 1
    assert len({plrf().phases[i].vertex.loss.at(at) for i in owners}) == 1


def test_close_to_the_irrational_wall() -> None:
    """Convergents of 1 - 1/sqrt 2 approach the wall from both sides down to 1e-30; the side is always decided right."""
    p, q = 1, 1  # p/q -> sqrt 2, alternating
    sides = set()
    for _ in range(40):
        p, q = p + 2 * q, p + q
        at = place(1 - Fraction(q, p), 1)
        owner = check_against_brute_force(plrf(), at)
        sides.add(plrf().phases[owner].label[0])
        wall = 2 * at["alpha"] ** 2 - 4 * at["alpha"] + 1
        assert plrf().phases[owner].label[0] == (("F_pp", "K_pp") if wall > 0 else ("F_0", "K_pp"))
    assert len(sides) == 2


def test_loss_is_continuous_along_whole_walls() -> None:
    """The difference of the two exponents has the wall's polynomial as a factor, or vanishes."""
    for wall in plrf().walls:
        first, second = (plrf().phases[i] for i in wall.phases)
        gap = first.vertex.loss - second.vertex.loss
        assert not gap or wall.polynomial in {f for f, e in gap.factors()[1] if e > 0}


def check_structure(diagram: PhaseDiagram) -> None:
    """Witnesses, disjointness, segments and cover, each by direct evaluation or multiplication."""
    for i, phase in enumerate(diagram.phases):
        assert phase.cell.contains(phase.witness)
        assert [ph.cell.contains(phase.witness) for ph in diagram.phases].count(True) == 1
        assert all(c.at(phase.witness) >= 0 for c in phase.vertex.conditions)
        assert all(are_disjoint(phase.cell, other.cell) for other in diagram.phases[:i])
    for wall in diagram.walls:
        ends = [[ph.cell.contains(p) for ph in diagram.phases].index(True) for p in wall.segment]
        assert sorted(ends) == sorted(wall.phases)
        assert wall.polynomial.at(wall.segment[0]) * wall.polynomial.at(wall.segment[1]) < 0
    check_cover(diagram, diagram.cover, diagram.problem.domain)


def are_disjoint(left: Cell, right: Cell) -> bool:
    """Two opposite conditions, or a certificate that their meet is empty, multiplied out."""
    if any(negate(sign) in right.conditions for sign in left.conditions):
        return True
    weights = certify_empty(left.meet(right))
    return weights is not None and check_weights(Ratio.of(0), left.meet(right), weights)


def check_cover(diagram: PhaseDiagram, node: Cover, cell: Cell) -> None:
    if node.polynomial is not None:
        assert node.positive is not None
        assert node.negative is not None
        check_cover(diagram, node.positive, cell.meet(Cell.of([Sign.of(node.polynomial)])))
        check_cover(diagram, node.negative, cell.meet(Cell.of([Sign.of(node.polynomial, "<")])))
    elif node.phase >= 0:
        conditions = diagram.phases[node.phase].cell.conditions
        for sign, weights in zip(conditions, node.weights, strict=True):
            assert check_weights(sign.positive, cell, weights)
    else:
        assert check_weights(Ratio.of(0), cell, node.weights[0])


def test_structure_of_the_plrf_diagram() -> None:
    check_structure(plrf())


def test_result_does_not_depend_on_the_order_of_terms() -> None:
    problem = plrf_problem()
    turned = find_phases(Problem(problem.terms[::-1], problem.resources, problem.budget, problem.domain, problem.names))
    assert {(ph.cell, ph.label) for ph in turned.phases} == {(ph.cell, ph.label) for ph in plrf().phases}


def power(**exponents: str) -> Monomial:
    return Monomial.of({n: read(e) for n, e in exponents.items()})


def model(resources: str, parameters: str, cost: Monomial, *terms: Monomial, fixed: tuple[Monomial, ...] = (),
          domain: tuple[str, ...] = ()) -> Problem:
    named = tuple(Term(m, name=f"T{i}") for i, m in enumerate(terms))
    positive = domain or tuple(f"{n} > 0" for n in parameters)
    return Problem(named, tuple(resources), Budget(cost, fixed), Cell.parse(positive), tuple(parameters))


MODELS = {
    "two terms": model("ND", "ab", power(N="1", D="1"), power(N="-a"), power(D="-b")),
    "three resources": model("NtB", "ab", power(N="1", t="1", B="1"), power(N="-a"), power(t="-b"),
                             power(t="-1", B="-1")),
    "batch helps half": model("NtB", "ab", power(N="1", t="1", B="1"), power(N="-a"), power(t="-b"),
                              power(t="-1/2", B="-1")),
    "fixed ratio": model("ND", "ab", power(N="1", D="1"), power(N="-a"), power(D="-b"),
                         fixed=(power(N="1", D="-1"),)),
    "fixed ratio of three": model("NtB", "ab", power(N="1", t="1", B="1"), power(N="-a"), power(t="-b"),
                                  power(N="-1", B="-1"), fixed=(power(t="1", B="-2"),)),
    "three parameters": model("ND", "abc", power(N="1", D="1"), power(N="-a"), power(D="-b"), power(N="-c", D="-1")),
    "uneven cost": model("ND", "ab", power(N="2", D="1"), power(N="-a"), power(D="-b"), power(N="-1", D="-1")),
    "mixed terms": model("Nt", "ab", power(N="1", t="1"), power(N="-a"), power(t="-b"), power(N="1", t="-a-b"),
                         domain=("a > 0", "b > 0")),
    "budget term": model("ND", "abc", power(N="1", D="1"), power(N="-a"), power(D="-b"), power(N="-c", D="-c")),
}
COUNTS = {"two terms": 1, "fixed ratio": 2, "budget term": 2}  # by hand: a < b or a > b; c below or above a b/(a + b)


@cache
def diagram_of(name: str) -> PhaseDiagram:
    return find_phases(MODELS[name])


@pytest.mark.parametrize("name", MODELS)
def test_users_models_against_exhaustion(name: str) -> None:
    problem, diagram, draw = MODELS[name], diagram_of(name), random.Random(7)
    check_structure(diagram)
    assert len(diagram.phases) == COUNTS.get(name, len(diagram.phases))
    seen = set()
    for _ in range(150):
        at = {n: Fraction(draw.randint(1, 120), 41) for n in problem.names}
        owners = [i for i, ph in enumerate(diagram.phases) if ph.cell.contains(at)]
        if not owners:
            assert any(w.polynomial.at(at) == 0 for w in diagram.walls)
            continue
        rows, (cost, *fixed) = [
            [[m.exponent(n).at(at) for n in problem.resources] for m in group]
            for group in ([t.monomial for t in problem.terms], [problem.budget.cost, *problem.budget.fixed])
        ]
        loss, places = minimise_vertices(rows, cost, fixed)
        [i] = owners
        seen.add(i)
        vertex = diagram.phases[i].vertex
        assert vertex.loss.at(at) == loss
        if len(places) == 1:
            assert places == {tuple(vertex.sizes[n].at(at) for n in problem.resources)}
    assert seen == set(range(len(diagram.phases)))


def test_unbounded_optimum_is_undecided() -> None:
    with pytest.raises(UndecidedError, match="no optimum"):
        find_phases(model("ND", "ab", power(N="1", D="-1"), power(N="-a"), power(D="-b")))


def test_cover_of_an_incomplete_set_is_refused() -> None:
    """The cells a > 1 and a < 1, b > 1 leave a < 1, b < 1 open."""
    cells = [Cell.parse(["a - 1 > 0"]), Cell.parse(["a - 1 < 0", "b - 1 > 0"])]
    domain = Cell.parse(["a > 0", "b > 0"])
    with pytest.raises(UndecidedError, match="no wall polynomial"):
        build_cover(cells, domain, [read("a - 1"), read("b - 1")])
    whole = [*cells, Cell.parse(["a - 1 < 0", "b - 1 < 0"])]
    tree = build_cover(whole, domain, [read("a - 1"), read("b - 1")])
    assert tree.polynomial == read("a - 1")
    assert tree.positive == Cover(phase=0, weights=tree.positive.weights if tree.positive else ())


def test_empty_domain_is_covered_by_a_certificate() -> None:
    domain = Cell.parse(["a > 0", "a + 1 < 0"])
    tree = build_cover([], domain, [])
    assert check_weights(Ratio.of(0), domain, tree.weights[0])


def test_segments_see_double_crossings() -> None:
    """x^2 + y^2 - 1 is positive at both ends of a chord and negative within."""
    left, right = {"x": Fraction(-2), "y": Fraction(0)}, {"x": Fraction(2), "y": Fraction(1, 10)}
    assert not keeps_sign(read("x**2 + y**2 - 1"), left, right)
    assert keeps_sign(read("x**2 + y**2 - 1"), left, {"x": Fraction(-2), "y": Fraction(5)})
