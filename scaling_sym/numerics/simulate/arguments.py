"""What a caller of the simulations may give: each check returns the value read, or says in a sentence what is allowed.

Numbers may be of any real type (`Fraction` included); they are read into double precision, which is all that a
simulation can use.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import SupportsFloat, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from scaling_sym.errors import BadInputError

FloatArray = NDArray[np.float64]

#: The largest matrix, in entries, that a draw may hold: 2**27 doubles are one gigabyte.
LARGEST_MATRIX = 2**27


def read_real(name: str, value: SupportsFloat, *, above: float = -math.inf, least: float = -math.inf) -> float:
    """A finite real number with `value > above` and `value >= least`."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise BadInputError(f"{name} = {value!r} is not a real number of double precision.") from None
    if not math.isfinite(number) or number <= above or number < least:
        bound = f" above {above:g}" if above > -math.inf else f" of at least {least:g}" if least > -math.inf else ""
        raise BadInputError(f"{name} = {value} is not allowed; it must be a finite number{bound}.")
    return number


def read_count(name: str, value: SupportsIndex | float, *, least: int) -> int:
    """An integer of at least `least`; a float passes only when it is a whole number."""
    number: int | None = None
    if not isinstance(value, bool):
        if isinstance(value, float):
            number = int(value) if value.is_integer() else None
        else:
            try:
                number = value.__index__()
            except AttributeError:
                number = None
    if number is None or number < least:
        raise BadInputError(f"{name} = {value} is not allowed; it must be an integer of at least {least}.")
    return number


def read_size(name: str, value: SupportsIndex | float) -> int | None:
    """A size of at least 1, or None where it is infinite."""
    if isinstance(value, float) and value == math.inf:
        return None
    return read_count(name, value, least=1)


def read_choice(name: str, value: str, allowed: Sequence[str]) -> str:
    """One of the words allowed."""
    if value not in allowed:
        raise BadInputError(f"{name} = {value!r} is not allowed; it must be one of {', '.join(allowed)}.")
    return value


def read_steps(steps: Sequence[int] | Sequence[float], *, largest: int = 10**9) -> list[int]:
    """A non-empty list of step numbers `0 <= r <= largest`, in the caller's order."""
    if len(steps) == 0:
        raise BadInputError("No steps are asked for; give at least one step number, 0 included.")
    read = [read_count("step", step, least=0) for step in steps]
    if max(read) > largest:
        raise BadInputError(f"Step {max(read)} is too far to be simulated; the largest allowed is {largest}.")
    return read


def read_times(times: Sequence[SupportsFloat]) -> list[float]:
    """A non-empty list of finite times `t >= 0`, in the caller's order."""
    if len(times) == 0:
        raise BadInputError("No times are asked for; give at least one time, 0 included.")
    return [read_real("time", time, least=0.0) for time in times]


def check_matrix(rows: int, columns: int) -> None:
    """Refuse a matrix that would not fit a bounded memory."""
    if rows * columns > LARGEST_MATRIX:
        raise BadInputError(
            f"A drawn matrix of {rows} by {columns} is too large to be simulated; at most {LARGEST_MATRIX} entries are."
        )
