r"""Small steps of the PLRF model: forcing function and kernel as geometric modes over contour nodes, then the
recursion.

On a contour around the spectrum (`contours.spectral_ellipse`) F(r) = sum_k Im(f_k p(z_k)^r), and K(r) likewise: every
node is a geometric mode, advanced by one multiplication a step.  The Volterra sum is then taken as it stands.
The cost of the nodes grows with log of the largest step, that of the recursion with its square.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scaling_sym.errors import NoConvergenceError
from scaling_sym.numerics.contours import spectral_ellipse
from scaling_sym.numerics.plrf_transforms import Point, SpectralSums, evaluate_spectral
from scaling_sym.numerics.power_sums import RealArray


@dataclass(frozen=True, slots=True)
class SmallSteps:
    """All r = 0 ... R: rows loss, forcing, points, remainder (with the atom), kernel, kernel_points; and errors."""

    values: RealArray
    errors: RealArray


def small_steps(at: Point, sums: SpectralSums, top: float, last: int) -> SmallSteps:
    """The recursion up to the step `last`, for the first entry of `at`; `top` is the spectrum's upper end.

    The number of nodes is doubled until F and K no longer change; the last change is part of the error.  Raises
    NoConvergenceError if they still change at 32 times the first number.
    """
    modes, sizes = _modes(at, sums, top, last, 2)
    for refine in (4, 8, 16, 32):
        finer, sizes = _modes(at, sums, top, last, refine)
        change = np.abs(finer - modes)
        modes = finer
        if np.all(change < 1e-13 * sizes):
            return _recursion(modes, change + 3e-15 * sizes)
    raise NoConvergenceError("The contour sums for small steps did not settle; gamma may be too near its limit.")


def _modes(at: Point, sums: SpectralSums, top: float, last: int, refine: int) -> tuple[RealArray, RealArray]:
    """Rows forcing, points, remainder, kernel, kernel_points for r = 0 ... last, and the sums of their terms' sizes."""
    gamma, batch = float(at.gamma[0]), at.B
    # p(x) <= 1 up to x = 2/(gamma (B+1)), so that no power grows on the right end of the contour; where the spectrum
    # comes within two percent of that, a few powers of e in the last of the small steps are the lesser evil.
    right = max(min(2 / (gamma * (batch + 1)), 3 * top), 1.02 * top)
    near = min(1 / (2 * gamma * batch * max(last, 1)), top)
    contour = spectral_ellipse(near, top, right, refine)
    z = contour.points
    values = evaluate_spectral(-z, at.take(np.zeros(z.size, dtype=np.intp)), sums)
    squared = gamma**2 * batch
    rows = contour.weights * np.stack(
        [values.forcing, values.points, values.remainder, squared * values.kernel, squared * values.kernel_points]
    )
    p = 1 - 2 * gamma * batch * z + gamma**2 * batch * (batch + 1) * z**2
    powers = np.cumprod(np.vstack([np.ones_like(p), np.broadcast_to(p, (last, p.size))]), axis=0)
    modes = np.einsum("ik,rk->ir", rows, powers, optimize=False).imag
    return modes, np.einsum("ik,rk->ir", np.abs(rows), np.abs(powers), optimize=False)


def _recursion(modes: RealArray, errors: RealArray) -> SmallSteps:
    loss, loss_error = np.empty((2, modes.shape[1]))
    kernel, kernel_error = modes[3], errors[3]
    for r in range(loss.size):
        loss[r] = modes[0, r] + kernel[:r][::-1] @ loss[:r]
        # First order in the errors; the kernel's norm below 1 keeps the sum from growing.
        loss_error[r] = errors[0, r] + kernel[:r][::-1] @ loss_error[:r] + kernel_error[:r][::-1] @ loss[:r]
    return SmallSteps(np.vstack([loss, modes]), np.vstack([loss_error, errors]))
