r"""The sums of `power_sums` in balls: any number of digits, every value with a rigorous enclosure.

    Q_s(w) = sum_{j=1}^{v} j^{-s} / (1 + w j^a) = head + int_J^v + end terms + R.

The integral is Gauss's hypergeometric function, enclosed by Arb; with e = (1-s)/a either of

    int_J^oo = J^{1-s-a} / (w (a+s-1)) F(1, 1-e; 2-e; -1/(w J^a)),   int_0^J = J^{1-s}/(1-s) F(1, e; 1+e; -w J^a)

serves, the first unless e is a positive integer, the second unless e is zero or a negative integer.  The end terms come
from a truncated power series.  The remainder obeys

    |R| <= 2 zeta(2m)/(2 pi)^{2m} int_J^oo |f^{(2m)}|,

and Cauchy's estimate on the discs |z - x| <= rho x, which stay in a sector where |1 + w z^a| >= s max(1, |w z^a|),
bounds the derivative.  The bound is added to the radius, so the enclosure holds whatever J and m are.

What it does not cover: w on the negative real axis.  Source: Johansson, *Rigorous high-precision computation of the
Hurwitz zeta function*, for the pattern of proof; the sector bound is elementary.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from math import ceil, inf

from flint import acb, acb_series, arb, ctx, fmpq

from scaling_sym.errors import PrecisionError

_LONGEST_HEAD = 20000


@contextmanager
def working_precision(bits: int, series_length: int = 10) -> Iterator[None]:
    """Set flint's precision and series length, and put the old ones back."""
    old_bits, old_length = ctx.prec, ctx.cap
    ctx.prec, ctx.cap = bits, series_length
    try:
        yield
    finally:
        ctx.prec, ctx.cap = old_bits, old_length


def exact(value: Fraction | int) -> arb:
    """The ball around a rational number at the working precision."""
    return arb(fmpq(Fraction(value).numerator, Fraction(value).denominator))


def enclose_power_sums(w: acb, a: Fraction, exponents: Sequence[Fraction], v: Fraction | float, bits: int) -> list[acb]:
    """Balls that contain Q_s(w), one for each exponent; `v` is a whole number or `math.inf`.

    Raises PrecisionError where `w` meets the negative real axis.
    """
    bits += _resonance(a, exponents)
    with working_precision(bits + 16):
        angle, least, far = _choose_disc(w, a, bits)
    for head in (least, 3 * least // 2, 2 * least, 3 * least):
        if v != inf and v <= 2 * head:
            return _direct(w, a, exponents, int(v) + 1, bits)
        sums = _from_head(w, a, exponents, v, bits, angle, head, far)
        # Arb's hypergeometric function gives up at some arguments near the unit circle; another head moves them.
        if all(x.is_finite() for x in sums):
            return sums
    raise PrecisionError("A power sum could not be enclosed: the hypergeometric function has no finite ball here.")


def _resonance(a: Fraction, exponents: Sequence[Fraction]) -> int:
    """Bits that the integral loses where e = (1-s)/a is nearly, but not, a whole number: a pole nearly cancels there."""
    distances = [abs(e - round(e)) for e in ((1 - s) / a for s in exponents)]
    return max((2 * (x.denominator.bit_length() - x.numerator.bit_length()) for x in distances if x), default=0)


def _from_head(
    w: acb,
    a: Fraction,
    exponents: Sequence[Fraction],
    v: Fraction | float,
    bits: int,
    angle: float,
    head: int,
    far: bool,
) -> list[acb]:
    terms = max(4, ceil(0.16 * bits))
    with working_precision(bits + 16, 2 * terms):
        rho = arb(angle).sin()
        sums = _direct(w, a, exponents, head, bits)
        slack = _sector(w, a, angle, rho, head, far)
        return [
            total + _tail(w, a, s, head, v, terms, far) + _remainder(s, slack, rho, head, terms)
            for total, s in zip(sums, exponents, strict=True)
        ]


def _direct(w: acb, a: Fraction, exponents: Sequence[Fraction], stop: int, bits: int) -> list[acb]:
    with working_precision(bits + 16):
        power = exact(a)
        logs = [arb(j).log() for j in range(1, stop)]
        weights = [1 / (1 + w * (power * x).exp()) for x in logs]
        return [sum(((-exact(s) * x).exp() * y for x, y in zip(logs, weights, strict=True)), acb(0)) for s in exponents]


def _choose_disc(w: acb, a: Fraction, bits: int) -> tuple[float, int, bool]:
    """The angle of the discs' sector, the head, and whether |w z^a| >= 2 on all discs, so that no sector is needed."""
    wide = 0.6
    rho = float(arb(wide).sin().mid())
    head = max(16, ceil(0.15 * bits / rho))
    if abs(w) * (head * (1 - arb(wide).sin())) ** exact(a) > 2:
        return wide, head, True
    distance = arb.pi() - abs(w.arg())
    if not distance > 0:
        raise PrecisionError(
            "Power sums in balls need w off the negative real axis; give more digits or another point."
        )
    angle = min(float(distance.mid()) / float(a) / 2, wide)
    head = max(16, ceil(0.15 * bits / float(arb(angle).sin().mid())))
    if head > _LONGEST_HEAD:
        raise PrecisionError("Power sums in balls are not available so close to the negative real axis.")
    return angle, head, False


def _sector(w: acb, a: Fraction, angle: float, rho: arb, head: int, far: bool) -> arb:
    """A lower bound of |1 + w z^a| for z in the discs around x >= head."""
    if far:
        return (abs(w) * (head * (1 - rho)) ** exact(a) - 1).abs_lower()
    reach = abs(w.arg()) + exact(a) * arb(angle)
    closeness = (arb.pi() - reach).sin() if not reach < arb.pi() / 2 else arb(1)
    size = abs(w) * (head * (1 - rho)) ** exact(a)
    return closeness * (size.abs_lower() if size > 1 else arb(1))


def _remainder(s: Fraction, slack: arb, rho: arb, head: int, terms: int) -> acb:
    """The ball around 0 that holds the Euler-Maclaurin remainder with `terms` end terms."""
    m, sigma = 2 * terms, exact(s)
    spread = max((1 - rho) ** -sigma, (1 + rho) ** -sigma, key=lambda x: float(x.upper()))
    factorial = arb(m + 1).gamma()
    bound = (
        4 * factorial * spread / slack / (2 * arb.pi() * rho * head) ** m * arb(head) ** (1 - sigma) / (m + sigma - 1)
    )
    radius = arb(0, bound.abs_upper())
    return acb(radius, radius)


def _tail(w: acb, a: Fraction, s: Fraction, head: int, v: Fraction | float, terms: int, far: bool) -> acb:
    value = _end_terms(w, a, s, Fraction(head), terms, -1)
    e = (1 - s) / a
    if v == inf:
        return value + _upper_integral(w, a, s, Fraction(head))
    last = Fraction(v)
    value += _end_terms(w, a, s, last, terms, 1)
    if (e.denominator == 1 and e <= 0) or (far and not (e.denominator == 1 and e > 0)):
        return value + _upper_integral(w, a, s, Fraction(head)) - _upper_integral(w, a, s, last)
    return value + _lower_integral(w, a, s, last) - _lower_integral(w, a, s, Fraction(head))


def _upper_integral(w: acb, a: Fraction, s: Fraction, x: Fraction) -> acb:
    start, e = exact(x), (1 - s) / a
    argument = -1 / (w * start ** exact(a))
    scale = start ** exact(1 - s - a) / (w * exact(a + s - 1))
    return scale * argument.hypgeom_2f1(acb(1), acb(exact(1 - e)), acb(exact(2 - e)))


def _lower_integral(w: acb, a: Fraction, s: Fraction, x: Fraction) -> acb:
    stop, e = exact(x), (1 - s) / a
    argument = -w * stop ** exact(a)
    return stop ** exact(1 - s) / exact(1 - s) * argument.hypgeom_2f1(acb(1), acb(exact(e)), acb(exact(1 + e)))


def _end_terms(w: acb, a: Fraction, s: Fraction, x: Fraction, terms: int, side: int) -> acb:
    """f(x)/2 and the derivative terms at one end; f(x(1+h)) is expanded in h."""
    length, place = 2 * terms, exact(x)
    q = w * place ** exact(a)
    upper, lower = _binomial_series(-s, length), _binomial_series(a, length)
    quotient = acb_series([acb(c) for c in upper]) / acb_series([1 + q] + [q * c for c in lower[1:]])
    total = quotient[0] / 2
    for k in range(1, terms):
        weight = arb.bernoulli(2 * k) / (2 * k)
        total += side * weight * quotient[2 * k - 1] * place ** (1 - 2 * k)
    return total * place ** exact(-s)


def _binomial_series(exponent: Fraction, length: int) -> list[arb]:
    values, power = [arb(1)], exact(exponent)
    for k in range(1, length):
        values.append(values[-1] * (power - (k - 1)) / k)
    return values
