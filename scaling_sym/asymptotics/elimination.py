"""Equations that follow from others: the cofactors that prove it, by eliminating one variable after the other.

Algorithm. To show that g = 0 follows from equations E_i = 0, each linear in a variable x_i of its own, E = a (x - x0): then
g(x) - g(x0) is divisible by x - x0, and (g(x) - g(x0))/E is the cofactor of E, rational in the other variables. One variable is
eliminated after the other; if nothing remains, g is the combination of the equations with these cofactors, divided by nothing
but the factors of the a_i and of the denominators: these must not vanish.

Source: elementary (elimination by linear equations). Not covered: finding a good order; equations that are not linear in any
variable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scaling_sym.algebra.ratios import Ratio
from scaling_sym.errors import UndecidedError


def find_cofactors(goal: Ratio, equations: Mapping[str, Ratio], order: Sequence[tuple[str, str]]) -> dict[str, Ratio]:
    """The cofactors of the named equations, each used once to eliminate its variable; what remains is in `remainder`."""
    cofactors: dict[str, Ratio] = {}
    rest = goal
    for name, variable in order:
        equation = equations[name]
        slope = equation.numerator.derivative(variable)
        if not slope or variable in slope.names:
            raise UndecidedError(f"the equation {name} is not linear in {variable}")
        root = Ratio.parameter(variable) - equation.numerator / slope
        lower = rest.substitute({variable: root})
        cofactors[name] = cofactors.get(name, Ratio.of(0)) + (rest - lower) / equation
        rest = lower
    cofactors["remainder"] = rest
    return {k: v for k, v in cofactors.items() if v or k == "remainder"}


def write_factored(value: Ratio) -> str:
    """A rational function as a product of powers of its irreducible factors, which is shorter than multiplied out."""
    content, factors = value.factors()
    return "*".join([f"({content})"] * (content != 1 or not factors) + [f"({f})**{e}" for f, e in factors])
