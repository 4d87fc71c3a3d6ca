"""What a derived claim on laws and equations may say, against the steps it rests on.

    equation   an expression that vanishes, with what its named sums mean
    law        a quantity as a power of sizes and times, with its constant where it is determined
    law-on-wall   the same on a wall or in a corner of the plane, with its power of the logarithm of what grows

Which steps may supply a law, from the last one upward, and with what in their `given`, stands in laws.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from proofs_check.framework import Context, demand, list_steps, read_ratios, terms_of
from proofs_check.named_sums import sums_above
from proofs_check.rules.optima import PLANES, check_plane
from scaling_sym.algebra.constants import Constant, add_constants
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial
from scaling_sym.claims.bundle import Claim, Step
from scaling_sym.claims.codec import decode_constant

if TYPE_CHECKING:
    from proofs_check.statements import Said, Surroundings

PLANE: Final = PLANES["a"]
DOMAINS: Final = {"dmft": ["a - 1 > 0", "b - 1 > 0"]}
LAWS: Final[Any] = json.loads(Path(__file__).with_name("laws.json").read_text())


def state_equation(claim: Claim, steps: Sequence[Step], around: Surroundings) -> Said:
    """One of the step's equations, up to a product of powers of single symbols; the sums in it mean what they mean there."""
    (step,), said = steps, claim.statement
    demand(step.rule in ("identity", "total", "sum-identity") and claim.region == [], "equations of a step are wanted")
    equation, above = parse_ratio(said["equation"]), sums_above(Context(step, (), around.lookup))
    demand(same_equation(equation, parse_ratio(step.conclusion["equations"][said["name"]])), "the equation is another")
    used = {n: above[n] for n in equation.names if n in above}
    demand(read_ratios(said["sums"]) == used, "just the sums that occur are explained, as they are above")
    return {n: said[n] for n in ("name", "equation", "sums")}


def same_equation(one: Ratio, two: Ratio) -> bool:
    """Whether two expressions vanish together, being equal up to a product of powers of single symbols."""
    if not one or not two:
        return not one and not two
    return all(len(f.monomials()) == 1 for f, _ in (one / two).factors()[1])


def state_law(claim: Claim, steps: Sequence[Step], around: Surroundings) -> Said:
    """The sign, or the power and, where it is determined, the constant that the step gives, which is of the right kind."""
    (step,), quantity, lookup = steps, claim.statement["quantity"], around.lookup
    law, body, label = LAWS[quantity], step.conclusion, claim.label.rstrip("0123456789").rstrip("/")
    demand(label in (f"dmft/{quantity}", f"kernel/{quantity}"), "the label names another quantity")
    _check_way(step, law, lookup)
    check_plane(list_steps(claim.steps, lookup), {}, PLANE)
    if step.rule == "order":
        return {"quantity": quantity, "sign": body["sign"]}
    said: Said = {"quantity": quantity, "names": law.get("names", {}), "constant": None}
    if step.rule in ("optimum", "better"):
        return {**said, "power": {"C": body["sizes"][law["size"]] if "size" in law else str(-parse_ratio(body["loss"]))}}
    if "several" in law:  # the terms stand in the step
        return {**said, "power": {}}
    (term,) = terms_of(step)
    demand(not term.logs, "one term leads, without logarithms")
    power, _, said["constant"] = _read_size(claim, step, law)
    return {**said, "power": power}


def state_law_on_wall(claim: Claim, steps: Sequence[Step], around: Surroundings) -> Said:
    """The place, the power, the power of the logarithm of what grows, and the constant, where it is determined."""
    (step,), quantity, lookup = steps, claim.statement["quantity"], around.lookup
    law, solved = LAWS[quantity], read_ratios(claim.statement["wall"])
    demand(bool(solved), "a wall is wanted")
    said: Said = {"quantity": quantity, "wall": {n: str(x) for n, x in solved.items()}, "names": law.get("names", {})}
    if step.rule in ("log-optimum", "better"):
        demand(read_ratios(step.given["substitution"]) == solved, "the optimum is on another wall")
        power, log = _read_optimum(step, law, solved, lookup)
        return {**said, "power": {"C": str(power)}, "log": str(log), "constant": None}
    _check_supply(steps, law["from"], lookup)
    check_plane(list_steps(claim.steps, lookup), solved, PLANE)
    powers, log, constant = _read_size(claim, step, law)
    return {**said, "power": powers, "log": str(log), "constant": constant}


def _read_size(claim: Claim, step: Step, law: Any) -> tuple[dict[str, str], Ratio, Any]:
    """The power and the power of the logarithm of terms that are alike, and their constant, where it is determined."""
    (size,) = {(t.monomial, t.logs) for t in terms_of(step)}
    renamed = size[0].replace({n: Monomial.of({m: 1}) for n, m in law.get("names", {}).items()})
    power, log = {n: str(e) for n, e in renamed.powers}, sum((k for _, k in size[1]), Ratio.of(0))
    demand(len({n for m, _ in size[1] for n, _ in m.powers}) <= 1, "the logarithms are of one size")
    if "constant" not in law:
        return power, log, None
    constant = add_constants(t.constant for t in terms_of(step)) * Constant.of(2) ** size[0].exponent("theta")  # theta = 2 t
    for argument, k in size[1]:
        ((_, rate),) = argument.powers  # log x^r is r log x
        constant = constant * Constant.of(rate) ** k
    given = claim.statement["constant"]
    demand(decode_constant(given).canonical() == constant.canonical(), "the constant is another")
    return power, log, given


def _read_optimum(step: Step, law: Any, solved: Mapping[str, Ratio], lookup: Mapping[str, Step]) -> tuple[Ratio, Ratio]:
    """The power of C and that of log C of a loss or a size, at the optimum on a wall."""
    body = step.conclusion
    _check_way(step, law, lookup)
    if step.rule == "better":
        return -parse_ratio(body["loss"]), parse_ratio(body["log"])
    demand(body["iterated"] is False, "the law contains log log C")
    optimum = lookup[step.premises[1]].conclusion
    if "size" not in law:
        return -parse_ratio(optimum["loss"]).substitute(solved), parse_ratio(body["loss"])
    demand(body["sizes"] is not None, "the sizes are not determined")
    return parse_ratio(optimum["sizes"][law["size"]]).substitute(solved), parse_ratio(body["sizes"][law["size"]])


def _check_way(step: Step, law: Any, lookup: Mapping[str, Step]) -> None:
    """The optimum is the law's; on a wall its terms and neighbours are; where ways to spend are compared, each is."""
    premises = [lookup[p] for p in step.premises]
    if step.rule == "log-optimum":
        _check_supply(premises[1:], law["from"], lookup)
        _check_supply(premises[:1], law["from"][1:], lookup)
        return
    _check_supply([step], law["from"], lookup)
    if step.rule == "better":
        ways = sorted(premises, key=lambda w: str(w.given["resources"]))
        for way, name in zip(ways, law["ways"], strict=True):
            _check_way(way, LAWS[name], lookup)


def _check_supply(steps: Sequence[Step], supply: Any, lookup: Mapping[str, Step]) -> None:
    """The steps are by the rule that comes first, and so on above them; where terms were glued, all pieces are.

    A rule may be followed by the names of the laws that its premises must be, in order.
    """
    (rule, wanted, *laws), *rest = supply
    pieces = [p for s in steps for p in ([lookup[x] for x in s.premises] if s.rule == "glue" else [s])]
    demand(bool(pieces) and all(p.rule == rule for p in pieces), f"a step by the rule {rule} is wanted")
    demand(all(p.given[k] == v for p in pieces for k, v in wanted.items()), f"the step by {rule} is for another quantity")
    for piece in pieces:
        above = [lookup[x] for x in piece.premises]
        for one, name in zip(above, laws[0], strict=True) if laws else ():
            _check_supply([one], LAWS[name]["from"], lookup)
        if rest:
            _check_supply([s for s in above if s.rule in (rest[0][0], "glue")], rest, lookup)
