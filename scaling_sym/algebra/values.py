"""Reading a VALUE, as a user writes it: an integer, a decimal, or a fraction such as 4/5, exactly."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from scaling_sym.algebra.grammar import shorten
from scaling_sym.errors import BadInputError

LONGEST_VALUE: Final = 4300
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,4})?|[-+]?[0-9]+/0*[1-9][0-9]*")


def parse_number(text: str) -> Fraction:
    """Read an integer, a decimal or a fraction exactly; raises `BadInputError` with one sentence."""
    clean = text.strip()
    if len(clean) > LONGEST_VALUE or not _NUMBER.fullmatch(clean):
        raise BadInputError(
            f"{shorten(text)} is not a number here: an integer, a decimal or a fraction such as 4/5 is allowed"
        )
    return Fraction(clean)
