r"""The power-law random-features model as numbers: parameters, admissibility, stability.

The parameters are kept exactly (a float is read as its shortest decimal, so 0.8 is 4/5), because the walls of the phase
diagram are equalities between them.  Domain and stability: `mathematics.md`, section 1.

Stability.  One-pass SGD converges in mean square when

    ||K|| = (gamma/2) sum_j l_j / (1 - gamma (B+1) l_j / 2) < 1    and    gamma (B+1) l_max < 2,

l_j the eigenvalues of the random matrix.  `stability_limit` is this condition with l_j = j^{-2 alpha}, its limit at
large size; `size_limit` is the condition with the spectrum of the deterministic equivalent at size d, which spreads
wider, so that it is the stricter one.  A rate must satisfy both.  Continuous time needs (gamma/2) Tr D < 1.

With the scale w = -x below the spectrum's image (`resolvent`) both sides are explicit: z(x) = x (1 + n(x)/d) and
||K|| = n(x)/(B+1) at gamma = 2/((B+1) z(x)), n(x) = sum_j 1/(x j^{2 alpha} - 1), for x down to the top edge, where
sum_j 1/(x j^{2 alpha} - 1)^2 = d.

What it does not cover: schedules of the learning rate, and v < d.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from math import exp, expm1, inf, isinf, isnan, log
from typing import Literal

import numpy as np

from scaling_sym.errors import BadInputError, OutsideDomainError
from scaling_sym.numerics.power_sums import PowerSums, RealArray, zeta_sum

Number = int | float | Fraction
_LARGEST = 10**300
Dynamics = Literal["discrete", "continuous"]


def read_number(name: str, value: Number) -> Fraction:
    """The exact value; a float is read as its shortest decimal.  Raises BadInputError unless finite."""
    if isinstance(value, float):
        if isnan(value) or isinf(value):
            raise BadInputError(f"{name} must be a finite number, not {value}.")
        return Fraction(repr(value))
    if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
        raise BadInputError(f"{name} must be an integer, a fraction or a decimal, not {value!r}.")
    return Fraction(value)


@dataclass(frozen=True, slots=True)
class PlrfModel:
    """Power-law random features trained by one-pass SGD; build with `PlrfModel.of`.

    `v` is `math.inf` or a Fraction; everything else is exact.
    """

    alpha: Fraction
    beta: Fraction
    d: Fraction
    v: Fraction | float
    gamma: Fraction
    B: Fraction

    @staticmethod
    def of(
        alpha: Number,
        beta: Number,
        d: Number,
        *,
        gamma: Number | None = None,
        gamma_fraction: Number | None = None,
        v: Number | None = None,
        B: Number = 1,
        dynamics: Dynamics = "discrete",
    ) -> PlrfModel:
        """Check and complete the parameters.

        `v` defaults to infinity where 2 alpha > 1 and to 4 d otherwise.  Exactly one of `gamma` and `gamma_fraction`
        is needed, the latter of `stability_limit`, or where that share of it is not stable at so small a size, of
        `size_limit`.  Raises BadInputError, or OutsideDomainError for a point that is not admissible.
        """
        a, b, size, batch = (read_number(n, x) for n, x in (("alpha", alpha), ("beta", beta), ("d", d), ("B", B)))
        _check_domain(a, b, size, batch)
        modes: Fraction | float
        if v is None:
            v = inf if 2 * a > 1 else 4 * size
        modes = inf if v == inf else read_number("v", v)
        _check_modes(a, size, modes)
        if (gamma is None) == (gamma_fraction is None):
            raise BadInputError("Give exactly one of gamma and gamma_fraction (a fraction of the stability limit).")
        model = PlrfModel(a, b, size, modes, Fraction(0), batch)
        if gamma is not None:
            return check_rate(replace(model, gamma=read_number("gamma", gamma)), dynamics)
        assert gamma_fraction is not None
        share, limit = read_number("gamma_fraction", gamma_fraction), stability_limit(model, dynamics)
        if dynamics == "discrete" and 0 < share < 1:
            here = size_limit(model)
            limit = limit if share * Fraction(limit) < here else here
        return check_rate(replace(model, gamma=share * Fraction(limit)), dynamics)

    @property
    def a(self) -> Fraction:
        """2 alpha, the decay of the feature eigenvalues."""
        return 2 * self.alpha

    def floats(self) -> tuple[float, float, float, float]:
        """d, v, gamma, B in double precision.  Raises OverflowError where d or v has no double."""
        return float(self.d), float(self.v), float(self.gamma), float(self.B)


def _check_domain(alpha: Fraction, beta: Fraction, d: Fraction, batch: Fraction) -> None:
    if alpha <= 0 or beta <= 0:
        raise OutsideDomainError("alpha and beta must be positive.")
    if 2 * (alpha + beta) <= 1:
        raise OutsideDomainError("2 (alpha + beta) must exceed 1: otherwise the target has no finite power.")
    if d < 1:
        raise BadInputError("d, the number of features, must be at least 1.")
    if batch < 1:
        raise BadInputError("B, the batch size, must be at least 1.")


def _check_modes(alpha: Fraction, d: Fraction, v: Fraction | float) -> None:
    if v == inf:
        if 2 * alpha <= 1:
            raise OutsideDomainError(
                "v must be finite where 2 alpha <= 1, because Tr D diverges; take for instance v = 4 d."
            )
        return
    if v < d:
        raise BadInputError("v, the number of modes, must be at least d (admissible: v/d above 1).")


def trace(model: PlrfModel) -> float:
    """Tr D = sum_{j<=v} j^{-2 alpha}, relative error about 1e-15; `v` may lie beyond the range of doubles."""
    value = float(zeta_sum(model.a, as_double(model.v))[0])
    if model.v == inf or model.v <= _LARGEST:
        return value
    # What lies beyond is an integral to every digit: int x^{-a} dx = int e^{(1-a) y} dy, y = log x.
    gap, start = float(1 - model.a), log(_LARGEST)
    length = log(int(model.v)) - start
    return value + exp(gap * start) * (expm1(gap * length) / gap if gap != 0 else length)


def check_rate(model: PlrfModel, dynamics: Dynamics) -> PlrfModel:
    """The model, if its learning rate is stable; raises BadInputError with the limit, rounded down to 12 digits."""
    limit = stability_limit(model, dynamics)
    least = min(limit, size_limit(model)) if dynamics == "discrete" else limit
    if 0 < model.gamma < Fraction(least):
        return model
    shown, widest = round_below(least), round_below(limit)
    growing = "" if shown == widest else f" (limit {limit:.12g} as d grows)"
    raise BadInputError(
        f"gamma = {float(model.gamma):.12g} is not stable: {dynamics} dynamics with these alpha, v, B{growing} "
        f"at d = {show_size(model.d)} needs 0 < gamma < {shown}."
    )


def show_size(d: Fraction) -> str:
    """A number of features for a sentence; in powers of ten where it is long."""
    return f"{Decimal(d.numerator) / Decimal(d.denominator):.6g}"


def round_below(limit: float) -> str:
    """The largest decimal of 12 digits below `limit`, which is itself allowed where `limit` is not."""
    context = Context(prec=12, rounding=ROUND_FLOOR)
    shown = context.create_decimal(Decimal(limit))
    return f"{context.next_minus(shown) if shown == Decimal(limit) else shown:f}"


def as_double(v: Fraction | float) -> float:
    """The number of modes as a double, cut at 1e300."""
    return inf if v == inf else float(min(v, _LARGEST))


def kernel_norm(model: PlrfModel, dynamics: Dynamics = "discrete", gamma: float | None = None) -> float:
    """||K|| with l_j = j^{-2 alpha}; infinite where gamma (B+1) l_max >= 2."""
    rate = float(model.gamma) if gamma is None else gamma
    return rate / 2 * trace(model) if dynamics == "continuous" else float(_norms(model, np.array([rate]))[0])


def _norms(model: PlrfModel, rates: RealArray) -> RealArray:
    """||K|| of the discrete recursion at several learning rates, with l_j = j^{-2 alpha}."""
    c = rates * float(model.B + 1) / 2
    total = trace(model)
    # l/(1 - c l) = l + c l^2/(1 - c l) and Q_a(-1/c) = sum_j l_j / (1 - 1/(c l_j)) = -c sum_j l_j^2/(1 - c l_j).
    # The correction's own tail, beyond any number of modes whose powers are doubles, is below roundoff.
    sums = PowerSums.of(model.a, [model.a])
    modes = min(as_double(model.v), 10 ** min(100.0, 250 / sums.a)) if model.v != inf else inf
    inside = (c >= 1e-15) & (c < 1)
    safe = np.where(inside, c, 0.5)
    correction = -sums.at(-1 / safe + 0j, np.full(c.shape, modes)).values[0].real
    return np.where(c < 1, rates / 2 * (total + np.where(inside, correction, total * c)), inf)


def stability_limit(model: PlrfModel, dynamics: Dynamics = "discrete") -> float:
    """The gamma at which ||K|| = 1 in the form with l_j = j^{-2 alpha}, from `alpha`, `v` and `B` alone."""
    high = 2 / trace(model)
    if dynamics == "continuous":
        return high
    # ||K|| is at least (gamma/2) Tr D, and infinite from gamma (B+1) = 2 on.
    low, high = 0.0, min(high, 2 / float(model.B + 1))
    while True:
        rates = np.linspace(low, high, 33)
        k = int((_norms(model, rates) < 1).sum())
        inner = float(rates[max(k - 1, 0)]), float(rates[min(k, 32)])
        if inner == (low, high):
            return low
        low, high = inner


def size_limit(model: PlrfModel) -> float:
    """The gamma at which ||K|| = 1, or gamma (B+1) l_max = 2, with the deterministic equivalent's spectrum at size d.

    Discrete dynamics.  The first is `stability_limit` over 1 + (B+1)/d: n(x) = B+1 holds at the same x in both.
    """
    limit, batch = stability_limit(model), float(model.B)
    spread = 1 + float((model.B + 1) / model.d)
    x = 2 / ((batch + 1) * limit)
    if model.d >= (model.B + 1) ** 2 or _square_sum(model, np.array([x]))[0][1] <= model.d:
        return limit / spread  # the sum of squares is at most n(x)^2
    low, high = log(x - 1), log(x - 1) + 60.0
    for _ in range(16):
        y = np.linspace(low, high, 33)
        k = int((_square_sum(model, 1 + np.exp(y))[:, 1] > float(model.d)).sum())
        low, high = float(y[max(k - 1, 0)]), float(y[min(k, 32)])
    x = 1 + exp(high)
    return 2 / ((batch + 1) * x * (1 + float(_square_sum(model, np.array([x]))[0][0] / model.d)))


def _square_sum(model: PlrfModel, x: RealArray) -> RealArray:
    """n(x) = sum_j 1/(x j^{2 alpha} - 1) and the sum of its squared terms, at x > 1; rows (points, 2)."""
    sums = PowerSums.of(model.a, [Fraction(0)])
    found = sums.at(-x + 0j, np.full(x.shape, as_double(model.v)))
    n, slope = found.values[0].real, found.slopes[0].real
    return np.stack([-n, n + slope], axis=1)
