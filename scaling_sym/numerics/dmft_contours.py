r"""Contours for the inverse transforms of the mean-field equations: one list of nodes p and weights a time.

The responses and correlations are functions of p alone; what a *clock* adds is how p depends on the transform variable
and which filter of the spectrum it stands for:

    clock                     variable        p                            source of a constant field
    gradient flow             s (Laplace)     s                            1
    gradient flow, momentum   s (Laplace)     beta s^2 + s                 beta s + 1  (= p/s)
    gradient descent          z = e^s         (z-1)(z-beta)/(eta z)        (z-beta)/eta  (= p z/(z-1))

so one field's value at a time t is  f(t) = sum_i weight_i F(p_i) + complex conjugate,  F being what multiplies the
source, and a two-time correlation is the double sum of the same weights.  (Replacing e^{pt} by (1+eta p)^n turns
gradient flow into gradient descent; nothing else changes.)

The contour is a hyperbola s(u) = shift + mu (1 - sin(phi - iu)) / t, traversed by the midpoint rule.  Its parameters
balance three errors (Weideman and Trefethen, Math. Comp. 76 (2007) 1341; Lopez-Fernandez, Palencia, Schaedle, SIAM
J. Numer. Anal. 44 (2006) 1332), but with the growth e^{Re s t} <= e^growth bounded first, because a double sum pays
it twice. ``shift`` moves the crossing point left of 0 when nothing is singular there: exponentially small results
then keep their relative accuracy.  In discrete time a second hyperbola around z = -1 takes the modes whose sign
alternates, and a circle replaces both where the number of steps is small.  With momentum the modes that swing lie on
arcs |z| = sqrt(beta); until their powers are lost in rounding a flatter hyperbola, or a circle, goes around them.

Not covered: poles with positive real part (divergent dynamics); the callers refuse them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scaling_sym.errors import BadInputError

Complex = NDArray[np.complex128]
Array = NDArray[np.float64]

FEW_STEPS = 24
CIRCLE_GROWTH = 2.5
MANY_CIRCLE_NODES = 2000


@dataclass(frozen=True, slots=True)
class ContourShape:
    """Angle ``phi``, crossing height ``growth`` (in units of 1/t) and the size e^-decades of each neglected part.

    Singularities lie inside the hyperbola of angle ``inner`` > ``phi`` (pi/2: on the negative axis).
    """

    phi: float = 0.85
    growth: float = 1.5
    decades: float = 36.5
    inner: float = 0.5 * np.pi


@dataclass(frozen=True, slots=True)
class Path:
    """A path in the upper half of the p-plane that starts next to the real point ``anchor``.

    ``p`` and ``weight`` have one entry a node; following ``p`` from ``anchor`` never crosses the spectrum.
    """

    anchor: float
    p: Complex
    weight: Complex


@dataclass(frozen=True, slots=True)
class Clock:
    """How time runs: ``flow`` (continuous) or ``steps`` of size ``learning_rate``; ``momentum`` is beta of either."""

    kind: str = "flow"
    learning_rate: float = 1.0
    momentum: float = 0.0

    @property
    def discrete(self) -> bool:
        """Whether times are whole numbers of steps."""
        return self.kind == "steps"

    def largest_stable(self) -> float:
        """Return the largest eigenvalue at which the dynamics converge."""
        return 2.0 * (1.0 + self.momentum) / self.learning_rate if self.discrete else np.inf

    def alternation(self, largest: float) -> float:
        """Return r if modes up to the eigenvalue ``largest`` may alternate in sign and decay like (-r)^n, else 0."""
        half = 0.5 * (self.learning_rate * largest - 1.0 - self.momentum)
        return float(half + np.sqrt(half * half - self.momentum)) if half >= np.sqrt(self.momentum) else 0.0


def hyperbola(shape: ContourShape) -> tuple[Complex, Complex]:
    """Return upper-half nodes s (for t = 1, shift 0) and weights ds/(2 pi i) of the midpoint rule."""
    mu = shape.growth / (1.0 - np.sin(shape.phi))
    omega = max(shape.decades / (shape.inner - shape.phi), (shape.decades + mu) / shape.phi)
    step = 2.0 * np.pi / omega
    reach = np.arccosh((1.0 + shape.decades / mu) / np.sin(shape.phi))
    u = (np.arange(int(np.ceil(reach / step))) + 0.5) * step
    s = mu * (1.0 - np.sin(shape.phi - 1j * u))
    return s, step * mu * np.cos(shape.phi - 1j * u) / (2.0 * np.pi)


def draw_paths(
    clock: Clock, time: float, largest: float, shift: float, shape: ContourShape, most: int = MANY_CIRCLE_NODES
) -> list[Path]:
    """Return the paths of one time > 0; ``largest`` bounds the spectrum, ``shift`` <= 0 is in units of p.

    Raises BadInputError where a circle would need more than ``most`` nodes.
    """
    if not clock.discrete:
        return [_flow_path(clock, time, largest, shift, shape)]
    if time < FEW_STEPS:
        return [_circle_path(clock, time, shape, most)]
    if clock.momentum ** (0.5 * time) > np.exp(-shape.decades):
        around = _surround_arcs(clock, time, largest, shape)
        if around is None:
            return [_circle_path(clock, time, shape, most)]
        return _step_paths(clock, time, largest, 0.0, around)
    return _step_paths(clock, time, largest, shift, shape)


def _flow_path(clock: Clock, time: float, largest: float, shift: float, shape: ContourShape) -> Path:
    beta = clock.momentum
    if beta > 0.0:
        shift = 0.0
        shape = _surround_oscillations(beta, largest, time, shape)
    s, ds = hyperbola(shape)
    crossing = shift + shape.growth / time
    weight = ds / time * np.exp(s)  # the factor e^{shift t} is kept apart by the caller
    s = shift + s / time
    return Path(crossing * (1.0 + beta * crossing), s * (1.0 + beta * s), weight * (1.0 + beta * s))


def _surround_oscillations(beta: float, largest: float, time: float, shape: ContourShape) -> ContourShape:
    """Return a shape that encloses s = -1/(2 beta) + i y, |y| <= sqrt(largest/beta), with room to spare."""
    depth = time / (2.0 * beta)
    if depth > shape.decades + 3.0:
        return shape
    found = _surround(1.1 * float(np.sqrt(largest / beta)) * time, depth, np.inf, shape)
    if found is None:
        raise BadInputError("the momentum is too large for so short a time; ask for a larger time or a smaller momentum")
    return found


def _surround_arcs(clock: Clock, time: float, largest: float, shape: ContourShape) -> ContourShape | None:
    """Return a shape that encloses the arcs |z| = sqrt(beta) of swinging modes, or None where a circle is better.

    In s = time log z the arcs are vertical. The contour must end before it meets itself at z < 0.
    """
    beta = clock.momentum
    cosine = (1.0 + beta - clock.learning_rate * largest) / (2.0 * np.sqrt(beta))
    if cosine <= -0.5:
        return None
    angle = float(np.arccos(min(cosine, 1.0)))
    return _surround(1.1 * angle * time + 1.0, -0.5 * time * float(np.log(beta)), 3.0 * time, shape)


def _surround(height: float, depth: float, most: float, shape: ContourShape) -> ContourShape | None:
    """Return a shape that encloses -depth + i y, |y| <= height, with room to spare, and stays within |Im s| < most."""
    for phi in shape.phi * 0.8 ** np.arange(40):
        mu = shape.growth / (1.0 - np.sin(phi))
        inner = min(2.0 * phi, 0.5 * (phi + 0.5 * np.pi))
        if _height(mu, inner, depth) > height:
            wide = _height(mu, phi, shape.decades) > most
            return None if wide else ContourShape(float(phi), shape.growth, shape.decades, float(inner))
    return None


def _height(mu: float, angle: float, depth: float) -> float:
    """Return the imaginary part of a hyperbola where its real part is -depth."""
    cosh = (1.0 + depth / mu) / np.sin(angle)
    return float(mu * np.cos(angle) * np.sqrt(cosh * cosh - 1.0))


def _step_paths(clock: Clock, time: float, largest: float, shift: float, shape: ContourShape) -> list[Path]:
    eta, beta = clock.learning_rate, clock.momentum
    s, ds = hyperbola(shape)
    drift = np.log1p(eta * shift) if beta == 0.0 else 0.0
    crossing = np.expm1(drift + shape.growth / time)
    w = np.expm1(drift + s / time)  # z - 1
    weight = ds / time * np.exp(s) * (1.0 + w - beta) / eta
    anchor = crossing * (1.0 + crossing - beta) / (eta * (1.0 + crossing))
    p = w * (1.0 + w - beta) / (eta * (1.0 + w))
    paths = [Path(anchor, p, np.asarray(weight, dtype=np.complex128))]
    alternation = clock.alternation(largest)
    if alternation > 0.0 and time * np.log(alternation) - time * drift > -shape.decades - 3.0:
        z = -np.exp(s / time)  # in the lower half plane; its conjugate is kept
        sign = 1.0 - 2.0 * (time % 2.0)
        alternating = ds / time * np.exp(s - time * drift) * sign * (z - beta) / eta
        real = -np.exp(shape.growth / time)
        anchor = (real - 1.0) * (real - beta) / (eta * real)
        paths.append(Path(anchor, np.conj((z - 1.0) * (z - beta) / (eta * z)), np.conj(alternating)))
    return paths


def _circle_path(clock: Clock, time: float, shape: ContourShape, most: int) -> Path:
    eta, beta = clock.learning_rate, clock.momentum
    growth = CIRCLE_GROWTH * shape.growth  # a circle converges slowly; a larger one costs digits but fewer nodes
    count = int(np.ceil(0.5 * (shape.decades / growth + 1.0) * time)) + 8
    if count > most:
        raise BadInputError(
            f"{time:g} steps with momentum {beta:g} need more contour nodes than are allowed; ask for fewer steps, or "
            "for so many that momentum**(steps/2) is below 1e-16"
        )
    radius = np.exp(growth / time)
    z = radius * np.exp(1j * np.pi * (np.arange(count) + 0.5) / count)
    weight = np.exp(time * np.log(z)) * (z - beta) / eta / (2 * count)
    anchor = (radius - 1.0) * (radius - beta) / (eta * radius)
    return Path(anchor, (z - 1.0) * (z - beta) / (eta * z), np.asarray(weight, dtype=np.complex128))


def invert_values(paths: list[Path], values: list[NDArray[Any]]) -> NDArray[np.float64]:
    """Return sum_i weight_i F_i + conjugate; each of ``values`` has the nodes of its path last."""
    return np.asarray(sum(2.0 * (value @ path.weight).real for path, value in zip(paths, values, strict=True)))
