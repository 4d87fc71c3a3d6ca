"""The compute-optimal loss for gamma = gamma_0 d^(-c), B = d^c', from numerically solved curves: slopes in log f.

The loss at fixed budget f = d r B is minimised over log d by golden section; the exponents are differences of logarithms
between two budgets. Uses the curve solver of `scaling_sym.numerics` and nothing of the symbolic side.
"""

from __future__ import annotations

from fractions import Fraction
from math import log10

from scaling_sym.numerics.plrf import loss_curve
from scaling_sym.numerics.plrf_model import PlrfModel

GOLDEN = (5**0.5 - 1) / 2


def optimal(alpha: Fraction, beta: Fraction, c: float, batch: float, gamma: float, log_f: float, near: float, width: float,
            ) -> tuple[float, float]:
    """log10 of the smallest loss at the budget 10**log_f, and log10 d there; searched within `width` decades of `near`."""

    def loss(log_d: float) -> float:
        d = Fraction(10 ** log_d) if log_d < 300 else Fraction(10) ** round(log_d)
        size = float(d)
        model = PlrfModel.of(alpha, beta, d, gamma=gamma * size**-c, B=Fraction(size**batch), v=4 * d)
        steps = Fraction(10 ** (log_f - log_d * (1 + batch)))
        return log10(loss_curve(model, [steps], "continuous").loss[0])

    low, high = near - width, near + width
    inner = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)]
    values = [loss(x) for x in inner]
    while high - low > 2e-3:
        if values[0] < values[1]:
            high, inner[1], values[1] = inner[1], inner[0], values[0]
            inner[0] = high - GOLDEN * (high - low)
            values[0] = loss(inner[0])
        else:
            low, inner[0], values[0] = inner[0], inner[1], values[1]
            inner[1] = low + GOLDEN * (high - low)
            values[1] = loss(inner[1])
    return min(values), (low + high) / 2
