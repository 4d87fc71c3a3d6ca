r"""The limit t -> inf of the mean-field losses, from the double pole of the correlations at p = p' = 0.

Three cases, by the rank min(N, P) against the number of modes M:

* rank below M, N != P: kappa -> kappa_0 > 0 with D(kappa_0) = min(N, P). The response of the smaller side vanishes
  like p, the other tends to 1 - min/max, and the pair formulas of ``dmft_correlations`` are evaluated at kappa_0. The
  train loss is R_1^2 times the test loss: zero for P < N.
* rank below M, N = P (the interpolation peak): both responses vanish like sqrt(p/kappa_0), the determinant vanishes
  with them, and the test loss diverges as growth * sqrt(t), where growth follows from
  the double inverse transform of 1/(p p' (sqrt p + sqrt p')), which is 2 (2 - sqrt 2) sqrt(t/pi) at equal times.
* rank M: kappa -> 0, the teacher is learnt, and what is left is noise, sigma^2/(1 - M/P) and sigma^2 (1 - M/P) in
  training. At M = P < N it diverges as sqrt(t), at M = N = P as t^(1/3) (the constant of the latter is not given).

Source: the ridgeless limit of bordelon2024; ``mathematics.md``, section 2, B-static.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scaling_sym.errors import PrecisionError
from scaling_sym.numerics.dmft import FIRST_NODES, DmftModel
from scaling_sym.numerics.dmft_correlations import split_variance, sum_pairs
from scaling_sym.numerics.dmft_responses import Responses, locate_edges
from scaling_sym.numerics.mode_sums import ModeRule

EQUAL_TIMES = 2.0 * (2.0 - np.sqrt(2.0)) / np.sqrt(np.pi)


@dataclass(frozen=True, slots=True)
class StaticLimit:
    """Losses at t = inf. ``test`` = sigma^2 + bias + features + data + interaction, inf where it diverges.

    Where it diverges the loss is ``growth`` * t**``power`` to leading order (``growth`` nan if not known); else both
    are 0.
    """

    test: float
    train: float
    bias: float
    features: float
    data: float
    interaction: float
    growth: float = 0.0
    power: float = 0.0


def static_limit(model: DmftModel, nodes: int = FIRST_NODES) -> StaticLimit:
    """Return the losses after infinite time of gradient flow (or of any convergent clock: the limit is the same).

    ``nodes`` is that of the rule for the modes: two rules give an error estimate. Raises PrecisionError where a number
    leaves the range of double precision.
    """
    with np.errstate(all="ignore"):
        found = _solve(model, nodes)
    if np.isnan(found.test) or np.isnan(found.train):
        raise PrecisionError(
            f"the static limit at N={model.N:g}, P={model.P:g} needs numbers beyond the range of double precision; "
            "smaller sizes are allowed"
        )
    return found


def _solve(model: DmftModel, nodes: int) -> StaticLimit:
    inverse_n, inverse_p = model.inverse_sizes()
    tight = max(inverse_n, inverse_p)
    lowest = 0.05 * (1.0 / tight + 1.0) ** -model.b if tight > 0.0 and model.spectrum is None else 1e-3
    rule = model.rule(min(lowest, 0.1), nodes)
    edges = locate_edges(rule, inverse_n, inverse_p)
    if not edges.zero_modes:
        return _full_rank(model, rule)
    if inverse_n == inverse_p:
        return _peak(model, rule, edges.zero_kappa)
    return _rank_limited(model, rule, edges.zero_kappa)


def _pieces(model: DmftModel, rule: ModeRule, kappa: float, one: float, three: float) -> tuple[float, list[float]]:
    """Return sum lambda w^2/(kappa+lambda)^2 and the three variance kernels at p = p' = 0."""
    point = np.array([kappa])
    nodes = Responses(np.zeros(1), point, np.zeros(1), np.array([one]), np.array([three]))
    sums = sum_pairs(rule, point, point)
    kernel = split_variance(sums, nodes, nodes, *model.inverse_sizes(), model.noise)
    return float(sums.sw[0, 0].real), [float(x) for x in kernel[:, 0, 0].real]


def _rank_limited(model: DmftModel, rule: ModeRule, kappa: float) -> StaticLimit:
    small, large = sorted((model.N, model.P))
    rest = (large - small) / large if np.isfinite(large) else 1.0
    one, three = (rest, 0.0) if model.N < model.P else (0.0, rest)
    sw, kernel = _pieces(model, rule, kappa, one, three)
    data, features, interaction = (kappa**2 * x for x in kernel)
    bias = kappa**2 * sw
    test = model.noise + bias + data + features + interaction
    return StaticLimit(test, one**2 * test, bias, features, data, interaction)


def _peak(model: DmftModel, rule: ModeRule, kappa: float) -> StaticLimit:
    size = model.N
    point = np.array([kappa])
    sums = sum_pairs(rule, point, point)
    s1, s2, sw, tw = (float(x[0, 0].real) for x in (sums.s1, sums.s2, sums.sw, sums.tw))
    u = kappa * s1 / size  # = 1 - s2/N where the responses vanish
    top = (sw + model.noise / kappa**2) * (u * s2 / size + u * u) + s1 * tw / size
    growth = EQUAL_TIMES * kappa**1.5 * top * size / s1
    # data and features have the denominators f = u = kappa s1/N, which stay finite; only the interaction diverges
    data = kappa**2 * (sw + model.noise / kappa**2) * (s2 / size) / u
    features = kappa**2 * s1 * tw / (size * u)
    return StaticLimit(np.inf, 0.0, kappa**2 * sw, features, data, np.inf, growth, 0.5)


def _full_rank(model: DmftModel, rule: ModeRule) -> StaticLimit:
    ratio = 0.0 if np.isinf(model.P) else model.count / model.P
    if model.noise == 0.0:
        return StaticLimit(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    if ratio < 1.0:
        data = model.noise * ratio / (1.0 - ratio)
        return StaticLimit(model.noise + data, model.noise * (1.0 - ratio), 0.0, 0.0, data, 0.0)
    if model.count == model.N:
        return StaticLimit(np.inf, 0.0, 0.0, 0.0, np.inf, np.inf, np.nan, 1.0 / 3.0)
    inverse_sum = float((rule.capacity / rule.nodes**2).sum())
    rest = 1.0 - model.count / model.N
    growth = EQUAL_TIMES * model.noise * float(np.sqrt(rest * model.P / inverse_sum))
    return StaticLimit(np.inf, 0.0, 0.0, 0.0, np.inf, np.nan, growth, 0.5)
