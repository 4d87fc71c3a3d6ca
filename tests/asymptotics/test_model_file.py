"""A user's own model: read as text, cut into phases, compared with a linear programme in floating point."""

from __future__ import annotations

import random
import subprocess
import sys
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from scipy.optimize import linprog

from scaling_sym.algebra.grammar import parse_ratio as ratio
from scaling_sym.asymptotics.model_file import loss_model, parse_monomial, read_model_file
from scaling_sym.asymptotics.optimum import Problem, terms_at
from scaling_sym.asymptotics.phases import PhaseDiagram, find_phases
from scaling_sym.errors import BadInputError
from scaling_sym.export.plain import plain

DOCS = Path(__file__).parents[2] / "docs"
Point = dict[str, Fraction]

MODELS: dict[str, dict[str, Any]] = {
    "overfit": {
        "terms": {"capacity": "N**-a", "data": "D**-b", "overfit": "(N/D)**c"},
        "resources": ["N", "D"], "budget": "6*N*D", "domain": ["a > 0", "b > 0", "c > 0"],
    },
    "four terms": {
        "terms": {"capacity": "N**(-a)", "descent": "t**(-b)", "noise": "(t*B)**(-1/2)", "variance": "N/(t*B)"},
        "resources": ["N", "t", "B"], "budget": "N*t*B", "domain": ["a > 0", "b > 0"],
    },
    "unequal cost": {
        "terms": {"capacity": "N**(-a)", "time": "t**((1-b)/2)"},
        "resources": ["N", "t"], "budget": "N**2*t", "domain": ["0 < a", "b > 1"],
    },
}


@cache
def diagram_of(name: str) -> PhaseDiagram:
    problem = read_model_file(DOCS / "models" / name) if name.endswith(".toml") else loss_model(**MODELS[name])
    return find_phases(problem)


def best_loss(problem: Problem, point: Point) -> float:
    """The loss exponent by a linear programme: variables are the sizes (not negative) and minus the loss exponent."""
    sizes = problem.resources
    terms = terms_at(problem, point)
    rows = [[float(t.monomial.exponent(n).at(point)) for n in sizes] + [-1.0] for t in terms]
    planes = [problem.budget.cost, *problem.budget.fixed]
    equal = [[float(m.exponent(n).at(point)) for n in sizes] + [0.0] for m in planes]
    found = linprog([0.0] * len(sizes) + [1.0], A_ub=rows, b_ub=[0.0] * len(terms), A_eq=equal,
                    b_eq=[1.0] + [0.0] * len(problem.budget.fixed), bounds=[(0, None)] * len(sizes) + [(None, None)])
    assert found.status == 0
    return -float(found.fun)


@pytest.mark.parametrize("name", [*MODELS, "batch_size.toml", "fixed_ratio.toml", "random_features.toml"])
def test_phases_agree_with_a_linear_programme(name: str) -> None:
    diagram = diagram_of(name)
    problem, generator = diagram.problem, random.Random(name)
    points = [{n: Fraction(generator.randint(1, 400), 200) for n in problem.names} for _ in range(250)]
    inside = [p for p in points if problem.domain.contains(p)][:50]
    assert len(inside) == 50
    for point in inside:
        owners = [phase for phase in diagram.phases if phase.cell.contains(point)]
        on_wall = any(wall.polynomial.at(point) == 0 for wall in diagram.walls)
        assert len(owners) == 1 or on_wall
        for phase in owners:
            # the solver works in double precision with exponents of order one
            assert abs(best_loss(problem, point) - float(phase.vertex.loss.at(point))) < 1e-9
            assert sum(problem.budget.cost.exponent(n).at(point) * x.at(point)
                       for n, x in phase.vertex.sizes.items()) == 1


def test_random_features_give_the_seven_phases() -> None:
    found = {(plain(p.cell), plain(p.vertex.loss, p.cell), plain(p.vertex.sizes["d"], p.cell))
             for p in diagram_of("random_features.toml").phases}
    q = "2α+2β−1"
    assert found == {
        ("0 < β < 1/2 < α", f"({q})/(2α+1)", "1/(2α+1)"),
        ("α < 1/2, β < 1/2, α+β > 1/2", f"({q})/2", "1/2"),
        ("0 < α < 1/4, β > 1/2", f"α({q})/(3α+2β−1−2αβ)", f"({q})/(2(3α+2β−1−2αβ))"),
        ("1/2 < β < α", f"({q})/(2(α+β))", "β/(α+β)"),
        ("1/2 < α < β", "(4α−1)/(4α)", "1/2"),
        ("1−1/√2 < α < 1/2 < β", "α", "1/2"),
        ("1/4 < α < 1−1/√2, β > 1/2", f"(1−2α)({q})/(2(2β−α−2αβ))", "(β−α)/(2β−α−2αβ)"),
    }


def test_a_range_of_optima_is_reported() -> None:
    """With c < b the batch may also stay constant: that corner has the same loss exponent, a c/(a + c)."""
    diagram = diagram_of("batch_size.toml")
    unique = {plain(p.cell): p.vertex.is_unique for p in diagram.phases}
    assert unique == {"a > 0, 0 < b < c": True, "a > 0, 0 < c < b": False}
    phase = next(p for p in diagram.phases if not p.vertex.is_unique)
    corner = {"N": ratio("c/(a+c)"), "t": ratio("a/(a+c)"), "B": ratio("0")}
    rates = [t.monomial.rate(corner).at(phase.witness) for t in diagram.problem.terms]
    assert max(rates) == -phase.vertex.loss.at(phase.witness)
    assert corner["B"] != phase.vertex.sizes["B"]


def test_the_page_shows_what_the_files_do() -> None:
    page = (DOCS / "your-own-model.md").read_text("utf-8")
    program = DOCS / "models" / "batch_size.py"
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=True, timeout=60,
                          encoding="utf-8", cwd=DOCS.parent,
                          env={"PYTHONPATH": str(DOCS.parent), "PYTHONIOENCODING": "utf-8"})
    for language, text in [
        ("python", program.read_text("utf-8")),
        ("text", done.stdout),
        ("toml", (DOCS / "models" / "batch_size.toml").read_text("utf-8")),
    ]:
        assert f"```{language}\n{text}```" in page


def test_file_and_python_agree() -> None:
    problem = loss_model(
        terms={"capacity": "N**(-a)", "descent": "t**(-b)", "noise": "(t*B)**(-c)"},
        resources=["N", "t", "B"], budget="N*t*B", domain=["a > 0", "b > 0", "c > 0"],
    )
    assert read_model_file(DOCS / "models" / "batch_size.toml") == problem


@pytest.mark.parametrize(
    ("text", "powers", "constant"),
    [
        ("N**(-a) * t**((1-b)/2)", {"N": "-a", "t": "(1-b)/2"}, 1),
        ("(N/t)**a", {"N": "a", "t": "-a"}, 1),
        ("N**-2/N**-2", {}, 1),
        ("3*N/(2*t**a)", {"N": "1", "t": "-a"}, Fraction(3, 2)),
        ("(2*N)**2", {"N": "2"}, 4),
        ("N ** - a", {"N": "-a"}, 1),
    ],
)
def test_monomials_are_read(text: str, powers: dict[str, str], constant: int | Fraction) -> None:
    found, monomial = parse_monomial(text, ["N", "t"])
    assert dict(monomial.powers) == {n: ratio(e) for n, e in powers.items()}
    assert (found.coefficient, found.factors) == (constant, ())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("N**(-a) + t**(-b)", "unexpected '\\+'"), ("-N**a", "unexpected"), ("M**(-a)", "M is not among the resources"),
        ("a*N", "a is not among the resources"), ("N**t", "the resource t stands in an exponent"),
        ("N**(a", "too early"), ("N**a**b", "needs brackets"), ("N**", "too early"), ("", "too early"),
        ("(N+t)**a", "sums inside brackets"), ("0*N", "zero"), ("9" * 61, "too long"), ("2**99", "power above"),
        ("(" * 30 + "N" + ")" * 30, "nested deeper"), ("N**(1/0)", "division by zero"), ("N^a", "unknown sign"),
        ("__import__('os')", "unknown sign"), ("N" * 5000, "at most"), (7, "at most"), ("N**(a*a**64)", "degree above"),
        ("N**(1/(a-a))", "division by zero"), ("N)", "unexpected"),
    ],
)
def test_other_text_is_refused(text: Any, sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence) as caught:
        parse_monomial(text, ["N", "t"])
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


GOOD: dict[str, Any] = {"terms": {"x": "N**(-a)", "y": "t**(-1)"}, "resources": ["N", "t"], "budget": "N*t",
                        "domain": ["a > 0"]}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"terms": {}}, "1 to 24 names"), ({"terms": {"x y": "N"}}, "no name of a term"),
        ({"terms": ["N"]}, "table of"),
        ({"terms": {"x": 3}}, "the term x is 3"), ({"terms": {"x": [{"trem": "N"}]}}, "piece of the term x"),
        ({"resources": "Nt"}, "list of at most"), ({"resources": ["N", "N"]}, "each name once"),
        ({"resources": []}, "at least one name"), ({"resources": ["N", "t-1"]}, "no name of a resource"),
        ({"budget": "7"}, "costs something"), ({"budget": 7}, "at most"), ({"domain": ["a = 0"]}, "not a condition"),
        ({"domain": ["a > N"]}, "contains the resource N"), ({"domain": ["1/a > 0"]}, "compare polynomials"),
        ({"domain": ["a > 0", "a < 0"]}, "no point satisfies"), ({"domain": ["0 < a < 1"]}, "not a condition"),
        ({"fixed": ["N/t", "N"]}, "nothing to choose"), ({"fixed": ["2"]}, "contains no resource"),
        ({"terms": {"x": "N**(-1)", "y": "t**(-1)"}, "domain": []}, "0 parameters"),
        ({"terms": {"x": "N**(a+b+c+d+e+g)"}}, "6 parameters"),
    ],
)
def test_faulty_models_are_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        loss_model(**{**GOOD, **change})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "lacks the key 'terms'"), (b"terms = 1\nx = 2", "unknown key 'x'"), (b"\xff\xfe", "not a TOML file"),
        (b"a = " + b"[" * 60_000, "not a TOML file"), (b"#" * 70_000, "longer than"), (b"= 3", "not a TOML file"),
        (b"x = " + b"9" * 50_000, "not a TOML file"),
    ],
)
def test_hostile_files_are_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "m.toml"
    path.write_bytes(content)
    with pytest.raises(BadInputError, match=sentence):
        read_model_file(path)


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.toml", Path("nul\0byte")):
        with pytest.raises(BadInputError, match="cannot be read"):
            read_model_file(path)
    with pytest.raises(BadInputError, match="longer than"):
        read_model_file("/dev/zero")
