"""Reading and writing the mathematical objects as JSON: a closed list of forms, no code, bounded sizes.

    Ratio, Fraction   text in the grammar of `algebra.grammar`, such as "1/(2*alpha)"
    Monomial          {"resource": exponent, ...}
    Cell              ["POLY > 0", ...]
    Atom              [head, argument, ...]
    Constant          {"coefficient": "1/2", "factors": [[atom, exponent], ...]}
    Term              {"monomial", "constant", "logs": [[monomial, k], ...], "name"}   (the cell stands in the step)
    Weights           [[[multiplicities], weight], ...]

Anything else is refused with one sentence. Text is canonical: keys sorted, no spare blanks, one newline at the end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import HEADS, Atom, Constant
from scaling_sym.algebra.grammar import parse_number, parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.errors import BadInputError

LARGEST_FILE: Final = 32 * 2**20
DEEPEST: Final = 60

Weights = tuple[tuple[tuple[int, ...], Fraction], ...]


def encode(value: Any) -> Any:
    """The JSON form of a mathematical object, or of a list, tuple or mapping of such."""
    match value:
        case None | bool() | int() | str():
            return value
        case Ratio() | Fraction():
            return str(value)
        case Monomial():
            return {n: str(e) for n, e in value.powers}
        case Cell():
            return value.texts()
        case Atom():
            return [value.head, *map(encode, value.arguments)]
        case Constant():
            return {"coefficient": str(value.coefficient), "factors": [[encode(a), str(e)] for a, e in value.factors]}
        case Term():
            logs = [[encode(m), str(k)] for m, k in value.logs]
            body = {"monomial": encode(value.monomial), "constant": encode(value.constant), "logs": logs}
            return {**body, "name": value.name} if value.name else body
        case Mapping():
            return {str(k): encode(v) for k, v in value.items()}
        case list() | tuple():
            return [encode(v) for v in value]
    raise TypeError(f"{type(value).__name__} has no JSON form")


def decode_ratio(value: Any) -> Ratio:
    """Read a rational function; raises `BadInputError`."""
    return parse_ratio(value)


def decode_fraction(value: Any) -> Fraction:
    """Read an exact number; raises `BadInputError`."""
    if not isinstance(value, str):
        raise BadInputError("an exact number is text such as 4/5")
    return parse_number(value)


def decode_monomial(value: Any) -> Monomial:
    """Read a monomial; raises `BadInputError`."""
    if not isinstance(value, dict):
        raise BadInputError("a monomial is an object of resources and exponents")
    return Monomial.of({n: parse_ratio(e) for n, e in value.items()})


def decode_cell(value: Any) -> Cell:
    """Read a conjunction of comparisons; raises `BadInputError`."""
    if not isinstance(value, list):
        raise BadInputError("a cell is a list of comparisons")
    try:
        return Cell.parse(value)
    except ValueError as error:
        raise BadInputError(f"a cell is a list of comparisons of polynomials with 0: {error}") from None


def decode_constant(value: Any) -> Constant:
    """Read a constant; raises `BadInputError`."""
    if not isinstance(value, dict) or set(value) != {"coefficient", "factors"}:
        raise BadInputError("a constant has exactly the keys coefficient and factors")
    return _decode_constant_text(json.dumps(value))


@lru_cache(maxsize=16384)
def _decode_constant_text(text: str) -> Constant:
    """Constants recur in many steps: each is read once."""
    value = json.loads(text)
    total = Constant(decode_fraction(value["coefficient"]))
    for pair in value["factors"]:
        if not isinstance(pair, list) or len(pair) != 2:
            raise BadInputError("a factor is a pair of an atom and an exponent")
        total = total * Constant.of(_decode_atom(pair[0])) ** parse_ratio(pair[1])
    return total


def _decode_atom(value: Any) -> Atom:
    if not isinstance(value, list) or not value or value[0] not in HEADS:
        raise BadInputError(f"an atom starts with one of {', '.join(HEADS)}")
    head, *arguments = value
    counts = {"pi": 0, "euler": 0, "kappa": 2, "scaled": 3, "sum": len(arguments)}
    if len(arguments) != counts.get(head, 1):
        raise BadInputError(f"{head} takes {counts.get(head, 1)} arguments")
    if head == "sum":
        return Atom(head, tuple(decode_constant(a) for a in arguments))
    return Atom(head, tuple(parse_ratio(a) for a in arguments))


def decode_term(value: Any, cell: Cell | None = None) -> Term:
    """Read a term, valid on `cell`; raises `BadInputError`."""
    if not isinstance(value, dict) or not {"monomial", "constant", "logs"} <= set(value) <= {
        "monomial", "constant", "logs", "name",
    }:
        raise BadInputError("a term has the keys monomial, constant, logs and, where it has one, name")
    logs = []
    for pair in value["logs"]:
        if not isinstance(pair, list) or len(pair) != 2:
            raise BadInputError("a logarithm is a pair of a monomial and a power")
        logs.append((decode_monomial(pair[0]), parse_ratio(pair[1])))
    name = value.get("name", "")
    if not isinstance(name, str):
        raise BadInputError("the name of a term is text")
    return Term(decode_monomial(value["monomial"]), decode_constant(value["constant"]),
                tuple(sorted(logs, key=str)), cell or Cell(), name)


def decode_weights(value: Any) -> Weights:
    """Read the weights of a sign certificate; raises `BadInputError`."""
    try:
        pairs = [(tuple(powers), decode_fraction(weight)) for powers, weight in value]
    except (TypeError, ValueError):
        raise BadInputError("weights are pairs of multiplicities and a number") from None
    if any(not isinstance(e, int) or not 0 <= e <= 12 for powers, _ in pairs for e in powers):
        raise BadInputError("multiplicities are whole numbers up to 12")
    return tuple(pairs)


def write_json(value: Any) -> str:
    """Canonical JSON text; in a list of objects at the second level each object has a line of its own."""
    if not isinstance(value, dict):
        return _compact(value) + "\n"
    lines = []
    for key in sorted(value):
        body = value[key]
        if isinstance(body, list) and body and isinstance(body[0], dict):
            inner = ",\n".join(f"  {_compact(x)}" for x in body)
            lines.append(f" {json.dumps(key)}: [\n{inner}\n ]")
        else:
            lines.append(f" {json.dumps(key)}: {_compact(body)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _compact(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def read_json(text: str | bytes, what: str) -> Any:
    """Parse JSON from outside; raises `BadInputError` with one sentence for anything malformed, huge or deep."""
    if len(text) > LARGEST_FILE:
        raise BadInputError(f"{what} is larger than {LARGEST_FILE // 2**20} MiB, which is the most that is read")
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{what} is not valid JSON: {str(error)[:100]}") from None
    _check_depth(value, what)
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _check_depth(value: Any, what: str) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise BadInputError(f"{what} is nested deeper than {DEEPEST} levels, which is the most that is read")
        level = [x for v in level if isinstance(v, dict | list) for x in (v.values() if isinstance(v, dict) else v)]
