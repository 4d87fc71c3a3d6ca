"""What a derived claim on laws and equations may say, against the steps it rests on.

    equation   an expression that vanishes, with what its named sums mean
    law        a quantity as a power of sizes and times, with its constant where it is determined

Which steps may supply a law, from the last one upward, and with what in their `given`, stands in laws.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from proofs_check.framework import Context, demand, read_ratios, terms_of
from proofs_check.named_sums import sums_above
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial
from scaling_sym.claims.bundle import Claim, Step
from scaling_sym.claims.codec import decode_constant

if TYPE_CHECKING:
    from proofs_check.statements import Said, Surroundings

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
    _check_supply(steps, law["from"], lookup)
    if step.rule == "order":
        return {"quantity": quantity, "sign": body["sign"]}
    said: Said = {"quantity": quantity, "names": law.get("names", {}), "constant": None}
    if step.rule in ("optimum", "better"):
        budgets = sorted(lookup[p].given["resources"] for p in step.premises if lookup[p].rule == "optimum")
        demand(budgets == law.get("budgets", []), "the ways to spend the budget are others")
        power = {"C": body["sizes"][law["size"]] if "size" in law else str(-parse_ratio(body["loss"]))}
    elif "several" in law:  # the terms stand in the step
        power = {}
    else:
        (term,) = terms_of(step)
        demand(not term.logs, "one term leads, without logarithms")
        renamed = term.monomial.replace({n: Monomial.of({m: 1}) for n, m in said["names"].items()})
        power = {n: str(e) for n, e in renamed.powers}
        if "constant" in law:
            said["constant"] = claim.statement["constant"]
            constant = term.constant * Constant.of(2) ** term.monomial.exponent("theta")  # theta = 2 t
            demand(decode_constant(said["constant"]).canonical() == constant.canonical(), "the constant is another")
    return {**said, "power": power}


def _check_supply(steps: Sequence[Step], supply: Any, lookup: Mapping[str, Step]) -> None:
    """The steps are by the rule that comes first, and so on above them; where terms were glued, all pieces are."""
    (rule, wanted), *rest = supply
    pieces = [p for s in steps for p in ([lookup[x] for x in s.premises] if s.rule == "glue" else [s])]
    demand(bool(pieces) and all(p.rule == rule for p in pieces), f"a step by the rule {rule} is wanted")
    demand(all(p.given[k] == v for p in pieces for k, v in wanted.items()), f"the step by {rule} is for another quantity")
    for piece in pieces if rest else ():
        _check_supply([lookup[x] for x in piece.premises if lookup[x].rule in (rest[0][0], "glue")], rest, lookup)
