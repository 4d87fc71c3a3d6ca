r"""Two-time correlations of the mean-field model: the 2 x 2 linear system at each (p, p'), solved in closed form.

Notation: a prime marks the second variable; kappa, R_1, R_3 as in ``dmft_responses``; HH' = kappa kappa'/(pp') times
1/((kappa+lambda)(kappa'+lambda)).  With the four pair sums

    s1 = sum lambda   /((kappa+lambda)(kappa'+lambda)),    sw = sum lambda w^2   / (...),
    s2 = sum lambda^2 /((kappa+lambda)(kappa'+lambda)),    tw = sum lambda^2 w^2 / (...),

the equations of section 2 for X = C_1 and Y = C_2 read

    (1 - s2/P) X - (s1/N) Y = (sw + sigma^2/(kappa kappa')) / (R_3 R_3'),
    -(kappa kappa' s1/P) X + (1 - s2/N) Y = tw/(R_3 R_3'),

with determinant D = R_1 R_3' + s1 (kappa R_1/N + kappa' R_3'/P), a form without cancellation.  Switching off the
explicit 1/N (or 1/P) while keeping the responses gives the correlation of two networks that share the data (the
features) only; hence, with u = 1 - s2/N, f = 1 - s2/P, e = kappa kappa' s1^2/(NP) and g = sw + sigma^2/(kappa
kappa'), the test loss is

    bias         sw
    data         g (s2/P)/f                     (variance over the data, noise included)
    features     (s1/N) tw/u                    (variance over the random features)
    interaction  g e/(f D) + (s1 tw/N) (u s2/P + e)/(u D)

each times kappa kappa'/(pp') and inverted twice at equal times, plus sigma^2.  The train loss is the same with R_1
R_1' and g in place of sw in the bias.  The pair sums are computed as one matrix product over the nodes of a mode
rule: no partial fractions, hence nothing to guard where p'R_1R_3 = pR_1'R_3'.

Source: bordelon2024, section 2 of ``mathematics.md``; ensembles and bagging by the same replicas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scaling_sym.numerics.dmft_responses import Responses
from scaling_sym.numerics.mode_sums import ModeRule

PIECES = 3  # data, features, interaction
ROWS = 128  # nodes taken at once, to bound the memory
SMALL_PRODUCT = 60_000  # multiplications below which BLAS starts no threads, which would cost more than they bring


@dataclass(frozen=True, slots=True)
class PairSums:
    """The sums s1, s2, sw, tw over modes, each (first nodes) x (second nodes)."""

    s1: NDArray[Any]
    s2: NDArray[Any]
    sw: NDArray[Any]
    tw: NDArray[Any]


def sum_pairs(rule: ModeRule, kappa: NDArray[Any], other: NDArray[Any]) -> PairSums:
    """Return the four pair sums for two lists of kappa."""
    left = 1.0 / (kappa[:, None] + rule.nodes)
    right = (1.0 / (other[:, None] + rule.nodes)).T
    weights = (rule.capacity, rule.capacity * rule.nodes, rule.task, rule.task * rule.nodes)
    size = max(SMALL_PRODUCT // (kappa.size * other.size), 16)
    totals = np.zeros((4, kappa.size, other.size), dtype=complex)
    for start in range(0, rule.nodes.size, size):
        k = slice(start, start + size)
        for total, weight in zip(totals, weights, strict=True):
            total += (left[:, k] * weight[k]) @ right[k]
    return PairSums(*totals)


def split_variance(
    sums: PairSums, first: Responses, second: Responses, inverse_n: float, inverse_p: float, noise: float
) -> NDArray[Any]:
    """Return the kernels (data, features, interaction) of the test loss without their factor kappa kappa'/(pp').

    ``noise`` is sigma^2; the result has shape 3 x (first nodes) x (second nodes).
    """
    product = first.kappa[:, None] * second.kappa
    g = sums.sw + noise / product
    q = inverse_p * sums.s2
    f = first.data[:, None] + inverse_p * second.kappa * sums.s1
    u = first.model[:, None] + inverse_n * second.kappa * sums.s1
    e = (inverse_n * first.kappa[:, None] * sums.s1) * (inverse_p * second.kappa * sums.s1)
    determinant = first.data[:, None] * second.model + sums.s1 * (
        inverse_n * (first.kappa * first.data)[:, None] + inverse_p * second.kappa * second.model
    )
    teacher = (inverse_n * sums.s1) * sums.tw
    return np.stack([g * q / f, teacher / u, g * e / (f * determinant) + teacher * (u * q + e) / (u * determinant)])


def invert_pairs(
    rule: ModeRule,
    nodes: Responses,
    factors: Sequence[NDArray[Any]],
    inverse_n: float,
    inverse_p: float,
    noise: float,
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return, for each of ``factors``, the three variance pieces at equal times and the sizes of the summands.

    A factor holds the contour weights of the upper half times kappa/p for the test loss, times R_1 as well for the
    train loss. The second entry, sum |summands|, measures the cancellation.
    """
    value, size = np.zeros((len(factors), PIECES)), np.zeros((len(factors), PIECES))
    for start in range(0, nodes.p.size, ROWS):
        rows = slice(start, start + ROWS)
        first = select(nodes, rows)
        for mirrored in (False, True):
            second = conjugate(nodes) if mirrored else nodes
            kernel = split_variance(
                sum_pairs(rule, first.kappa, second.kappa), first, second, inverse_n, inverse_p, noise
            )
            scale = np.abs(kernel)
            for k, factor in enumerate(factors):
                right = np.conj(factor) if mirrored else factor
                value[k] += 2.0 * ((kernel @ right) @ factor[rows]).real
                size[k] += 2.0 * ((scale @ np.abs(right)) @ np.abs(factor[rows]))
    return list(zip(value, size, strict=True))


def select(nodes: Responses, rows: slice) -> Responses:
    """Return the responses at some of the nodes."""
    return Responses(nodes.p[rows], nodes.kappa[rows], nodes.trace[rows], nodes.data[rows], nodes.model[rows])


def conjugate(nodes: Responses) -> Responses:
    """Return the responses at the complex conjugate points."""
    return Responses(
        np.conj(nodes.p), np.conj(nodes.kappa), np.conj(nodes.trace), np.conj(nodes.data), np.conj(nodes.model)
    )
