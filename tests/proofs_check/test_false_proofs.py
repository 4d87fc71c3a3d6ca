"""Proofs of false statements in several steps, each of which looks right by itself: the checker refuses them.

Planted faults change one place of a true proof. These are written by somebody who wants the false statement.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from proofs_check.framework import RefusedError, list_steps
from proofs_check.replay import replay, replay_step
from proofs_check.rules.expansions import find_residues
from proofs_check.signs import combine, drop_terms
from proofs_check.statements import check_plane
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, merge_terms
from scaling_sym.asymptotics.certify import certify_ratio
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_constant
from scaling_sym.claims.encoding import encode
from scaling_sym.claims.steps import Step
from scaling_sym.cli.bundles import open_bundle

REGIMES = {s.id: s for s in open_bundle(paper="bahri2024").steps}
LAWS = {s.id: s for s in open_bundle(paper="bordelon2024").steps}
DEFINE = REGIMES["s001"]
DATA = next(s for s in REGIMES.values() if s.rule == "evaluate" and s.given["equation"] == "floor-data")
MODEL = next(s for s in open_bundle().steps if s.rule == "model")
TERM: Mapping[str, Any] = {"constant": {"coefficient": "1", "factors": []}, "logs": []}


def refusal(step: Step, *before: Step) -> str:
    fault = replay_step(step, {s.id: s for s in before if s.id != step.id})
    return "" if fault is None else fault.reason


def sum_identity(name: str, given: dict[str, Any], **equations: str) -> Step:
    proofs: dict[str, Any] = {n: {} for n in equations}
    return Step(name, "identity", [], (DEFINE.id,), {**given}, {"equations": equations}, proofs)


def identity(name: str, premises: tuple[str, ...], proof: dict[str, str], equation: str) -> Step:
    return Step(name, "identity", [], premises, {}, {"equations": {name: equation}}, {name: proof})


def test_the_right_hand_side_of_a_model_does_not_vanish() -> None:
    step = identity("false", (MODEL.id,), {"forcing": "1"}, "S1 + H1*S2/d")
    assert "a premise by" in refusal(step, MODEL)


@pytest.mark.parametrize("value", ["kappa", "R1 + 1/kappa"])
def test_a_name_is_introduced_for_what_it_is_known_for(value: str) -> None:
    """The second equation, 1/kappa = 0, has no solution: everything would follow."""
    equations = {**DEFINE.conclusion["equations"], "kappa": f"R1 - ({value})"}
    assert refusal(replace(DEFINE, conclusion={**DEFINE.conclusion, "equations": equations}))
    assert "does not follow" in refusal(sum_identity("x", {}, x=f"R1 - ({value})"), DEFINE)


def test_a_field_is_solved_for_its_sources_where_nothing_is_restricted() -> None:
    """With u2 = 0 the solution has no slope in u2, and the response R02 would vanish."""
    fields, total = (next(s for s in LAWS.values() if s.rule == rule and name in s.conclusion["equations"])
                     for rule, name in (("identity", "v0"), ("total", "R02")))
    assert not refusal(total, *LAWS.values())
    for given in ({"where": {"u2": "0"}}, {"at": [{"u2": "0"}]}, {"modulo": 1}):
        other = replace(fields, given={**fields.given, **given})
        assert "without restrictions" in refusal(total, *LAWS.values(), other)
    left = replace(fields, conclusion={"equations": {**fields.conclusion["equations"], "v0": "D*v0 + v4 - w"}})
    assert "a field is left" in refusal(total, *LAWS.values(), left)


def test_nothing_is_divided_by_what_vanishes() -> None:
    """With R3 = 0 everything would follow, divided by R3; and so from an equation, divided by itself."""
    given: dict[str, Any] = {"where": {"R3": "0"}, "sums": {"X": "lam"}}
    step = replace(sum_identity("false", given, false="X"), certificate={"false": {"R3": "lam/R3"}})
    assert "which vanishes" in refusal(step, DEFINE)
    one = identity("one", (DEFINE.id,), {"r": "1/R1"}, "(R1 + e*r - 1)/R1")
    two = identity("two", ("one",), {"one": "R1/(R1 + e*r - 1)"}, "1")
    assert not refusal(one, DEFINE)
    assert "which vanishes" in refusal(two, DEFINE, one)


def test_an_expansion_is_used_to_its_order_only() -> None:
    """R1 = 1 up to e: exactly, or up to e^2, it is not known; times e it is known up to e^2."""
    rough = replace(identity("rough", (DEFINE.id,), {"r": "1"}, "R1 - 1"), given={"modulo": 1})
    assert not refusal(rough, DEFINE)
    for modulo, factor, good in ((None, "1", False), (2, "1", False), (2, "e", True), (0, "e", False)):
        step = identity("next", ("rough",), {"rough": factor}, f"{factor}*(R1 - 1)")
        found = refusal(replace(step, given={"modulo": modulo}), DEFINE, rough)
        assert (not found) if good else ("not to this order" in found)


def test_nothing_is_set_in_an_expansion() -> None:
    """P e^2 is of the second order in e while P stands still; with P = 1/e it is e, and e kappa would be of the second order."""
    rough = replace(sum_identity("rough", {}, rough="P*e**2*kappa"), given={"modulo": 2})
    assert not refusal(rough, DEFINE)
    step = identity("false", ("rough",), {"rough": "1"}, "e*kappa")
    found = refusal(replace(step, given={"modulo": 2, "at": [{"P": "1/e"}]}), DEFINE, rough)
    assert "depend on what is set" in found
    proof = {"false": {"rough": "1", "P": "-e**2*kappa"}}
    step = replace(step, given={"modulo": 2, "where": {"P": "1/e"}}, certificate=proof)
    assert "never infinite" in refusal(step, DEFINE, rough)
    tied = replace(step, given={"modulo": 2, "where": {"P": "1 + e"}}, conclusion={"equations": {
        "false": "(1 + e)*e**2*kappa"}})
    assert not refusal(tied, DEFINE, rough)


def test_the_rest_of_an_expansion_has_no_name_that_a_step_can_use() -> None:
    """Set to zero, or divided out, it would make an expansion exact."""
    rough = replace(sum_identity("rough", {}, rough="e**2*kappa"), given={"modulo": 2})
    step = identity("false", ("rough",), {"rough": "1"}, "e**2*kappa")
    assert "not to this order" in refusal(step, DEFINE, rough)
    for name, cofactor in (("rough?", "-e**2"), ("rough?_", "-e**2")):
        known = replace(step, given={"where": {name: "0"}}, certificate={"false": {"rough": "1", name: cofactor}})
        assert "no rest is known" in refusal(known, DEFINE, rough)
    assert "depend on what is set" in refusal(replace(step, given={"at": [{"rough?": "0"}]}), DEFINE, rough)
    assert refusal(replace(step, conclusion={"equations": {"false": "e**2*kappa + e**2*rough?"}}), DEFINE, rough)
    assert refusal(replace(step, certificate={"false": {"rough": "1 - rough?/kappa"}}), DEFINE, rough)


def test_two_expansions_have_rests_of_their_own() -> None:
    """What is left of one does not cancel what is left of another, nor the same at the second frequency."""
    one, two = (replace(sum_identity(n, {}, **{n: f"e*{x}"}), given={"modulo": 1})
                for n, x in (("one", "kappa"), ("two", "dof")))
    for other, equation in (("two", "e*(kappa - dof)"), ("one_", "e*(kappa - kappa_)")):
        step = identity("false", ("one", "two"), {"one": "1", other: "-1"}, equation)
        assert not refusal(replace(step, given={"modulo": 1}), DEFINE, one, two)
        assert "not to this order" in refusal(step, DEFINE, one, two)
        assert "not to this order" in refusal(replace(step, given={"modulo": 2}), DEFINE, one, two)


def test_a_sum_stays_where_a_symbol_in_its_summand_is_set_to_a_value() -> None:
    """T1 at D = 0 is another number than T1."""
    sums = sum_identity("sums", {"sums": {"X": "lam/(D + lam)", "Y": "2*lam/(D + lam)"}}, sums="Y - 2*X")
    step = identity("false", ("sums",), {"sums": "1"}, "Y - 2*X")
    assert not refusal(sums, DEFINE)
    assert not refusal(step, DEFINE, sums)
    assert "depend on what is set" in refusal(replace(step, given={"at": [{"D": "0"}]}), DEFINE, sums)


@pytest.mark.parametrize("name", ["LE", "D", "kappa", "v0", "w2"])
def test_a_sum_has_no_name_of_the_models_equations(name: str) -> None:
    """The mean over networks would be a sum of the reader's choice."""
    step = sum_identity("false", {"sums": {name: "lam", "X": "2*lam"}}, false=f"X - 2*{name}")
    assert "means two things" in refusal(step, DEFINE)


def test_no_sum_has_a_field_as_a_coefficient() -> None:
    """On each mode v0 lam w2 - w2 lam v0 vanishes; v0 differs from mode to mode."""
    step = sum_identity("false", {"sums": {"X": "lam", "Y": "v0*lam"}}, false="v0*X - Y")
    assert "depends on a sum, or on the mode" in refusal(step, DEFINE)


def test_a_sum_has_one_summand_also_where_two_branches_meet() -> None:
    one = sum_identity("one", {"sums": {"X": "lam", "Y": "2*lam"}}, one="Y - 2*X")
    two = sum_identity("two", {"sums": {"X": "lam", "Y": "3*lam"}}, two="Y - 3*X")
    three, four = (identity(n, (p,), {p: "1"}, e) for n, p, e in (("a", "one", "Y - 2*X"), ("b", "two", "Y - 3*X")))
    before = (DEFINE, one, two, three, four)
    assert [refusal(s, *before[:i]) for i, s in enumerate(before)] == [""] * 5
    step = identity("false", ("a", "b"), {"a": "1", "b": "-1"}, "X")
    assert "means two things" in refusal(step, *before)


def test_a_sum_has_no_name_of_the_model() -> None:
    step = sum_identity("false", {"sums": {"R1": "lam", "X": "2*lam"}}, false="X - 2*R1")
    assert "R1 means two things" in refusal(step, DEFINE)


def test_names_of_two_models_are_not_mixed() -> None:
    """A second model in which the same names stand for other fields, as of another update of the weights."""
    other = replace(DEFINE, id="other")
    one, two = sum_identity("one", {"sums": {"X": "lam", "Y": "2*lam"}}, one="Y - 2*X"), identity("two", ("other",), {
        "ensemble": "1"}, "-C0/E - C0x*(1 - 1/E) + LE")
    assert not refusal(two, other)
    step = identity("false", ("one", "two"), {"one": "1", "two": "1"}, "Y - 2*X - C0/E - C0x*(1 - 1/E) + LE")
    assert "two models" in refusal(step, DEFINE, other, one, two)
    assert "two models" in refusal(replace(one, premises=()))


def test_a_size_is_found_for_the_sum_that_the_balance_is_about() -> None:
    """The balance is about dof; a power law, read from another definition of that name, gives another kappa."""
    step = next(s for s in REGIMES.values() if s.rule == "scale")
    lead = REGIMES[step.premises[1]]
    law = REGIMES[lead.premises[0]]
    other = sum_identity("other", {"sums": {"dof": "lam**2/(kappa + lam)", "x": "2*lam**2/(kappa + lam)"}}, x="x - 2*dof")
    moved = replace(law, premises=(*law.premises, "other"))
    assert not refusal(step, *REGIMES.values())
    assert "means two things" in refusal(step, *REGIMES.values(), other, moved)


def limit(scale: Step) -> str:
    """The size in kappa."""
    (size,) = scale.conclusion["terms"][0]["monomial"]
    return str(size)


def law_of(equation: str, powers: Sequence[str], rest: Any = (None,), sums: Sequence[str] = ()) -> list[Step]:
    """L as powers of P without constants, from another exact equation, in the cone of P alone, with kappa for the data."""
    cell, scale = DATA.cell, REGIMES[DATA.premises[1]]
    leads = {REGIMES[s.premises[0]].given.get("symbol"): s.id for s in REGIMES.values()
             if s.rule == "lead" and s.given["rays"] == [{"u": "-1"}] and s.cell == cell}
    source = Step("source", "identity", [], (), {}, {"equations": {"source": equation}}, {})
    given, premises = {**DATA.given, "equation": "source"}, ("source", scale.id, *(leads[n] for n in sums))
    terms = [{**TERM, "monomial": {"P": e}} for e in powers]
    return [source, Step("false", "evaluate", cell, premises, given, {"terms": terms}, [[None], list(rest)])]


# That another power is at most the first one that is kept, as b - 1 (or 1 - b) has a sign where a > 1, a > 2 b + 1 and b > 1.
DROPPED: Mapping[str, Any] = {"by": 0, "rays": [[[[[[0, 0, 1], "1"]]], []]]}


def test_what_is_dropped_is_smaller_than_what_is_kept() -> None:
    """L = 1/P + 1/P^b is 1/P to leading order, as b > 1."""
    scale = REGIMES[DATA.premises[1]].conclusion["terms"][0]["constant"]
    one, other = TERM["constant"], scale
    for kept, proof, constant, reason in (("-1", [None, DROPPED], one, ""), ("-b", [DROPPED, None], other, "is dominated")):
        source, step = law_of("L - 1/P - kappa", [], rest=proof)
        step = replace(step, conclusion={"terms": [{**TERM, "monomial": {"P": kept}, "constant": constant}]})
        found = refusal(step, *REGIMES.values(), source)
        assert reason in found
        assert bool(reason) == bool(found), found


def test_what_the_equation_has_besides_is_not_left_out() -> None:
    """All of L = 1/P + 1/P^2: neither term is left out without a proof."""
    for powers, reason in ((["-1", "-2"], ""), (["-1"], "is not the one that follows")):
        source, step = law_of("L - 1/P - 1/P**2", powers, rest=[None, None])
        found = refusal(step, *REGIMES.values(), source)
        assert reason in found
        assert bool(reason) == bool(found), found


@pytest.mark.parametrize("equation", ["L - N", "L - K1", "L - sigma2 - C3"])
def test_every_name_in_an_equation_has_its_leading_term(equation: str) -> None:
    """A sum, a size or a field that is taken for something that stands still would be of order one."""
    source, step = law_of(equation, ["0"])
    assert "no leading term" in refusal(step, *REGIMES.values(), source)


def test_an_unknown_stands_linearly_in_its_equation() -> None:
    source, step = law_of("L**2 - 1/P", ["-1/2"])
    assert "linearly" in refusal(step, *REGIMES.values(), source)


def test_an_unknown_is_found_in_the_cone_of_kappa() -> None:
    assert not refusal(DATA, *REGIMES.values())
    assert "another cone" in refusal(replace(DATA, given={**DATA.given, "rays": [{"N": "1"}]}), *REGIMES.values())
    lead = Step("lead", "lead", DATA.cell, (DATA.id,), {"rays": [{"N": "1"}]}, DATA.conclusion, [None])
    assert "a premise by" in refusal(lead, *REGIMES.values())


def test_an_open_cell_gives_no_law_on_a_wall() -> None:
    """What holds on the cells beside a wall holds not on it, whatever the step says of a wall or a power of a logarithm."""
    bundle, wall = open_bundle(paper="bordelon2024"), {"a": "2*b + 1"}
    cases = (("compute-late/loss", wall, "5", {"substitution": wall}), ("data", {"a": "b + 1/2"}, "0", {}))
    for quantity, place, log, extra in cases:
        claim = next(c for c in bundle.claims if c.kind == "law" and c.statement["quantity"] == quantity)
        step = LAWS[claim.steps[0]]
        said = {n: str(parse_ratio(x).substitute({k: parse_ratio(y) for k, y in place.items()}))
                for n, x in claim.statement["power"].items()} if not extra else claim.statement["power"]
        other = replace(step, given={**step.given, **extra}, conclusion={**step.conclusion, "logs": {"loss": f"-{log}"}})
        statement = {**claim.statement, "power": said, "wall": place, "log": log}
        steps = tuple(other if s.id == step.id else s for s in bundle.steps)
        assert refusal(other, *LAWS.values())
        false = replace(claim, kind="law-on-wall", statement=statement)
        (fault,) = replay(replace(bundle, steps=steps, claims=(false,)), ()).faults
        assert any(x in fault.reason for x in ("an open cell is no wall", "that is known", "poles coincide on this wall"))


def test_terms_of_a_cone_that_were_glued_lead_along_no_other_ray() -> None:
    """For N > P the loss has its terms; that of them which leads as P grows and N stands still is no law, as N < P then."""
    law = next(s for s in REGIMES.values() if s.rule == "glue" and REGIMES[s.premises[0]].rule == "evaluate")
    terms = {"terms": [{**t, "name": ""} for t in law.conclusion["terms"]]}
    step = Step("false", "lead", law.cell, (law.id,), {"rays": [{"P": "1"}]}, terms, [None] * len(terms["terms"]))
    assert "glue|lead is wanted" in refusal(step, *REGIMES.values())


def test_what_is_sent_to_infinity_is_gone() -> None:
    """On a = 2 b + 1 all terms of gradient flow but one have the size in them: without that one there is no law in time."""
    leads = (s for s in LAWS.values() if s.rule == "lead" and s.given["rays"] == [{"t": "1"}])
    step = next(s for s in leads if LAWS[s.premises[0]].rule == "lead")
    first = LAWS[step.premises[0]]
    assert not refusal(step, *LAWS.values())
    for extra in ({"monomial": {"N": "-1"}}, {"logs": [[{"N": "1"}, "1"]], "monomial": {}}):
        terms = [{**TERM, **extra}]
        source = replace(LAWS[first.premises[0]], conclusion={"terms": terms})
        still, late = (replace(s, conclusion={"terms": terms}, certificate=[None]) for s in (first, step))
        assert not refusal(still, *LAWS.values(), source)
        assert "stands there still" in refusal(late, *LAWS.values(), source, still)


def test_kappa_is_found_for_the_size_that_limits() -> None:
    """The loss limited by data with the kappa of the features falls in the number of features."""
    kappa = REGIMES[DATA.premises[1]]
    text = json.dumps([kappa.given, kappa.conclusion, kappa.certificate]).replace('"P"', '"N"')
    given, conclusion, certificate = json.loads(text)
    other = replace(kappa, given=given, conclusion=conclusion, certificate=certificate)
    assert not refusal(other, *REGIMES.values())
    wrong = replace(DATA, given={**DATA.given, "rays": [{"N": "1"}]})
    assert "another size" in refusal(wrong, *REGIMES.values(), other)


@pytest.mark.parametrize("rule", ["evaluate", "scale"])
def test_an_expansion_is_no_exact_equation(rule: str) -> None:
    step = next(s for s in REGIMES.values() if s.rule == rule)
    source = REGIMES[step.premises[0]]
    rough = replace(source, given={**source.given, "modulo": 1})
    assert not refusal(step, *REGIMES.values())
    wanted = {"evaluate": "no exact equation", "scale": "is wanted below, exactly"}[rule]
    assert wanted in refusal(step, *REGIMES.values(), rough)


def test_a_proof_of_dominance_is_about_the_term_itself() -> None:
    """N^-1 P ties with N^-1 on the ray of N. A proof for another power, or for a logarithm it does not have, is of another."""
    terms = [{**TERM, "monomial": {"N": "-1"}, "name": "L_1"}, {**TERM, "monomial": {"N": "-1", "P": "1"}, "name": "L_2"}]
    rays = [{"N": "1", "P": "0"}]
    lead = Step("lead", "lead", ["a > 0"], (), {"rays": rays}, {"terms": terms}, None)
    cone = {"premises": [0], "rays": rays}
    for signs in ([[[], []]], [[[[[[0], "1"]]], []]], [None]):
        step = Step("false", "join", ["a > 0"], ("lead",), {"cones": [cone]}, {"terms": terms[:1]},
                    [[None, {"by": 0, "rays": signs}]])
        assert "dominated" in refusal(step, lead)


def test_terms_of_one_cone_are_not_joined_in_another() -> None:
    """What the loss is for N > P says nothing of N < P."""
    exact = next(s for s in LAWS.values() if s.rule == "join-exact")
    step = replace(exact, rule="join", premises=exact.premises[:2])
    assert not refusal(step, *LAWS.values())
    cones = [{**c, "rays": list(reversed(c["rays"]))} for c in step.given["cones"]]
    assert "another cone" in refusal(replace(step, given={"cones": cones}), *LAWS.values())


def test_laws_of_limits_are_not_joined_with_laws_of_cones() -> None:
    """On the side of N > P the law there, on the other one a law in P alone: together they bound nothing at N ~ P."""
    exact = next(s for s in LAWS.values() if s.rule == "join-exact")
    over, under = (LAWS[p] for p in exact.premises[:2])
    limit = replace(under, given={"rays": under.given["rays"][:1]})
    step = replace(exact, rule="join", premises=exact.premises[:2])
    assert "mixed" in refusal(step, *LAWS.values(), over, limit)


def test_the_peak_is_bounded_by_the_equations_of_its_sides() -> None:
    exact = next(s for s in LAWS.values() if s.rule == "join-exact")
    assert not refusal(exact, *LAWS.values())
    for i in exact.premises:
        other = replace(LAWS[i], given={**LAWS[i].given, "unknown": "bias0"})
        assert "equation" in refusal(exact, *LAWS.values(), other)
        source = LAWS[LAWS[i].premises[0]]
        text = {n: f"2*({x}) + L" for n, x in source.conclusion["equations"].items()}
        assert "equation" in refusal(exact, *LAWS.values(), replace(source, conclusion={"equations": text}))
    assert "sides" in refusal(replace(exact, given={"cones": list(reversed(exact.given["cones"]))}), *LAWS.values())


def test_a_size_is_not_determined_where_the_optima_of_the_neighbours_differ() -> None:
    """b = 2: all sizes between those of the neighbours are optimal, and none is stated."""
    step = next(s for s in LAWS.values() if s.rule == "optimum" and not s.conclusion["sizes"])
    assert not refusal(step, *LAWS.values())
    proof = step.certificate
    said = {**step.conclusion, "sizes": proof["powers"], "logs": {**step.conclusion["logs"], **proof["logs"]}}
    assert "determined are others" in refusal(replace(step, conclusion=said), *LAWS.values())
    proof = {**step.certificate, "determined": {n: ["1", "0"] for n in step.certificate["logs"]}}
    assert "is not determined" in refusal(replace(step, conclusion=said, certificate=proof), *LAWS.values())


def test_terms_of_open_cells_are_not_taken_to_a_wall_where_poles_coincide() -> None:
    """The sum of k^(b-a)/(1 + u k^b) has poles at (1 - a + b)/b and at 0, -1, ...: on a = b + 1 there is a logarithm."""
    power = Step("sum", "power-sum", [], (), {"s0": "a - b", "c": "b"}, {"terms": []}, None)
    check_plane([power], {}, "a")
    check_plane([power], {"a": parse_ratio("b + 2")}, "a")
    for wall in ("b + 1", "2*b + 1"):
        with pytest.raises(RefusedError, match="poles coincide"):
            check_plane([power], {"a": parse_ratio(wall)}, "a")


def test_a_sum_that_is_read_for_one_wall_serves_no_other() -> None:
    reading = Step("read", "power-law", [], (), {"wall": {"a": "b + 1"}}, {"terms": []}, None)
    check_plane([reading], {"a": parse_ratio("b + 1")}, "a")
    check_plane([reading], {"a": parse_ratio("3"), "b": parse_ratio("2")}, "a")
    for solved in ({}, {"a": parse_ratio("2*b + 1")}, {"b": parse_ratio("2")}):
        with pytest.raises(RefusedError, match="another wall"):
            check_plane([reading], solved, "a")


def test_an_equation_with_a_ridge_has_no_kappa_of_late_times() -> None:
    """Without a ridge 1/q is zero, and no quotient with q is small against anything."""
    step = next(s for s in REGIMES.values() if s.rule == "evaluate" and s.given["equation"] == "ridge-data")
    late = next(s for s in REGIMES.values() if s.rule == "scale" and limit(s) == "P" and s.cell == step.cell
                and s.given["equation"] == "late-balance")
    assert not refusal(step, *REGIMES.values())
    given, premises = {**step.given, "rays": late.given["rays"]}, (step.premises[0], late.id, *step.premises[2:])
    mixed = replace(step, premises=premises, given=given)
    assert "time or ridge" in refusal(mixed, *REGIMES.values())


def test_a_ridge_that_stands_still_does_not_make_kappa_small() -> None:
    """As N and P grow at a fixed ridge, dof is small against both, but it is no power of kappa."""
    step = next(s for s in REGIMES.values() if s.rule == "scale" and limit(s) == "q")
    assert not refusal(step, *REGIMES.values())
    still = [{**ray, "q": "0"} for ray in step.given["rays"][:2]]
    proofs = [[p and {**p, "rays": p["rays"][:2]} for p in step.certificate[0]]]
    fixed = replace(step, given={**step.given, "rays": still}, certificate=proofs)
    assert "ties on every ray" in refusal(fixed, *REGIMES.values())
    without = {**step.given, "rays": step.given["rays"][:2]}
    assert "no leading term" in refusal(replace(step, given=without, certificate=proofs), *REGIMES.values())
    late = {**step.given, "equation": "late-balance"}
    assert "late-balance" in refusal(replace(step, given=late), *REGIMES.values())


def test_kappa_is_the_ridge_where_dof_is_small_and_no_other_sum() -> None:
    """With another sum in place of dof nothing would be asked of dof."""
    step = next(s for s in REGIMES.values() if s.rule == "scale" and limit(s) == "q" and s.cell == DATA.cell)
    for other in (p for p in DATA.premises[2:] if REGIMES[p].cell == step.cell):
        wrong = replace(step, premises=(step.premises[0], other))
        assert "no leading term" in refusal(wrong, *REGIMES.values())
    assert not refusal(step, *REGIMES.values())


def test_dof_is_the_smaller_size() -> None:
    """In the cone in which P is the smaller one, kappa is not that at which dof is N."""
    step = next(s for s in REGIMES.values() if s.rule == "scale" and limit(s) == "P" and len(s.given["rays"]) == 2)
    text = json.dumps([step.conclusion, step.certificate]).replace('"P"', '"N"')
    conclusion, certificate = json.loads(text)
    other = replace(step, conclusion=conclusion, certificate=certificate)
    assert not refusal(step, *REGIMES.values())
    assert refusal(other, *REGIMES.values())


@pytest.mark.parametrize("name", ["B", "eta", "Qx"])
def test_what_has_no_second_frequency_is_no_name_for_what_has_one(name: str) -> None:
    """The same equation would be said to hold at the second frequency, with the first one in this sum."""
    good, bad = (sum_identity("x", {"sums": {n: "lam/(lam + D)", "Y": "1"}}, x=f"{n} - {n}") for n in ("X", name))
    assert not refusal(good, DEFINE)
    assert f"{name} means two things" in refusal(bad, DEFINE)


def test_a_sum_is_at_the_second_frequency_what_it_is_at_the_first() -> None:
    """Named there alone, or with a summand of its own, it would be another sum."""
    first, second = "lam/(lam + D)", "lam/(lam + D_)"
    for sums in ({"X_": first}, {"X": first, "X_": first}, {"R1_": second}):
        one = sum_identity("one", {"sums": {**sums, "Y": first}}, one="Y - Y")
        two = identity("two", ("one",), {"one": "1"}, "0")
        two = replace(two, premises=("one", DEFINE.id), given={"sums": {"X": first}})
        assert "means two things" in (refusal(one, DEFINE) or refusal(two, DEFINE, one))
    assert not refusal(sum_identity("good", {"sums": {"X": first, "X_": second}}, good="X - X"), DEFINE)


def test_a_model_is_known_by_its_name() -> None:
    """An expression of the same value would be another model in the table of assumptions."""
    assert not refusal(DEFINE)
    assert refusal(replace(DEFINE, conclusion={**DEFINE.conclusion, "model": "(dmft)"}))


@pytest.mark.parametrize(("value", "sums"), [("dof - P", ["dof"]), ("P - kappa*K1 - K2", ["K1", "K2"])])
def test_leading_terms_that_cancel_leave_nothing_that_is_known(value: str, sums: list[str]) -> None:
    """dof is P to leading order; what dof - P is, its leading term does not say. Nor for a sum of constants that vanishes."""
    source, step = law_of(f"L - ({value})", [], sums=sums)
    assert "cancel" in refusal(step, *REGIMES.values(), source)


def test_a_logarithm_that_ties_inside_a_cone_is_not_dropped_for_the_edge() -> None:
    """For 1 < theta < d, log d - log(d/theta) is log theta: the second one stands still at theta = d alone."""
    rays: list[dict[str, str]] = [{"d": "1", "theta": "0"}, {"d": "1", "theta": "1"}]
    first = {**TERM, "monomial": {}, "logs": [[{"d": "1"}, "1"]]}
    for argument, ray in (({"d": "1", "theta": "-1"}, 1), ({"theta": "1"}, 0)):
        second = {**TERM, "monomial": {}, "logs": [[argument, "1"]]}
        source = Step("source", "transfer", [], (), None, {"terms": [first, second]}, None)
        proof: Any = {"by": 0, "rays": [[[[[[], "1"]]], []] if i == ray else None for i in range(2)]}
        step = Step("false", "lead", [], ("source",), {"rays": rays}, {"terms": [first]}, [None, proof])
        assert "inside the cone" in refusal(step, source)
        edge = replace(step, given={"rays": [rays[ray]]}, certificate=[None, {**proof, "rays": [proof["rays"][ray]]}])
        assert not refusal(edge, source)


def test_an_equation_at_the_second_frequency_holds_under_its_restriction_there() -> None:
    """What holds where dof is N says nothing at a second frequency, where dof_ is another number."""
    one = replace(identity("one", (DEFINE.id,), {"dof": "1"}, "dof - N"), given={"where": {"dof": "N"}})
    two = identity("two", ("one",), {"one_": "1"}, "dof_ - N")
    assert not refusal(one, DEFINE)
    assert "is not an equation of the premises" in refusal(two, DEFINE, one)


def test_no_correlation_stands_where_a_frequency_is_set_to_a_value() -> None:
    """C0 grows as 1/D^2: of C0 D D_ = L, with D = 0 there, nothing says that L vanishes."""
    one = replace(identity("one", (DEFINE.id,), {"L": "-1"}, "D*D_*C0 - L"), given={"where": {"L": "C0*D*D_"}})
    two = replace(identity("two", ("one",), {"one": "1"}, "L"), given={"at": [{"D": "0"}]})
    assert not refusal(one, DEFINE)
    assert "set to a value" in refusal(two, DEFINE, one)
    other = replace(two, given={"where": {"D": "0"}}, certificate={"two": {"one": "-1", "D": "D_*C0"}})
    assert "frequency" in refusal(other, DEFINE, one)


FALSE = "L - 1/P**7"


def test_restrictions_hold_together() -> None:
    """With N = 1/f and f = 0, not as a limit but as two equations, f (N - 1/f) - N f is -1, and all follows."""
    cases: list[tuple[dict[str, str], dict[str, str], str]] = [
        ({"N": "1/f", "f": "0"}, {"N": f"-f*({FALSE})", "f": f"N*({FALSE})"}, "never infinite"),
        ({"N": "f", "f": "1"}, {"N": "1"}, "stands in another"), ({"e": "1"}, {"e": "1"}, "frequency, and no rest")]
    for where, proof, reason in cases:
        step = replace(identity("false", (DEFINE.id,), proof, FALSE), given={"where": where})
        assert reason in refusal(step, DEFINE)
    one = replace(identity("one", (DEFINE.id,), {"f": "1"}, "f - 1"), given={"where": {"f": "1"}})
    two = replace(identity("two", ("one",), {"one": "1/2", "f": "-1/2"}, "1/2"), given={"where": {"f": "2"}})
    assert not refusal(one, DEFINE)
    assert "two things" in refusal(two, DEFINE, one)


def test_e_is_tied_to_nothing() -> None:
    """Where e = 1/P, e kappa is P e^2 kappa, which would be of the second order while P stands still."""
    false = replace(identity("false", (DEFINE.id,), {"e": "P*e*kappa"}, "-e*kappa"), given={"where": {"e": "1/P"}, "modulo": 2})
    assert refusal(false, DEFINE)
    one = replace(identity("one", (DEFINE.id,), {"f": "1"}, "f - P*e"), given={"where": {"f": "P*e"}})
    two = replace(identity("two", ("one",), {"one": "1"}, "1 - P*e"), given={"at": [{"f": "1"}]})
    assert not refusal(one, DEFINE)
    assert "set to a value" in refusal(two, DEFINE, one)


def test_what_is_infinite_at_a_frequency_does_not_stand_there() -> None:
    """1/g = D + R1 R3, hence D g (kappa + 1) = kappa, and at D = 0 kappa would vanish; so would the noise's variance."""
    g = identity("false", (DEFINE.id,), {"g": f"-R3*g*({FALSE})", "kappa": f"R3*g*({FALSE})"}, FALSE)
    assert "'g'" in refusal(replace(g, given={"at": [{"D": "0"}]}), DEFINE)
    noise = identity("false", (DEFINE.id,), {"sigma2": "1"}, "sigma2")
    given = {"where": {"sigma2": "noise*D*D_"}, "at": [{"D": "0"}]}
    assert "'sigma2'" in refusal(replace(noise, given=given), DEFINE)
    for at in ({"z": "0"}, {"e": "0"}, {"D_": "0"}, {"D": "-lam"}):
        assert "may be infinite" in refusal(replace(g, given={"at": [at]}), DEFINE)


def test_an_equation_at_late_times_is_not_joined_with_one_at_all_times() -> None:
    """kappa R1 R3 is D; at D = 0 it is zero, and R1 and R3, by which all else is divided, are not what they are at D."""
    solved, balance, late = (next(s for s in LAWS.values() if s.rule == "identity" and n in s.conclusion["equations"])
                             for n in ("R3-dof", "balance", "late-balance"))
    step = identity("false", (balance.id, late.id), {"balance": f"({FALSE})/D", "late-balance": f"-({FALSE})/D"}, FALSE)
    assert refusal(step, *LAWS.values())
    only = identity("false", (balance.id, late.id), {"balance": "1", "late-balance": "-1"}, "D")
    assert "any frequency" in refusal(only, *LAWS.values())
    for at, proof, premise in (({"dof": "N"}, {"R3-dof": f"({FALSE})/R3"}, solved), ({"dof": "N"}, {
            "balance": f"({FALSE})/D"}, balance)):
        full = replace(identity("false", (premise.id,), proof, FALSE), given={"at": [at]})
        assert "not known that what the cofactors divide by" in refusal(full, *LAWS.values())


def test_a_sum_has_no_name_that_stands_in_the_sources_alone() -> None:
    """The noise would be a sum of the reader's choice, and an equation would hold for this noise only."""
    step = sum_identity("false", {"sums": {"noise": "lam", "X": "lam"}}, false="X - noise")
    assert "noise means two things" in refusal(step, DEFINE)


def faults_of(bundle: Bundle, *steps: Step, claims: Sequence[Claim] = ()) -> str:
    """What is wrong in the claims where steps are replaced or added; all steps are taken to replay."""
    known = {s.id: s for s in (*bundle.steps, *steps)}
    return " ".join(map(str, replay(replace(bundle, steps=tuple(known.values()), claims=tuple(claims)), ()).faults))


def test_a_law_rests_on_no_loss_of_the_readers_choice() -> None:
    """L = kappa as a restriction, under the name of the equation of the model, would be a law."""
    bundle = open_bundle(paper="bahri2024")
    claim = next(c for c in bundle.claims if c.kind == "law" and c.steps == (DATA.id,))
    source = Step("source", "identity", [], (), {"where": {"L": "kappa"}}, {
        "equations": {"floor-data": "L - kappa"}}, {"floor-data": {"L": "1"}})
    (term,) = REGIMES[DATA.premises[1]].conclusion["terms"]
    step = Step("false", "evaluate", DATA.cell, (source.id, DATA.premises[1]), DATA.given, {"terms": [term]}, [[None], [None]])
    assert not refusal(source)
    assert not refusal(step, *REGIMES.values(), source)
    said = {**claim.statement, "power": term["monomial"], "constant": term["constant"]}
    false = replace(claim, statement=said, steps=(step.id,))
    assert not faults_of(bundle, claims=[claim])
    assert "other models" in faults_of(bundle, source, step, claims=[false])


def test_dof_is_no_size_where_the_frequency_stands() -> None:
    """D = kappa (1 - dof/P) (1 - dof/N) would vanish with dof = N, and kappa with it, as D g (kappa + 1) = kappa."""
    balance = next(s for s in LAWS.values() if s.rule == "identity" and "balance" in s.conclusion["equations"])
    proof = {"g": f"-R3*kappa*g*({FALSE})", "kappa": f"R3*kappa*g*({FALSE})", "balance": f"g*(kappa + 1)*({FALSE})"}
    step = replace(identity("false", (DEFINE.id, balance.id), proof, f"kappa*({FALSE})"), given={"at": [{"dof": "N"}]})
    assert "'g'" in refusal(step, *LAWS.values())
    only = replace(identity("false", (balance.id,), {"balance": "1"}, "D"), given={"at": [{"dof": "N"}]})
    assert "'D'" in refusal(only, *LAWS.values())


def test_kappa_is_not_divided_by_where_it_vanishes() -> None:
    """Without ridge and with both sizes infinite kappa is D, which is zero at D = 0."""
    balance = next(s for s in LAWS.values() if s.rule == "identity" and "balance" in s.conclusion["equations"])
    one, two = (replace(identity(n, (p,), {p: "1"}, e), given={"at": [{size: "1/f"}, {"f": "0"}]}) for n, p, e, size in (
        ("one", balance.id, "D - kappa*(1 - dof/N)", "P"), ("two", "one", "D - kappa", "N")))
    one = replace(one, certificate={"one": {"balance": "1"}})
    false = replace(identity("false", ("two",), {"two": f"-({FALSE})/kappa"}, FALSE), given={"at": [{"D": "0"}]})
    before = (*LAWS.values(), one, two)
    assert not refusal(one, *before)
    assert not refusal(two, *before)
    assert "does not vanish" in refusal(false, *before)


def test_a_law_has_not_the_restrictions_of_those_that_it_is_joined_with() -> None:
    """The law in the data is for infinite N, that in time for infinite P: with both, and no ridge, kappa would vanish."""
    bundle = open_bundle(paper="bordelon2024")
    claim = next(c for c in bundle.claims if c.kind == "law" and c.statement["quantity"] == "compute-wide/loss")
    data = next(s for s in list_steps(claim.steps, LAWS) if s.rule == "evaluate")
    source = next(s for s in list_steps([data.id], LAWS) if s.rule == "identity" and not s.given)
    other = replace(source, given={"at": [{"P": "1/f"}, {"f": "0"}]})
    assert not faults_of(bundle, claims=[claim])
    assert "other models" in faults_of(bundle, other, claims=[claim])


@pytest.mark.parametrize(("paper", "quantity", "name"), [
    ("bahri2024", "share", "K2"), ("bahri2024", "data", "L"), ("bahri2024", "ridge/over", "q"),
    ("bordelon2024", "early/response", "T0")])
def test_a_name_of_a_law_is_no_sum_of_the_readers_choice(paper: str, quantity: str, name: str) -> None:
    bundle = open_bundle(paper=paper)
    claim = next(c for c in bundle.claims if c.kind == "law" and c.statement["quantity"] == quantity)
    above = list_steps(claim.steps, {s.id: s for s in bundle.steps})
    others = [replace(s, given={**s.given, "sums": {n: x for n, x in s.given.get("sums", {}).items() if n.rstrip("_") != name}})
              for s in above if s.rule in ("identity", "total")]
    others[0] = replace(others[0], given={**others[0].given, "sums": {**others[0].given["sums"], name: "lam**2*w2"}})
    assert not faults_of(bundle, claims=[claim])
    found = faults_of(bundle, *others, claims=[claim])
    assert f"{name} means two things" in found or "is another sum" in found


PLANE = open_bundle(paper="paquette2024")
SGD = {s.id: s for s in PLANE.steps}


@pytest.mark.parametrize("kind", ["piece", "terms", "terms-infinite", "phase", "wall", "corner"])
def test_claims_on_the_plane_are_about_its_model_and_width(kind: str) -> None:
    """With the exponents exchanged, for another width, or under a restriction, the steps would be as good."""
    claim = next(c for c in PLANE.claims if c.kind == kind)
    above, spoken = list_steps(claim.steps, SGD), [c for c in PLANE.claims if c.kind in (kind, "phase")]
    assert not faults_of(PLANE, claims=spoken)
    model = next(s for s in above if s.rule == "model")
    swapped = replace(model, conclusion={**model.conclusion, "c": "2*beta"})
    assert "another wall" in faults_of(PLANE, swapped, claims=spoken)
    width = {"v": "", "": "v"}
    other = [replace(s, conclusion={**s.conclusion, "upper": width[s.conclusion["upper"]]}) for s in above if s.rule == "model"]
    assert "ends of sums" in faults_of(PLANE, *other, claims=spoken)
    for step in (s for s in above if s.rule in ("power-sum", "trace")):
        wide = replace(step, given={**step.given, "upper": width[step.given["upper"]]})
        (user, *_) = (s for s in above if s.rule == "combine" and step.id in s.premises)
        assert "ends otherwise" in refusal(user, *PLANE.steps, wide)
    order = next(s for s in above if s.rule == "identity")
    assert "restrictions" in faults_of(PLANE, replace(order, given={**order.given, "where": {"S": "0"}}), claims=spoken)


def test_the_kernel_has_gamma_as_the_learning_rate_has_it() -> None:
    """A kernel with gamma as a constant where gamma tends to zero is too large; and the other way round nothing is kept."""
    for step in [s for s in SGD.values() if s.rule == "absorb" and SGD[s.premises[-1]].rule == "learning-rate"]:
        (renewed,) = (s for s in list_steps([step.id], SGD) if s.rule == "renew")
        changed = replace(renewed, given={"gamma": {"constant": "resource", "resource": "constant"}[renewed.given["gamma"]]})
        assert not refusal(step, *SGD.values())
        assert "gamma is a constant in the renewal" in refusal(step, *SGD.values(), changed)
        assert "gamma is a constant in the renewal" in refusal(replace(step, premises=step.premises[:1]), *SGD.values())


def hold(conditions: Sequence[str], cell: Sequence[str]) -> list[Any]:
    """Proofs that conditions hold on a cell in which they stand."""
    places = [[str(s) for s in Cell.parse(cell).conditions].index(str(c)) for c in Cell.parse(conditions).conditions]
    return [[[[[[int(i == place) for i in range(len(cell))], "1"]]], []] for place in places]


def test_no_step_is_on_a_wall_inside_the_cells_that_it_rests_on() -> None:
    """On alpha = 1 poles may coincide: what is glued, or optimal, around a wall is not so on it."""
    glue = next(s for s in PLANE.steps if s.rule == "glue" and SGD[s.premises[0]].rule == "collect")
    piece = SGD[glue.premises[0]]
    for more, reason in (("alpha - 1 > 0", ""), ("alpha - 1 = 0", "an open cell")):
        cell = [*piece.cell, more]
        tree = {"phase": 0, "weights": hold(piece.cell, cell)}
        found = refusal(replace(glue, premises=(piece.id,), cell=cell, certificate=tree), *PLANE.steps)
        assert reason in found
        assert bool(reason) == bool(found), found


def test_phases_meet_on_a_wall_where_they_reach_it() -> None:
    """On the upper half of a wall, or in a corner, other phases meet than on its lower half, if with the same exponents."""
    named, losses = {c.label: c for c in PLANE.claims}, [c for c in PLANE.claims if c.kind == "phase"]
    one, two, turned, corner = (named[f"plrf/{n}"] for n in ("wall/IVa|Ib", "wall/IVb|Ib", "wall/Ia|Ib", "corner/1/4,1/2"))
    assert not faults_of(PLANE, claims=[*losses, one, two, turned, corner])
    far = named["plrf/IVa/loss"].steps[0]
    for claim, steps, reason in (
        (two, (one.steps[0], two.steps[1]), "does not reach"), (two, (turned.steps[0], two.steps[1]), "another wall"),
        (corner, (far, *corner.steps), "a phase"), (corner, corner.steps[:1], "the region"),
        (corner, corner.steps[-1:], "malformed"),
    ):
        assert reason in faults_of(PLANE, claims=[*losses, replace(claim, steps=steps)])
    moved = replace(SGD[two.steps[1]], conclusion={**SGD[two.steps[1]].conclusion, "loss": "alpha + 1"})
    assert "another optimum" in faults_of(PLANE, moved, claims=[*losses, two])


def test_a_wall_has_two_cells_and_no_other_region() -> None:
    """Everywhere in a phase it would meet itself."""
    step = next(s for s in PLANE.steps if s.rule == "continuity")
    assert "nothing in the cell" in refusal(replace(step, cell=["alpha - 5 > 0"]), *PLANE.steps)
    phase = replace(SGD[step.premises[0]], id="phase", cell=["alpha > 0"])
    proof = {"segment": [{"alpha": "1"}, {"alpha": "3"}], "inside": [[[[[[0, 0], "1"], [[1, 0], "2"]]], []]]}
    same = replace(step, premises=("phase",) * 2, conclusion={"jumps": [], "polynomial": "alpha - 2"}, certificate=proof)
    assert "does not bound" in refusal(same, *PLANE.steps, phase)


def test_a_resource_that_stands_still_does_not_shrink_as_a_power_of_a_logarithm() -> None:
    """N log t/t + 1/(N t) with C = N t and N >= 1 is log C/C; with N = 1/sqrt(log C) it would be sqrt(log C)/C."""
    given: dict[str, Any] = {"resources": ["N", "t"], "cost": {"N": "1", "t": "1"}, "fixed": []}
    powers = [{"N": "1", "t": "-1"}, {"N": "-1", "t": "-1"}]
    terms = [{**TERM, "monomial": m, "name": n} for n, m in zip("FG", powers, strict=True)]
    plain = Step("plain", "stated", [], (), given, {"terms": terms[1:]}, None)
    stated = Step("stated", "stated", [], (), given, {"terms": [{**terms[0], "logs": [[{"t": "1"}, "1"]]}, terms[1]]}, None)
    one: Any = [[[[], "1"]]], []
    proof: dict[str, Any] = {
        "pieces": [{"inside": []}], "powers": {"N": "0", "t": "1"}, "logs": {"N": "-1/2", "t": "1/2"}, "idle": [],
        "sizes": [None, one], "gaps": [None, None], "basis": [1], "multipliers": ["1"], "limits": [], "signs": [one],
        "determined": {}}
    body = {"tradeoff": terms[1:], "loss": "1", "sizes": {}}
    wall = Step("wall", "optimum", [], ("stated",), {**given, "substitution": {"a": "1"}}, body, proof)
    assert "the sizes" in refusal(wall, stated)
    still = {**proof, "logs": {}, "gaps": [None], "basis": [0]}
    good = replace(wall, premises=("plain",), certificate=still)
    assert not refusal(good, plain)
    assert "budget are others" in refusal(replace(good, given={**good.given, "cost": {"N": "3", "t": "1"}}), plain)


def test_a_logarithm_ties_on_a_wall_alone_and_its_power_is_proved() -> None:
    """log t/t with C = t is log C/C, and no law of an open cell; nor is it 1/C, or log log C, at a place on a wall."""
    given: dict[str, Any] = {"resources": ["t"], "cost": {"t": "1"}, "fixed": []}
    term = {**TERM, "monomial": {"t": "-1"}, "logs": [[{"t": "1"}, "1"]]}
    stated, one = Step("stated", "stated", [], (), given, {"terms": [term]}, None), [[[[[], "1"]]], []]
    proof: dict[str, Any] = {
        "pieces": [{"inside": []}], "powers": {"t": "1"}, "idle": [], "sizes": [one], "gaps": [None], "basis": [0],
        "multipliers": ["1"], "limits": [], "signs": [one], "determined": {"t": ["0", "1"]}}
    body: dict[str, Any] = {"tradeoff": [term], "loss": "1", "sizes": {"t": "1"}, "logs": {"loss": "-1"}}
    step = Step("wall", "optimum", [], ("stated",), {**given, "substitution": {"a": "1"}}, body, proof)
    assert not refusal(step, stated)
    assert "with logarithms ties" in refusal(replace(step, given=given), stated)
    for logs, reason in (({}, "the other terms"), ({"loss": "-2"}, "the other terms"), ({"loss": "1"}, "the other terms"),
                         ({"loss": "-1", "t": "1"}, "determined are others")):
        assert reason in refusal(replace(step, conclusion={**body, "logs": logs}), stated)
    assert "log log" in refusal(replace(step, conclusion={**body, "iterated": True}), stated)
    for place, reason in (({"a": "1"}, ""), ({}, "on no other wall"), ({"a": "2"}, "on no other wall")):
        order = Step("order", "better", [], ("wall", "wall"), {"substitution": place, "exponents": ["loss", "loss"]}, {
            "sign": 0}, {"inside": [[], []], "difference": None})
        found = refusal(order, stated, step)
        assert reason in found
        assert bool(reason) == bool(found), found
    weaker = replace(step, id="weaker", conclusion={**body, "iterated": True})
    assert "log log" in refusal(replace(order, premises=("wall", "weaker")), stated, step, weaker)


def test_a_claim_on_terms_rests_on_all_of_them_and_one_on_a_piece_on_that_piece() -> None:
    """The floor alone is not the loss, nor a part of the kernel that stands still a part of the forcing."""
    floor, claims = next(s for s in PLANE.steps if s.rule == "floor"), {c.label: c for c in PLANE.claims}
    terms, kernel = claims["plrf/terms/1"], claims["plrf/K_pp/2"]
    tree = {"phase": 0, "weights": hold(floor.cell, floor.cell)}
    glue = replace(SGD[terms.steps[0]], id="glue", premises=(floor.id,), cell=floor.cell, conclusion=floor.conclusion,
                   certificate=tree)
    assert not refusal(glue, *PLANE.steps)
    false = replace(terms, steps=("glue",), region=floor.cell, statement={**terms.statement, "names": ["F_0"]})
    other = replace(claims["plrf/F_pp"], steps=kernel.steps, region=kernel.region)
    for claim, reason in ((false, "rule collect"), (other, "not what follows")):
        assert reason in faults_of(PLANE, glue, claims=[claim])


def test_what_would_not_fit_into_memory_is_refused_before_it_is_multiplied_out() -> None:
    pairs = "+".join(f"{a}*{b}" for a in "abcdefghij" for b in "klmnopqrst")
    with pytest.raises(ValueError, match="terms"):
        combine(Cell.parse([f"{pairs} > 0"]), [[[12], "1"]])
    nested: Any = {"coefficient": "1", "factors": [[["polynomial", "x"], "120"]]}
    for _ in range(6):
        nested = {"coefficient": "1", "factors": [[["sum", nested], "120"]]}
    shifted: Any = {"coefficient": "1", "factors": [[["gamma", "a + b + c + d + e + f + g + h + 120"], "1"]]}
    for constant, reason in ((nested, "power"), (shifted, "terms")):
        with pytest.raises(ValueError, match=reason):
            decode_constant(constant).canonical()


def test_what_leads_in_the_kernel_is_no_pole_that_was_left_out() -> None:
    """Where 4 alpha < 1 the second pole of H1 beyond the strip gives what leads in time: the first one is analytic, times u."""
    step = next(s for s in SGD.values() if s.rule == "combine" and s.given["series"] == ["K_pp"])
    (power,) = (SGD[p] for p in step.premises if SGD[p].rule == "power-sum" and SGD[p].given["order"] == 1)
    short = replace(power, given={**power.given, "outer": 1})
    terms = find_residues(*(parse_ratio(power.given[n]) for n in ("s0", "c")), 1, power.given["inner"], 1)
    short = replace(short, conclusion={"terms": [encode(t) for t in merge_terms(terms)]})
    assert not refusal(step, *SGD.values())
    assert not refusal(short, *SGD.values())
    assert "another is wanted" in refusal(step, *SGD.values(), short)


def test_nothing_is_divided_by_what_vanishes_by_equations_further_up() -> None:
    """X times what vanishes is zero; divided by what vanishes, in a step that does not see it, X would be zero for every X."""
    zero = str(parse_ratio("R1 + e*r - 1"))
    one = identity("one", (DEFINE.id,), {"r": "kappa - P"}, f"(kappa - P)*({zero})")
    two = identity("two", ("one",), {"one": f"1/({zero})"}, "kappa - P")
    assert not refusal(one, DEFINE)
    assert "is not known" in refusal(two, DEFINE, one)


def test_a_root_of_a_square_is_not_written() -> None:
    """The root of (b - 9)^2 is merged to b - 9, and over b - 9 it would be 1, where it is -1 for b < 9."""
    claim = next(c for c in open_bundle(paper="bahri2024").claims if c.kind == "law" and c.statement.get("constant"))
    factors = [*claim.statement["constant"]["factors"], [["polynomial", "(b - 9)**2"], "1/2"], [["polynomial", "b - 9"], "-1"]]
    said = {**claim.statement, "constant": {**claim.statement["constant"], "factors": factors}}
    assert "root of a square" in faults_of(open_bundle(paper="bahri2024"), claims=[replace(claim, statement=said)])


def test_nothing_is_divided_by_a_size_less_dof_without_a_ridge() -> None:
    """Late, (P - dof) (N - dof) = 0: divided by P - dof it would say that dof is N."""
    step = next(s for s in REGIMES.values() if s.rule == "identity" and "ridge-data" in s.conclusion["equations"])
    above = [s for s in REGIMES.values() if s.rule == "identity" and {"D": "1/q"} in s.given.get("at", ())]
    late = [replace(s, given={**s.given, "at": [{"D": "0"}]}) for s in above]
    assert not refusal(step, *REGIMES.values())
    assert "is not known" in refusal(step, *REGIMES.values(), *late)


def test_logarithms_whose_power_inside_a_cone_is_not_known_are_not_compared() -> None:
    """On both edges of 1 < theta < d log(d/theta)^b log(theta)^b is below log d for b < 1; inside it is above for b > 1/2."""
    cell, b = Cell.parse(["1 - b > 0", "2*b - 1 > 0"]), parse_ratio("b")
    whole, rest, time = (Monomial.of(m) for m in ({"d": 1}, {"d": 1, "theta": -1}, {"theta": 1}))
    terms = [Term(Monomial(), logs=((whole, Ratio.of(1)),)), Term(Monomial(), logs=((rest, b), (time, b)))]
    rays = [{"d": Ratio.of(1)}, {"d": Ratio.of(1), "theta": Ratio.of(1)}]
    proof = encode(certify_ratio(1 - b, cell))
    with pytest.raises(RefusedError, match="inside the cone"):
        drop_terms(terms, [None, {"by": 0, "rays": [proof, proof]}], rays, cell)


def test_an_id_stands_once() -> None:
    """A true step could lend its name to a false one that stands in its place further on."""
    bundle = open_bundle(paper="links")
    found = replay(replace(bundle, steps=(*bundle.steps, bundle.steps[0])))
    assert [f.reason for f in found.faults] == ["a step of this id stands before it"]
    assert bundle.steps[0].id not in found.sound
    named = replay(replace(bundle, claims=tuple(replace(c, label=bundle.steps[0].id) for c in bundle.claims[:1])))
    assert [f.reason for f in named.faults] == ["a step of this id stands before it"]


@pytest.mark.parametrize(("rule", "changes"), [
    ("identity", {"rule": ["identity"]}), ("identity", {"rule": None}), ("identity", {"premises": (["s001"],)}),
    ("identity", {"premises": ({},)}), ("identity", {"premises": 7}), ("identity", {"cell": 7}), ("identity", {"cell": [[]]}),
    ("identity", {"given": []}), ("identity", {"given": {"modulo": float("nan")}}),
    ("identity", {"conclusion": {"equations": {"v0": 10**400}}}), ("identity", {"certificate": {"v0": {"v0": float("nan")}}}),
    ("power-sum", {"given": {"order": 10**400}}), ("power-sum", {"given": {"order": 1.5}}),
    ("power-sum", {"given": {"inner": float("nan")}}), ("power-sum", {"conclusion": {"terms": [7]}}),
])
def test_objects_of_other_types_are_refused_without_a_reader(rule: str, changes: dict[str, Any]) -> None:
    """The core trusts nothing that the reader of files guards: the rules themselves refuse what is no step."""
    step = next(s for s in REGIMES.values() if s.rule == rule)
    if rule == "power-sum" and "given" in changes:
        changes = {"given": step.given | changes["given"]}
    assert refusal(step, DEFINE) == ""
    assert refusal(replace(step, **changes), DEFINE)


@pytest.mark.parametrize("rule", ["lead", "absorb"])
def test_terms_whose_logarithms_cancel_do_not_lead(rule: str) -> None:
    """log d - log theta - log(d/theta) is zero, and what leads is another term, which they were said to dominate."""
    wanted = [[{"d": "1"}], [{"theta": "1"}], [{"d": "1", "theta": "-1"}]]
    step = next(s for s in SGD.values() if s.rule == "absorb" and all(
        any([m for m, _ in t["logs"]] == w for t in s.conclusion["terms"]) for w in wanted))
    assert not refusal(step, *SGD.values())

    def cancel(body: Any) -> Any:
        return {"terms": [{**t, "constant": {"coefficient": "1" if t["logs"][0][0] == {"d": "1"} else "-1", "factors": []}}
                          if t["logs"] and t["monomial"] == {"gamma": "1", "theta": "-1"} else t for t in body["terms"]]}

    above = [replace(SGD[p], conclusion=cancel(SGD[p].conclusion)) for p in step.premises]
    false = replace(step, conclusion=cancel(step.conclusion))
    if rule == "lead":
        terms = [{**t, "name": ""} for t in false.conclusion["terms"] if t["logs"] and len(t["monomial"]) == 2]
        above = [replace(false, id="above", rule="collect", conclusion={"terms": terms}, premises=())]
        proofs = [None] * len(terms)
        rate = SGD[step.premises[1]].conclusion["terms"][0]["monomial"].get("d", "0")
        rays = [{"d": "1", "theta": edge, "gamma": rate} for edge in ("0", "2*alpha")]
        false = Step("false", "lead", step.cell, ("above",), {"rays": rays}, {"terms": terms}, proofs)
    assert "cancel" in refusal(false, *SGD.values(), *above)


def test_an_order_on_a_wall_is_no_law_of_an_open_cell() -> None:
    """On a = b + 2 > 4 the steps grow faster than the size; for a > 2 b they do not."""
    bundle = open_bundle(paper="bordelon2024")
    claim = next(c for c in bundle.claims if c.label == "dmft/compute/asymmetry/2")
    old, one = LAWS[claim.steps[0]], [[[[0], "1"]]]
    inside = [[one, []], [[[[[1], "1"], [[0], "1"]]], []]]
    step = replace(old, id="false", cell=["b - 2 > 0"], given={**old.given, "substitution": {"a": "b + 2"}}, conclusion={
        "sign": 1}, certificate={"difference": [[[[[1], "1"]]], [[[[1], "1"], [[0], "4"]]]], "inside": [inside, inside]})
    assert not refusal(step, *LAWS.values())
    said = replace(claim, region=["b - 2 > 0"], steps=(step.id,), statement={**claim.statement, "sign": 1})
    assert "an order on a wall" in faults_of(bundle, step, claims=[said])


def test_phases_that_cover_the_plane_are_on_no_wall() -> None:
    """At one place any cell is proved for an optimum, as all signs there are those of numbers."""
    cover = next(s for s in PLANE.steps if s.rule == "cover")
    old = SGD[cover.premises[0]]
    placed = replace(old, given={**old.given, "substitution": {"x": "1"}})
    assert not refusal(placed, *PLANE.steps)
    assert not refusal(cover, *PLANE.steps)
    assert "on no wall" in refusal(cover, *PLANE.steps, placed)


def test_the_logarithm_of_a_floor_is_not_lost_in_the_window() -> None:
    """On 2 beta = 1 a term of the window stands still at d^(-2 alpha), and the floor is that times log d."""
    collect = next(s for s in PLANE.steps if s.rule == "collect" and "alpha > 0" in s.cell and "4*alpha - 1 < 0" not in s.cell
                   and any(t["name"] == "F_0" and t["logs"] for t in s.conclusion["terms"]))
    window = SGD[collect.premises[0]]
    moved = SGD[window.premises[0]].conclusion["terms"]
    place = next(i for i, t in enumerate(moved) if t["name"] == "F_0" and t["monomial"] == {"d": "-2*alpha"})
    before = [i for i, proof in enumerate(window.certificate) if proof is None]
    kept = sorted([*before, place])
    proofs = [None if i in kept else {**p, "by": kept.index(before[p["by"]])} for i, p in enumerate(window.certificate)]
    wider = replace(window, certificate=proofs, conclusion={"terms": [moved[i] for i in kept]})
    assert not refusal(wider, *PLANE.steps)
    assert "two floors differ" in refusal(collect, *PLANE.steps, wider)


def test_a_power_of_the_logarithm_stands_beside_a_power() -> None:
    """Of a size that is not determined none is read."""
    step = next(s for s in PLANE.steps if s.rule == "optimum" and s.conclusion.get("logs"))
    said = {**step.conclusion, "logs": {**step.conclusion["logs"], "q": "7"}}
    assert "without a power of f" in refusal(replace(step, conclusion=said), *PLANE.steps)


def test_what_holds_in_a_corner_is_no_law_of_a_wall() -> None:
    """In the corner the law contains log log f; a wall's claim does not show at which place its logarithms are."""
    named, losses = {c.label: c for c in PLANE.claims}, [c for c in PLANE.claims if c.kind == "phase"]
    wall, corner = named["plrf/wall/Ib|Ic"], named["plrf/corner/1/4,1/2"]
    said = {**wall.statement, **{n: corner.statement[n] for n in ("log_loss", "log_size", "note")}}
    false = replace(wall, steps=(wall.steps[0], corner.steps[-1]), region=corner.region, statement=said)
    assert "a part of it" in faults_of(PLANE, claims=[*losses, false])


@pytest.mark.parametrize("more", [{"alpha": "alpha + 1"}, {"alpha": "1/8"}, {"log f": "0"}, {"beta": "beta**2"}])
def test_what_is_known_on_a_wall_is_nothing_that_is_stated_there(more: dict[str, str]) -> None:
    """With alpha + 1 for alpha the region would be another; the logarithm of f is none of the parameters."""
    claim = next(c for c in PLANE.claims if c.label == "plrf/wall/Ib|Ic")
    step = SGD[claim.steps[1]]
    place = {**step.given, "substitution": {**step.given["substitution"], **more}}
    assert not refusal(step, *PLANE.steps)
    assert "that is known" in refusal(replace(step, given=place), *PLANE.steps)


def test_a_phase_does_not_reach_a_corner_where_a_product_vanishes() -> None:
    """Where f > 0 and g f > 0, g is positive; at f = 0 both stand still, also where g is negative."""
    claim = next(c for c in PLANE.claims if c.label == "plrf/corner/1/2,1/2")
    phase = SGD[claim.steps[0]]
    for more, good in ((["2*alpha - 1 > 0"], True), (["2*alpha - 1 > 0", "(alpha - 3)*(2*alpha - 1) > 0"], False)):
        changed = replace(phase, cell=[*phase.cell, *more])
        found = faults_of(PLANE, changed, claims=[claim])
        assert ("does not reach" not in found) if good else ("does not reach" in found)


@pytest.mark.parametrize(("given", "factor", "proof"), [
    ({"where": {"sigma2": "0"}}, "sigma2", {"sigma2": "kappa - 17"}), ({"modulo": 1}, "e", {}),
    ({"sums": {"K1": "0"}}, "K1", {}), ({"where": {"N": "0"}}, "N", {"N": "kappa - 17"})])
def test_an_equation_is_not_divided_by_what_vanishes_when_it_is_claimed(given: dict[str, Any], factor: str, proof: Any) -> None:
    """sigma2 (kappa - 17) = 0 where sigma2 = 0, and e (kappa - 17) to first order in e, say nothing of kappa."""
    bundle = open_bundle(paper="bahri2024")
    claim = next(c for c in bundle.claims if c.kind == "equation")
    step = Step("trivial", "identity", [], (DEFINE.id,), given, {"equations": {"x": f"{factor}*(kappa - 17)"}}, {"x": proof})
    where = [[f"{n} = {x}" for n, x in given["where"].items()]] if "where" in given else []
    assert not refusal(step, DEFINE)
    for equation, sums in ((f"{factor}*(kappa - 17)", given.get("sums", {})), ("kappa - 17", {})):
        said = {"name": "x", "equation": equation, "sums": sums, "where": where, "order": given.get("modulo")}
        found = faults_of(bundle, step, claims=[replace(claim, steps=("trivial",), region=[], statement=said)])
        assert bool(found) == (equation == "kappa - 17"), found


def test_a_sum_leads_nowhere_where_it_diverges() -> None:
    """For b < 1 the sum of 1/(1 + u k^b) is infinite, though u^(-1/b) grows there too."""
    bundle = open_bundle(paper="bordelon2024")
    claim = next(c for c in bundle.claims if c.label == "dmft/early/response")
    step = LAWS[claim.steps[0]]
    assert not refusal(step, *LAWS.values())
    proofs = [{"by": 0, "rays": [[[], [[[[1], "1"]]]]]}, None]
    assert "converges" in refusal(replace(step, cell=["b > 0"], certificate=proofs), *LAWS.values())
