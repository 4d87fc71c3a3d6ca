"""The budgeted trade-off: vertices with certificates, against exhaustion and against optima worked out by hand."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio as read
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.asymptotics.optimum import (
    Budget,
    Problem,
    Vertex,
    evaluate_rates,
    find_vertices,
    optimum_at,
    solve_linear,
    terms_at,
)
from scaling_sym.errors import BadInputError
from tests.asymptotics.plrf_by_hand import plrf_problem
from tests.peers.brute_force import minimise_vertices

AT = {"a": Fraction(2, 3), "b": Fraction(5, 4), "c": Fraction(1, 7)}


def power(**exponents: str) -> Monomial:
    return Monomial.of({n: read(e) for n, e in exponents.items()})


def model(resources: str, cost: Monomial, *terms: Monomial, fixed: tuple[Monomial, ...] = ()) -> Problem:
    """Terms are named T0, T1, ... in order; parameters a, b, c > 0."""
    named = tuple(Term(m, name=f"T{i}") for i, m in enumerate(terms))
    domain = Cell.parse(["a > 0", "b > 0", "c > 0"])
    return Problem(named, tuple(resources), Budget(cost, fixed), domain, ("a", "b", "c"))


def best(problem: Problem) -> Vertex:
    found = optimum_at(problem, problem.terms, AT)
    assert found is not None
    return found


def check_certificate(problem: Problem, vertex: Vertex) -> None:
    """The dual identity, resource by resource, with the fractions of one point."""
    mu = [m.at(AT) for m in vertex.multipliers]
    assert sum(mu) == 1
    assert min(mu) >= 0
    assert all(k.at(AT) >= 0 for k in vertex.idle_multipliers)
    for n in problem.resources:
        left = sum(m * t.monomial.exponent(n).at(AT) for m, t in zip(mu, vertex.tradeoff, strict=True))
        right = -vertex.loss.at(AT) * problem.budget.cost.exponent(n).at(AT)
        right += sum(w.at(AT) * h.exponent(n).at(AT)
                     for w, h in zip(vertex.fixed_multipliers, problem.budget.fixed, strict=True))
        if n in vertex.idle:
            right += vertex.idle_multipliers[vertex.idle.index(n)].at(AT)
        assert left == right
    sizes = {n: x.at(AT) for n, x in vertex.sizes.items()}
    assert sum(problem.budget.cost.exponent(n).at(AT) * x for n, x in sizes.items()) == 1
    for h in problem.budget.fixed:
        assert sum(h.exponent(n).at(AT) * x for n, x in sizes.items()) == 0
    for t in vertex.tradeoff:
        assert evaluate_rates(t, sizes, AT) == -vertex.loss.at(AT)
    for t, slack in vertex.slacks:
        assert -vertex.loss.at(AT) - evaluate_rates(t, sizes, AT) == slack.at(AT)


def test_two_terms_by_hand() -> None:
    """N^-a + D^-b with C = N D: a x = b (1 - x) gives x = b/(a + b), loss a b/(a + b)."""
    problem = model("ND", power(N="1", D="1"), power(N="-a"), power(D="-b"))
    vertex = best(problem)
    assert vertex.loss == read("a*b/(a + b)")
    assert vertex.sizes == {"N": read("b/(a + b)"), "D": read("a/(a + b)")}
    assert vertex.multipliers == (read("b/(a + b)"), read("a/(a + b)"))
    check_certificate(problem, vertex)


def test_three_resources_by_hand() -> None:
    """N^-a + t^-b + B^-c with C = N t B: loss 1/(1/a + 1/b + 1/c)."""
    problem = model("NtB", power(N="1", t="1", B="1"), power(N="-a"), power(t="-b"), power(B="-c"))
    vertex = best(problem)
    assert vertex.loss == 1 / (1 / read("a") + 1 / read("b") + 1 / read("c"))
    assert vertex.sizes["B"] == vertex.loss / read("c")
    check_certificate(problem, vertex)


def test_a_resource_that_helps_nobody_stays_idle() -> None:
    """N^-a + t^-b with C = N t B: B buys nothing, x_B = 0, and its multiplier is the loss exponent."""
    problem = model("NtB", power(N="1", t="1", B="1"), power(N="-a"), power(t="-b"))
    vertex = best(problem)
    assert vertex.idle == ("B",)
    assert vertex.sizes["B"] == 0
    assert vertex.loss == read("a*b/(a + b)")
    assert vertex.idle_multipliers == (read("a*b/(a + b)"),)
    check_certificate(problem, vertex)


def test_budget_with_powers() -> None:
    """C = N^2 D: 2 x + y = 1, a x = b y."""
    problem = model("ND", power(N="2", D="1"), power(N="-a"), power(D="-b"))
    assert best(problem).loss == read("a*b/(a + 2*b)")
    check_certificate(problem, best(problem))


def test_fixed_ratio_leaves_one_term() -> None:
    """C = N D with D proportional to N: x = y = 1/2, and the slower of the two terms decides (a < b here)."""
    problem = model("ND", power(N="1", D="1"), power(N="-a"), power(D="-b"), fixed=(power(N="1", D="-1"),))
    vertex = best(problem)
    assert vertex.loss == read("a/2")
    assert vertex.sizes == {"N": Ratio.of(Fraction(1, 2)), "D": Ratio.of(Fraction(1, 2))}
    assert vertex.fixed_multipliers == (read("-a/2"),)
    check_certificate(problem, vertex)


def test_fixed_ratio_of_two_among_three() -> None:
    """N^-a + (t B)^-b with C = N t B and t ~ B^2: x + 3 y = 1, a x = 3 b y."""
    problem = model("NtB", power(N="1", t="1", B="1"), power(N="-a"), power(t="-b", B="-b"),
                    fixed=(power(t="1", B="-2"),))
    vertex = best(problem)
    assert vertex.loss == read("a*b/(a + b)")
    assert vertex.sizes["t"] == vertex.sizes["B"] * 2
    check_certificate(problem, vertex)


def test_a_growing_term_pins_its_resource() -> None:
    """N^a + D^-b: N grows the loss, so it stays constant, and D takes the whole budget."""
    problem = model("ND", power(N="1", D="1"), power(N="a"), power(D="-b"))
    vertex = optimum_at(problem, problem.terms, AT)
    assert vertex is not None
    assert vertex.sizes["N"] == 0
    assert vertex.loss == 0  # N^a is then a constant, above D^-b


def test_duplicate_terms_do_not_disturb() -> None:
    """Two terms with one exponent make singular pairs, which are skipped."""
    problem = model("ND", power(N="1", D="1"), power(N="-a"), power(N="-a"), power(D="-b"))
    assert best(problem).loss == read("a*b/(a + b)")
    check_certificate(problem, best(problem))


def test_term_that_only_sees_the_budget() -> None:
    """N^-a + D^-b + (N D)^-c with C = N D, c below a b/(a + b): loss c; the sizes are then not unique."""
    problem = model("ND", power(N="1", D="1"), power(N="-a"), power(D="-b"), power(N="-c", D="-c"))
    vertex = best(problem)
    assert vertex.loss == read("c")
    assert any(not m for m in vertex.multipliers)  # a multiplier that vanishes identically shows the degeneracy
    check_certificate(problem, vertex)
    loss, vertices = minimise_vertices(
        [[-AT["a"], Fraction(0)], [Fraction(0), -AT["b"]], [-AT["c"], -AT["c"]]], [Fraction(1), Fraction(1)]
    )
    assert loss == AT["c"]
    assert len(vertices) == 2
    assert tuple(x.at(AT) for x in vertex.sizes.values()) in vertices


def test_unbounded_problem_has_no_optimum() -> None:
    """A budget N/D lets both grow for ever."""
    problem = model("ND", power(N="1", D="-1"), power(N="-a"), power(D="-b"))
    assert optimum_at(problem, problem.terms, AT) is None


@pytest.mark.parametrize("seed", range(60))
def test_random_problems_against_exhaustion(seed: int) -> None:
    """Two to four resources, random whole exponents, random budgets, with and without a fixed ratio."""
    draw = random.Random(seed)
    count = draw.choice([2, 2, 3, 3, 4])
    names = "ABCD"[:count]
    rows = [[Fraction(draw.choice([-3, -2, -1, -1, 0, 0, 1])) for _ in names] for _ in range(draw.randint(2, 5))]
    cost = [Fraction(draw.randint(1, 3)) for _ in names]
    fixed = [[Fraction(draw.choice([-1, 1, 2])) for _ in names]] if count > 2 and draw.random() < 0.4 else []
    def monomial(row: list[Fraction]) -> Monomial:
        return Monomial.of({n: Ratio.of(e) for n, e in zip(names, row, strict=True)})
    problem = model(names, monomial(cost), *(monomial(r) for r in rows), fixed=tuple(monomial(h) for h in fixed))
    try:
        loss, vertices = minimise_vertices(rows, cost, fixed)
    except ArithmeticError:
        assert optimum_at(problem, problem.terms, AT) is None
        return
    vertex = optimum_at(problem, problem.terms, AT)
    assert vertex is not None
    assert vertex.loss == loss
    check_certificate(problem, vertex)
    if len(vertices) == 1:
        assert tuple(x.at(AT) for x in vertex.sizes.values()) in vertices


def test_vertices_of_plrf_are_certified_wherever_they_claim_to_be_optimal() -> None:
    """Two vertices that are optimal at one point must agree on the loss exponent (weak duality)."""
    problem = plrf_problem()
    draw = random.Random(3)
    seen = 0
    for _ in range(25):
        point = {"alpha": Fraction(draw.randint(1, 90), 61), "beta": Fraction(draw.randint(1, 90), 61)}
        losses = {v.loss.at(point) for v in find_vertices(problem, terms_at(problem, point)) if v.is_optimal_at(point)}
        assert len(losses) == 1
        seen += 1
    assert seen == 25


def test_linear_systems_over_rational_functions() -> None:
    rows = [[read("a"), read("1")], [read("1"), read("b")]]
    solution = solve_linear(rows, [read("1"), read("0")])
    assert solution == [read("b/(a*b - 1)"), read("-1/(a*b - 1)")]
    assert solve_linear([[read("a"), read("a*b")], [read("1"), read("b")]], [read("1"), read("0")]) is None
    assert solve_linear([[read("a")], [read("b")]], [read("1"), read("1")]) is None


def test_bad_problems_are_refused() -> None:
    with pytest.raises(BadInputError, match="'M' is not declared"):
        model("ND", power(N="1", D="1"), power(M="-a"))
    with pytest.raises(BadInputError, match="'M' is not declared"):
        model("ND", power(N="1", M="1"), power(N="-a"))
    with pytest.raises(BadInputError, match="at least one term"):
        model("ND", power(N="1", D="1"))
    with pytest.raises(BadInputError, match="costs something"):
        model("ND", Monomial(), power(N="-a"))
