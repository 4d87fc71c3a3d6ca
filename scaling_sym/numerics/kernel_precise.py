r"""Static losses to many digits: the closed forms of `kernel` in ball arithmetic, at sizes beyond the range of doubles.

With the sums t(kappa) = sum lambda/(kappa+lambda) and t_w(kappa) = sum lambda w^2/(kappa+lambda) of `dmft_precise`
(head, hypergeometric tail, Euler-Maclaurin) and their derivatives by central differences at more than twice the
precision,

    s_1 = -t',   s_2 = t + kappa t',   s_w = -t_w',   T_w = t_w + kappa t_w',
    test = kappa^2 [(1 - s_2/P)(s_w + sigma^2/kappa^2) + s_1 T_w/P] / [(1 - s_2/D)(1 - s_2/P) - kappa^2 s_1^2/(D P)],

and, without ridge, the two closed forms for D < P and D > P, which share with the double-precision route nothing but
the equation for kappa.  That equation, t/min(D, P) = 1 - R_small, is monotone in kappa: bisection in log kappa at low
precision, then Newton's method at full precision.

The answer is computed twice, the second time with 15 more digits; the difference is the error shown.

Not covered: the peak D = P without ridge (there is no finite loss), min(D, P) >= modes without ridge (everything is
learnt: `dmft_static`), leading features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, inf, isfinite
from typing import Any

from scaling_sym.errors import BadInputError, NoConvergenceError, PrecisionError
from scaling_sym.numerics.dmft_precise import ModeSums, Number, Spectrum, series_length

MOST_DIGITS = 150
BISECTION_DIGITS = 25
EXTRA = 15


@dataclass(frozen=True, slots=True)
class PreciseLoss:
    """The test loss (noise included) and kappa as decimal strings, the absolute error, the working digits."""

    test: str
    kappa: str
    error: float
    working_digits: int


@dataclass(frozen=True, slots=True)
class StaticPoint:
    """One model with exact parameters; the letters are those of `kernel`."""

    a: Number
    b: Number
    D: Number
    P: Number
    ridge: Number = 0
    sigma: Number = 0
    modes: int | None = None
    arrays: tuple[Sequence[float], Sequence[float]] | None = None

    def rank(self) -> float:
        """The number of modes."""
        if self.arrays is not None:
            return float(len(self.arrays[0]))
        return inf if self.modes is None else float(self.modes)


def loss_to_digits(point: StaticPoint, digits: int) -> PreciseLoss:
    """Return the test loss to ``digits`` digits.

    Raises BadInputError where there is no loss to be computed (see the head of this module), PrecisionError for more
    than 150 working digits, NoConvergenceError if kappa does not settle.
    """
    _check(point, digits)
    working = digits + 12
    while working + EXTRA <= MOST_DIGITS:
        first, _ = _evaluate(point, working)
        second, kappa = _evaluate(point, working + EXTRA)
        lost = _lost_digits(first, second, digits)
        if lost <= 0:
            return PreciseLoss(*_show(second, kappa, digits), working + EXTRA)
        working += max(lost + 3, 10)
    raise PrecisionError(f"{digits} digits would need more than {MOST_DIGITS} working digits at these sizes")


def _check(point: StaticPoint, digits: int) -> None:
    if not 1 <= digits <= MOST_DIGITS - EXTRA - 12:
        raise BadInputError(f"digits is {digits}; between 1 and {MOST_DIGITS - EXTRA - 12} is allowed")
    if not (point.D >= 1 and point.P >= 1):
        raise BadInputError("D and P must be at least 1")
    if point.ridge < 0:
        raise BadInputError("the ridge must be at least 0")
    if point.arrays is None and point.modes is None and not (point.a > 1 and point.b > 1):
        raise BadInputError("infinitely many modes need a > 1 and b > 1")
    if point.ridge == 0:
        if point.D == point.P and point.rank() > point.P:
            raise BadInputError("at D = P without ridge the loss is infinite; give a ridge or different sizes")
        if min(point.D, point.P) >= point.rank() or point.D == point.P:
            raise BadInputError("without ridge and with sizes of at least the number of modes everything is learnt")


def _exact(x: Number) -> Any:
    from flint import arb, fmpq

    value = Fraction(x)
    return arb(fmpq(value.numerator, value.denominator))


def _inverse(size: Number) -> Any:
    from flint import arb

    return arb(0) if size == inf else 1 / _exact(size)


def _evaluate(point: StaticPoint, working: int) -> tuple[Any, Any]:
    """The test loss and kappa, midpoints at ``working`` digits, as exact real balls."""
    from flint import ctx

    spectrum = Spectrum(point.a, point.b, point.modes, point.arrays)
    with ctx.workdps(BISECTION_DIGITS), series_length(2 * BISECTION_DIGITS):
        start = _bisect(_Equation(ModeSums(spectrum, BISECTION_DIGITS), point))
    precision = 2 * working + 20
    with ctx.workdps(precision), series_length(2 * precision):
        equation = _Equation(ModeSums(spectrum, precision), point)
        kappa = _polish(equation, start.mid(), working)
        return _loss(equation, kappa, working), kappa


class _Equation:
    """t(kappa)/m + R_small(kappa) - 1, positive below the root and negative above; m = min(D, P)."""

    def __init__(self, sums: ModeSums, point: StaticPoint) -> None:
        self.sums, self.point = sums, point
        self.inverse_d, self.inverse_p = _inverse(point.D), _inverse(point.P)
        small = min(point.D, point.P)
        self.tight = _inverse(small)
        gap = 0 if point.D == point.P else _inverse(small) - _inverse(max(point.D, point.P))
        self.gap, self.ridge = gap, _exact(point.ridge)

    def trace(self, kappa: Any) -> Any:
        """t(kappa), real."""
        from flint import acb

        return self.sums.evaluate(acb(kappa), False).real

    def task(self, kappa: Any) -> Any:
        """t_w(kappa), real."""
        from flint import acb

        return self.sums.evaluate(acb(kappa), True).real

    def residual(self, kappa: Any) -> Any:
        """The left side at a positive real kappa."""
        trace = self.trace(kappa)
        if self.point.ridge == 0:
            return trace * self.tight - 1
        product, gap = self.ridge / kappa, trace * self.gap
        return trace * self.tight + 2 * product / (gap + (gap * gap + 4 * product).sqrt()) - 1


def _bisect(equation: _Equation) -> Any:
    """kappa to about 15 digits."""
    from flint import arb

    low, high, step = arb(0), arb(0), arb(1)
    while equation.residual(high.exp()).mid() > 0:
        low, high, step = high, high + step, 2 * step
    step = arb(1)
    while equation.residual(low.exp()).mid() < 0:
        high, low, step = min(low, high), low - step, 2 * step
    for _ in range(ceil(60 + float((high - low).log().mid()) / 0.69)):
        middle = ((low + high) / 2).mid()
        low, high = (middle, high) if equation.residual(middle.exp()).mid() > 0 else (low, middle)
    return ((low + high) / 2).mid().exp()


def _polish(equation: _Equation, kappa: Any, working: int) -> Any:
    """Newton's method for log kappa with a difference quotient."""
    from flint import arb

    small = arb(10) ** (-working)
    for _ in range(12):
        value = equation.residual(kappa).mid()
        slope = ((equation.residual(kappa * (1 + small)).mid() - value) / small).mid()
        step = (value / slope).mid()
        kappa = (kappa * (1 - step)).mid()
        if abs(step) < arb(10) ** (-working - 5):
            return kappa
    raise NoConvergenceError(f"kappa did not settle: the last relative step was {step.str(3, radius=False)}")


def _loss(equation: _Equation, kappa: Any, working: int) -> Any:
    from flint import arb

    small = arb(10) ** (-working)

    def slope(function: Any) -> Any:
        """kappa times the derivative, by a central difference in extra digits."""
        return (function(kappa * (1 + small)) - function(kappa * (1 - small))) / (2 * small)

    trace, task = equation.trace(kappa), equation.task(kappa)
    noise = _exact(equation.point.sigma) ** 2
    s2 = trace + slope(equation.trace)
    bias = -kappa * slope(equation.task)  # kappa^2 s_w
    point = equation.point
    if point.ridge == 0:
        features = noise + kappa * task
        if point.P < point.D:
            return (features / (1 - _exact(point.P) * equation.inverse_d)).mid()
        data = (noise + bias) / (1 - s2 * equation.inverse_d)
        share = _exact(point.D) * equation.inverse_p
        return (data + features * share / (1 - share)).mid()
    of_p, of_d, s1 = equation.inverse_p, equation.inverse_d, trace - s2  # the last is kappa s_1
    top = (1 - s2 * of_p) * (bias + noise) + s1 * (kappa * task - bias) * of_p
    return (top / ((1 - s2 * of_d) * (1 - s2 * of_p) - s1 * s1 * of_d * of_p)).mid()


def _lost_digits(first: Any, second: Any, digits: int) -> int:
    """How many digits the difference of two values lacks for ``digits`` digits; 0 or less if none."""
    from flint import arb

    if first == second:
        return 0
    distance = abs((first - second).mid() / second).mid()
    lost = float((distance.log() / arb(10).log()).mid()) + digits
    return ceil(lost) if isfinite(lost) else digits


def _show(test: Any, kappa: Any, digits: int) -> tuple[str, str, float]:
    from flint import ctx

    with ctx.workdps(2 * MOST_DIGITS + 60):
        return test.str(digits, radius=False), kappa.str(digits, radius=False), float(abs(test).mid()) * 10.0**-digits
