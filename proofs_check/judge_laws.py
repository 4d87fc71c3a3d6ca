"""Verdicts on printed laws and equations: what was derived of the same quantity, laid beside what is printed.

    printed-law        powers (or a sign, or a dependence) of a quantity, case by case; one `match` step a case, and one more for
                       the region on which it agrees, where that is not all
    printed-equation   an equation: it holds if it is a derived one, with the same sums
    printed-ensemble   one larger model against an ensemble
    printed-sgd        what limits one-pass SGD
    printed-numbers    measured numbers: undecided, unless the measurement can be repeated

Not covered: finding comparisons; they are steps of the bundle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from proofs_check.framework import terms_of
from proofs_check.judge_regimes import PRINTED_REGIMES
from proofs_check.outcomes import Outcome, same_equation
from proofs_check.records import TABLES
from scaling_sym.algebra.cells import Sign
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_cell, decode_constant
from scaling_sym.claims.steps import Step

Lookup = Mapping[str, Step]


def laws_of(bundle: Bundle, quantity: str) -> list[Claim]:
    """The derived laws of a quantity, in order."""
    return [c for c in bundle.claims if c.kind == "law" and c.statement["quantity"] == quantity]


def equation_named(bundle: Bundle, name: str) -> Claim:
    """The derived equation of this name; raises `ValueError`."""
    found = [c for c in bundle.claims if c.kind == "equation" and c.statement["name"] == name]
    if len(found) != 1:
        raise ValueError(f"one derived equation {name} is wanted")
    return found[0]


def judge_law(claim: Claim, bundle: Bundle, lookup: Lookup) -> list[Outcome]:
    """Each derived cell that a printed case meets, and whether the case says what holds there."""
    outcomes, place = [], 0
    condition = claim.statement["parts"][0]["cases"][0]["region"] if claim.statement["iff"] else []
    if list(claim.region) != condition or claim.statement["iff"] is not bool(condition):
        raise ValueError("a condition is the region of the claim, and of its only case")
    for part in claim.statement["parts"]:
        derived, met = laws_of(bundle, part["quantity"]), set()
        for case in part["cases"]:
            step = lookup[claim.steps[place]]
            place += 1
            _demand_comparison(step, derived, case["region"], bundle)
            for hit, witness in zip(step.conclusion["hits"], step.certificate["witnesses"], strict=True):
                met.add(hit)
                agrees = _agrees(case, derived[hit].statement)
                whole = not claim.statement["iff"] or hit in step.conclusion["whole"]
                found = "" if agrees else f"{part['quantity']}: {_say(case)} printed, {_say(derived[hit].statement)} derived"
                outcomes.append(Outcome(agrees, whole, list(derived[hit].region), witness, found))
        if not claim.region and met != set(range(len(derived))):
            raise ValueError("the printed cases do not cover the domain")
    return outcomes


def agreeing_region(claim: Claim, bundle: Bundle, lookup: Lookup, outcomes: Sequence[Outcome]) -> list[str] | None:
    """The region of the last match step, if it is proved to be the union of the cells that agree; `None` without one."""
    count = sum(len(p["cases"]) for p in claim.statement.get("parts", []))
    if claim.kind != "printed-law" or len(claim.steps) != count + 1:
        return None
    step = lookup[claim.steps[-1]]
    for part in claim.statement["parts"]:
        derived = laws_of(bundle, part["quantity"])
        if [c.steps[0] for c in derived] == list(step.premises):
            good = [i for i, c in enumerate(derived) if all(o.agrees for o in outcomes if o.cell == list(c.region))]
            met = [i for i in good if any(o.cell == list(derived[i].region) for o in outcomes)]
            if step.conclusion["hits"] == met == step.conclusion["whole"]:
                return decode_cell(step.cell).texts()
    raise ValueError("the region of agreement is not proved")


def _demand_comparison(step: Step, derived: Sequence[Claim], region: Any, bundle: Bundle) -> None:
    domain = decode_cell(TABLES["domains"][bundle.paper])
    if step.rule != "match" or list(step.premises) != [c.steps[0] for c in derived] or not derived:
        raise ValueError("the comparison is not with all that was derived of the quantity")
    if decode_cell(step.cell) != decode_cell(region) or decode_cell(step.given["domain"]) != domain:
        raise ValueError("the comparison is about another region")


def _agrees(case: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    if "sign" in case:
        return bool(case["sign"] == found["sign"])
    powers = {n: parse_ratio(e) for n, e in found["power"].items()}
    if "depends" in case:
        return all(bool(p.derivative(case["depends"])) for p in powers.values())
    wanted = {n: parse_ratio(e) for n, e in case["power"].items()}
    if not wanted:
        raise ValueError("a power is wanted")
    return all(powers.get(n, Ratio.of(0)) == e for n, e in wanted.items())


def _say(statement: Mapping[str, Any]) -> str:
    """What a case or a law says, in canonical form."""
    if "power" in statement:
        return " ".join(f"{n}^({parse_ratio(e)})" for n, e in sorted(statement["power"].items()))
    return f"depends on {statement['depends']}" if "depends" in statement else f"sign {statement['sign']}"


def judge_equation(claim: Claim, bundle: Bundle, lookup: Lookup) -> list[Outcome]:
    """A printed equation is a derived one, or differs from it."""
    outcomes = []
    assert lookup
    for part in claim.statement["equations"]:
        other = equation_named(bundle, part["name"])
        sums = {n: parse_ratio(t) for n, t in part["sums"].items()}
        same = same_equation(parse_ratio(part["equation"]), parse_ratio(other.statement["equation"]))
        same = same and sums == {n: parse_ratio(t) for n, t in other.statement["sums"].items()}
        outcomes.append(Outcome(same, True, [], {}))
    return outcomes


def judge_ensemble(claim: Claim, bundle: Bundle, lookup: Lookup) -> list[Outcome]:
    """One network of size E N against the mean of E networks of size N, at late times.

    With infinite data the ensemble has B + V/E, where B + V = c N^(-m) is the loss of one network, and the larger network has
    c (E N)^(-m). Where B is a share phi of the same order, phi = 1 - m/b and b > 1 give phi + (1 - phi)/E >= E^(phi-1) = E^(-m/b)
    >= E^(-m) (weighted means); where B is smaller, 1/E >= E^(-m) as m > 1. With P samples the loss of one network diverges at
    N = P (a sum of positive terms would have to vanish), and that of networks of size P/E does not.
    """
    assert lookup
    if claim.statement != {"sizes": "E networks of N against one of E*N"}:
        raise ValueError("another comparison is meant")
    outcomes = []
    for whole in laws_of(bundle, "model"):
        m = -parse_ratio(whole.statement["power"]["N"])
        biases = [c for c in laws_of(bundle, "bias") if _share_point(c, whole)]
        better = bool(biases) and all(_prefers_larger(m, c, whole) for c in biases)
        outcomes.append(Outcome(better, True, ["P = inf"], {}))
    divergence = equation_named(bundle, "divergence")
    positive = all(x > 0 for x in parse_ratio(divergence.statement["equation"]).monomials().values())
    under = equation_named(bundle, "ridgeless-under")
    finite = bool(parse_ratio(under.statement["equation"]).derivative("L").substitute({"N": parse_ratio("P/E")}))
    witness = {"a": "19/10", "b": "13/10", "N": "P/2", "E": "2", "t": "inf"}
    outcomes.append(Outcome(not (positive and finite), True, ["P < inf"], witness))
    return outcomes


def _share_point(one: Claim, two: Claim) -> bool:
    """Whether the two cells are one, or one has more conditions (then it lies inside)."""
    first, second = (set(decode_cell(c.region).conditions) for c in (one, two))
    return first <= second or second <= first or not _contradict(first, second)


def _contradict(first: set[Any], second: set[Any]) -> bool:
    return any(Sign.of(-s.positive) in second for s in first)


def _prefers_larger(m: Ratio, bias: Claim, whole: Claim) -> bool:
    b, power = Ratio.parameter("b"), -parse_ratio(bias.statement["power"]["N"])
    if power == m:
        share = decode_constant(bias.statement["constant"]) / decode_constant(whole.statement["constant"])
        return share.canonical() == Constant.of(1 - m / b).canonical()
    return m == b


def judge_sgd(claim: Claim, bundle: Bundle, lookup: Lookup) -> list[Outcome]:
    """Whether the number of samples limits one-pass SGD, and whether its loss stands still at infinite size."""
    times = laws_of(bundle, "sgd/time")
    if claim.statement == {"limited by": "P", "says": False}:
        names = {n for c in times for t in terms_of(_below(c, lookup)) for n, _ in t.monomial.powers}
        return [Outcome("P" not in names, True, list(c.region), {}) for c in times]
    if claim.statement != {"plateau": "N = inf", "says": False}:
        raise ValueError("another statement is meant")
    decays = all(parse_ratio(e) != 0 for c in times for e in c.statement["power"].values())
    noise = equation_named(bundle, "noise-plateau")
    excess = parse_ratio(noise.statement["equation"]).substitute({"excess": Ratio.of(0), "sigma2": Ratio.of(1)})
    return [Outcome(decays, True, ["sigma = 0"], {}), Outcome(not excess, True, ["sigma > 0"], {"sigma": "1"})]


def _below(claim: Claim, lookup: Lookup) -> Step:
    step = lookup[claim.steps[0]]
    while step.rule in ("lead", "glue"):
        step = lookup[step.premises[0]]
    return step


def judge_numbers(claim: Claim, bundle: Bundle, lookup: Lookup) -> list[Outcome]:
    """Measured numbers: wrong arithmetic refutes them, right arithmetic leaves them undecided, being no measurement."""
    assert lookup
    said = claim.statement
    b, a = Fraction(said["b"]), 1 + Fraction(said["tail"])
    (law,) = (c for c in laws_of(bundle, "compute/loss") if decode_cell(c.region).contains({"a": a, "b": b}))
    value = -parse_ratio(law.statement["power"]["C"]).at({"a": a, "b": b})
    if abs(value - Fraction(said["predicted"])) > Fraction(1, 200):  # half a unit of the last printed digit
        return [Outcome(False, True, [], {"a": str(a), "b": str(b)})]
    raise ValueError(f"the derived exponent {value} agrees with the printed {said['predicted']}; the measurement is not repeated")


PRINTED_LAWS: Final[Mapping[str, Callable[[Claim, Bundle, Lookup], list[Outcome]]]] = {
    "printed-law": judge_law, "printed-equation": judge_equation, "printed-ensemble": judge_ensemble, "printed-sgd": judge_sgd,
    "printed-numbers": judge_numbers, **PRINTED_REGIMES,
}
