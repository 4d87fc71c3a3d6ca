r"""The resolvent of `resolvent` at any number of digits, and enclosed in a ball with a proof of existence and
uniqueness.

`refine_scale` solves u = w (1 - N(w)/d) by the secant method on ball sums, ignoring radii; `enclose_scale` proves the
result: with G(w) = w (1 - N/d) - u and a disc W around an approximate root, the interval Newton image
``w~ - G(w~)/G'(W)`` inside W proves one root in W (mean value form; the ball G'(W) is convex).  By the uniqueness
argument
of `resolvent`, a root with Im w > 0 for Im u > 0, or w > w_0 for u > 0, is the scale of the deterministic equivalent.

G'(W) is bounded through N'(w) = -sum j^a/(1 + w j^a)^2, whose modulus Cauchy's estimate bounds on a slightly wider
disc.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import acb, arb

from scaling_sym.errors import NoConvergenceError, PrecisionError
from scaling_sym.numerics.ball_sums import enclose_power_sums, exact, working_precision

_SECANT_STEPS = 60


@dataclass(frozen=True, slots=True)
class ExactModel:
    """What the resolvent depends on, exactly: a = 2 alpha, d, v (a whole number or `math.inf`)."""

    a: Fraction
    d: Fraction
    v: Fraction | float

    def defect(self, w: acb, bits: int) -> acb:
        """N(w)/d = 1 - m."""
        return enclose_power_sums(w, self.a, [Fraction(0)], self.v, bits)[0] / exact(self.d)


def midpoint(x: acb) -> acb:
    """The centre of a ball, as an exact number."""
    return acb(x.real.mid(), x.imag.mid())


def exact_floor(model: ExactModel, bits: int) -> arb:
    """w_0, N(w_0) = d, by the secant method in log w; zero where v = d.  Raises NoConvergenceError."""
    if model.v == model.d:
        return arb(0)
    with working_precision(bits):

        def height(x: arb) -> arb:
            """The logarithm of the defect at e^x."""
            return model.defect(acb(x.exp()), bits).real.mid().log()

        x0 = (-exact(model.a) * exact(model.d).log()).mid()
        x1 = (x0 + arb(1) / 4).mid()
        y0, y1 = height(x0), height(x1)
        for _ in range(_SECANT_STEPS):
            step = (y1 * (x1 - x0) / (y1 - y0)).mid()
            step = max(min(step, arb(3)), arb(-3))
            x0, y0, x1 = x1, y1, (x1 - step).mid()
            if abs(step) < arb(2) ** (16 - bits) * (1 + abs(x1)):
                return x1.exp().mid()
            y1 = height(x1)
    raise NoConvergenceError("The floor scale w_0 did not converge in many digits.")


def refine_scale(u: acb, model: ExactModel, floor: arb, bits: int) -> tuple[acb, acb]:
    """w(u) and N(w)/d to about `bits` bits for u off the negative axis.  Raises NoConvergenceError."""
    with working_precision(bits):
        centre = midpoint(u)
        flip = bool(centre.imag < 0)
        target = centre.conjugate() if flip else centre
        scale = floor if floor > 0 else exact(model.d) ** -exact(model.a)
        power = max(Fraction(0), 1 - 1 / model.a)
        w0 = midpoint(target + acb(scale) * ((target + scale) / scale) ** exact(power))
        w, defect = _secant(target, w0, model, bits, resolved=bool(floor > 0))
        return (w.conjugate(), defect.conjugate()) if flip else (w, defect)


def _secant(u: acb, w0: acb, model: ExactModel, bits: int, resolved: bool) -> tuple[acb, acb]:
    """`resolved`: w tends to a positive w_0 with u, so that a residual at the noise of w settles w, however small u."""
    tiny, noise = arb(2) ** (20 - bits), arb(2) ** (12 - bits)
    defect = midpoint(model.defect(w0, bits))
    g0 = midpoint(w0 * (1 - defect) - u)
    w1 = midpoint(u + w0 * defect)
    last = arb(0)
    for step_number in range(_SECANT_STEPS):
        defect = midpoint(model.defect(w1, bits))
        g1 = midpoint(w1 * (1 - defect) - u)
        if resolved and abs(g1) < noise * abs(w1):
            return w1, defect
        rise = midpoint(g1 - g0)
        change = midpoint(g1 * (w1 - w0) / rise) if rise != 0 else acb(0)
        size = abs(change) / abs(w1)
        if size < tiny or (step_number > 4 and size < arb(2) ** (-bits // 2) and last != 0 and size > last):
            return w1, defect
        w0, g0, w2 = w1, g1, midpoint(w1 - change)
        # Outside the half plane of the solution, or far away, the contracting map takes over.
        lost = (w2.imag < 0 and u.imag != 0) or abs(change) > 4 * abs(w1) or (u.imag == 0 and w2.real <= 0)
        w1, last = (midpoint(u + w0 * defect) if lost else w2), size
    raise NoConvergenceError(f"The resolvent did not converge at {bits} bits.")


def enclose_scale(u: acb, model: ExactModel, bits: int) -> acb:
    """A ball proved to contain w(u), for Im u > 0 or u > 0.  Raises PrecisionError if the proof fails at `bits`."""
    centre, _ = refine_scale(u, model, exact_floor(model, bits + 32), bits + 32)
    with working_precision(bits + 32):
        defect = model.defect(centre, bits + 32)
        residual = centre * (1 - defect) - u
        wide = _disc(centre, abs(centre).mid() * arb(2) ** -12)
        # |N''| <= 2 max|N| / R^2 on the wide disc: the variation of N' over the small one.
        half_width = abs(centre).mid() * arb(2) ** -12
        bound = abs(model.defect(wide, bits + 32)).abs_upper()
        step = (half_width / 1024).mid()
        difference = (model.defect(centre + step, bits + 32) - model.defect(centre - step, bits + 32)) / (2 * step)
        curvature = (2 * bound / (half_width - step) ** 2).abs_upper()
        slope = 1 - defect - centre * difference
        slack = (abs(centre) * curvature * step).abs_upper()
        derivative = slope + _disc(acb(0), slack)
        radius = (4 * abs(residual / slope)).abs_upper() + abs(centre).mid() * arb(2) ** -bits
        # Over the disc of this radius G' moves by at most (2 |N'| + |w| |N''|) radius.
        drift = (radius * (2 * abs(difference) + 2 * curvature * (abs(centre) + radius))).abs_upper()
        image = centre - residual / (derivative + _disc(acb(0), drift))
        if not (abs(image - centre).abs_upper() < radius and radius < step):
            raise PrecisionError(f"The resolvent could not be enclosed at {bits} bits; ask for more bits.")
        if not (image.imag > 0 or (u.imag == 0 and image.real > 0 and derivative.real > 0)):
            raise PrecisionError("The enclosed root could not be shown to lie in the upper half plane.")
        return image


def _disc(centre: acb, radius: arb) -> acb:
    wobble = arb(0, radius.abs_upper() if hasattr(radius, "abs_upper") else radius)
    return centre + acb(wobble, wobble)
