r"""Values of the PLRF curve in many digits: the inversions of `plrf` at a raised precision.

What cancels is measured (sum of the sizes of the terms over the size of the result) and the working precision raised
until the digits asked for remain.  The analytic parts are removed as in `plrf_transforms`, by the same formulas written
again in balls, wherever what is dropped with them, of relative size below e^{-r radius}, lies far below the digits
(`removal_allowed`); at smaller steps the transforms are taken as they stand.  Without the removal the digits that cancel
grow with log r, and the time with their cube.  Discrete steps below 64 come from a circle in the generating function's
variable zeta instead of the Talbot contour, which would leave the strip |Im p| < pi.  Numbers have no range here, so
d = 10**400 is as good as any.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import ceil, inf, log, log2

from flint import acb, arb

from scaling_sym.errors import PrecisionError
from scaling_sym.numerics.ball_sums import enclose_power_sums, exact, working_precision
from scaling_sym.numerics.exact_resolvent import ExactModel, exact_floor, midpoint, refine_scale
from scaling_sym.numerics.plrf_model import Dynamics, PlrfModel
from scaling_sym.numerics.plrf_transforms import SpectralSums

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


def removal_allowed(model: PlrfModel, step: Fraction, digits: int, radius: float) -> bool:
    """Whether e^{-step radius} lies below the digits of the smallest loss there can be, by a hundred powers of e.

    `radius` is that of a disc around p = 0 in which the removed parts are analytic (infinite in continuous time).
    """
    logarithm = log(max(step.numerator, 2)) - log(step.denominator)
    least_loss = (1 + float(model.beta / model.alpha)) * max(logarithm, 1.0)
    return radius == inf or (radius > 0 and logarithm + log(radius) > log(least_loss + 2.4 * digits + 100))


def exact_values(
    model: PlrfModel, step: Fraction, dynamics: Dynamics, digits: int, radii: tuple[float, float] = (0.0, 0.0)
) -> ExactValues:
    """All rows at one step, the loss to `digits` correct digits.

    `radii` are those of `plrf_transforms.Disc` (zero: nothing is removed).  Computed twice, the second time with more
    digits and more nodes, and accepted when the two agree: the sizes of the terms measure what cancels between them,
    the comparison also what was lost before.  Raises PrecisionError beyond 6000 bits.
    """
    extra, before = 6, None
    small = dynamics == "discrete" and step < _SMALL
    removed = tuple(not small and removal_allowed(model, step, digits, radius) for radius in radii)
    while True:
        wanted = digits + extra
        bits = ceil(wanted * log2(10)) + 40
        if bits > _MOST_BITS:
            raise PrecisionError(f"{digits} digits at this step would need more than {_MOST_BITS} bits here.")
        with working_precision(bits):
            found = _attempt(model, step, dynamics, wanted, bits, removed)
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

        task, square = sum_zeta(2 * (model.alpha + model.beta), model), sum_zeta(2 * model.a, model)
        scale, floor = exact(model.gamma**2 * model.B), _floor(model, bits)
        values = [task, task, task, -floor, scale * (square + sum_zeta(model.a, model) ** 2 / exact(model.d)), scale * square]
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


def _attempt(
    model: PlrfModel, step: Fraction, dynamics: Dynamics, wanted: int, bits: int, removed: tuple[bool, ...]
) -> _Inversion:
    """One inversion; of the forms of the loss, the one with the smallest terms."""
    core = ExactModel(model.a, model.d, model.v)
    tools = _Tools(model, core, exact_floor(core, bits), bits, removed, _constants(model) if any(removed) else ([], arb(0)))
    transform = _discrete if dynamics == "discrete" else _continuous
    if dynamics == "discrete" and step < _SMALL:
        found = _circle(partial(transform, tools), int(step), wanted)
    else:
        found = _talbot(partial(transform, tools), exact(step), wanted)
    rest = len(ROWS) - 1
    size, loss = min(zip(found.sizes[:-rest], found.values[:-rest], strict=True), key=_by_size)
    return _Inversion([loss, *found.values[-rest:]], [size, *found.sizes[-rest:]])


_Form = tuple[acb, arb]
"""A transform at a node, and the size of the terms from which it was added up."""


@dataclass(frozen=True, slots=True)
class _Tools:
    """What every node needs; `removed` says for which constants c (0, Tr D) analytic parts are removed.

    `constants` are the coefficients (-1)^k a_k of the task sum's polynomial, and Tr D.
    """

    model: PlrfModel
    core: ExactModel
    floor: arb
    bits: int
    removed: tuple[bool, ...]
    constants: tuple[list[arb], arb]


def _by_size(pair: tuple[arb, arb]) -> float:
    return float(abs(pair[0]).mid().log().mid()) if pair[0] != 0 else -inf


def _talbot(transforms: Callable[[acb], list[_Form]], time: arb, wanted: int) -> _Inversion:
    """The contour of `contours.talbot`, with as many nodes as the digits need."""
    count = 2 * ceil((wanted + 2) / (2 * log(3.89) / log(10)) * 1.35) + 4
    stretch, turn, shift, tilt = (exact(Fraction(x, 10000)) for x in (5017, 6407, 6122, 2645))
    rows: list[list[_Form]] = []
    for k in range(1, count, 2):
        angle = arb.pi() * k / count
        cot = (turn * angle).cot()
        s = count * acb(stretch * angle * cot - shift, tilt * angle)
        slope = count * acb(stretch * cot - stretch * turn * angle * (1 + cot**2), tilt)
        weight = s.exp() * slope * acb(0, -2) / count / time
        rows.append([(weight * x, abs(weight) * size) for x, size in transforms(midpoint(s / time))])
    return _add(rows)


def _circle(transforms: Callable[[acb], list[_Form]], step: int, wanted: int) -> _Inversion:
    """Coefficient number `step` of the generating functions, by the trapezoid rule on |zeta| = rho < 1."""
    height = arb(10).log() * (wanted + 2) / _CIRCLE  # -log rho
    rows: list[list[_Form]] = []
    for k in range(_CIRCLE // 2):
        angle = arb.pi() * (2 * k + 1) / _CIRCLE
        p = midpoint(acb(height, angle))
        weight = (p * step).exp() * 2 / _CIRCLE
        rows.append([(weight * x, abs(weight) * size) for x, size in transforms(p)])
    return _add(rows)


def _add(rows: list[list[_Form]]) -> _Inversion:
    """Sums over the nodes, of real parts and of sizes."""
    columns = list(zip(*rows, strict=True))
    values = [sum((x.real.mid() for x, _ in column), arb(0)) for column in columns]
    return _Inversion(values, [sum((size.mid() for _, size in column), arb(0)) for column in columns])


@dataclass(frozen=True, slots=True)
class _Spectral:
    """S_F, A, eps A/(1 - eps), S_K, T at u; the polynomial in u that S_F contains; A less it, with the size of its terms;
    u N and w N."""

    forcing: acb
    points: acb
    rest: acb
    kernel: acb
    kernel_points: acb
    polynomial: acb
    singular_points: acb
    singular_size: arb
    uN: acb
    wN: acb


def _spectral(u: acb, tools: _Tools) -> _Spectral:
    """Everything at one node; see `plrf_transforms` for the formulas."""
    model, coefficients = tools.model, tools.constants[0]
    w, defect = refine_scale(u, tools.core, tools.floor, tools.bits)
    last = 2 * model.beta - len(coefficients) * model.a
    task, kernel, tail = enclose_power_sums(w, model.a, [2 * model.beta, model.a, last], model.v, tools.bits)
    n = defect * exact(model.d)
    polynomial, power, difference = acb(0), acb(1), acb(0)  # u^k, w^k - u^k
    terms = [(-w) ** len(coefficients) * tail]
    for c in coefficients:
        polynomial += c * power
        terms.append(c * difference)
        difference = w * difference + w * defect * power
        power = power * u
    rest = defect * task * w / u
    size = sum((abs(x) for x in terms), arb(0))
    return _Spectral(task + rest, task, rest, kernel + w * defect * n, kernel, polynomial, sum(terms, acb(0)), size, u * n, w * n)


def _constants(model: PlrfModel) -> tuple[list[arb], arb]:
    """(-1)^k a_k below the order at which the target's sum is no longer a polynomial, and Tr D, at this precision."""
    order = SpectralSums.of(model.alpha, model.beta).order
    return [(-1) ** k * sum_zeta(2 * model.beta - k * model.a, model) for k in range(order)], sum_zeta(model.a, model)


def sum_zeta(s: Fraction, model: PlrfModel) -> arb:
    """sum_{j <= v} j^{-s}; for infinite v and s <= 1 there is none, and 0 stands for it."""
    if model.v == inf:
        return exact(s).zeta() if s > 1 else arb(0)
    # Hurwitz's function is defined for s < 1 too, where only the difference is the sum; s = 1 is a digamma.
    last = exact(Fraction(model.v)) + 1
    return last.digamma() - arb(1).digamma() if s == 1 else exact(s).zeta(1) - exact(s).zeta(last)


def _continuous(tools: _Tools, p: acb) -> list[_Form]:
    model = tools.model
    rate = exact(2 * model.gamma * model.B)
    minus = _spectral(midpoint(p / rate), tools)
    return _forms(minus, None, acb(1 / rate), exact(model.gamma / 2) + acb(0), acb(1), tools)


def _discrete(tools: _Tools, p: acb) -> list[_Form]:
    gamma, batch = exact(tools.model.gamma), exact(tools.model.B)
    rise = p.expm1()
    root = (1 + (batch + 1) / batch * rise).sqrt()
    u_minus, u_plus = rise / (gamma * batch * (1 + root)), -(1 + root) / (gamma * (batch + 1))
    minus, plus = (_spectral(midpoint(u), tools) for u in (u_minus, u_plus))
    return _forms(minus, plus, p.exp() / (2 * gamma * batch * root), gamma / (2 * root), p.exp(), tools)


def _forms(minus: _Spectral, plus: _Spectral | None, front: acb, half: acb, shift: acb, tools: _Tools) -> list[_Form]:
    """The loss, as it stands and with its analytic part removed for each constant allowed; then the other rows."""

    def less(name: str) -> _Form:
        """The difference of a transform at the two roots, and the size of what cancels in it."""
        x, y = getattr(minus, name), acb(0) if plus is None else getattr(plus, name)
        return x - y, abs(x) + abs(y)

    (forcing, size), (kernel, _) = less("forcing"), less("kernel")
    ahead = 1 - half * kernel
    losses = [(front * forcing / ahead, abs(front / ahead) * size)]
    above = (acb(0), acb(0)) if plus is None else (plus.forcing, plus.kernel)
    smooth, smooth_size = front * (minus.polynomial - above[0]), abs(front) * (abs(minus.polynomial) + abs(above[0]))
    singular, singular_size = front * (minus.singular_points + minus.rest), minus.singular_size + abs(minus.rest)
    rows = ((arb(0), -half * minus.kernel), (tools.constants[1], half * minus.uN))
    for allowed, (constant, y) in zip(tools.removed, rows, strict=False):
        if allowed:
            q = 1 - half * (constant - above[1])
            size = abs(front) * singular_size + smooth_size * abs(y / q)
            losses.append(((singular - smooth * y / q) / ahead, size / abs(ahead)))
    if any(tools.removed):
        others = [(singular, abs(front) * singular_size),
                  (front * minus.singular_points, abs(front) * minus.singular_size),
                  (front * minus.rest, abs(front * minus.rest)),
                  *((-half * shift * x, abs(half * shift * x)) for x in (minus.uN, minus.wN))]
        return [*losses, *others]
    names = (("forcing", front), ("points", front), ("rest", front), ("kernel", half * shift), ("kernel_points", half * shift))
    return [*losses, *((factor * less(n)[0], abs(factor) * less(n)[1]) for n, factor in names)]
