"""Static losses at corners: equal sizes, sizes of one, tiny and huge ridges, sizes of 1e12, and near the walls of (a, b).

References: the closed forms in ball arithmetic, on sums that share no code with the solver; and, for finite spectra, direct sums
with the symmetric equation of the loss with a ridge, which is derived (and replayed) in `derivations.bordelon2024.equations`.
"""

from __future__ import annotations

from math import exp, inf
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

from scaling_sym.numerics.kernel import KernelModel, kernel_loss, loss_digits

INFINITE: list[dict[str, float]] = [
    {"a": 1.9, "b": 1.3, "D": 1, "P": 1, "ridge": 1e-3}, {"a": 1.9, "b": 1.3, "D": 1, "P": inf},
    {"a": 1.9, "b": 1.3, "D": 100, "P": 100, "ridge": 1e-12}, {"a": 1.9, "b": 1.3, "D": 1e12, "P": 1e12, "ridge": 1e-40},
    {"a": 1.9, "b": 1.3, "D": 1e12, "P": 1e12 + 1}, {"a": 1.9, "b": 1.3, "D": 50, "P": 70, "ridge": 1e30},
    {"a": 2.3 + 1e-9, "b": 1.3, "D": 1e8, "P": 1e5}, {"a": 2.3, "b": 1.3, "D": 1e8, "P": 1e5},
    {"a": 3.6 - 1e-10, "b": 1.3, "D": 1e5, "P": inf}, {"a": 1.01, "b": 1.3, "D": 100, "P": 1e4},
    {"a": 2, "b": 1.001, "D": 1e12, "P": inf}, {"a": 30, "b": 10, "D": 20, "P": 40, "ridge": 1e-9},
    {"a": 5, "b": 20, "D": 3, "P": 2}, {"a": 2, "b": 1.5, "D": 1000, "P": 1000.0000001},
    {"a": 9, "b": 1.5, "D": 1e6, "P": 1e9, "ridge": 1e-12}, {"a": 2, "b": 1.5, "D": 1e12, "P": 1e12, "ridge": 1e-18, "sigma": 1},
]
FINITE: list[dict[str, Any]] = [
    {"a": 0.7, "b": 0.5, "D": 100, "P": 300, "modes": 10000}, {"a": 1.5, "b": 1.5, "D": 100, "P": 1, "modes": 1000, "top": True},
    {"a": 1.5, "b": 1.5, "D": 1, "P": 1, "modes": 1000, "top": True, "ridge": 0.1},
    {"a": 3, "b": 1.2, "D": 50, "P": 50, "modes": 2000, "top": True, "ridge": 1e-8},
    {"a": 3, "b": 1.2, "D": 1e12, "P": 50, "modes": 2000, "top": True, "sigma": 2},
    {"a": 1.2, "b": 3, "D": 40, "P": 60, "modes": 500, "ridge": 1e-6, "sigma": 0.3},
    {"a": 1.2, "b": 3, "D": 40, "P": 40, "modes": 500, "ridge": 1e-3}, {"a": 2, "b": 1.5, "D": 100, "P": 300, "modes": 101},
]
TOLERANCE = 1e-11
"""Both routes claim about 1e-13; the judge asks for 1e-8."""


@pytest.mark.parametrize("point", INFINITE)
def test_infinite_spectra_agree_with_balls(point: dict[str, float]) -> None:
    model = KernelModel(**point)  # type: ignore[arg-type]
    assert kernel_loss(model).test == pytest.approx(float(loss_digits(model, 14).test), rel=TOLERANCE)


@pytest.mark.parametrize("point", FINITE)
def test_finite_spectra_agree_with_direct_sums(point: dict[str, Any]) -> None:
    given = dict(point)
    top = given.pop("top", False)
    found = kernel_loss(KernelModel(**given, features="top" if top else "random")).test
    assert found == pytest.approx(direct(**given, top=top), rel=TOLERANCE)


def direct(
    a: float, b: float, D: float, P: float, modes: int, ridge: float = 0.0, sigma: float = 0.0, top: bool = False
) -> float:
    """L (R1 R3 + kappa K1 (R1/N + R3/D)) = kappa^2 W1 R3 + kappa^2 K1 F/N + s2 (K2 R3/D + kappa K1 dof/(N D)), by bisection."""
    k = np.arange(1.0, modes + 1.0)
    lam, power = k**-b, k**-a
    noise, width = sigma**2, P
    if top:
        noise, width = noise + float(power[int(P):].sum()), inf
        lam, power = lam[: int(P)], power[: int(P)]

    def dof(x: float) -> float:
        return float((lam / (exp(x) + lam)).sum())

    small = min(D, width)
    edge = brentq(lambda x: dof(x) - small, -200, 60, xtol=1e-15) if small < lam.size else -inf
    if ridge:
        def gap(x: float) -> float:
            return exp(x) * (1 - dof(x) / D) * (1 - dof(x) / width) - ridge

        low = max(edge, float(np.log(ridge)))
        kappa = exp(brentq(gap, low, low + 60, xtol=1e-15))
    else:
        kappa = exp(edge)
    trace = float((lam / (kappa + lam)).sum())
    first, second = (float((lam**i / (kappa + lam) ** 2).sum()) for i in (1, 2))
    task, lost = float((power / (kappa + lam)).sum()), float((power / (kappa + lam) ** 2).sum())
    one, three = 1 - trace / D, 1 - trace / width
    value = kappa**2 * lost * three + kappa**2 * first * task / width
    value += noise * (second * three / D + kappa * first * trace / width / D)
    return value / (one * three + kappa * first * (one / width + three / D)) + noise
