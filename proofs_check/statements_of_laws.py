"""What a derived claim on laws and equations may say, against the steps it rests on.

    equation   an expression that vanishes, with what its named sums mean
    law        a quantity as a power of sizes and times, with its constant where it is determined
    law-on-wall   the same on a wall or in a corner of the plane, with its power of the logarithm of what grows
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from proofs_check.framework import demand, terms_of
from proofs_check.rules.log_optimum import check_plane
from scaling_sym.algebra.constants import Constant, add_constants
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial
from scaling_sym.claims.bundle import Claim, Step
from scaling_sym.claims.codec import decode_constant, decode_ratio

Lookup = Mapping[str, Step]
LATE_BUDGET: Final = {"resources": ["N", "P"], "cost": {"N": "1", "P": "1"}, "fixed": []}
WIDE_BUDGET: Final = {"resources": ["P", "t"], "cost": {"P": "1", "t": "1"}, "fixed": []}
RIDGE_BUDGET: Final = {"resources": ["P", "q"], "cost": {"P": "1"}, "fixed": []}
RIDGE_CONES: Final = {"cones": [{"rays": [{"P": "1", "q": "0"}, {"P": "1", "q": "b"}], "premises": [0]}]}
LIMITED: Final = {"rays": [{"N": "1"}, {"P": "1"}, {"N": "1", "P": "1", "q": "b"}]}  # q^(1/b) far below N and P
OVER: Final = {"rays": [{"N": "1"}, {"q": "1"}, {"N": "1", "P": "1", "q": "b"}]}  # P far below N and q^(1/b)
UNDER: Final = {"rays": [{"P": "1"}, {"q": "1"}, {"N": "1", "P": "1", "q": "b"}]}  # N far below P and q^(1/b)
NOISE: Final = (("lead", LIMITED), ("evaluate", {"equation": "unit-noise", "unknown": "L"} | LIMITED))
BEST: Final = (("optimum", RIDGE_BUDGET), ("join", RIDGE_CONES), *NOISE)
# For each quantity: the rules that may supply it, in order from the step upward, with what must stand in their `given`.
SUPPLY: Final[Mapping[str, tuple[tuple[str, Mapping[str, Any]], ...]]] = {
    "time": (("lead", {"rays": [{"t": "1"}]}), ("send", {"resource": "N"}), ("collect-flow", {})),
    "model": (("lead", {"rays": [{"N": "1"}]}), ("evaluate", {"equation": "floor-model", "unknown": "L"})),
    "bias": (("lead", {"rays": [{"N": "1"}]}), ("evaluate", {"equation": "bias-floor", "unknown": "bias0"})),
    "data": (("lead", {"rays": [{"P": "1"}]}), ("evaluate", {"equation": "floor-data", "unknown": "L"})),
    "late": (("lead", {"rays": [{"N": "1", "P": "0"}, {"N": "1", "P": "1"}]}),
             ("evaluate", {"equation": "ridgeless-over", "unknown": "L"})),
    "correction/model": (("lead", {"rays": [{"theta": "1"}]}), ("transfer", {}), ("combine", {"series": "forcing-1"})),
    "correction/data": (("lead", {"rays": [{"t": "1"}]}), ("corrections", {"order": "loss"})),
    "gap": (("lead", {"rays": [{"t": "1"}]}), ("corrections", {"order": "gap"})),
    "early/response": (("lead", {"rays": [{"u": "-1"}]}), ("power-law", {"symbol": "T0", "scale": "D"})),
    "sgd/time": (("lead", {"rays": [{"r": "1"}]}), ("send", {"resource": "d"}), ("collect", {})),
    "sgd/size": (("lead", {"rays": [{"d": "1"}]}), ("send", {"resource": "r"}), ("collect", {})),
    "compute/loss": (("optimum", {}), ("collect-flow", {})), "compute/size": (("optimum", {}), ("collect-flow", {})),
    "compute/steps": (("optimum", {}), ("collect-flow", {})),
    "late/under": (("lead", {"rays": [{"N": "0", "P": "1"}, {"N": "1", "P": "1"}]}),
                   ("evaluate", {"equation": "ridgeless-under", "unknown": "L"})),
    **{f"compute-late/{name}": (("optimum", LATE_BUDGET), ("join-exact", {})) for name in ("loss", "size", "data")},
    **{f"compute-wide/{name}": (("optimum", WIDE_BUDGET), ("join", {})) for name in ("loss", "data", "steps")},
    "compute-min/loss": (("better", {}),),
    "kappa": (("invert", {"size": "P"}), ("lead", {"rays": [{"u": "-1"}]})),
    "share": (("lead", {"rays": [{"P": "1"}]}), ("evaluate", {"equation": "over-dof", "unknown": "K2"})),
    "distance": (("spacing", {"power": "n", "dimension": "d"}),), "tail": (("tail", {"s": "b"}),),
    "eigenvalues": (("counting", {}),), "moment": (("moment", {"power": "2*alpha", "variance": "s2"}),),
    "ridge/limited": (("lead", LIMITED), ("evaluate", {"equation": "ridge", "unknown": "L"} | LIMITED)),
    "ridge/over": (("lead", OVER), ("evaluate", {"equation": "ridge-data", "unknown": "L"} | OVER)),
    "ridge/under": (("lead", UNDER), ("evaluate", {"equation": "ridge-model", "unknown": "L"} | UNDER)),
    "ridge/noise": NOISE, "ridge/best/loss": BEST, "ridge/best/ridge": BEST,
    "aspect/over": (("lead", {"rays": [{"P": "1"}]}), ("evaluate", {"equation": "aspect-over", "unknown": "L"})),
    "aspect/under": (("lead", {"rays": [{"N": "1"}]}), ("evaluate", {"equation": "aspect-under", "unknown": "L"})),
    "top": (("lead", {"rays": [{"N": "1"}]}), ("truncate", {})),
    "average": (("lead", {"rays": [{"x": "1"}]}), ("average", {"layers": 1})), "average/depth": (("average", {"layers": 2}),),
    "nearest": (("direction", {}), ("spacing", {"power": "n", "dimension": "d"})), "linear": (("simplices", {}),),
    "compute/asymmetry": (("order", {"resources": ["t", "N"]}), ("optimum", {}), ("collect-flow", {})),
}
PLANE: Final = ("b", "a - b")  # the eigenvalue and the weight of the task
DOMAINS: Final = {"dmft": ["a - 1 > 0", "b - 1 > 0"]}
DETERMINED: Final = (
    "time", "model", "bias", "data", "correction/model", "correction/data", "gap", "kappa", "share", "distance", "tail", "moment",
    "average", "nearest",
)
SEVERAL: Final = (  # laws with several terms, which stand in the step
    "late", "late/under", "ridge/limited", "ridge/over", "ridge/under", "ridge/noise", "aspect/over", "aspect/under", "linear",
    "average/depth",
)
WHICH: Final = {
    "compute/size": "N", "compute/steps": "t", "compute-late/size": "N", "compute-late/data": "P", "compute-wide/data": "P",
    "compute-wide/steps": "t", "ridge/best/ridge": "q",
}


def check_equation(claim: Claim, steps: list[Step], lookup: Lookup) -> None:
    """The equation is one of the step's, up to a product of powers of single symbols; its sums mean what they mean there."""
    (step,), said = steps, claim.statement
    demand(set(said) == {"name", "equation", "sums"} and claim.region == [], "an equation has a name and sums")
    demand(step.rule in ("identity", "total", "sum-identity") and said["name"] in step.conclusion["equations"],
           "the step has no such equation")
    demand(same_equation(parse_ratio(said["equation"]), parse_ratio(step.conclusion["equations"][said["name"]])),
           "the equation is another")
    above = sums_above(step, lookup)
    used = set(parse_ratio(said["equation"]).names) & set(above)
    demand(set(said["sums"]) == used, "the sums that occur are explained, and no others")
    demand(all(parse_ratio(t) == above[n] for n, t in said["sums"].items()), "a sum has another summand")


def same_equation(one: Ratio, two: Ratio) -> bool:
    """Whether two expressions vanish together, being equal up to a product of powers of single symbols."""
    if not one or not two:
        return not one and not two
    return all(len(f.monomials()) == 1 for f, _ in (one / two).factors()[1])


def sums_above(step: Step, lookup: Lookup) -> dict[str, Ratio]:
    """The summands of the named sums in a step and above it."""
    found: dict[str, Ratio] = {}
    todo, seen = [step], {step.id}
    while todo:
        one = todo.pop()
        if isinstance(one.given, dict):
            found |= {n: parse_ratio(t) for n, t in one.given.get("sums", {}).items()}
        fresh = [p for p in one.premises if p not in seen]
        seen.update(fresh)
        todo += [lookup[p] for p in fresh]
    return found


def check_law(claim: Claim, steps: list[Step], lookup: Lookup) -> None:
    """The power, the constant and the sign are those of the step, which is of the right kind."""
    (step,), said = steps, claim.statement
    quantity = said["quantity"]
    demand(quantity in SUPPLY, "the quantity is unknown")
    own = claim.label.rstrip("0123456789").rstrip("/")
    demand(own in (f"dmft/{quantity}", f"kernel/{quantity}"), "the label names another quantity")
    _check_supply(step, SUPPLY[quantity], lookup)
    check_plane(_above(step, lookup), {}, PLANE)
    if step.rule == "order":
        demand(said == {"quantity": quantity, "sign": step.conclusion["sign"]}, "the other one grows faster")
        return
    demand(set(said) == {"quantity", "power", "constant", "names"}, "a law has a power and a constant")
    renamed = {n: Monomial.of({m: 1}) for n, m in said["names"].items()}
    demand(said["names"] == ({"d": "N", "theta": "t"} if quantity == "correction/model" else {}), "other names are meant")
    power = Monomial.of({n: parse_ratio(e) for n, e in said["power"].items()})
    _check_ways(quantity, step, lookup)
    if step.rule in ("optimum", "better"):
        body = step.conclusion
        value = -decode_ratio(body["loss"]) if quantity.endswith("/loss") else decode_ratio(body["sizes"][WHICH[quantity]])
        demand(power == Monomial.of({"C": value}) and said["constant"] is None, "the exponent is another")
        return
    terms = terms_of(step)
    if quantity in SEVERAL:
        demand(said["constant"] is None and power == Monomial(), "the terms stand in the step")
        return
    demand(len(terms) == 1 and not terms[0].logs, "one term leads")
    demand(terms[0].monomial.replace(renamed) == power, "the power is another")
    determined = quantity in DETERMINED
    demand((said["constant"] is not None) == determined, "a constant is stated where, and only where, it is determined")
    if determined:  # theta = 2 t, where the step is in theta
        constant = terms[0].constant * Constant.of(2) ** terms[0].monomial.exponent("theta")
        demand(decode_constant(said["constant"]).canonical() == constant.canonical(), "the constant is another")


def check_law_on_wall(claim: Claim, steps: list[Step], lookup: Lookup) -> None:
    """The place, the power, the power of the logarithm and the constant are those of the step."""
    (step,), said = steps, claim.statement
    quantity, solved = said["quantity"], {n: parse_ratio(x) for n, x in said["wall"].items()}
    demand(quantity in SUPPLY and set(said) == {"quantity", "wall", "power", "log", "constant", "names"}, "a law is wanted")
    demand(bool(solved) and all(said["wall"][n] == str(x) for n, x in solved.items()), "a wall is wanted")
    power, log = Monomial.of({n: parse_ratio(e) for n, e in said["power"].items()}), parse_ratio(said["log"])
    if step.rule in ("log-optimum", "better"):
        demand({n: decode_ratio(x) for n, x in step.given["substitution"].items()} == solved, "the optimum is on another wall")
        found = _read_optimum(quantity, step, solved, lookup)
        demand((power, log) == (Monomial.of({"C": found[0]}), found[1]) and said["constant"] is None, "the exponent is another")
        demand(said["names"] == {}, "other names are meant")
        return
    _check_supply(step, SUPPLY[quantity], lookup)
    check_plane(_above(step, lookup), solved, PLANE)
    names = {"d": "N", "theta": "t"} if quantity == "correction/model" else {}
    demand(said["names"] == names, "other names are meant")
    terms = terms_of(step)
    (sized,) = {(t.monomial, t.logs) for t in terms}
    demand(sized[0].replace({n: Monomial.of({m: 1}) for n, m in names.items()}) == power, "the power is another")
    constant = add_constants(t.constant for t in terms) * Constant.of(2) ** sized[0].exponent("theta")
    for argument, k in sized[1]:
        ((_, rate),) = argument.powers  # log of x^r is r log x
        constant, log = constant * Constant.of(rate) ** k, log - k
    demand(not log, "the power of the logarithm is another")
    demand((said["constant"] is not None) == (quantity in DETERMINED), "a constant is stated where it is determined")
    if quantity in DETERMINED:
        demand(decode_constant(said["constant"]).canonical() == constant.canonical(), "the constant is another")


def _read_optimum(quantity: str, step: Step, solved: dict[str, Ratio], lookup: Lookup) -> tuple[Ratio, Ratio]:
    """The power of C and that of log C of a loss or a size, at the optimum on a wall."""
    body = step.conclusion
    if step.rule == "better":
        demand(quantity == "compute-min/loss", "the step is about another quantity")
        _check_ways(quantity, step, lookup)
        return -decode_ratio(body["loss"]), decode_ratio(body["log"])
    demand(body["iterated"] is False, "the law contains log log C")
    optima = [lookup[p] for p in step.premises if lookup[p].rule == "optimum"]
    for optimum in optima:
        _check_supply(optimum, SUPPLY[quantity], lookup)
    if quantity.endswith("/loss"):
        return -decode_ratio(optima[0].conclusion["loss"]).substitute(solved), decode_ratio(body["loss"])
    demand(body["sizes"] is not None, "the sizes are not determined")
    name = WHICH[quantity]
    return decode_ratio(optima[0].conclusion["sizes"][name]).substitute(solved), decode_ratio(body["sizes"][name])


def _check_ways(quantity: str, step: Step, lookup: Lookup) -> None:
    if quantity == "compute-min/loss":
        budgets = [lookup[p].given["resources"] for p in step.premises]
        demand(sorted(budgets) == [["N", "P"], ["N", "t"]], "the two ways to spend C = N min(P, t) are wanted")


def _above(step: Step, lookup: Lookup) -> list[Step]:
    """A step and all steps above it."""
    found, todo = {step.id: step}, [step]
    while todo:
        fresh = {p: lookup[p] for p in todo.pop().premises if p not in found}
        found |= fresh
        todo += fresh.values()
    return list(found.values())


def _check_supply(step: Step, supply: tuple[tuple[str, Mapping[str, Any]], ...], lookup: Lookup) -> None:
    """The steps above are by the rules that the quantity needs; where terms were glued, all pieces are."""
    level = [step]
    for i, (rule, wanted) in enumerate(supply):
        level = [p for s in level for p in ([lookup[x] for x in s.premises] if s.rule == "glue" else [s])]
        demand(bool(level) and all(s.rule == rule for s in level), f"a step by the rule {rule} is wanted")
        same = all(s.given[k] == v for s in level for k, v in wanted.items())
        demand(same, f"the step by the rule {rule} is for another quantity")
        if i + 1 < len(supply):
            following = supply[i + 1][0]
            above = [[lookup[x] for x in s.premises] for s in level]
            level = [p for ps in above for p in ps if p.rule in (following, "glue")]
            demand(len(level) >= len(above), f"a step by the rule {following} is wanted above")
