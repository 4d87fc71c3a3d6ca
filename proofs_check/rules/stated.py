"""Rule `stated`: terms of a loss, resources and budget as somebody states them; and which sizes an optimum of them fixes.

Trusted: that the loss is the sum of the terms. Checked is their form: positive constants, pure powers of the resources that
are named, no logarithms. Everything that rests on this step holds for the model as stated, whether it describes anything or not.

`check_determined` serves the rule `optimum`. Where a multiplier vanishes, many sizes do equally well. On all of them the
terms with positive multipliers tie, the budget and the fixed ratios are kept, and idle resources with positive multipliers
stay constant. A resource whose unit vector is a combination of these rows has the same exponent in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from proofs_check.framework import Context, demand, terms_of
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.claims.bundle import Step
from scaling_sym.claims.codec import decode_monomial, decode_ratio


def check(context: Context) -> None:
    """Verify the form of terms and budget."""
    step = context.step
    given, terms = step.given, terms_of(step)
    demand(not context.premises and step.certificate is None, "what is stated rests on nothing")
    demand(set(given) == {"resources", "cost", "fixed"}, "resources and budget are stated with the terms")
    resources = given["resources"]
    demand(bool(resources) and len(set(resources)) == len(resources), "each resource is named once")
    planes = [decode_monomial(m) for m in (given["cost"], *given["fixed"])]
    demand(all(m.powers for m in planes) and bool(terms), "a budget that costs something and a term are wanted")
    known = set(resources)
    for monomial in (*planes, *(t.monomial for t in terms)):
        demand({n for n, _ in monomial.powers} <= known, "a resource is not declared")
        demand(not any(known & set(e.names) for _, e in monomial.powers), "a resource stands in an exponent")
    demand(all(t.constant.coefficient > 0 and not t.logs and t.name for t in terms), "positive powers with names are wanted")


def check_same_model(step: Step, premises: Sequence[Step]) -> None:
    """Refuse an optimum that is about other resources, or another budget, than the terms that it rests on."""
    demand(all(p.rule == "stated" for p in premises), "stated terms are not mixed with derived ones")
    demand(all(p.given == step.given for p in premises), "resources and budget are not those that are stated")


def check_determined(step: Step, tied: Sequence[Term], planes: Sequence[Monomial], firm: Mapping[str, Sequence[bool]]) -> None:
    """Verify the sizes that are said to be the same in every optimum; `planes` are the cost and the fixed ratios.

    `firm` tells which multipliers of terms and of idle resources are strictly positive.
    """
    proof: Mapping[str, Any] = step.certificate["determined"]
    idle = step.certificate["idle"]
    demand(sorted(proof) == step.conclusion["determined"], "a proof is wanted for each size that is determined")
    rows = [*(t.monomial for t in tied), *planes, *(Monomial.of({n: 1}) for n in idle)]
    usable = [*firm["multipliers"], *(True for _ in planes), *firm["idle"]]
    for name, texts in proof.items():
        weights = [decode_ratio(w) for w in texts]
        demand(len(weights) == len(rows) and name in step.given["resources"], "a weight is wanted for each row")
        demand(all(ok or not w for ok, w in zip(usable, weights, strict=True)), "a row may be slack at another optimum")
        for n in step.given["resources"]:
            total = sum((w * m.exponent(n) for w, m in zip(weights, rows, strict=True)), Ratio.of(0))
            demand(total == int(n == name), f"the size of {name} is not determined")
