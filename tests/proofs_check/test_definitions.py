"""The definitions that the checker trusts: the same as those of the models, and of the form that its rules rely on."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from proofs_check.rules import equations
from proofs_check.rules.equations import MODE, SHARED, TAKEN, prime
from proofs_check.statements import LAWS
from scaling_sym.algebra.constants import Atom, Constant, gamma
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.substitution import substitute_constant
from scaling_sym.algebra.terms import Monomial, Term, substitute
from scaling_sym.claims import frequencies
from scaling_sym.claims.codec import decode_term
from scaling_sym.models import plrf
from scaling_sym.models.dmft import define_online, define_steps, definition, noisy_sgd

DEFINITIONS = equations.DEFINITIONS
LINEAR = [d["conclusion"] for d in DEFINITIONS["define"] if "fields" in d["conclusion"]]


def test_they_are_those_of_the_models() -> None:
    steps = [define_steps(name) for name in ("dmft-descent", "dmft-momentum")]
    assert [d["conclusion"] for d in DEFINITIONS["define"]] == [
        definition(), *steps, define_online(), noisy_sgd(), plrf.definition()]


def test_the_series_of_random_features_are_those_below_them() -> None:
    """With e = 1/d, and H_k, S_k with the kernel (1 + u/lam)^(-k); F_pp and F_ac are the orders of the forcing function."""
    features, flow = DEFINITIONS["model"]
    series = {n: parse_ratio(x) for n, x in features["conclusion"]["series"].items()}
    assert not {"d"} & set(series["F_pp"].names)
    assert not {"d"} & set((series["F_ac"] * Ratio.parameter("d")).names)
    assert {n: parse_ratio(x) for n, x in flow["conclusion"]["series"].items()}.items() <= series.items()
    for model in (features, flow):  # e is 1/d
        stated = parse_ratio(model["below"]["forcing-series"][0])
        found = Ratio.parameter("S") - stated.substitute({"e": 1 / Ratio.parameter("d")})
        assert found == series["F_pp"] + series["F_ac"]
    kernel = Ratio.parameter("kernel") - parse_ratio(features["below"]["kernel-series"][0])
    assert kernel.substitute({"e": 1 / Ratio.parameter("d")}) == series["K_pp"]
    y, x = Ratio.parameter("lam") / parse_ratio("lam + u"), {"D": Ratio.parameter("u")}
    for model in (features, flow):
        meant = {n: parse_ratio(t).substitute(x) for _, sums, *_ in model["below"].values() for n, t in sums.items()}
        for name in meant.keys() & {"H1", "H2", "S1", "S2"}:
            assert meant[name] == (Ratio.parameter("w2") if name[0] == "S" else 1) * y ** int(name[1:])


def test_a_learning_rate_is_twice_its_fraction_over_the_leading_term_of_the_trace() -> None:
    """What is left of the trace at v = rho d: its limit where that is finite, else the last summands."""
    width = {"v": Term(Monomial.of({"d": 1}), Constant.of(Ratio.parameter("rho")))}
    double, beyond, _ = ([substitute(decode_term(t), width) for t in d["terms"]] for d in DEFINITIONS["trace"])
    leading = beyond[0], double[0], beyond[1]  # where c > 1, c = 1 and c < 1
    for known, trace in zip(DEFINITIONS["learning-rate"], leading, strict=True):
        (rate,) = map(decode_term, known["terms"])
        norm = rate * trace
        assert (norm.monomial, norm.logs) == (Monomial(), ())
        assert norm.constant.canonical() == Constant.of(Ratio.parameter("s") * 2)


@pytest.mark.parametrize("model", LINEAR, ids=lambda m: str(m["model"]))
def test_fields_are_determined_by_their_sources(model: dict[str, dict[str, str]]) -> None:
    """What `total` relies on, with the linear algebra of SymPy."""
    sources, fields = (sp.symbols(list(model[part])) for part in ("sources", "fields"))
    known = {n: sp.Symbol(n) for n in ("E", "N", "Q", "beta")}
    rows = sp.Matrix([sp.sympify(model["equations"][n], known) for n in model["fields"]])
    left, right = rows.jacobian(fields), rows.jacobian(sources)
    assert sp.simplify(rows - left * sp.Matrix(fields) - right * sp.Matrix(sources)) == sp.zeros(len(fields), 1)
    assert not {*fields, *sources} & (left.free_symbols | right.free_symbols)
    assert left.det() != 0
    assert right.rank() == len(fields)
    others = (parse_ratio(text) for n, text in model["equations"].items() if n not in model["fields"])
    assert not {n for equation in others for n in equation.names} & {*model["fields"], *model["sources"]}
    assert {*model["fields"], *model["sources"], "lam"} <= MODE


def test_where_the_unstable_flow_converges() -> None:
    (unstable,) = DEFINITIONS["unstable"]
    assert parse_ratio(unstable["conclusion"]["margin"]) == parse_ratio("alpha - (1 - alpha)*y")


def test_smooth_functions_of_averages() -> None:
    """E m^k is k! times the coefficient of t^k in (1 + s2 (t/x)^2/2 + s3 (t/x)^3/6)^x; the second layer by the chain rule."""
    t, x, s2, s3, r2 = sp.symbols("t x s2 s3 r2")
    f1, f2, f3, f4, g1, g2 = sp.symbols("f1:5 g1:3")
    spread = s2 * (t / x) ** 2 / 2 + s3 * (t / x) ** 3 / 6
    mean = sp.expand(1 + x * spread + x * (x - 1) / 2 * spread**2)
    rise = sum(f * mean.coeff(t, k) for k, f in enumerate((f1, f2, f3, f4), 1))
    inner = g1 * t + g2 * t**2 / 2
    above = sp.expand(f1 * inner + f2 * inner**2 / 2).coeff(t, 2) * r2 / x
    for known, value, order in zip(DEFINITIONS["average"], (rise, rise + above), (2, 1), strict=True):
        kept = sp.series(sp.expand(value).subs(x, 1 / t), t, 0, order + 1).removeO().subs(t, 1 / x)
        assert sp.expand(kept - _write(known["terms"])) == 0


def _write(terms: list[dict[str, Any]]) -> sp.Expr:
    powers = (sp.prod(sp.Symbol(n) ** int(e) for n, e in t["monomial"].items()) for t in terms)
    return sum(sp.Rational(t["constant"]["coefficient"]) * p for t, p in zip(terms, powers, strict=True))


def test_the_nearest_neighbour_lies_in_a_uniform_direction() -> None:
    """The distance to it times one coordinate u of a unit vector, with E u^2 = 1/d and, for d = 1, |u| = 1."""
    ((distance,), (error,)) = (map(decode_term, DEFINITIONS[rule][0]["terms"]) for rule in ("spacing", "direction"))
    assert error.monomial == distance.monomial
    d, half = Ratio.parameter("d"), Ratio.of(1) / 2
    coordinate = error.constant / distance.constant * Constant.of(Atom("pi")) ** half  # times the root of pi, gamma(1/2)
    assert substitute_constant(coordinate, {"n": Ratio.of(2)}).canonical() == (gamma(half) / d).canonical()
    assert substitute_constant(coordinate, {"d": Ratio.of(1)}).canonical() == gamma(half).canonical()


def test_what_features_that_are_left_out_change() -> None:
    """Each change on a mode, as its eigenvalue tends to 0, against the order with which the sum over k > N is read."""
    (known,) = DEFINITIONS["truncate"]
    _, sums = known["below"]["replica"]
    lam, a, b = (Ratio.parameter(x) for x in ("lam", "a", "b"))
    orders, changes = [], (("dof", "1", "0", 1, 0), ("K2", "1", "0", 2, 0), ("W1", "kappa**2", "lam*w2", 2, 1))
    for name, factor, unseen, order, task in changes:
        change = parse_ratio(sums[name]) * parse_ratio(factor) - parse_ratio(unseen)
        leading = (change / lam**order / Ratio.parameter("w2") ** task).substitute({"lam": Ratio.of(0)})
        assert leading
        assert set(leading.names) <= {"kappa"}
        orders.append(1 - b * order - (a - b) * task)  # the sum over k > N of k^(-b order) k^((b - a) task)
    found = [decode_term(t).monomial.exponent("N") for t in known["terms"]]
    assert found == [*orders, orders[0] * 2]


NEW = {"ensemble": "LE", "committee": "LM", "bagging": "LB", "kappa": "kappa", "g": "g", "r": "r"}


@pytest.mark.parametrize("model", LINEAR, ids=lambda m: str(m["model"]))
def test_names_are_introduced_by_equations_that_can_be_solved_for_them(model: dict[str, dict[str, str]]) -> None:
    """Each in one equation, the same on all modes."""
    for label in model["equations"].keys() - {*model["fields"]}:
        equation, name = parse_ratio(model["equations"][label]), NEW[label]
        assert not MODE & set(equation.names)
        assert equation.numerator.derivative(name)
        assert name not in equation.numerator.derivative(name).names
        elsewhere = [text for n, text in model["equations"].items() if n != label] + [
            text for part in ("sources", "pair", "sets") for text in model.get(part, {}).values()]
        assert not any(name in parse_ratio(text).names for text in elsewhere)


@pytest.mark.parametrize("text", sorted({t for d in DEFINITIONS["corrections"].values() for t, *_ in d["below"].values()}))
def test_first_orders_treat_both_frequencies_alike(text: str) -> None:
    """Exchanged, an equation keeps its value or changes its sign: A10, C0 and C1 are their own partners."""
    both = {n + "_": Ratio.parameter(n) for n in ("A10", "C0", "C1")}
    equation = parse_ratio(text)
    assert prime(equation).substitute(both) in (equation, -equation)


def test_the_train_part_is_that_of_the_first_order() -> None:
    """On the diagonal D = u it is the transform of what the train loss has beside S0, e = 1/P."""
    known = DEFINITIONS["corrections"]["loss"]
    order = parse_ratio(known["below"]["train-order"][0]).derivative("e").substitute({"D_": Ratio.of(0)})
    found = -order.substitute({"D": Ratio.parameter("u")}) / Ratio.parameter("P")
    assert found == parse_ratio(known["train"])


def test_the_letters_without_a_frequency_are_those_of_the_proposers() -> None:
    """Two lists, since the checker trusts nobody else's: where they differ, an equation at the second frequency is another."""
    assert frequencies.SHARED == SHARED


def test_the_names_that_no_sum_has_are_those_of_all_models() -> None:
    """But for the names of a model's own sums, which stand in its equations."""
    models = [d["conclusion"] for d in DEFINITIONS["define"]]
    tables = [m[part] for m in models for part in ("equations", "sources", "pair", "mean", "sets") if part in m]
    names = {n for table in tables for text in table.values() for n in parse_ratio(text).names}
    names |= {n for m in models for part in ("totals", "sources", "fields") for n in m.get(part, ())}
    own = {n for m in models for n in m.get("sums", ())}
    assert {n.removesuffix("_") for n in names | MODE | bring_names()} - own == TAKEN


def bring_names() -> set[str]:
    """Unknowns of laws, and what restrictions set others to: a sum of such a name would be another loss, or another size."""
    restrictions = {part for law in LAWS.values() for text in law["under"] for part in text.split(", ") if "=" in part}
    links = [link[1] for law in LAWS.values() if isinstance(law["from"], list) for link in law["from"]]
    explained = {n for law in LAWS.values() for n in law.get("sums", {})}
    brought = {n for text in restrictions for n in parse_ratio(text.partition(" = ")[2]).names}
    return brought | {given["unknown"] for given in links if "unknown" in given} - explained
