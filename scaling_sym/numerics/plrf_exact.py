r"""Values of the PLRF curve in many digits: the inversions of `plrf` without removal of parts, at a raised precision.

The transforms are taken as they stand; what cancels is measured (sum of the sizes of the terms over the size of the
result) and the working precision raised until the digits asked for remain.  Discrete steps below 64 come from a circle
in the generating function's variable zeta instead of the Talbot contour, which would leave the strip |Im p| < pi.
Numbers have no range here, so d = 10**400 is as good as any.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, inf, log, log2

from flint import acb, arb

from scaling_sym.errors import PrecisionError
from scaling_sym.numerics.ball_sums import enclose_power_sums, exact, working_precision
from scaling_sym.numerics.exact_resolvent import ExactModel, exact_floor, midpoint, refine_scale
from scaling_sym.numerics.plrf_model import Dynamics, PlrfModel

ROWS = ("loss", "forcing", "F_pp", "F_ac", "kernel", "K_pp")
_SMALL, _CIRCLE = 64, 192
_MOST_BITS = 6000


@dataclass(frozen=True, slots=True)
class ExactValues:
    """The rows `ROWS` at one step, F_0, their absolute errors, and the loss as a string of the digits asked for."""

    values: tuple[float, ...]
    errors: tuple[float, ...]
    floor: float
    text: str


@dataclass(frozen=True, slots=True)
class _Inversion:
    """One attempt: values and sums of the sizes of terms, at a precision."""

    values: list[arb]
    sizes: list[arb]


def exact_values(model: PlrfModel, step: Fraction, dynamics: Dynamics, digits: int) -> ExactValues:
    """All rows at one step, the loss to `digits` correct digits.

    Computed twice, the second time with more digits and more nodes, and accepted when the two agree: the sizes of the
    terms measure what cancels between them, the comparison also what was lost before.  Raises PrecisionError beyond
    6000 bits.
    """
    extra, before = 6, None
    while True:
        wanted = digits + extra
        bits = ceil(wanted * log2(10)) + 40
        if bits > _MOST_BITS:
            raise PrecisionError(f"{digits} digits at this step would need more than {_MOST_BITS} bits here.")
        with working_precision(bits):
            found = _attempt(model, step, dynamics, wanted, bits)
            loss, size = found.values[0], found.sizes[0]
            lost = _decimal_exponent(size / abs(loss)) if loss != 0 else wanted
            if lost + 2 <= extra:
                if before is not None and abs(before - loss) < abs(loss) * arb(10) ** -digits:
                    return _report(found, arb(10) ** (1 - wanted), _floor(model, bits), digits)
                before = loss
        extra = max(extra + 8, lost + 8)


def exact_start(model: PlrfModel, digits: int) -> ExactValues:
    """Continuous time at t = 0: the whole power of the target, and the kernel gamma^2 B int x^2 mu_K."""
    bits = ceil(digits * log2(10)) + 64
    with working_precision(bits):

        def power(s: Fraction) -> arb:
            whole = exact(s).zeta() if s > 1 else arb(0)
            if model.v == inf:
                return whole
            # Hurwitz's function is defined for s < 1 too, where only the difference is the sum; s = 1 is a digamma.
            last = exact(Fraction(model.v)) + 1
            if s == 1:
                return last.digamma() - arb(1).digamma()
            return exact(s).zeta(1) - exact(s).zeta(last)

        task, square = power(2 * (model.alpha + model.beta)), power(2 * model.a)
        scale, floor = exact(model.gamma**2 * model.B), _floor(model, bits)
        values = [task, task, task, -floor, scale * (square + power(model.a) ** 2 / exact(model.d)), scale * square]
        floats = tuple(float(x.mid()) for x in values)
        errors = tuple(abs(x) * 10.0**-digits for x in floats)
        return ExactValues(floats, errors, float(floor), task.mid().str(digits, radius=False))


def _decimal_exponent(x: arb) -> int:
    return max(0, ceil(float((abs(x).mid().log() / arb(10).log()).mid())))


def _report(found: _Inversion, noise: arb, floor: arb, digits: int) -> ExactValues:
    values = [x.mid() for x in found.values]
    values[3] = (values[3] - floor).mid()
    errors = [(size * noise).abs_upper() for size in found.sizes]
    text = values[0].str(digits, radius=False)
    return ExactValues(tuple(float(x) for x in values), tuple(float(x) for x in errors), float(floor), text)


def _floor(model: PlrfModel, bits: int) -> arb:
    core = ExactModel(model.a, model.d, model.v)
    w = exact_floor(core, bits)
    if w == 0:
        return arb(0)
    return (w * enclose_power_sums(acb(w), model.a, [2 * model.beta], model.v, bits)[0].real).mid()


def _attempt(model: PlrfModel, step: Fraction, dynamics: Dynamics, wanted: int, bits: int) -> _Inversion:
    core = ExactModel(model.a, model.d, model.v)
    floor = exact_floor(core, bits)

    def transforms(p: acb) -> list[acb]:
        return (
            _discrete(p, model, core, floor, bits)
            if dynamics == "discrete"
            else _continuous(p, model, core, floor, bits)
        )

    if dynamics == "discrete" and step < _SMALL:
        return _circle(transforms, int(step), wanted)
    return _talbot(transforms, exact(step), wanted)


def _talbot(transforms: Callable[[acb], list[acb]], time: arb, wanted: int) -> _Inversion:
    """The contour of `contours.talbot`, with as many nodes as the digits need."""
    count = 2 * ceil((wanted + 2) / (2 * log(3.89) / log(10)) * 1.35) + 4
    stretch, turn, shift, tilt = (exact(Fraction(x, 10000)) for x in (5017, 6407, 6122, 2645))
    values, sizes = [arb(0)] * len(ROWS), [arb(0)] * len(ROWS)
    for k in range(1, count, 2):
        angle = arb.pi() * k / count
        cot = (turn * angle).cot()
        s = count * acb(stretch * angle * cot - shift, tilt * angle)
        slope = count * acb(stretch * cot - stretch * turn * angle * (1 + cot**2), tilt)
        weight = s.exp() * slope * acb(0, -2) / count / time
        for i, x in enumerate(transforms(midpoint(s / time))):
            term = weight * x
            values[i], sizes[i] = values[i] + term.real.mid(), sizes[i] + abs(term).mid()
    return _Inversion(values, sizes)


def _circle(transforms: Callable[[acb], list[acb]], step: int, wanted: int) -> _Inversion:
    """Coefficient number `step` of the generating functions, by the trapezoid rule on |zeta| = rho < 1."""
    height = arb(10).log() * (wanted + 2) / _CIRCLE  # -log rho
    values, sizes = [arb(0)] * len(ROWS), [arb(0)] * len(ROWS)
    for k in range(_CIRCLE // 2):
        angle = arb.pi() * (2 * k + 1) / _CIRCLE
        p = midpoint(acb(height, angle))
        weight = (p * step).exp() * 2 / _CIRCLE
        for i, x in enumerate(transforms(p)):
            term = weight * x
            values[i], sizes[i] = values[i] + term.real.mid(), sizes[i] + abs(term).mid()
    return _Inversion(values, sizes)


def _spectral(u: acb, model: PlrfModel, core: ExactModel, floor: arb, bits: int) -> list[acb]:
    """S_F, A, eps A/(1 - eps), S_K, T at u."""
    w, defect = refine_scale(u, core, floor, bits)
    task, kernel = enclose_power_sums(w, model.a, [2 * model.beta, model.a], model.v, bits)
    rest = defect * task * w / u
    # w eps N = w eps^2 d
    return [task + rest, task, rest, kernel + w * defect**2 * exact(model.d), kernel]


def _continuous(p: acb, model: PlrfModel, core: ExactModel, floor: arb, bits: int) -> list[acb]:
    rate = exact(2 * model.gamma * model.B)
    forcing, points, rest, kernel, kernel_points = _spectral(midpoint(p / rate), model, core, floor, bits)
    half, square = exact(model.gamma / 2), exact(model.gamma / 2)
    loss = forcing / rate / (1 - half * kernel)
    return [loss, forcing / rate, points / rate, rest / rate, square * kernel, square * kernel_points]


def _discrete(p: acb, model: PlrfModel, core: ExactModel, floor: arb, bits: int) -> list[acb]:
    gamma, batch = exact(model.gamma), exact(model.B)
    rise = p.expm1()
    root = (1 + (batch + 1) / batch * rise).sqrt()
    u_minus, u_plus = rise / (gamma * batch * (1 + root)), -(1 + root) / (gamma * (batch + 1))
    minus, plus = (_spectral(midpoint(u), model, core, floor, bits) for u in (u_minus, u_plus))
    front = p.exp() / (2 * gamma * batch * root)
    forcing, points, rest = (front * (x - y) for x, y in zip(minus[:3], plus[:3], strict=True))
    kernel, kernel_points = (gamma / (2 * root) * (x - y) for x, y in zip(minus[3:], plus[3:], strict=True))
    return [forcing / (1 - kernel), forcing, points, rest, p.exp() * kernel, p.exp() * kernel_points]
