"""Reading the mathematical objects from JSON: a closed list of forms, no code, bounded sizes.

    Ratio, Fraction   text in the grammar of `algebra.grammar`, such as "1/(2*alpha)"
    Monomial          {"resource": exponent, ...}
    Cell              ["POLY > 0", ...]
    Atom              [head, argument, ...]
    Constant          {"coefficient": "1/2", "factors": [[atom, exponent], ...]}
    Term              {"monomial", "constant", "logs": [[monomial, k], ...], "name"}   (the cell stands in the step)
    Weights           [[[multiplicities], weight], ...]

Anything else is refused. Writing is in `encoding`, and reading a whole bundle from outside in `bundle`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import HEADS, Atom, Constant, whole
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, merge_logs
from scaling_sym.errors import BadInputError

LARGEST_EXPONENT: Final = 128

Weights = tuple[tuple[tuple[int, ...], Fraction], ...]


def _want(condition: bool, what: str) -> None:
    if not condition:
        raise BadInputError(what)


def decode_fraction(value: Any) -> Fraction:
    """Read an exact number."""
    return parse_ratio(value).constant()


def decode_monomial(value: Any) -> Monomial:
    """Read a monomial."""
    return Monomial.of({n: parse_ratio(e) for n, e in value.items()})


def decode_cell(value: Any) -> Cell:
    """Read a conjunction of comparisons."""
    _want(isinstance(value, list), "a cell is a list of comparisons")
    return Cell.parse(value)


def decode_constant(value: Any) -> Constant:
    """Read a constant."""
    _want(isinstance(value, dict) and set(value) == {"coefficient", "factors"},
          "a constant has exactly the keys coefficient and factors")
    return _decode_constant_text(json.dumps(value))


@lru_cache(maxsize=16384)
def _decode_constant_text(text: str) -> Constant:
    """Constants recur in many steps: each is read once."""
    value = json.loads(text)
    total = Constant(decode_fraction(value["coefficient"]))
    for atom, exponent in value["factors"]:
        base, power = _decode_atom(atom), _read_moderate(exponent)
        sure = base.head == "gamma" or whole(power) is not None
        odd = sure or all((whole(e) or 1) % 2 for _, e in Constant.of(base).canonical().factors)
        _want(odd, "a root of a square would lose its sign")
        total = total * Constant.of(base) ** power
    return total


def _decode_atom(value: Any) -> Atom:
    head, *arguments = value
    _want(head in HEADS and HEADS[head] in (None, len(arguments)), f"an atom is one of {', '.join(HEADS)}, with its arguments")
    read = {"sum": decode_constant, "polynomial": parse_ratio}.get(head, _read_moderate)
    return Atom(head, tuple(map(read, arguments)))


def _read_moderate(text: Any) -> Ratio:
    """An exponent, or an argument such as that of a gamma function: with large numbers it would be multiplied out for long."""
    value = parse_ratio(text)
    numbers = [c for part in (value.numerator, value.denominator) for c in part.monomials().values()]
    _want(all(max(abs(c.numerator), c.denominator) < LARGEST_EXPONENT for c in numbers),
          f"numbers below {LARGEST_EXPONENT} are allowed in exponents")
    return value


def decode_term(value: Any) -> Term:
    """Read a term."""
    _want(isinstance(value, dict) and set(value) | {"name"} == {"monomial", "constant", "logs", "name"},
          "a term has the keys monomial, constant, logs and, where it has one, name")
    logs = merge_logs((decode_monomial(m), parse_ratio(k)) for m, k in value["logs"])
    return Term(decode_monomial(value["monomial"]), decode_constant(value["constant"]), logs, name=value.get("name", ""))


def decode_weights(value: Any) -> Weights:
    """Read the weights of a sign certificate."""
    weights = tuple((tuple(powers), decode_fraction(weight)) for powers, weight in value)
    _want(all(isinstance(e, int) and 0 <= e <= 12 for powers, _ in weights for e in powers),
          "multiplicities are whole numbers up to 12")
    return weights


def put_values(body: Any, values: Mapping[str, Ratio]) -> Any:
    """The same with functions in place of parameters, in whatever text they stand but a name."""
    if isinstance(body, dict):
        return {n: x if n == "name" else put_values(x, values) for n, x in body.items()} if values else body
    return [put_values(x, values) for x in body] if isinstance(body, list) else str(parse_ratio(body).substitute(values))
