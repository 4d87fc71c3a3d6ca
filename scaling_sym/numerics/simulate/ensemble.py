"""Random streams for the members of an ensemble, and the average over it.

A member's stream is `SeedSequence(seed, spawn_key=(label, member))`, with the label hashed to four words: it depends
on the seed, on the model and on the member's number, and on nothing else. So numbers do not change with the count of
workers or with the order of the work, two models of a sweep never share their noise, and an ensemble that is made
larger keeps the members that it had.

The standard error of a mean over `m` independent members is `sqrt(s^2 / m)`, `s^2` the sample variance with `m - 1`.
It needs a finite variance; `largest_share` near 1 is the sign of a mean carried by one member.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from scaling_sym.numerics.simulate.arguments import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """A mean over independent members with its standard error, one entry for each step or time asked for."""

    mean: FloatArray
    standard_error: FloatArray
    members: int


def member_streams(seed: int, label: str, member: int, count: int) -> list[np.random.Generator]:
    """`count` independent generators for one member of the ensemble that `label` names."""
    digest = hashlib.sha256(label.encode()).digest()
    words = tuple(int.from_bytes(digest[4 * i : 4 * i + 4], "big") for i in range(4))
    sequence = np.random.SeedSequence(seed, spawn_key=(*words, member))
    return [np.random.Generator(np.random.PCG64(child)) for child in sequence.spawn(count)]


def average_members(values: FloatArray) -> Estimate:
    """Mean and standard error over the first axis; `values` has shape (members, n), members at least 2."""
    members = values.shape[0]
    deviation = np.std(values, axis=0, ddof=1)
    return Estimate(np.mean(values, axis=0), deviation / np.sqrt(members), members)


def largest_share(values: FloatArray) -> FloatArray:
    """The share of the mean that its largest member contributes, for non-negative `values` (members, n)."""
    total = np.sum(values, axis=0)
    share: FloatArray = np.divide(np.max(values, axis=0), total, out=np.zeros_like(total), where=total > 0)
    return share
