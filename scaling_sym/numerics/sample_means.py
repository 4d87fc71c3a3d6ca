r"""Losses of a sample mean and of gradient flow on a sampled quadratic: where the exponent 1 of bahri2024 fails.

*Powers.*  The minimiser of a sampled quadratic is a sample mean theta of D values of variance s^2, and the test loss is
c |theta|^(2 alpha).  For Gaussian samples, at every D,

    E c |theta|^(2 alpha) = c (2 s^2/D)^alpha Gamma(alpha + 1/2)/sqrt(pi).

bahri2024 prints D^-alpha Gamma(alpha + 1/2)/(2^(1+alpha) sqrt(pi)).  The two agree at every alpha exactly when
2 c (4 s^2)^alpha = 1 for every alpha: c = 1/2 and s^2 = 1/4.  Other samples of that variance share it to leading order
(by the central limit theorem, with a finite moment of order max(2, 2 alpha)); fair signs +-1/2 are summed exactly.

*Unstable directions.*  Each sample has loss theta^2/2 with probability alpha, else -theta^2/2.  With n ~ Binomial(D,
alpha) of the first kind the flow gives theta(T) = theta_0 exp(-(2n/D - 1)T), and the mean of the population's loss is

    L(D; T) = (alpha - 1/2) theta_0^2 e^(2T) (1 - alpha (1 - e^(-4T/D)))^D,

as printed.  At T = beta D it is (alpha - 1/2) theta_0^2 g(beta)^D with g = (1-alpha) e^(2 beta) + alpha e^(-2 beta), and
(1 - alpha) x^2 - x + alpha = (x - 1)((1 - alpha) x - alpha) with x = e^(2 beta) gives g < 1 exactly for

    0 < beta < (1/2) log(alpha/(1 - alpha)).

The printed bound (1/2)|log(1 - alpha)| is larger for every alpha < 1: necessary, not sufficient.  It is what is left if
e^(-4 beta) is neglected.  At fixed T the loss is (alpha - 1/2) theta_0^2 exp(-(4 alpha - 2)T + 8 alpha (1-alpha) T^2/D
+ O(T^3/D^2)): the exponent 1 needs T^2 << D.
"""

from __future__ import annotations

from math import comb, exp, expm1, inf, isinf, lgamma, log, log1p, pi

from scaling_sym.errors import BadInputError

MOST_SIGNS = 1000


def mean_power_loss(samples: float, alpha: float, variance: float = 0.25, scale: float = 0.5) -> float:
    """E scale |theta|^(2 alpha) for the mean theta of D Gaussian samples; alpha > -1/2, exact at every D.

    The defaults are the only ones for which the law printed by bahri2024 holds at every alpha.
    """
    if not (samples >= 1 and alpha > -0.5 and variance > 0 and scale > 0):
        raise BadInputError("the number of samples is at least 1, alpha above -1/2, variance and scale are positive")
    return float(scale) * exp(alpha * log(2.0 * variance / samples) + lgamma(alpha + 0.5) - 0.5 * log(pi))


def printed_power_loss(samples: float, alpha: float) -> float:
    """The law that bahri2024 prints, D^-alpha Gamma(alpha + 1/2)/(2^(1+alpha) sqrt(pi))."""
    return exp(-alpha * log(samples) + lgamma(alpha + 0.5) - (1.0 + alpha) * log(2.0) - 0.5 * log(pi))


def sign_power_loss(samples: int, alpha: float) -> float:
    """E |theta|^(2 alpha)/2 for the mean of D fair signs +-1/2, alpha > 0, by the binomial sum."""
    if not (1 <= samples <= MOST_SIGNS and alpha > 0):
        raise BadInputError(f"the number of samples is between 1 and {MOST_SIGNS}, and alpha positive")
    total = sum(comb(samples, n) * abs(2 * n - samples) ** (2.0 * alpha) / 2.0**samples for n in range(samples + 1))
    return float(0.5 * total / (2.0 * samples) ** (2.0 * alpha))


def _check_alpha(alpha: float) -> None:
    if not 0.5 < alpha <= 1.0:
        raise BadInputError(f"alpha is {alpha}; it must exceed 1/2 and be at most 1")


def unstable_loss(samples: float, alpha: float, time: float, start: float = 1.0) -> float:
    """L(D; T): the mean test loss after flow for the time T >= 0 from theta_0 = ``start``; D = inf allowed.

    inf where the value is beyond doubles.
    """
    _check_alpha(alpha)
    if not (samples >= 1 and time >= 0):
        raise BadInputError("the number of samples is at least 1 and the time not negative")
    if isinf(samples):
        exponent = -(4.0 * alpha - 2.0) * time
    else:
        exponent = 2.0 * time + samples * log1p(alpha * expm1(-4.0 * time / samples))
    return (alpha - 0.5) * start**2 * (exp(exponent) if exponent < 700.0 else inf)


def growth_rate(alpha: float, beta: float) -> float:
    """log g(beta): the loss at T = beta D is (alpha - 1/2) theta_0^2 exp(D log g); negative where it converges."""
    _check_alpha(alpha)
    return 2.0 * beta + log1p(alpha * expm1(-4.0 * beta))


def stable_limit(alpha: float) -> float:
    """The exact threshold (1/2) log(alpha/(1 - alpha)) of beta = T/D; inf at alpha = 1."""
    _check_alpha(alpha)
    return inf if alpha == 1.0 else 0.5 * log(alpha / (1.0 - alpha))


def printed_stable_limit(alpha: float) -> float:
    """The threshold that bahri2024 prints, (1/2)|log(1 - alpha)|."""
    _check_alpha(alpha)
    return inf if alpha == 1.0 else 0.5 * abs(log1p(-alpha))
