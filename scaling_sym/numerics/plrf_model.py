r"""The power-law random-features model as numbers: parameters, admissibility, stability.

The parameters are kept exactly (a float is read as its shortest decimal, so 0.8 is 4/5), because the walls of the phase
diagram are equalities between them.  Domain and stability: `mathematics.md`, section 1.

Stability.  One-pass SGD converges in mean square when

    ||K|| = (gamma/2) sum_j l_j / (1 - gamma (B+1) l_j / 2) < 1    and    gamma (B+1) l_max < 2,

l_j the eigenvalues of the random matrix.  What is enforced is this condition with l_j = j^{-2 alpha}, its limit at
large
size; continuous time needs (gamma/2) Tr D < 1.  A model at small d that meets the limit form and not the condition on
its own spectrum is refused when the curve is computed.

What it does not cover: schedules of the learning rate, and v < d.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import exp, expm1, inf, isinf, isnan, log
from typing import Literal

import numpy as np

from scaling_sym.errors import BadInputError, OutsideDomainError
from scaling_sym.numerics.power_sums import PowerSums, zeta_sum

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
        (of the stability limit for `dynamics`) is needed.  Raises BadInputError, or OutsideDomainError for a point that
        is not admissible.
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
        draft = PlrfModel(a, b, size, modes, Fraction(0), batch)
        limit = stability_limit(draft, dynamics)
        if gamma is not None:
            rate = read_number("gamma", gamma)
        else:
            assert gamma_fraction is not None
            rate = read_number("gamma_fraction", gamma_fraction) * Fraction(limit)
        if not 0 < rate < limit:
            raise BadInputError(
                f"gamma = {float(rate):.12g} is not stable: {dynamics} dynamics with these alpha, v, B "
                f"needs 0 < gamma < {limit:.12g}."
            )
        return PlrfModel(a, b, size, modes, rate, batch)

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


def as_double(v: Fraction | float) -> float:
    """The number of modes as a double, cut at 1e300."""
    return inf if v == inf else float(min(v, _LARGEST))


def kernel_norm(model: PlrfModel, dynamics: Dynamics = "discrete", gamma: float | None = None) -> float:
    """||K|| with l_j = j^{-2 alpha}; infinite where gamma (B+1) l_max >= 2."""
    rate = float(model.gamma) if gamma is None else gamma
    if dynamics == "continuous":
        return rate / 2 * trace(model)
    c = rate * float(model.B + 1) / 2
    if c >= 1:
        return inf
    sums = PowerSums.of(model.a, [model.a])
    if c < 1e-15:
        return rate / 2 * trace(model) * (1 + c)
    # l/(1 - c l) = l + c l^2/(1 - c l) and Q_a(-1/c) = sum_j l_j / (1 - 1/(c l_j)) = -c sum_j l_j^2/(1 - c l_j).
    # The correction's own tail, beyond any number of modes whose powers are doubles, is below roundoff.
    modes = min(as_double(model.v), 10 ** min(100.0, 250 / sums.a)) if model.v != inf else inf
    correction = -sums.at(np.array([-1 / c + 0j]), modes).values[0, 0].real
    return rate / 2 * (trace(model) + float(correction))


def stability_limit(model: PlrfModel, dynamics: Dynamics = "discrete") -> float:
    """The gamma at which ||K|| = 1 in the form with l_j = j^{-2 alpha}, from `alpha`, `v` and `B` alone."""
    high = 2 / trace(model)
    if dynamics == "continuous":
        return high
    # ||K|| is at least (gamma/2) Tr D, and infinite from gamma (B+1) = 2 on.
    high = min(high, 2 / float(model.B + 1))
    low = 0.0
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if kernel_norm(model, dynamics, middle) < 1 else (low, middle)
    return low
