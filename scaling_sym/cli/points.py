"""Reading `--at NAME=VALUE`: exact numbers by name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from fractions import Fraction
from math import inf

from scaling_sym.errors import BadInputError


def read_point(texts: Iterable[str]) -> dict[str, Fraction]:
    """Values by name, all finite; raises `BadInputError`."""
    return {n: x for n, x in read_values(texts).items() if isinstance(x, Fraction)}


def read_values(texts: Iterable[str], infinite: Collection[str] = ()) -> dict[str, Fraction | float]:
    """Values by name; the names in `infinite` may be `inf`. Raises `BadInputError`."""
    from scaling_sym.algebra.values import parse_number

    values: dict[str, Fraction | float] = {}
    for text in texts:
        name, mark, value = (part.strip() for part in text.partition("="))
        if not mark or not re.fullmatch(r"[A-Za-z_][A-Za-z_0-9]*", name):
            raise BadInputError(f"{text[:60]!r} gives no parameter a value: NAME=VALUE such as alpha=4/5 is allowed")
        if name in values:
            raise BadInputError(f"the parameter {name} is given twice; once is allowed")
        if value == "inf" and name in infinite:
            values[name] = inf
            continue
        try:
            values[name] = parse_number(value)
        except BadInputError as error:
            raise BadInputError(f"{name}: {error}") from None
    return values
