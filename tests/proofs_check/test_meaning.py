"""Faults that count as meaningless, decided again: by SymPy, by values at rational points, and by plain comparison of texts.

Nothing of `proofs_check.meaning` is used for the second decision. A fault of a form that is not known here fails the test, so
that no new kind of meaninglessness slips in.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import pytest
import sympy

from proofs_check.faults import Fault, body_of, draw_faults, look_up, plant
from proofs_check.meaning import UNREADABLE, canonical_form
from proofs_check.mutate import MEANINGLESS, Subject
from proofs_check.replay import replay_step
from scaling_sym.claims.bundle import read_step
from scaling_sym.claims.steps import Step
from scaling_sym.cli.bundles import PAPERS, open_bundle

BUNDLES = {p: open_bundle(paper=p) for p in PAPERS}
STEPS: Mapping[str, Mapping[str, Step]] = {p: {s.id: s for s in b.steps} for p, b in BUNDLES.items()}
POINTS = [[Fraction(random.Random(f"point {i} {n}").randint(1, 400), 97) for n in range(30)] for i in range(12)]


def values(text: str) -> list[Any]:
    """The expression at twelve rational points, by SymPy; a point where it has no value is left out."""
    names = sorted(set(_words(text)))
    symbols = [sympy.Symbol(n) for n in names]
    expression = sympy.parse_expr(text, local_dict=dict(zip(names, symbols, strict=True)))
    found = []
    for point in POINTS:
        at = {s: sympy.Rational(x.numerator, x.denominator) for s, x in zip(symbols, point, strict=False)}
        found.append(sympy.nsimplify(expression.subs(at)) if expression.free_symbols else expression)
    return found


def _words(text: str) -> Iterator[str]:
    return (m[0] for m in re.finditer(r"[A-Za-z_][A-Za-z_0-9]*", text))


def same_equation(old: str, new: str) -> bool:
    """Two expressions whose ratio is one constant at all points."""
    ratios = {sympy.simplify(x / y) for x, y in zip(values(old), values(new), strict=True)}
    return len(ratios) == 1


def same_comparison(old: str, new: str) -> bool:
    """Two comparisons with 0 that hold at the same points, with polynomials in a constant ratio."""
    (left, one), (right, two) = ((t[:-3], t[-3]) for t in (old.rstrip(), new.rstrip()))
    ratios = {sympy.simplify(x / y) for x, y in zip(values(left), values(right), strict=True)}
    return len(ratios) == 1 and (one == two) == (ratios.pop() > 0)


def same_text(old: Any, new: Any, path: tuple[Any, ...]) -> bool:
    if not (isinstance(old, str) and isinstance(new, str)):
        return False
    if old.rstrip()[-3:-2] in ("<", ">", "="):
        return same_comparison(old, new)
    if path[-1] == "equation" or "equations" in path:
        return same_equation(old, new)
    return values(old) == values(new)


def above(paper: str, names: list[str]) -> list[Step]:
    found, todo = dict[str, Step](), list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = STEPS[paper][name]
            todo += found[name].premises
    return list(found.values())


def summand(paper: str, name: str, symbol: str) -> set[str]:
    """The summand of a sum that a step uses, with what is restricted above put in, as SymPy's text."""
    given = [s.given for s in above(paper, [name]) if s.rule in ("identity", "total") and "sums" in s.given]
    where = {sympy.Symbol(o): sympy.parse_expr(n) for g in given for o, n in g.get("where", {}).items()}
    return {str(sympy.factor(sympy.parse_expr(g["sums"][symbol]).subs(where))) for g in given if symbol in g["sums"]}


def say_the_same(paper: str, old: str, new: str, item: Mapping[str, Any]) -> bool:
    """Two premises with one text of data and conclusion, from one model; or two that define the same sum."""
    first, second = (STEPS[paper][n] for n in (old, new))
    models = [sorted(json.dumps(s.conclusion) for s in above(paper, [n]) if s.rule in ("define", "model")) for n in (old, new)]
    if item["rule"] == "power-law" and first.rule != "power-sum":
        found = [summand(paper, n, item["given"]["symbol"]) for n in (old, new)]
        return found[0] == found[1] and len(found[0]) == 1
    texts = []
    for step in (first, second):
        given = {k: v for k, v in step.given.items() if k != "outer" or step.given["upper"]} if step.given else None
        texts.append((step.rule, step.cell, given, step.conclusion))
    return texts[0] == texts[1] and models[0] == models[1]


def decide(fault: Fault) -> bool:
    """The second decision."""
    item = body_of(BUNDLES[fault.paper], fault.section, fault.index)
    old, new = look_up(item, fault.path), fault.value
    if fault.path[0] == "source":
        return fault.path[1] in ("place", "note")
    if fault.path[-1] == "note":
        return bool(old.split()[0] == new.split()[0])
    if fault.path[0] in ("premises", "steps") and isinstance(old, list):
        before = {s.id: s for s in BUNDLES[fault.paper].steps[: fault.index]}
        return sorted(old) == sorted(new) and replay_step(read_step({**item, "premises": new}), before) is None
    if fault.path[0] == "premises":
        return say_the_same(fault.paper, old, new, item)
    if fault.path == ("given", "outer"):
        return bool(item["given"]["upper"] == "")
    if fault.path == ("given", "sums"):
        steps = above(fault.paper, item["premises"])
        tables = (s.given["sums"] for s in steps if s.rule in ("identity", "total") and "sums" in s.given)
        known = {n: t for table in tables for n, t in table.items()}
        return all(values(old[n]) == values(known[n]) for n in old.keys() - new.keys())
    if "rays" in fault.path and isinstance(old, dict):
        return {n: x for n, x in old.items() if x != "0"} == {n: x for n, x in new.items() if x != "0"}
    if "at" in fault.path:
        return {sympy.limit(sympy.parse_expr(t), sympy.Symbol("f"), 0, s) for t in (old, new) for s in "+-"} <= {
            sympy.oo, -sympy.oo}
    if fault.path[-2:] == (0, 1) and "factors" in fault.path:  # the base of a power, as in (-x)**-2 = x**-2
        exponent = look_up(item, (*fault.path[:-2], 1))
        return values(f"({old})**({exponent})") == values(f"({new})**({exponent})")
    if isinstance(old, list):
        return all(isinstance(c, str) for c in new) and set(old) == set(new)
    return same_text(old, new, fault.path)


def find_meaningless(count: int, seed: int) -> list[Fault]:
    found = []
    for fault in draw_faults(list(BUNDLES.values()), count, seed):
        item = body_of(BUNDLES[fault.paper], fault.section, fault.index)
        steps = STEPS[fault.paper]
        try:
            changed = canonical_form(plant(item, fault.path, fault.value), fault.section, steps)
            if changed == canonical_form(item, fault.section, steps):
                found.append(fault)
        except UNREADABLE:
            continue
    return found


def test_meaningless_faults_are_so_by_a_second_decision() -> None:
    found = find_meaningless(1000, 7)
    assert len(found) >= 10
    assert [f.describe(BUNDLES[f.paper]) for f in found if not decide(f)] == []


@pytest.mark.deep
def test_many_meaningless_faults_are_so_by_a_second_decision() -> None:
    found = find_meaningless(4000, 8)
    assert len({f.kind for f in found}) >= 5
    assert [f.describe(BUNDLES[f.paper]) for f in found if not decide(f)] == []


def place(paper: str, name: str) -> int:
    return next(i for i, s in enumerate(BUNDLES[paper].steps) if s.id == name)


def test_the_premises_of_a_cone_are_a_set() -> None:
    """Two laws of one cone may stand in any order; a law moved to the other cone is another statement."""
    rule = next(s for s in BUNDLES["bordelon2024"].steps if s.rule == "join" and len(s.premises) == 3)
    one, two, three = rule.premises
    assert [c["premises"] for c in rule.given["cones"]] == [[0, 1], [2]]
    subject, index = Subject.of(BUNDLES["bordelon2024"]), place("bordelon2024", rule.id)
    for order, same in (([two, one, three], True), ([one, three, two], False)):
        fault = Fault("by hand", "bordelon2024", "steps", index, ("premises",), order)
        assert (subject.try_fault(fault).outcome == MEANINGLESS) == same


def test_a_law_of_a_limit_is_no_law_of_a_cone() -> None:
    """The law for N = infinity in place of the one for all N >= P: it has the same powers, and says less."""
    steps = BUNDLES["bordelon2024"].steps
    limits = {repr(s.conclusion["terms"]): s.id for s in steps if s.rule == "evaluate" and s.given["rays"] == [{"P": "1"}]}
    rule, limit = next((s, limits[terms]) for s in steps if s.rule == "join-exact"
                       and (terms := repr(STEPS["bordelon2024"][s.premises[0]].conclusion["terms"])) in limits)
    fault = Fault("by hand", "bordelon2024", "steps", place("bordelon2024", rule.id), ("premises", 0), limit)
    assert Subject.of(BUNDLES["bordelon2024"]).try_fault(fault).outcome == "caught"


def test_a_kernel_of_another_width_is_caught() -> None:
    """At order zero only the kernel's constant enters, which does not depend on the width; the step would mix two models."""
    renewed = [s for s in BUNDLES["paquette2024"].steps if s.rule == "renew"]
    ends = [{x.given["upper"] for x in above("paquette2024", [s.id]) if x.rule == "power-sum"} for s in renewed]
    infinite, finite = renewed[ends.index({""})], renewed[ends.index({"v"})].premises[1]
    fault = Fault("by hand", "paquette2024", "steps", place("paquette2024", infinite.id), ("premises", 1), finite)
    assert Subject.of(BUNDLES["paquette2024"]).try_fault(fault).outcome == "caught"


def test_a_recalled_statement_is_not_shown_as_read() -> None:
    index = next(i for i, c in enumerate(BUNDLES["paquette2024"].claims) if c.label == "P-table/II")
    for part, value in (("tag", "read"), ("proved", "yes")):
        fault = Fault("by hand", "paquette2024", "claims", index, ("source", part), value)
        assert Subject.of(BUNDLES["paquette2024"]).try_fault(fault).outcome == "caught"


def test_an_optimum_of_fewer_terms_is_no_part_of_a_cover() -> None:
    """A set of terms that lies apart from the phase, replaced by another one apart from it: the list is not the loss any more."""
    apart = [False, True, True]
    step = next(s for s in BUNDLES["bordelon2024"].steps if s.rule == "optimum"
                and [("outside" in p) for p in s.certificate["pieces"]] == apart)
    fault = Fault("by hand", "bordelon2024", "steps", place("bordelon2024", step.id), ("premises", 1), step.premises[2])
    assert Subject.of(BUNDLES["bordelon2024"]).try_fault(fault).outcome == "caught"


def test_a_wall_without_effect_makes_no_difference() -> None:
    """A sum without a is the same on every wall; where a stands in it, it is another one."""
    bundle = BUNDLES["bordelon2024"]
    readings = [s for s in bundle.steps if s.rule == "power-law" and s.given["scale"] == "kappa" and "wall" in s.given]
    for free, outcome in ((True, MEANINGLESS), (False, "caught")):
        step = next(s for s in readings if (s.given["powers"]["A"] == 0) == free)
        given = {n: x for n, x in step.given.items() if n != "wall"}
        fault = Fault("by hand", "bordelon2024", "steps", place("bordelon2024", step.id), ("given",), given)
        assert Subject.of(bundle).try_fault(fault).outcome == outcome
