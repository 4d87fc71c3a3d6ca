r"""Response functions of the mean-field model at complex p, in the one variable that makes them explicit.

With kappa = p/(R_1 R_3) and D(kappa) = sum_k lambda_k/(kappa + lambda_k) the self-consistent equations of section 2
of ``mathematics.md`` (bordelon2024),

    H_k = 1/(p + lambda_k R_1 R_3),   R_1 = 1 - (1/P) sum_k lambda_k R_1 R_3 H_k,   R_3 the same with 1/N,

become explicit:

    R_1 = 1 - D/P,   R_3 = 1 - D/N,   p = kappa (1 - D/P)(1 - D/N),   H_k = (kappa/p)/(kappa + lambda_k),

so only the scalar inverse function kappa(p) is left.  The physical branch is the one with kappa ~ p at infinity.  It is
followed by Newton's method from the real point next to a contour, where it is found by bisection, along the nodes of
the contour (predictor dkappa/dp, then corrections).  Where one response vanishes (p -> 0) it is taken from the
product, R_1 = p/(kappa R_3), which has no cancellation.

On the real axis dp/dkappa = 0 marks the edges of the spectrum: the largest eigenvalue below -lambda_1, and the gap
above zero between the two points D = max(N,P) and D = min(N,P) (or below kappa = 0 when the spectrum has full rank).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scaling_sym.errors import NoConvergenceError, PrecisionError
from scaling_sym.numerics.mode_sums import ModeRule, sum_resolvents

Complex = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Responses:
    """kappa, D(kappa), R_1 and R_3 at an array of p; all arrays have the shape of ``p``."""

    p: NDArray[Any]
    kappa: NDArray[Any]
    trace: NDArray[Any]
    data: NDArray[Any]
    model: NDArray[Any]


def evaluate_p(rule: ModeRule, inverse_n: float, inverse_p: float, kappa: NDArray[Any]) -> tuple[Any, Any]:
    """Return p(kappa) and dp/dkappa."""
    trace, slope = sum_resolvents(rule, np.asarray(kappa))
    one, three = (explicit_response(rule, x, kappa, trace) for x in (inverse_p, inverse_n))
    return kappa * one * three, one * three - kappa * slope * (inverse_p * three + inverse_n * one)


def explicit_response(rule: ModeRule, inverse: float, kappa: NDArray[Any], trace: NDArray[Any]) -> NDArray[Any]:
    """Return 1 - D/N; near kappa = 0 of a finite spectrum as 1 - M/N + (kappa/N) sum 1/(kappa + lambda)."""
    plain = 1.0 - inverse * trace
    near = np.abs(trace) > 0.75 * rule.count
    if not np.any(near):
        return plain
    missing = kappa * ((1.0 / (np.asarray(kappa)[..., None] + rule.nodes)) @ (rule.capacity / rule.nodes))
    return np.where(near, 1.0 - inverse * rule.count + inverse * missing, plain)


def complete(rule: ModeRule, inverse_n: float, inverse_p: float, p: NDArray[Any], kappa: NDArray[Any]) -> Responses:
    """Return the responses at known (p, kappa)."""
    trace, _ = sum_resolvents(rule, kappa)
    one, three = (explicit_response(rule, x, kappa, trace) for x in (inverse_p, inverse_n))
    ratio = p / kappa
    if inverse_n > inverse_p:
        three = np.where(np.abs(three) < 0.5, ratio / one, three)
    elif inverse_p > inverse_n:
        one = np.where(np.abs(one) < 0.5, ratio / three, one)
    else:
        root = np.sqrt(ratio)
        root = np.where(((root * np.conj(one)).real < 0.0) & (np.abs(one) > 1e-6), -root, root)
        one = three = np.where(np.abs(one) < 0.5, root, one)
    return Responses(p, kappa, trace, one, three)


def follow_path(rule: ModeRule, inverse_n: float, inverse_p: float, p: Complex, kappa: NDArray[Any]) -> Complex:
    """Return kappa at the nodes ``p`` (paths x nodes), starting each path at a real ``kappa``.

    Raises NoConvergenceError if Newton's method has not settled to ten digits (hence, being quadratic, to all) in 30
    steps.
    """
    result = np.empty(p.shape, dtype=complex)
    paired = inverse_n == inverse_p > 0.0  # then p is a square, and its root has no double point at p = 0
    evaluate = evaluate_root_p if paired else evaluate_p
    value = kappa.astype(complex)
    here, slope = evaluate(rule, inverse_n, inverse_p, value)
    for node in range(p.shape[1]):
        target = _nearest_root(p[:, node], here) if paired else p[:, node]
        value = value + (target - here) / slope
        for _ in range(30):
            got, slope = evaluate(rule, inverse_n, inverse_p, value)
            step = (target - got) / slope
            value = value + step
            if np.all(np.abs(step) <= 1e-10 * np.abs(value)):
                break
        else:
            worst = float(np.max(np.abs(step) / np.abs(value)))
            if np.isnan(worst):
                raise PrecisionError(
                    "the response functions leave the range of double precision; smaller times or sizes are allowed"
                )
            raise NoConvergenceError(f"the response functions did not converge: relative residual {worst:.1e}")
        result[:, node] = value
        here = target
    return result


def evaluate_root_p(rule: ModeRule, inverse_n: float, _: float, kappa: NDArray[Any]) -> tuple[Any, Any]:
    """Return sqrt(kappa) (1 - D/N), a square root of p when N = P, and its derivative."""
    trace, slope = sum_resolvents(rule, np.asarray(kappa))
    one, root = explicit_response(rule, inverse_n, kappa, trace), np.sqrt(kappa)
    return root * one, 0.5 * one / root - root * inverse_n * slope


def _nearest_root(p: Complex, previous: Complex) -> Complex:
    root = np.sqrt(p)
    return np.where((root * np.conj(previous)).real < 0.0, -root, root)


def find_root(
    function: Callable[[NDArray[Any]], NDArray[Any]], low: NDArray[Any], high: NDArray[Any], steps: int = 200
) -> NDArray[Any]:
    """Return points where ``function`` changes from negative (at low) to positive (at high), elementwise."""
    for _ in range(steps):
        middle = np.where(
            (low > 0.0) & (high > 4.0 * low), np.sqrt(np.abs(low)) * np.sqrt(np.abs(high)), 0.5 * (low + high)
        )
        below = function(middle) < 0.0
        low, high = np.where(below, middle, low), np.where(below, high, middle)
        if np.all(np.abs(high - low) <= 4e-16 * np.abs(high)):
            break
    return high


@dataclass(frozen=True, slots=True)
class Edges:
    """Where the spectrum of the dynamics lies: eigenvalues 0 (if ``zero_modes``) and ``smallest``..``largest``.

    ``gap_kappa`` is kappa at p = -smallest (real), ``zero_kappa`` at p = 0, ``top_kappa`` at p = -largest.
    """

    zero_modes: bool
    zero_kappa: float
    gap_kappa: float
    smallest: float
    top_kappa: float
    largest: float


def locate_edges(rule: ModeRule, inverse_n: float, inverse_p: float) -> Edges:
    """Return the edges of the spectrum of (A^T A/N)(Psi^T Psi/P)."""

    def trace(kappa: NDArray[Any]) -> NDArray[Any]:
        """dof at kappa."""
        return sum_resolvents(rule, kappa)[0]

    def slope(kappa: NDArray[Any]) -> NDArray[Any]:
        """The derivative of p in kappa."""
        return np.asarray(evaluate_p(rule, inverse_n, inverse_p, kappa)[1])

    def level(inverse: float) -> float:
        """Return the largest kappa at which D = 1/inverse (0 if never above the domain's end)."""
        if inverse == 0.0:
            return -rule.smallest
        floor = np.nextafter(-rule.smallest, np.inf) if np.isfinite(rule.count) else np.array(0.0)
        lowest = np.asarray(floor, dtype=float)
        if rule.count > 1.0 / inverse:
            lowest = np.asarray(1e-305)
        elif rule.count == 1.0 / inverse:
            return 0.0
        high = np.asarray(float(rule.capacity.sum()) * inverse * 1.01 + 1e-300)
        return float(find_root(lambda k: 1.0 / inverse - trace(k), lowest, high))

    tight, loose = max(inverse_n, inverse_p), min(inverse_n, inverse_p)
    zero_modes = rule.count * tight > 1.0
    upper = level(tight)
    zero_kappa = max(upper, 0.0)
    gap_kappa, smallest = zero_kappa, 0.0
    if tight == 0.0:
        gap_kappa, smallest = -rule.smallest, rule.smallest
    elif rule.count * tight != 1.0 and (tight != loose or not zero_modes):
        low = level(loose)
        # p < 0 between the two zeros of p(kappa); its minimum is the edge
        high = upper if zero_modes else 0.0
        low = low if zero_modes else upper
        if loose == 0.0 and zero_modes:
            low = -rule.smallest if np.isfinite(rule.count) else 0.0
        gap_kappa = float(find_root(slope, np.asarray(low), np.asarray(high)))
        smallest = -float(evaluate_p(rule, inverse_n, inverse_p, np.asarray(gap_kappa))[0])
    top = rule.largest
    if tight > 0.0:
        reach = (1.0 + np.sqrt(rule.capacity.sum() * tight / top)) ** 4 * top * 4.0
        near, far = np.asarray(1e-14 * top), np.asarray(reach)
        top_kappa = -top - float(find_root(lambda x: slope(-top - x), near, far))
        largest = -float(evaluate_p(rule, inverse_n, inverse_p, np.asarray(top_kappa))[0])
    else:
        top_kappa, largest = -top, top
    return Edges(zero_modes, zero_kappa, gap_kappa, max(smallest, 0.0), top_kappa, largest)


def anchor_kappa(
    rule: ModeRule, inverse_n: float, inverse_p: float, edges: Edges, p: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the real physical kappa at real p outside the spectrum: p > -smallest (p > 0 if the gap is not
    used) or p < -largest."""

    def above(kappa: NDArray[Any]) -> NDArray[Any]:
        """p at kappa, above the one wanted."""
        return np.asarray(evaluate_p(rule, inverse_n, inverse_p, kappa)[0]) - p

    tight = max(inverse_n, inverse_p)
    trace = float(rule.capacity.sum())
    if np.all(p < 0.0) and np.all(p < -edges.largest):
        return find_root(above, 2.0 * p - 4.0 * trace * tight - 4.0 * rule.largest, np.full_like(p, edges.top_kappa))
    # kappa R_1 R_3 >= kappa (1 - trace tight/kappa)^2, so this bound lies above the root
    high = 2.0 * np.abs(p) + 4.0 * trace * tight + 1e-300
    low = np.where(p > 0.0, max(edges.zero_kappa, 0.0), edges.gap_kappa)
    low = np.where((p > 0.0) & (p > low), p * (1.0 - 1e-15), low)
    return find_root(above, low, high)
