"""What the numerical verbs share: parameters by name, lists of steps, and numbers as JSON shows them.

Values are read exactly (`points`) and stay exact as far as the numerics allow; where doubles are all that is possible,
a value beyond their range is refused and not rounded to infinity.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Final, TypeAlias

from scaling_sym.cli.points import read_values
from scaling_sym.errors import BadInputError

Value: TypeAlias = Fraction | float
"""A Fraction, or `math.inf`."""

LONGEST_LIST: Final = 10_000
LARGEST: Final = 10**4000
"""Of numerators and denominators: what Python still writes out in decimals."""


def read_parameters(
    model: str, texts: Iterable[str], needed: Sequence[str], optional: Sequence[str], infinite: Collection[str] = ()
) -> dict[str, Value]:
    """The parameters of a model; raises `BadInputError` for one that is unknown, missing or beyond 1e4000."""
    from scaling_sym.cli.usage import nearest

    values = read_values(texts, infinite)
    for name, value in values.items():
        if name not in (*needed, *optional):
            raise BadInputError(f"{model} has no parameter {name!r}{nearest(name, [*needed, *optional])}")
        _check_range(name, value)
    for name in needed:
        if name not in values:
            raise BadInputError(f"the parameter {name} is missing: {model} needs {', '.join(needed)} here")
    return values


def read_list(option: str, text: str | None) -> list[Fraction]:
    """The numbers of a list with commas; raises `BadInputError`."""
    from scaling_sym.algebra.values import parse_number

    if text is None:
        raise BadInputError(f"{option} is missing: a list with commas such as {option} 1,100,10000 is needed")
    parts = text.split(",", LONGEST_LIST)
    if len(parts) > LONGEST_LIST:
        raise BadInputError(f"{option} has more than {LONGEST_LIST} entries; at most that many are allowed")
    try:
        values = [parse_number(part) for part in parts]
    except BadInputError as error:
        raise BadInputError(f"{option}: {error}, and commas between the entries") from None
    for value in values:
        _check_range(option, value)
    return values


def read_option(option: str, text: str | None) -> Fraction | None:
    """One exact number, or None where the option is absent; raises `BadInputError`."""
    if text is None:
        return None
    values = read_list(option, text)
    if len(values) > 1:
        raise BadInputError(f"{option} takes one number, not {len(values)}")
    return values[0]


def refuse_options(model: str, given: dict[str, object]) -> None:
    """Raise `BadInputError` for the first of the options that was given although the model has no use for it."""
    for option, value in given.items():
        if value is not None:
            raise BadInputError(f"{option} is not allowed with {model}, which has no use for it")


def as_double(name: str, value: Value) -> float:
    """The value in double precision; raises `BadInputError` beyond its range."""
    try:
        return float(value)
    except OverflowError:
        raise BadInputError(f"{name} is too large here: at most 1e308 is allowed") from None


def as_whole(name: str, value: Value) -> int:
    """A whole number; raises `BadInputError` for any other."""
    if not isinstance(value, Fraction) or value.denominator != 1:
        raise BadInputError(f"{name}={show_exact(value)} is not allowed here: {name} must be a whole number")
    return int(value)


def show_exact(value: Value) -> str:
    """Exact text: 4/5, or inf; what was rounded to decimals (1/1000000 and finer) is shown as a decimal."""
    if not isinstance(value, Fraction):
        return "inf"
    if value.denominator > 10**6 and 10**27 % value.denominator == 0 and abs(value.numerator) < 10**27:
        return format(Decimal(value.numerator) / Decimal(value.denominator), "f")
    return str(value)


def show_step(value: Fraction) -> int | float:
    """A step or time as a JSON number."""
    return int(value) if value.denominator == 1 else float(value)


def show_floats(values: Iterable[float]) -> list[float | None]:
    """Doubles as JSON numbers; what has no double is null."""
    return [float(x) + 0.0 if isfinite(x) else None for x in values]  # + 0.0 makes -0.0 a plain zero


@contextmanager
def refuse_overflow() -> Iterator[None]:
    """Say in a sentence that a number left the range of doubles where nothing else can be used."""
    try:
        yield
    except OverflowError:
        raise BadInputError("a number leaves the range of double precision at these parameters; "
                            "smaller sizes, steps or times are allowed") from None


def _check_range(name: str, value: Value) -> None:
    if isinstance(value, Fraction) and max(abs(value.numerator), value.denominator) > LARGEST:
        raise BadInputError(f"{name} is out of range: numerators and denominators up to 1e4000 are allowed")
