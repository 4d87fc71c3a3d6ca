r"""The ridgeless two-point loss as a phase diagram in (log D, log P): its leading terms, with constants, and the cells.

With c = (pi/b)/sin(pi/b), rho = (a-1)/b, and kappa = (c/m)^b (1 + O(1/m)) at m = min(D, P), the two one-sided losses are

    L(P) = C_P P^-min(a-1, b),     C_P = c^(a-1) (pi/b)/sin(pi rho)         a < b+1;   zeta(a-b) c^b         a > b+1,
    L(D) = C_D D^-min(a-1, 2b),    C_D = c^(a-1) pi (1-rho)/sin(pi rho)     a < 2b+1;  b zeta(a-2b) c^(2b)   a > 2b+1,

with a logarithm of m on each wall (C_P = c^b log P at a = b+1, C_D = b c^(2b) log D at a = 2b+1).  Of the loss less
sigma^2, exactly,

    P < D:   features   L(P)                  and   data variance      (L(P) + sigma^2) P/(D - P),
    P > D:   data       L(D)                  and   feature variance   (L(D as P) + sigma^2) D/(P - D),
             noise      sigma^2 gamma/(1 - gamma), tending to sigma^2 (b - 1).

Terms whose exponents differ divide the plane; two cells of one side meet where their terms are equal.  Without noise:
P < D is one cell; above the diagonal, feature variance wins in 1 < log P/log D < 1 + min(a-1, 2b) - min(a-1, b), which
is empty for a <= b+1 and has width a-1-b, at most b, beyond.  With P = D^s the exponent of the loss in D is therefore

    s min(a-1, b)   for s <= 1,      min(min(a-1, 2b), min(a-1, b) + s - 1)   for s >= 1.

Not covered: the neighbourhood of the peak D = P (the pole is common to both sides), ridge (see `kernel`).
Source: derived in this project from the closed forms of `kernel`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log, pi, sin

from scaling_sym.errors import BadInputError


@dataclass(frozen=True, slots=True)
class RegimeTerm:
    """coefficient D^-of_data P^-of_features log(m)^logarithm, m the smaller size; it belongs to one side of D = P."""

    name: str
    side: str
    coefficient: float
    of_data: float
    of_features: float
    logarithm: int = 0

    def log_value(self, log_data: float, log_features: float) -> float:
        """log of the term at (log D, log P); -inf where its coefficient is 0."""
        if self.coefficient == 0.0:
            return -inf
        size = log(min(log_data, log_features)) if self.logarithm else 0.0
        return log(self.coefficient) - self.of_data * log_data - self.of_features * log_features + self.logarithm * size


def _check(a: float, b: float, sigma: float) -> None:
    if not (1.0 < a < inf and 1.0 < b < inf and 0.0 <= sigma < inf):
        raise BadInputError(f"a={a:g}, b={b:g}, sigma={sigma:g}; a and b must exceed 1 and sigma be at least 0, all finite")


def kappa_constant(b: float) -> float:
    """c in kappa = (c/m)^b, (pi/b)/sin(pi/b)."""
    return (pi / b) / sin(pi / b)


def feature_constant(a: float, b: float) -> tuple[float, float, int]:
    """The constant, the exponent and the power of log P of L(P), random features."""
    _check(a, b, 0.0)
    c, rho = kappa_constant(b), (a - 1.0) / b
    if rho == 1.0:
        return c**b, b, 1
    if rho < 1.0:
        return c ** (a - 1.0) * (pi / b) / sin(pi * rho), a - 1.0, 0
    return _zeta(a - b) * c**b, b, 0


def data_constant(a: float, b: float) -> tuple[float, float, int]:
    """The constant, the exponent and the power of log D of L(D)."""
    _check(a, b, 0.0)
    c, rho = kappa_constant(b), (a - 1.0) / b
    if rho == 2.0:
        return b * c ** (2.0 * b), 2.0 * b, 1
    if rho == 1.0:
        return c ** (a - 1.0), a - 1.0, 0
    if rho < 2.0:
        return c ** (a - 1.0) * pi * (1.0 - rho) / sin(pi * rho), a - 1.0, 0
    return b * _zeta(a - 2.0 * b) * c ** (2.0 * b), 2.0 * b, 0


def _zeta(s: float) -> float:
    from scipy.special import zeta

    return float(zeta(s, 1.0))


def regime_terms(a: float, b: float, sigma: float = 0.0) -> tuple[RegimeTerm, ...]:
    """The leading terms of the ridgeless loss less sigma^2, a > 1, b > 1."""
    _check(a, b, sigma)
    of_p, m_p, log_p = feature_constant(a, b)
    of_d, m_d, log_d = data_constant(a, b)
    noise = sigma**2
    return (
        RegimeTerm("features", "P<D", of_p, 0.0, m_p, log_p),
        RegimeTerm("data variance", "P<D", of_p, 1.0, m_p - 1.0, log_p),
        RegimeTerm("data variance of noise", "P<D", noise, 1.0, -1.0),
        RegimeTerm("data", "P>D", of_d, m_d, 0.0, log_d),
        RegimeTerm("feature variance", "P>D", of_p, m_p - 1.0, 1.0, log_p),
        RegimeTerm("feature variance of noise", "P>D", noise, -1.0, 1.0),
        RegimeTerm("noise", "P>D", noise * (b - 1.0), 0.0, 0.0),
    )


def leading_term(a: float, b: float, log_data: float, log_features: float, sigma: float = 0.0) -> RegimeTerm:
    """The largest term at (log D, log P), natural logarithms, both positive and different."""
    if not (log_data > 0.0 and log_features > 0.0 and log_data != log_features):
        raise BadInputError("log D and log P must be positive and differ: at the peak there is no leading term")
    side = "P<D" if log_features < log_data else "P>D"
    terms = [t for t in regime_terms(a, b, sigma) if t.side == side]
    return max(terms, key=lambda t: t.log_value(log_data, log_features))


def crossover(a: float, b: float, log_data: float) -> float:
    """log P, above the diagonal and without noise, where the feature variance falls below the data term.

    log D itself where it never leads (a <= b+1).  Asymptotic: the terms carry their leading constants.
    """
    _check(a, b, 0.0)
    terms = {t.name: t for t in regime_terms(a, b)}
    variance, data = terms["feature variance"], terms["data"]
    # the variance falls like 1/P, the data term does not depend on P
    crossing = variance.log_value(log_data, log_data) - data.log_value(log_data, log_data) + log_data
    return max(crossing, log_data) if a > b + 1.0 else log_data


def aspect_exponent(a: float, b: float, s: float) -> float:
    """The exponent in D of the noise-free loss at P = D^s, s > 0 and s != 1."""
    _check(a, b, 0.0)
    if not (0.0 < s < inf and s != 1.0):
        raise BadInputError(f"s is {s:g}; P = D^s needs a positive s other than 1, where the loss is infinite")
    m_p, m_d = min(a - 1.0, b), min(a - 1.0, 2.0 * b)
    return s * m_p if s < 1.0 else min(m_d, m_p + s - 1.0)
