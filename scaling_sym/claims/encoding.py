"""Writing the mathematical objects as JSON, in the forms that `codec` reads, and as canonical text.

Canonical: keys sorted, no spare blanks, one newline at the end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Atom, Constant
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term


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
