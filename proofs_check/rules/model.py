"""Rule `model`: the equations that everything rests on. They are definitions; only their form is checked.

Trusted: that the named model is the one meant. What the step says is shown wherever a claim rests on it. For the models
known here, the equations in terms of formal sums are compared with the checker's own copy of the definition. `plrf` is a
definition; `flow`, gradient flow with infinite data, has the same resolvent and forcing without a kernel, and rests on the
steps in which they follow from the mean-field equations: with m = R3, u = D, d = N and X = u/lambda.
"""

from __future__ import annotations

from typing import Final

from proofs_check.framework import Context, demand
from proofs_check.named_sums import sums_above
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio

SUMMANDS: Final = {"C": "m/(m + X)", "B": "1/(m + X)"}
EQUATIONS: Final = {
    "plrf": {
        "deficit": "(C_0 + C_1*deficit)/d", "forcing": "B_0 + B_1*deficit", "kernel": "gamma/2*(trace - u*d*deficit)",
    },
    "flow": {"deficit": "(C_0 + C_1*deficit)/d", "forcing": "B_0 + B_1*deficit"},
}
BELOW_FLOW: Final = {
    "forcing": ("S - S_ - (D_ - D)*C0", {"S": "lam*w2/(D + lam*R1*R3)"}),
    "resolvent": ("R3 - 1 + R3*T1/N", {"T1": "lam/(D + lam*R1*R3)"}),
    "infinite-1": ("R1 - 1", {}),
}


def check(context: Context) -> None:
    """Compare with the definition."""
    body = context.step.conclusion
    demand(context.cell == Cell() and body["model"] in EQUATIONS, "a known model is wanted, everywhere")
    demand(set(body) == {"model", "eigenvalue", "sums", "equations"}, "a model has sums and equations")
    equations = EQUATIONS[body["model"]]
    if body["model"] == "flow":
        _check_flow(context)
    else:
        demand(not context.premises, "a definition has no premises")
    demand(set(body["sums"]) == set(SUMMANDS), "the model has the sums B and C")
    for name, summand in SUMMANDS.items():
        demand(parse_ratio(body["sums"][name]["summand"]) == parse_ratio(summand), f"the summand of {name} is another")
    demand(set(body["equations"]) == set(equations), "the model has other equations")
    for name, equation in equations.items():
        demand(parse_ratio(body["equations"][name]) == parse_ratio(equation), f"the equation of {name} is another")
    eigenvalue, task = parse_ratio(body["eigenvalue"]), parse_ratio(body["sums"]["B"]["weight"])
    demand(not parse_ratio(body["sums"]["C"]["weight"]), "the resolvent's sum has no weight")
    known = {"alpha", "beta", "a", "b"}
    demand(set(eigenvalue.names) <= known and set(task.names) <= known, "unknown parameters")


def _check_flow(context: Context) -> None:
    """The steps below: the loss at t + t' is the inverse transform of S, and R3 solves the resolvent equation."""
    known = {n: parse_ratio(t) for p in context.premises for n, t in p.conclusion["equations"].items()}
    sums = sums_above(context)
    for name, (equation, used) in BELOW_FLOW.items():
        demand(known.get(name) == parse_ratio(equation), f"the equation {name} is wanted below")
        demand(all(sums.get(n) == parse_ratio(t) for n, t in used.items()), f"a sum in {name} is another")
