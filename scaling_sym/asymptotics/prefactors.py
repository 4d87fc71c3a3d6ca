"""The constants of the compute-optimal loss and size, where two leading constants determine them.

Algorithm. Two terms A d^a r^b and C d^e r^g under the budget f = cost * d r: with F = f/cost and r = F/d they are
A F^b d^m and C F^g d^n with m = a - b, n = e - g of opposite sign. The sum is smallest where

    d_* = (-C n/(A m))^(1/(m-n)) F^((g-b)/(m-n)),       P_* = A d_*^m F^b (1 - m/n).

Not covered: optima with three or more tied terms, or at the edge of the terms' window, where the whole crossover function
counts and no finite number of leading constants is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from scaling_sym.algebra.constant_values import orient
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.ratios import Point
from scaling_sym.algebra.terms import Term


@final
@dataclass(frozen=True, slots=True)
class Prefactors:
    """loss * f^(-eta) and size * f^xi."""

    loss: Constant
    size: Constant


def find_prefactors(first: Term, second: Term, size: str, steps: str, cost: Constant, point: Point) -> Prefactors:
    """The prefactors of two tied terms; `point` tells the signs of polynomials on the cell."""
    b, g = first.monomial.exponent(steps), second.monomial.exponent(steps)
    m, n = first.monomial.exponent(size) - b, second.monomial.exponent(size) - g
    power = 1 / (m - n)
    balance = orient(second.constant * -n / (first.constant * m), point)
    growth = (g - b) * power
    loss = first.constant * balance ** (m * power) * Constant.of(1 - m / n) * cost ** (-(m * growth + b))
    return Prefactors(orient(loss, point), balance**power * cost ** (-growth))
