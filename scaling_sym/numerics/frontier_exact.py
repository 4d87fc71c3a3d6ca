r"""The compute-optimal loss and size of the PLRF model in many digits.

The loss is stationary at the optimum, so that it has twice as many digits as the size.  From the optimum of doubles
(`frontier`), Newton's method in x = log d on a stencil of five points at distance h: its limit is off by O(h^4) in x, and
by O(h^8) in the loss.  The values come from the many-digit route of the curve, the learning rate is the family's fraction
of 2/Tr D to as many digits.

What it does not cover: sizes at which v is so small that a sum up to it is not smooth in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf, log2

import numpy as np
from flint import arb

from scaling_sym.errors import BadInputError
from scaling_sym.numerics.ball_sums import exact, working_precision
from scaling_sym.numerics.frontier import Family, frontier
from scaling_sym.numerics.plrf_exact import exact_values, sum_zeta
from scaling_sym.numerics.plrf_model import Number, PlrfModel, read_number

FEWEST, MOST = 4, 100


@dataclass(frozen=True, slots=True)
class DigitsPoint:
    """The optimum at one budget as text: the loss to the digits asked for, the size to half as many."""

    compute: str
    d: str
    loss: str


def check_digits(digits: int) -> None:
    """Raise BadInputError unless so many digits may be asked for."""
    if not FEWEST <= digits <= MOST:
        raise BadInputError(f"digits must lie between {FEWEST} and {MOST} for the frontier.")


def frontier_digits(family: Family, budget: Number, digits: int) -> DigitsPoint:
    """The optimal loss at one budget to `digits` correct digits (4 to 100), and d to half of them.

    Raises as `frontier`, PrecisionError, and BadInputError where v is too small for the digits.
    """
    check_digits(digits)
    compute = read_number("a compute budget", budget)
    (start,) = frontier(family, [float(compute)])
    # A noise of 10^-rough in the values moves the optimum by 10^-rough/h.
    h, rough = Fraction(1, 10 ** (digits // 8 + 1)), digits // 2 + digits // 8 + 6
    bits = round((digits + 4) * log2(10)) + 64
    if family.count_modes(np.array([start.d]))[0] < 2 * bits:
        raise BadInputError("So many digits need more modes v than this budget's optimum has; take a larger budget.")
    with working_precision(bits):
        x = arb(start.d).log().mid()
        for _ in range(_count_steps(digits)):
            y = [_log_loss(family, compute, (x + k * exact(h)).mid(), rough) for k in (-2, -1, 0, 1, 2)]
            slope = 8 * (y[3] - y[1]) - (y[4] - y[0])
            bend = 16 * (y[3] + y[1]) - (y[4] + y[0]) - 30 * y[2]
            x = (x - exact(h) * slope / bend).mid()
        loss = _log_loss(family, compute, x, digits + 2).exp().mid()
        return DigitsPoint(str(compute), x.exp().mid().str(digits // 2, radius=False), loss.str(digits, radius=False))


def _count_steps(digits: int) -> int:
    """Steps of Newton's method: the place is known to 10 digits, and each step doubles them; half of `digits` are wanted."""
    steps, known = 0, 8
    while known < digits // 2 + 1:
        steps, known = steps + 1, 2 * known
    return steps


def _log_loss(family: Family, compute: Fraction, x: arb, digits: int) -> arb:
    """log P at log d = x, both balls taken at their centres."""
    d = _fraction(x.exp())
    v = inf if family.modes is None and family.v_ratio == inf else Fraction(family.modes or Fraction(family.v_ratio) * d)
    model = PlrfModel(family.alpha, family.beta, d, v, Fraction(0), Fraction(family.B))
    gamma = _fraction(2 * exact(Fraction(repr(family.fraction))) / sum_zeta(model.a, model))
    model = PlrfModel(family.alpha, family.beta, d, v, gamma, Fraction(family.B))
    found = exact_values(model, compute / d / model.B, "continuous", digits, (inf, inf))
    return arb(found.text).mid().log()


def _fraction(x: arb) -> Fraction:
    """The centre of a ball, exactly."""
    mantissa, exponent = x.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
