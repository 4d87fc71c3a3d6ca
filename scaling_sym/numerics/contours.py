r"""Contours for inverse transforms of functions whose singularities lie on the negative real axis.

* `talbot`: nodes and weights of the modified Talbot contour (cotangent form, Weideman, SIAM J. Numer. Anal. 44 (2006),
  parameters of Trefethen, Weideman, Schmelzer, BIT 46 (2006)),

      f(t) = (1 / 2 pi i) int e^{pt} F(p) dp  =  Re sum_k weight_k F(s_k / t) / t,

  with an error that falls like 3.89^{-N} for F analytic off the negative axis.  Half of the N nodes suffice, by
  symmetry.
* `spectral_ellipse`: nodes on an ellipse in log(z + z_0) around a spectrum in [0, top], atom at 0 included, for

      int g(x) mu(dx) = -(1 / 2 pi i) oint g(z) S(z) dz  =  sum_k Im( weight_k g(z_k) S(z_k) ),   S(z) = int mu(dx)/(x
      - z).

  With g = p^r for r up to R and z_0 ~ 1/(gamma B R) every power is one more factor p(z_k) at the same nodes, so the
  nodes
  are geometric modes and a recurrence over them steps through all r.  Their number grows with log R, not with the size.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import acosh, ceil, log, pi

import numpy as np

from scaling_sym.numerics.power_sums import ComplexArray

TALBOT_RATE = 3.89


@dataclass(frozen=True, slots=True)
class Contour:
    """Nodes in the upper half plane and their weights, shape (n,)."""

    points: ComplexArray
    weights: ComplexArray


def talbot(nodes: int) -> Contour:
    """The modified Talbot contour with `nodes` (even) nodes, of which the upper half is returned."""
    angle = pi * np.arange(1, nodes, 2) / nodes
    tangent = np.tan(0.6407 * angle)
    points = nodes * (0.5017 * angle / tangent - 0.6122 + 0.2645j * angle)
    slope = nodes * (0.5017 / tangent - 0.5017 * 0.6407 * angle * (1 + tangent**-2) + 0.2645j)
    return Contour(points, -2j / nodes * np.exp(points) * slope)


def spectral_ellipse(near: float, top: float, right: float, refine: int = 1, digits: float = 15.5) -> Contour:
    """An ellipse in log(z + near) around [0, top], crossing the real axis left of 0 and at or before `right` > top.

    The nodes resolve S to `digits`; how well they resolve the factor g is for the caller to find by raising `refine`,
    which multiplies their number.
    """
    half = log((top + near) / near) / 2
    middle = log(near) + half
    # Convergence needs height; the right end must stay before `right`; the height stays below a radian and a half.
    opening = min(acosh(1 + log((right + near) / (top + near)) / half), float(np.arcsinh(1.4 / half)))
    count = refine * (ceil(digits * log(10) / opening / 2) + 4)
    angle = pi * (np.arange(count) + 0.5) / count
    turned = opening + 1j * angle
    shifted = np.exp(middle + half * np.cosh(turned))
    weights = -(1 / count) * shifted * half * 1j * np.sinh(turned)
    return Contour(shifted - near, weights)
