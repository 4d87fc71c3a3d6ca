"""A bundle from outside: hostile text becomes the objects of `steps`, or is refused with one sentence.

Bounded are the size of the text, its nesting, and the whole numbers in it; refused are keys that stand twice, what is no number,
text where there is none, and two steps of one id. The checker replays the objects and does not load this module: no proof is
sound because of what is refused here, but a reader who is handed a bundle gets an answer in bounded time and memory.
Bodies stay JSON; `codec` reads them. Not covered: files (`files`), writing, ids and digests (`writing`).
"""

from __future__ import annotations

import json
from typing import Any, Final

from scaling_sym.claims.steps import Bundle, Claim, Json, Source, Step, is_printed
from scaling_sym.errors import BadInputError

__all__ = ["Bundle", "Claim", "Source", "is_printed", "read_bundle", "read_claim", "read_json", "read_step"]

SCHEMA: Final = "scaling-sym/bundle/1"
LARGEST_FILE: Final = 32 * 2**20
DEEPEST: Final = 60


def read_bundle(text: str | bytes, what: str = "the bundle") -> Bundle:
    """Read a bundle from outside; raises `BadInputError` with one sentence for anything that is no bundle."""
    body = read_json(text, what)
    try:
        if body["schema"] != SCHEMA:
            raise BadInputError(f"{what} has schema {str(body['schema'])[:40]!r}; this version reads {SCHEMA!r}")
        steps = tuple(map(read_step, body["steps"]))
        if len({s.id for s in steps}) != len(steps):
            raise BadInputError(f"{what} has two steps with one id")
        assumptions = {str(k): str(v) for k, v in body["assumptions"].items()}
        return Bundle(_read_text(body["paper"]), assumptions, steps, tuple(map(read_claim, body["claims"])))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise BadInputError(f"{what} is not a bundle: {type(error).__name__} {str(error)[:60]}") from None


def read_step(s: Json) -> Step:
    """A step from its JSON; raises `KeyError` or `TypeError` for anything else."""
    return Step(_read_text(s["id"]), _read_text(s["rule"]), s["cell"], tuple(map(_read_text, s["premises"])), s["given"],
                s["conclusion"], s["certificate"])


def read_claim(c: Json) -> Claim:
    """A claim from its JSON; raises `KeyError` or `TypeError` for anything else."""
    source = Source(*(_read_text(c["source"][k]) for k in ("paper", "place", "tag", "proved", "note")))
    return Claim(_read_text(c["label"]), _read_text(c["kind"]), c["statement"], c["region"],
                 tuple(map(_read_text, c["assumptions"])), source,
                 tuple(map(_read_text, c["steps"])), _read_text(c["verdict"]), _read_text(c.get("finding", "")))


def _read_text(value: Json) -> str:
    """Text, and nothing else; raises `TypeError`."""
    if not isinstance(value, str):
        raise TypeError("text is wanted")
    return value


def read_json(text: str | bytes, what: str) -> Any:
    """Parse JSON from outside; raises `BadInputError` with one sentence for anything malformed, huge or deep."""
    if len(text) > LARGEST_FILE:
        raise BadInputError(f"{what} is larger than {LARGEST_FILE // 2**20} MiB, which is the most that is read")
    try:
        value = json.loads(text, parse_int=_read_count, parse_constant=_refuse_constant, object_pairs_hook=_refuse_twice)
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{what} is not valid JSON: {str(error)[:100]}") from None
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise BadInputError(f"{what} is nested deeper than {DEEPEST} levels, which is the most that is read")
        level = [x for v in level if isinstance(v, dict | list) for x in (v.values() if isinstance(v, dict) else v)]
    return value


def _read_count(text: str) -> int:
    """Whole numbers are orders, places and multiplicities; a power of a sum to a large one would not fit into memory."""
    if len(text.lstrip("-")) > 2:
        raise ValueError("a whole number has more than two digits")
    return int(text)


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("an object has a key twice")
    return dict(pairs)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")
