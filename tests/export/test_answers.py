"""Answers against an independent brute force at random points, on walls too; prefactors against a plain minimisation."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scaling_sym.algebra.constant_values import evaluate
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio, product
from scaling_sym.errors import OutsideDomainError
from scaling_sym.export.answers import answer_exponents, answer_phases, locate
from scaling_sym.export.grammar_text import symbolic
from scaling_sym.export.rows import Plane, rank_name
from tests.peers.brute_force import minimise_line, plrf_terms

Point = dict[str, Fraction]


def random_points(count: int) -> list[Point]:
    rng = random.Random(20240515)  # the paper's arXiv date; any seed would do
    points = []
    for _ in range(count):
        denominator = rng.randint(1, 40)
        points.append({n: Fraction(rng.randint(1, 2 * denominator), denominator) for n in ("alpha", "beta")})
    return points


def wall_values(point: Point) -> list[Fraction]:
    a, b = point["alpha"], point["beta"]
    walls = [2 * a - 1, 2 * a**2 - 4 * a + 1]
    walls += [2 * b - 1] if 2 * a + 2 * b > 1 else []
    walls += [a - b] if 2 * a > 1 and 2 * b > 1 else []
    walls += [4 * a - 1] if 2 * b >= 1 else []
    return walls


def test_random_points_agree_with_brute_force(plane: Plane) -> None:
    """Phase, trade-off and exponents at 10,000 rational points of small height, so that many of them lie on walls."""
    on_walls = outside = 0
    for point in random_points(10_000):
        a, b = point["alpha"], point["beta"]
        rows = locate(plane, point)
        if 2 * (a + b) <= 1:
            outside += 1
            assert any(row.loss is None for row in rows)
            continue
        assert (len(rows) > 1) == any(v == 0 for v in wall_values(point)), point
        if len(rows) > 1:
            on_walls += 1
            continue
        best = minimise_line(plrf_terms(a, b), "d", "r")
        (row,) = rows
        assert row.loss is not None
        assert row.size is not None
        assert row.loss.at(point) == best.loss
        assert [row.size.at(point)] == [x for x, _ in best.places]
        assert set(row.tradeoff) == best.active
    assert on_walls > 500
    assert outside > 100


def test_on_walls_the_exponents_are_those_of_the_neighbours(plane: Plane) -> None:
    seen = 0
    for point in random_points(3_000):
        if 2 * (point["alpha"] + point["beta"]) <= 1:
            continue
        rows = locate(plane, point)
        if len(rows) == 1:
            continue
        seen += 1
        answer = answer_exponents(plane, point)
        assert answer["phase"] is None
        assert answer["neighbours"] == [row.name for row in rows]
        for key, values in (("loss_exponent", [r.loss for r in rows]), ("size_exponent", [r.size for r in rows])):
            exact = Fraction(answer[key]["exact"])
            assert {v.at(point) for v in values if v is not None} == {exact}
            assert parse_ratio(answer[key]["symbolic"]).at(point) == exact
        for equation in answer["wall"].split(" and "):
            assert parse_ratio(equation.removesuffix(" = 0")).at(point) == 0
        assert (answer["log_power"]["note"] is None) == (None not in (answer["log_power"]["loss"], answer["log_power"]["size"]))
    assert seen > 150


def test_near_a_wall_a_point_is_inside(plane: Plane) -> None:
    tiny = Fraction(1, 10**60)
    for shift, name in ((tiny, "II"), (-tiny, "III")):
        assert [r.name for r in locate(plane, {"alpha": 1 + shift, "beta": Fraction(1)})] == [name]


def test_outside_the_sentence_says_what_is_needed(plane: Plane) -> None:
    for point in ({"alpha": Fraction(1, 8), "beta": Fraction(1, 8)}, {"alpha": Fraction(1, 4), "beta": Fraction(1, 4)}):
        with pytest.raises(OutsideDomainError, match=r"2\*alpha \+ 2\*beta - 1 > 0 is needed"):
            answer_exponents(plane, point)


def minimise(first: tuple[float, float, float], second: tuple[float, float, float], log_f: float) -> tuple[float, float]:
    """log of the least A d^a r^b + C d^e r^g with d r = f, and log d there, by golden section in log d (convex)."""
    def value(log_d: float) -> float:
        sizes = [c + a * log_d + b * (log_f - log_d) for c, a, b in (first, second)]
        return max(sizes) + math.log(sum(math.exp(s - max(sizes)) for s in sizes))

    low, high, ratio = 0.0, log_f, (math.sqrt(5) - 1) / 2
    for _ in range(200):
        x, y = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, y) if value(x) < value(y) else (x, high)
    return value((low + high) / 2), (low + high) / 2


@pytest.mark.parametrize(
    ("alpha", "beta", "letters"),
    [("2", "1", {"gamma": "1/10", "B": "1"}), ("2", "1", {"gamma": "1/5", "B": "8"}),
     ("1", "2", {"gamma": "1/10", "B": "1"}), ("4/5", "11/10", {"gamma": "1/10", "B": "3"}),
     ("2/7", "1", {"s": "1/2", "rho": "4", "B": "1"}), ("11/40", "3/4", {"s": "1/3", "rho": "10", "B": "5"}),
     ("1/5", "1", {"s": "1/2", "rho": "4", "B": "1"})],
)
def test_prefactors_minimise_the_two_terms(plane: Plane, alpha: str, beta: str, letters: dict[str, str]) -> None:
    """The closed form against a search over d at f = 10^40, from the constants of the loss terms alone.

    Golden section finds the minimum's place to about the square root of the rounding, hence 1e-6 for the size.
    """
    point = {"alpha": Fraction(alpha), "beta": Fraction(beta)}
    known = {n: Fraction(x) for n, x in letters.items()}
    answer = answer_exponents(plane, point, known)
    found = next(row for row in plane.terms if row.cell.contains(point))
    terms = []
    for term in found.terms:
        if term.name in answer["tradeoff"]:
            size = float(evaluate(term.constant, {**point, **known}).mid())
            powers = [float(term.monomial.exponent(n).at(point)) for n in ("d", "r")]
            terms.append((math.log(size), *powers))
    log_f = 40 * math.log(10)
    loss, size = minimise(terms[0], terms[1], log_f - math.log(float(known["B"])))
    eta, xi = (float(Fraction(answer[k]["exact"])) for k in ("loss_exponent", "size_exponent"))
    assert loss + eta * log_f == pytest.approx(math.log(float(answer["prefactors"]["loss"]["value"])), abs=1e-9)
    assert size - xi * log_f == pytest.approx(math.log(float(answer["prefactors"]["size"]["value"])), abs=1e-6)


def test_names_sort_as_they_are_read() -> None:
    names = ["none", "IVb", "III", "Ic", "II", "Ia", "IX", "V", "IVa", "Ib"]
    assert sorted(names, key=rank_name) == ["Ia", "Ib", "Ic", "II", "III", "IVa", "IVb", "V", "IX", "none"]


def test_the_phases_have_the_order_of_the_literature(plane: Plane) -> None:
    names = [row["name"] for row in answer_phases(plane)["phases"]]
    assert names == sorted(names, key=rank_name)


letters = st.sampled_from(("alpha", "beta", "c"))
rationals = st.fractions(min_value=-3, max_value=3, max_denominator=12)
polynomials = st.lists(st.tuples(st.lists(letters, max_size=2), st.integers(-4, 4)), min_size=1, max_size=4).map(
    lambda terms: sum((product(map(Ratio.parameter, names)) * c for names, c in terms), Ratio.of(0))
)


@given(st.lists(polynomials, min_size=1, max_size=3), st.lists(polynomials.filter(bool), max_size=2), rationals,
       st.none() | st.fixed_dictionaries(dict.fromkeys(("alpha", "beta", "c"), rationals)))
def test_symbolic_text_reads_back(
    above: list[Ratio], below: list[Ratio], content: Fraction, where: Point | None
) -> None:
    value = product(above) / product(below) * content
    assume(len(str(value)) < 1000)
    assert parse_ratio(symbolic(value, where)) == value
