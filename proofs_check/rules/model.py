"""Rule `model`: the equations that everything rests on. They are definitions; only their form is checked.

Trusted: that the named model is the one meant. What the step says is shown wherever a claim rests on it. For the models
known here, the equations in terms of formal sums are compared with the checker's own copy of the definition.
"""

from __future__ import annotations

from typing import Final

from proofs_check.framework import Context, demand
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio

PLRF: Final = {
    "summands": {"C": "m/(m + X)", "B": "1/(m + X)"},
    "equations": {
        "deficit": "(C_0 + C_1*deficit)/d", "forcing": "B_0 + B_1*deficit", "kernel": "gamma/2*(trace - u*d*deficit)",
    },
}


def check(context: Context) -> None:
    """Compare with the definition of power-law random features."""
    body = context.step.conclusion
    demand(context.cell == Cell() and not context.premises, "a model holds everywhere and has no premises")
    demand(set(body) == {"model", "eigenvalue", "sums", "equations"} and body["model"] == "plrf", "an unknown model")
    demand(set(body["sums"]) == {"B", "C"}, "the model has the sums B and C")
    for name, summand in PLRF["summands"].items():
        demand(parse_ratio(body["sums"][name]["summand"]) == parse_ratio(summand), f"the summand of {name} is another")
    demand(set(body["equations"]) == set(PLRF["equations"]), "the model has three equations")
    for name, equation in PLRF["equations"].items():
        demand(parse_ratio(body["equations"][name]) == parse_ratio(equation), f"the equation of {name} is another")
    eigenvalue, task = parse_ratio(body["eigenvalue"]), parse_ratio(body["sums"]["B"]["weight"])
    demand(not parse_ratio(body["sums"]["C"]["weight"]), "the resolvent's sum has no weight")
    demand(set(eigenvalue.names) <= {"alpha", "beta"} and set(task.names) <= {"alpha", "beta"}, "unknown parameters")
