r"""The mean-field losses to many digits: the same transforms in ball arithmetic, with other sums and another pairing.

Independent of the double-precision route in three places:

* sums over a power-law spectrum are a head, the integral of the tail as a Gauss hypergeometric function, and
  Euler-Maclaurin end terms from a power series (not Gauss rules): with c = (s-1)/b and z = K^-b/kappa,

      int_K^inf k^-s/(kappa + k^-b) dk = K^(1-s)/((s-1) kappa) 2F1(1, c; c+1; -z);

* the two variables run over two different contours, so that kappa and kappa' never coincide and all pair sums are
  divided differences of D and D_w (partial fractions);
* the losses are inverted whole, test + sigma^2 and R_1 R_1' times it, and not in pieces.

Ball arithmetic carries the rounding errors, cancellation included: the working precision is raised until the ball is
small enough. What the balls do not hold is truncation (contour and end terms); both are set at the working
precision and counted as 10^(12-working digits) times the sum of the absolute summands.

Source: ``dmft_correlations`` for the equations; DLMF 2.10(i) and 15.6.1 for the sums. Gradient flow without momentum
only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from scaling_sym.errors import PrecisionError

Number = int | float | Fraction
MOST_DIGITS = 160  # about ten seconds a time
MOST_DIRECT = 20_000
GUARD = 12
GROWTHS = ((0.85, 1.5), (0.83, 1.3))  # angle and crossing height of the two contours


@dataclass(frozen=True, slots=True)
class PreciseLosses:
    """Test and train loss as decimal strings, their absolute errors, and the digits of the working precision."""

    test: str
    train: str
    error: float
    train_error: float
    working_digits: int


@dataclass(frozen=True, slots=True)
class Spectrum:
    """lambda_k = k^-b, w_k^2 = k^(b-a) for k <= modes (None: all k), or the arrays (lambda, w^2); exact numbers."""

    a: Number = 0
    b: Number = 0
    modes: int | None = None
    arrays: tuple[Sequence[float], Sequence[float]] | None = None


def _ball(x: Number) -> Any:
    """Return an exact number as a real ball."""
    from flint import arb, fmpq

    exact = Fraction(x)
    return arb(fmpq(exact.numerator, exact.denominator))


class ModeSums:
    """D(kappa) = sum lambda/(kappa+lambda) and D_w(kappa) = sum lambda w^2/(kappa+lambda) in ball arithmetic."""

    def __init__(self, spectrum: Spectrum, digits: int) -> None:
        from flint import acb, arb

        self.spectrum = spectrum
        if spectrum.arrays is not None:
            if len(spectrum.arrays[0]) > MOST_DIRECT:
                raise PrecisionError(f"arrays of more than {MOST_DIRECT} modes are available in double precision only")
            lam = [_ball(float(x)) for x in spectrum.arrays[0]]
            self.head = [(x, x, x * _ball(float(w))) for x, w in zip(lam, spectrum.arrays[1], strict=True)]
            self.start = None
            return
        self.b, self.a = _ball(spectrum.b), _ball(spectrum.a)
        slope = max(float(spectrum.b), 1e-3)
        # the nearest pole in k has an angle of at least 0.6/b; 0.7 digits/sin(angle) terms leave 10^-digits
        self.start = int(0.7 * digits / np.sin(min(0.5 * np.pi, 0.6 / slope))) + 6
        logarithmic = spectrum.b in (0, 1) or spectrum.a == 1  # then the tail's integral is not a plain power
        if spectrum.modes is not None and spectrum.modes <= (MOST_DIRECT if logarithmic else 2 * self.start):
            self.start, last = None, spectrum.modes
        elif logarithmic:
            raise PrecisionError(
                f"a=1, b=1 or b=0 with more than {MOST_DIRECT} modes is available in double precision only"
            )
        else:
            last = self.start - 1
        powers = [(arb(k) ** (-self.b), arb(k) ** (-self.a)) for k in range(1, last + 1)]
        self.head = [(lam, lam, task) for lam, task in powers]
        self.order = digits + 10
        self.zero = acb(0)

    def evaluate(self, kappa: Any, task: bool) -> Any:
        """Return D (or D_w) at one complex ball."""
        from flint import acb

        column = 2 if task else 1
        total = acb(0)
        for row in self.head:
            total += row[column] / (kappa + row[0])
        if self.start is None:
            return total
        power = self.a if task else self.b
        total += self._tail(kappa, power, self.start)
        if self.spectrum.modes is not None:
            total -= self._tail(kappa, power, self.spectrum.modes + 1)
        return total

    def _tail(self, kappa: Any, s: Any, start: int) -> Any:
        """Return sum_{k >= start} k^-s/(kappa + k^-b) by the Euler-Maclaurin formula."""
        from flint import acb_series, arb

        first, b = arb(start), self.b
        c = (s - 1) / b
        z = first ** (-b) / kappa
        integral = first ** (1 - s) / ((s - 1) * kappa) * _hypergeometric(c, z)
        order = self.order + self.order % 2
        top = acb_series(_binomial_series(-s, order), order)
        bottom = acb_series([z * x for x in _binomial_series(-b, order)], order) + 1
        series = top / bottom
        scale = first ** (-s) / kappa
        total = integral + scale * series[0] / 2
        for j in range(1, order // 2):
            total -= scale * arb.bernoulli(2 * j) / (2 * j) * series[2 * j - 1] / first ** (2 * j - 1)
        return total


@contextmanager
def series_length(length: int) -> Iterator[None]:
    """Allow power series of ``length`` terms and restore the cap (flint cuts them at ``ctx.cap``, at first 10)."""
    from flint import ctx

    before = ctx.cap
    ctx.cap = length
    try:
        yield
    finally:
        ctx.cap = before


def _hypergeometric(c: Any, z: Any) -> Any:
    """Return 2F1(1, c; c+1; -z), by Pfaff's form or z -> 1/z where Arb gives up (near z = -e^(i pi/3))."""
    from flint import acb

    one, c = acb(1), acb(c)
    value = (-z).hypgeom_2f1(one, c, c + 1)
    if not value.is_finite():
        value = (z / (1 + z)).hypgeom_2f1(one, one, c + 1) / (1 + z)
    if not value.is_finite():
        inverted = (-1 / z).hypgeom_2f1(one, 1 - c, 2 - c)
        value = c * (acb.pi() / c.sin_pi() * z ** (-c) - inverted / ((1 - c) * z))
    if not value.is_finite():
        raise PrecisionError("a hypergeometric function could not be enclosed; ask for another number of digits")
    return value


def _binomial_series(exponent: Any, order: int) -> list[Any]:
    """Return the coefficients of (1 + x)^exponent."""
    from flint import acb

    coefficients = [acb(1)]
    for j in range(1, order):
        coefficients.append(coefficients[-1] * (exponent - (j - 1)) / j)
    return coefficients


@dataclass(frozen=True, slots=True)
class _Node:
    p: Any
    weight: Any
    kappa: Any
    trace: Any
    task: Any
    data: Any
    model: Any


Guess = Callable[[Sequence[complex], float], Sequence[complex]]


def losses_to_digits(
    spectrum: Spectrum,
    N: Number,
    P: Number,
    sigma: Number,
    time: Number,
    digits: int,
    guess: Guess,
    floor: float = 1e-300,
) -> PreciseLosses:
    """Return both losses of gradient flow at ``time`` > 0 to ``digits`` digits, train relative to max(train, floor).

    ``guess`` maps nodes p and the real crossing to kappa in double precision, on the physical branch. Raises
    PrecisionError if more than 160 working digits would be needed.
    """
    from flint import ctx

    working = digits + GUARD + 6
    while working <= MOST_DIGITS:
        with ctx.workdps(working), series_length(2 * working):
            found = _losses(spectrum, N, P, sigma, time, working, guess)
        (test, test_size), (train, train_size) = found
        truncation = 10.0 ** -(working - GUARD)
        error = float(test.rad()) + truncation * test_size
        train_error = float(train.rad()) + truncation * train_size
        scale = max(abs(float(train.mid())), floor)
        lost = max(error / max(abs(float(test.mid())), 1e-300), train_error / scale) * 10.0**digits
        if lost <= 1.0:
            with ctx.workdps(working):
                text = [x.mid().str(digits, radius=False) for x in (test, train)]
            return PreciseLosses(text[0], text[1], error, train_error, working)
        working += max(10, int(np.log10(lost)) + 3) if np.isfinite(lost) else working
    raise PrecisionError(f"{digits} digits at t={float(time):g} would need more than {MOST_DIGITS} working digits")


def _losses(
    spectrum: Spectrum, N: Number, P: Number, sigma: Number, time: Number, working: int, guess: Guess
) -> list[tuple[Any, float]]:
    from flint import arb

    inverse_n, inverse_p = (arb(0) if x == float("inf") else 1 / _ball(x) for x in (N, P))
    sums = ModeSums(spectrum, working)
    decades = 2.302585 * (working - 4)
    first, second = (
        _solve_nodes(sums, inverse_n, inverse_p, _ball(time), phi, growth, decades, guess) for phi, growth in GROWTHS
    )
    noise = _ball(sigma) ** 2
    totals: list[list[Any]] = [[arb(0), 0.0], [arb(0), 0.0]]
    for left in first:
        for right in second:
            for partner in (right, _mirror(right)):
                value = _pair(left, partner, inverse_n, inverse_p, noise) * left.weight * partner.weight
                for total, item in zip(totals, (value, value * left.data * partner.data), strict=True):
                    total[0] += 2 * item.real
                    total[1] += 2 * float(abs(item).mid())
    return [(value, size) for value, size in totals]


def _pair(left: _Node, right: _Node, inverse_n: Any, inverse_p: Any, noise: Any) -> Any:
    """Return C_0 + sigma^2/(pp') at two nodes, by partial fractions."""
    product = left.kappa * right.kappa
    gap = right.kappa - left.kappa
    s1, sw = (left.trace - right.trace) / gap, (left.task - right.task) / gap
    s2, tw = right.trace - left.kappa * s1, right.task - left.kappa * sw
    determinant = (1 - s2 * inverse_p) * (1 - s2 * inverse_n) - product * s1 * s1 * inverse_n * inverse_p
    top = (1 - s2 * inverse_n) * (sw + noise / product) + s1 * tw * inverse_n
    return top / determinant * product / (left.p * right.p)


def _mirror(node: _Node) -> _Node:
    return _Node(*(getattr(node, name).conjugate() for name in _Node.__slots__))


def _solve_nodes(
    sums: ModeSums, inverse_n: Any, inverse_p: Any, time: Any, phi: float, growth: float, decades: float, guess: Guess
) -> list[_Node]:
    """Return the upper half of one hyperbola (see ``dmft_contours``) with the responses at its nodes."""
    from flint import acb, arb

    angle, mu = arb(phi), growth / (1 - arb(phi).sin())
    omega = max(decades / (0.5 * np.pi - phi), (decades + float(mu)) / phi)
    step = 2 * arb.pi() / omega
    count = int(np.ceil(np.arccosh((1.0 + decades / float(mu)) / np.sin(phi)) / float(step)))
    arguments = [acb(angle, -(2 * j + 1) * step / 2) for j in range(count)]
    nodes = [mu * (1 - u.sin()) for u in arguments]
    points = [s / time for s in nodes]
    weights = [step * mu * u.cos() / (2 * arb.pi()) * s.exp() / time for u, s in zip(arguments, nodes, strict=True)]
    start = guess([complex(p) for p in points], growth / float(time))
    found = []
    for p, weight, approximate in zip(points, weights, start, strict=True):
        kappa = _polish(sums, inverse_n, inverse_p, p, acb(approximate.real, approximate.imag))
        trace, task = sums.evaluate(kappa, False), sums.evaluate(kappa, True)
        data, model = 1 - trace * inverse_p, 1 - trace * inverse_n
        found.append(_Node(kappa * data * model, weight, kappa, trace, task, data, model))
    return found


def _polish(sums: ModeSums, inverse_n: Any, inverse_p: Any, p: Any, kappa: Any) -> Any:
    """Return the exact midpoint kappa with p(kappa) = p to working precision, by Newton with a difference quotient.

    For N = P the square root of the equation is solved, whose slope does not vanish with p.
    """
    from flint import arb, ctx

    root = bool(inverse_n == inverse_p)
    target = p.sqrt() if root else p

    def residual(point: Any) -> Any:
        """What vanishes at the root."""
        trace = sums.evaluate(point, False)
        if root:
            return point.sqrt() * (1 - trace * inverse_n) - target
        return point * (1 - trace * inverse_p) * (1 - trace * inverse_n) - target

    small = arb(10) ** (-(ctx.dps // 2))
    for _ in range(12):
        value = residual(kappa).mid()
        shifted = residual(kappa * (1 + small)).mid()
        step = (value * small * kappa / (shifted - value)).mid()
        kappa = (kappa - step).mid()
        if float(abs(step).mid()) <= 1e-300 or float((abs(step) / abs(kappa)).mid()) < 10.0 ** (-ctx.dps // 2 - 3):
            return kappa
    raise PrecisionError("the response functions did not settle at the working precision; ask for fewer digits")
