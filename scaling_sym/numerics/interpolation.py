r"""Exact losses of interpolation from D random points: nearest neighbour and piecewise linear (Delaunay), any dimension.

The setting of bahri2024's resolution-limited regime, without boundary: D independent uniform points on the torus of
unit volume in d dimensions, V = pi^(d/2)/Gamma(1+d/2) the volume of the unit ball.

*Nearest neighbour.*  P(distance > r) = (1 - V r^d)^D as long as r < 1/2, so for any power p > 0

    E distance^p = Gamma(1 + p/d) V^(-p/d) Gamma(D+1)/Gamma(D+1+p/d),

up to what comes from r > 1/2 (less than (d/4)^(p/2) (1 - V/2^d)^D; nothing in one dimension).  The direction is uniform, so
a target with gradient g has E|error|^p = |g|^p E|u_1|^p E distance^p: the loss |error|^p has exponent p/d.

*Piecewise linear.*  For a target with constant second derivatives H the error on a simplex is
-1/2 sum_{i<j} l_i l_j (v_i-v_j)^T H (v_i-v_j) in barycentric coordinates.  The simplices of the Delaunay triangulation
are the (d+1)-tuples whose circumscribed ball is empty; with the Blaschke-Petkantschin formula

    E error^2 = [A (tr H)^2 + B tr H^2] Gamma(d+1+4/d) V^(-4/d) Gamma(D+1)/Gamma(D+1+4/d),

again up to terms exponentially small in D, with rational A and B: the angular integral has the squared volume of a
random simplex inscribed in the sphere as its weight, which is a squared determinant, so that all vertices but the four
(or fewer) that the error couples can be averaged out, and the rest are moments of four unit vectors, by Wick's rule.
In one dimension the whole is f''^2/((D+1)(D+2)(D+3)(D+4)).

For targets that are merely smooth these are the leading terms, with |g|^2 and the bracket averaged over the torus.

Not covered: boundaries (on a cube the Delaunay triangulation has simplices of macroscopic length at the faces, whose
squared errors add up to order 1/D: see `simulate.interpolation`), points that are not uniform, noisy labels.

Source: E. Gilbert (1962) and R. Miles (1970) for Poisson-Delaunay cells; the constants are derived here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations, product
from math import comb, exp, factorial, lgamma, log, pi, sqrt

from scaling_sym.errors import BadInputError

LARGEST_DIMENSION = 60
SHIFTED = 500.0
"""Arguments over the power beyond which two terms of Stirling's series are exact in doubles."""


def ball_volume(d: int) -> float:
    """The volume of the unit ball in d dimensions."""
    return exp(0.5 * d * log(pi) - lgamma(1.0 + 0.5 * d))


def _check(points: float, d: int) -> None:
    if not points >= 1.0 or points == float("inf"):
        raise BadInputError(f"the number of points is {points}; it must be finite and at least 1")
    if not 1 <= d <= LARGEST_DIMENSION:
        raise BadInputError(f"the dimension is {d}; 1 to {LARGEST_DIMENSION} are allowed")


def falling_power(points: float, power: float) -> float:
    """Gamma(D+1)/Gamma(D+1+power), the exact stand-in for D^-power, to about 13 digits at any D."""
    factor, start = 1.0, points
    while start < SHIFTED * max(1.0, power):
        start += 1.0
        factor *= 1.0 + power / start
    # Stirling's series about the middle of the two arguments, where it has every second term only
    centre, half = start + 0.5 * (power + 1.0), 0.5 * power
    second = (half**3 - 0.25 * half) / (3.0 * centre**2)
    fourth = (half**5 - 5.0 / 6.0 * half**3 + 7.0 / 48.0 * half) / (10.0 * centre**4)
    return factor * exp(-power * log(centre) + second + fourth)


def nearest_distance(points: float, d: int, power: float) -> float:
    """E distance^power from a uniform place to the nearest of D uniform points on the unit torus, for power > 0.

    Exact in one dimension; else up to (d/4)^(power/2) (1 - V/2^d)^D.
    """
    _check(points, d)
    if not power > 0.0:
        raise BadInputError(f"the power is {power}; it must be positive")
    ratio = power / d
    return float(exp(lgamma(1.0 + ratio)) * ball_volume(d) ** -ratio * falling_power(points, ratio))


def nearest_loss(points: float, d: int, power: float, gradient: float = 1.0) -> float:
    """E|f(x) - f(nearest point)|^power for a target whose gradient has the constant norm ``gradient``."""
    direction = exp(lgamma(0.5 * d) + lgamma(0.5 * (power + 1.0)) - lgamma(0.5 * (d + power))) / sqrt(pi)
    return float(abs(gradient) ** power) * direction * nearest_distance(points, d, power)


@dataclass(frozen=True, slots=True)
class DelaunayConstant:
    """The loss of piecewise-linear interpolation: [of_trace (tr H)^2 + of_square tr H^2] times the law in D."""

    d: int
    of_trace: Fraction
    of_square: Fraction

    def scale(self) -> float:
        """Gamma(d+1+4/d) V^(-4/d)."""
        return float(exp(lgamma(self.d + 1.0 + 4.0 / self.d)) * ball_volume(self.d) ** (-4.0 / self.d))


def delaunay_constant(d: int) -> DelaunayConstant:
    """The exact constant in d dimensions."""
    if not 1 <= d <= LARGEST_DIMENSION:
        raise BadInputError(f"the dimension is {d}; 1 to {LARGEST_DIMENSION} are allowed")
    vertices = d + 1
    # pairs of edges of the simplex: the same, sharing a vertex, disjoint; with their Dirichlet weights 4, 2, 1
    cases = (
        (2, 4 * comb(vertices, 2), (0, 1), (0, 1)),
        (3, 2 * vertices * (vertices - 1) * (vertices - 2), (0, 1), (0, 2)),
        (4, comb(vertices, 2) * comb(max(vertices - 2, 0), 2), (0, 1), (2, 3)),
    )
    total = [Fraction(0), Fraction(0)]
    for k, count, first, second in cases:
        if count:
            weight = count * factorial(vertices - k)
            for i, part in enumerate(_angular_mean(d, k, first, second)):
                total[i] += weight * part
    norm = 4 * (d + 1) * factorial(d) * factorial(d + 4)
    return DelaunayConstant(d, total[0] / norm, total[1] / norm)


def linear_loss(points: float, d: int, trace: float, square: float) -> float:
    """E error^2 of piecewise-linear interpolation on the torus, second derivatives with tr H and tr H^2 as given."""
    _check(points, d)
    if points < d + 1:
        raise BadInputError(f"{points} points span no simplex in {d} dimensions; at least {d + 1} are needed")
    constant = delaunay_constant(d)
    bracket = float(constant.of_trace) * trace**2 + float(constant.of_square) * square
    return bracket * constant.scale() * falling_power(points, 4.0 / d)


Edge = tuple[int, int, bool]
"""u_i . u_j, or u_i . H u_j if the flag is set."""


def _angular_mean(d: int, k: int, first: tuple[int, int], second: tuple[int, int]) -> tuple[Fraction, Fraction]:
    """E[det(1 + d u_i.u_j)_{i,j<k} q_first q_second] over k independent unit vectors, as (tr H)^2 and tr H^2 parts."""
    total = [Fraction(0), Fraction(0)]
    for order in permutations(range(k)):
        sign = _sign(order)
        # each factor of the product over rows is 1 or d u_i.u_order(i); on the diagonal it is 1 + d
        moved = [i for i in range(k) if order[i] != i]
        fixed = Fraction(1 + d) ** (k - len(moved))
        for chosen in product((False, True), repeat=len(moved)):
            edges: list[Edge] = [(i, order[i], False) for i, c in zip(moved, chosen, strict=True) if c]
            weight = sign * fixed * Fraction(d) ** len(edges)
            for factor, pair in product(_difference(first), _difference(second)):
                value = _wick(d, k, [*edges, factor[1], pair[1]])
                for i in (0, 1):
                    total[i] += weight * factor[0] * pair[0] * value[i]
    return total[0], total[1]


def _sign(order: Sequence[int]) -> int:
    inversions = sum(order[i] > order[j] for i in range(len(order)) for j in range(i + 1, len(order)))
    return -1 if inversions % 2 else 1


def _difference(pair: tuple[int, int]) -> tuple[tuple[int, Edge], ...]:
    """(u_i - u_j).H(u_i - u_j) as a list of coefficients and edges."""
    i, j = pair
    return (1, (i, i, True)), (1, (j, j, True)), (-2, (i, j, True))


def _wick(d: int, k: int, edges: Sequence[Edge]) -> tuple[Fraction, Fraction]:
    """E of a product of scalar products of k unit vectors: Gaussian pairings over the moments of the radii."""
    ends: list[list[int]] = [[] for _ in range(k)]
    for number, (i, j, _) in enumerate(edges):
        ends[i].append(2 * number)
        ends[j].append(2 * number + 1)
    if any(len(x) % 2 for x in ends):
        return Fraction(0), Fraction(0)
    radii = 1
    for x in ends:
        for step in range(len(x) // 2):
            radii *= d + 2 * step
    total = [0, 0]
    for pairings in product(*(list(_pairings(x)) for x in ends)):
        partner = {a: b for pairing in pairings for pair in pairing for a, b in (pair, pair[::-1])}
        loops, together = _loops(edges, partner)
        total[1 if together else 0] += d**loops
    return Fraction(total[0], radii), Fraction(total[1], radii)


def _pairings(items: Sequence[int]) -> Iterator[list[tuple[int, int]]]:
    if not items:
        yield []
        return
    for i in range(1, len(items)):
        rest = [*items[1:i], *items[i + 1 :]]
        for pairing in _pairings(rest):
            yield [(items[0], items[i]), *pairing]


def _loops(edges: Sequence[Edge], partner: dict[int, int]) -> tuple[int, bool]:
    """How many closed loops hold no H, and whether both H lie on one loop (tr H^2) or on two ((tr H)^2)."""
    unseen, plain, together = set(range(len(edges))), 0, False
    while unseen:
        start = min(unseen)
        end, marks = 2 * start, 0
        while True:
            unseen.discard(end // 2)
            marks += edges[end // 2][2]
            end = partner[end ^ 1]  # cross the edge, then the pairing at its vertex
            if end == 2 * start:
                break
        plain += marks == 0
        together |= marks == 2
    return plain, together
