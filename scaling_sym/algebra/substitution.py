"""Sums of constants, and rational functions in place of their parameters, in the form that is displayed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scaling_sym.algebra.constants import ONE, Atom, Constant
from scaling_sym.algebra.ratios import Ratio


def add_constants(parts: Iterable[Constant]) -> Constant:
    """The sum of any number of constants; 0 for none. A single one stays as it is, several are multiplied out and collected."""
    first, *others = list(parts) or [Constant.of(0)]
    return sum(others, first)


def substitute_constant(constant: Constant, values: Mapping[str, Ratio]) -> Constant:
    """Replace parameters by rational functions throughout."""
    total = ONE * constant.coefficient
    for atom, exponent in constant.factors:
        total = total * _substitute_atom(atom, values) ** exponent.substitute(values)
    return total


def _substitute_atom(atom: Atom, values: Mapping[str, Ratio]) -> Constant:
    if atom.head == "sum":
        return add_constants(substitute_constant(Constant.of(part), values) for part in atom.arguments)
    arguments = tuple(a.substitute(values) for a in atom.arguments if isinstance(a, Ratio))
    return Constant.of(arguments[0] if atom.head == "polynomial" else Atom(atom.head, arguments))
