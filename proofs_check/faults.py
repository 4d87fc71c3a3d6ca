"""The faults that can be planted in a bundle: kinds, places, and the changed value.

A *fault* puts one new value in one *place* of one item of a bundle: a step, a claim, or the text of an assumption. Each
*kind* knows the places where it can be planted and how it changes what stands there: an exponent becomes another exponent,
a premise another step, a list of conditions loses one. The kind `leaf` changes any number or word anywhere, so that what no
other kind thinks of is met too.

Ids and digests are computed after the fault, so that no hash gives it away: planting here works on what is hashed.

Not covered: whether a fault changes the meaning (`meaning`), and whether it is caught (`mutate`).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeVar, final

from scaling_sym.claims.bundle import Bundle
from scaling_sym.claims.writing import claim_body, step_body

Json = Any
Path = tuple[str | int, ...]
Group = tuple[str, str]
_T = TypeVar("_T")
BODY: Final = ("cell", "given", "conclusion", "certificate")
SAID: Final = ("statement", "region")
WITNESSES: Final = frozenset({"witness", "witnesses", "segment", "point"})
EXPONENTS: Final = frozenset({"monomial", "power", "loss", "size", "sizes", "exponent", "log_loss", "log_size", "logs", "log"})
CONSTANTS: Final = frozenset({"constant", "coefficient", "factors", "kept"})
REGIONS: Final = frozenset({"cell", "region", "domain"})
NAMED: Final = ("exponent", "constant", "sign", "region bound", "multiplier", "residue", "swapped premise",
                "dropped side condition", "widened region", "verdict")
VERDICTS: Final = ("holds", "holds only", "refuted", "undecided")
_COMPARISON: Final = re.compile(r"[<>=]\s*0\s*$")
_FORMULA: Final = re.compile(r"[A-Za-z_0-9+\-*/() ]+")


@final
@dataclass(frozen=True, slots=True)
class Fault:
    """One planted fault: in the bundle of `paper`, item `index` of `section`, `value` instead of what stands at `path`."""

    kind: str
    paper: str
    section: str
    index: int
    path: Path
    value: Json

    def describe(self, bundle: Bundle) -> str:
        """What was changed, in one line."""
        item = body_of(bundle, self.section, self.index)
        name = item.get("label") or item.get("id") or item.get("name")
        what = item.get("rule") or item.get("kind") or "assumption"
        place = "/".join(map(str, self.path))
        old, new = (_shorten(v) for v in (look_up(item, self.path), self.value))
        return f"{self.paper} {name} ({what}) {place}: {old} became {new} [{self.kind}]"


def _shorten(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."


def body_of(bundle: Bundle, section: str, index: int) -> dict[str, Json]:
    """An item of a bundle as JSON; an assumption has its name and text."""
    if section == "steps":
        return step_body(bundle.steps[index])
    if section == "claims":
        return claim_body(bundle.claims[index])
    name, text = list(bundle.assumptions.items())[index]
    return {"name": name, "text": text}


def look_up(value: Json, path: Path) -> Json:
    """What stands at a place."""
    for key in path:
        value = value[key]
    return value


def plant(value: Json, path: Path, new: Json) -> Json:
    """A copy of the item with another value in one place; what is not on the way there is shared."""
    if not path:
        return new
    key, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {**value, str(key): plant(value[key], rest, new)}
    copy = list(value)
    copy[int(key)] = plant(value[key], rest, new)
    return copy


def leaves(value: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """All numbers, words and empty places in an item, with their paths."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list | tuple):
        for i, inner in enumerate(value):
            yield from leaves(inner, (*path, i))
    else:
        yield path, value


def lists(value: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """All lists in an item that are not empty, with their paths."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from lists(inner, (*path, key))
    elif isinstance(value, list):
        if value:
            yield path, value
        for i, inner in enumerate(value):
            yield from lists(inner, (*path, i))


def _content(item: Mapping[str, Json]) -> Iterator[tuple[Path, Json]]:
    """The leaves of what an item says and proves (not of its name, its premises, or where it comes from)."""
    for part in (*BODY, *SAID):
        if part in item:
            yield from leaves(item[part], (part,))


def _is_formula(value: Json) -> bool:
    return isinstance(value, str) and bool(_FORMULA.fullmatch(value)) and bool(re.search(r"\d|alpha|beta", value))


def change_number(value: Json, rng: random.Random) -> Json:
    """The value with one of its numbers increased, or one of its words lengthened; something for nothing."""
    if isinstance(value, bool) or value is None:
        return not value if isinstance(value, bool) else "1"
    if isinstance(value, int):
        return value + 1
    numbers = list(re.finditer(r"\d+", value))
    if not numbers:
        return value + "x"
    at = rng.choice(numbers)
    return value[: at.start()] + str(int(at[0]) + 1) + value[at.end() :]


def _shift(value: Json, rng: random.Random) -> Json:
    """Another formula: a number in it changed, or a fraction or a parameter added."""
    if value is None:
        return "1/2"
    if rng.random() < 0.5:
        return change_number(value, rng)
    return f"{value} + {rng.choice(['1', '1/2', '1/97', 'alpha', '1/1000000007'])}"


def _flip(value: Json, rng: random.Random) -> Json:
    """The opposite sign, or the opposite relation."""
    assert rng
    if isinstance(value, int):
        return -value
    if _COMPARISON.search(value):
        return value.translate(str.maketrans("<>", "><"))
    return f"-({value})"


def _move_bound(value: Json, rng: random.Random) -> Json:
    """A comparison whose polynomial is another one."""
    polynomial, relation = value[:-3].rstrip(), value[-3:]
    if rng.random() < 0.5 and re.search(r"\d", polynomial):
        return f"{change_number(polynomial, rng)} {relation}"
    return f"{polynomial} {rng.choice('+-')} {rng.choice(['1', '1/2', '1/100'])} {relation}"


def _drop(value: Json, rng: random.Random) -> Json:
    """A list or an object without one of its elements."""
    gone = rng.randrange(len(value))
    if isinstance(value, dict):
        return {k: v for i, (k, v) in enumerate(value.items()) if i != gone}
    return [v for i, v in enumerate(value) if i != gone]


def _widen(value: Json, rng: random.Random) -> Json:
    """A list of comparisons without one of them, or with the bound of one moved outwards."""
    at, amount = rng.randrange(len(value)), rng.choice(["1", "1/2", "1/100", "1/1000000007"])
    polynomial, relation = value[at][:-3].rstrip(), value[at][-3:]
    if "=" in relation or rng.random() < 0.5:
        return [v for i, v in enumerate(value) if i != at]
    return [*value[:at], f"{polynomial} {'-' if '<' in relation else '+'} {amount} {relation}", *value[at + 1:]]


def _other_word(words: Sequence[str]) -> Callable[[Json, random.Random], Json]:
    def change(value: Json, rng: random.Random) -> Json:
        """Another one of the words."""
        return rng.choice([w for w in words if w != value])

    return change


def _exponents(item: Mapping[str, Json]) -> list[Path]:
    return [p for p, v in _content(item) if EXPONENTS & set(p) and not CONSTANTS & set(p) and _is_formula(v)
            and not _COMPARISON.search(v)]


def _constants(item: Mapping[str, Json]) -> list[Path]:
    return [p for p, v in _content(item) if CONSTANTS & set(p) and _is_formula(v)]


def _residues(item: Mapping[str, Json]) -> list[Path]:
    sources = ("power-sum", "trace", "floor")
    return [p for p in _constants(item) if "conclusion" in p] if item.get("rule") in sources else []


def _signs(item: Mapping[str, Json]) -> list[Path]:
    signed = (p for p, v in _content(item) if (_is_formula(v) and v != "0") or (type(v) is int and v)
              or (isinstance(v, str) and re.search(r"[<>]\s*0\s*$", v)))
    return list(signed)


def _bounds(item: Mapping[str, Json]) -> list[Path]:
    return [p for p, v in _content(item) if isinstance(v, str) and _COMPARISON.search(v)]


def _multipliers(item: Mapping[str, Json]) -> list[Path]:
    return [p for p, v in _content(item) if p[0] == "certificate" and not WITNESSES & set(p)
            and (type(v) is int or _is_formula(v))]


def _conditions(item: Mapping[str, Json]) -> list[Path]:
    return [p for part in BODY[1:] if part in item for p, _ in lists(item[part], (part,))]


def _widened(item: Mapping[str, Json]) -> list[Path]:
    parts = [part for part in (*BODY, *SAID) if part in item]
    return [p for part in parts for p, v in lists(item[part], (part,)) if all(
        isinstance(c, str) and _COMPARISON.search(c) for c in v)]


def _witnesses(item: Mapping[str, Json]) -> list[Path]:
    return [p for p, v in _content(item) if WITNESSES & set(p) and isinstance(v, str)]


def _words(item: Mapping[str, Json]) -> list[Path]:
    return [p for p, v in _content(item) if isinstance(v, str) and not _is_formula(v) and not _COMPARISON.search(v)]


def _objects(value: Json, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, dict):
        if value:
            yield path
        for key, inner in value.items():
            yield from _objects(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from _objects(inner, (*path, i))


def _keys(item: Mapping[str, Json]) -> list[Path]:
    return [p for part in (*BODY[1:], "statement") if part in item for p in _objects(item[part], (part,))]


def _at(*keys: str) -> Callable[[Mapping[str, Json]], list[Path]]:
    """The place under some keys of an item that has something there."""
    def places(item: Mapping[str, Json]) -> list[Path]:
        """The path, where something stands there."""
        found: Json = item
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return [keys] if found or (found == "" and keys == ("source", "note")) else []

    return places


def _everything(item: Mapping[str, Json]) -> list[Path]:
    return [p for p, _ in leaves({k: v for k, v in item.items() if k != "id"})]


@final
@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault: where it can be planted in an item, and how it changes what stands there."""

    places: Callable[[Mapping[str, Json]], list[Path]]
    change: Callable[[Json, random.Random], Json]


def _swap(value: Json, rng: random.Random) -> Json:
    """Two premises exchanged; the one of a single premise is exchanged by `draw_fault`, which knows the other steps."""
    first, second = rng.sample(range(len(value)), 2)
    swapped = list(value)
    swapped[first], swapped[second] = value[second], value[first]
    return swapped


def _several(key: str) -> Callable[[Mapping[str, Json]], list[Path]]:
    return lambda item: [(key,)] if len(item.get(key, ())) > 1 else []


def _some(key: str) -> Callable[[Mapping[str, Json]], list[Path]]:
    return lambda item: [(key, i) for i in range(len(item.get(key, ())))]


KINDS: Final[Mapping[str, Kind]] = {
    "exponent": Kind(_exponents, _shift),
    "constant": Kind(_constants, _shift),
    "residue": Kind(_residues, _shift),
    "sign": Kind(_signs, _flip),
    "region bound": Kind(_bounds, _move_bound),
    "multiplier": Kind(_multipliers, change_number),
    "swapped premise": Kind(lambda item: _some("premises")(item) + _some("steps")(item), change_number),
    "reordered premises": Kind(lambda item: _several("premises")(item) + _several("steps")(item), _swap),
    "dropped premise": Kind(lambda item: [p for k in ("premises", "steps") for p in _at(k)(item)], _drop),
    "dropped side condition": Kind(_conditions, _drop),
    "dropped part": Kind(_keys, _drop),
    "widened region": Kind(_widened, _widen),
    "verdict": Kind(_at("verdict"), _other_word(VERDICTS)),
    "dropped assumption": Kind(_at("assumptions"), _drop),
    "assumption text": Kind(_at("text"), change_number),
    "assumption name": Kind(lambda item: _at("name")(item) + _some("assumptions")(item), change_number),
    "witness": Kind(_witnesses, change_number),
    "name": Kind(_words, change_number),
    "label": Kind(_at("label"), change_number),
    "kind of claim": Kind(_at("kind"), change_number),
    "rule": Kind(_at("rule"), change_number),
    "source": Kind(lambda item: [p for k in ("paper", "place", "tag", "proved", "note") for p in _at("source", k)(item)],
                   change_number),
    "leaf": Kind(_everything, change_number),
}


@final
@dataclass(frozen=True, slots=True)
class Site:
    """An item in which faults of some kind can be planted."""

    bundle: int
    section: str
    index: int


def list_sites(bundles: Sequence[Bundle]) -> dict[str, dict[Group, list[Site]]]:
    """For every kind, and every paper with a rule or a kind of claim, the items that have a place for it."""
    table: dict[str, dict[Group, list[Site]]] = {k: {} for k in KINDS}
    for b, bundle in enumerate(bundles):
        sizes = {"steps": len(bundle.steps), "claims": len(bundle.claims), "assumptions": len(bundle.assumptions)}
        for section, count in sizes.items():
            for i in range(count):
                item = body_of(bundle, section, i)
                group = (bundle.paper, str(item.get("rule") or item.get("kind") or section))
                for name, kind in KINDS.items():
                    if kind.places(item):
                        table[name].setdefault(group, []).append(Site(b, section, i))
    return {k: groups for k, groups in table.items() if groups}


def draw_faults(bundles: Sequence[Bundle], count: int, seed: int) -> list[Fault]:
    """Different faults: the kinds in turn, `NAMED` ones three times as often; in a kind the papers with their rules and kinds of
    claim in turn; there any item and place.

    In two thousand every named kind is planted in every bundle, rule and kind of claim that has a place for it.
    """
    rng, sites = random.Random(f"faults {seed}"), list_sites(bundles)
    turns = _in_turn([*sites, *2 * [k for k in NAMED if k in sites]], rng)
    decks = {kind: _in_turn(list(groups), rng) for kind, groups in sites.items()}
    found: dict[tuple[object, ...], Fault] = {}
    for kind in islice(turns, 20 * count):
        if len(found) >= count:
            break
        fault = _draw_in(kind, sites[kind][next(decks[kind])], bundles, rng)
        if fault is not None:
            found.setdefault((fault.paper, fault.section, fault.index, fault.path, repr(fault.value)), fault)
    return list(found.values())


def _in_turn(values: Sequence[_T], rng: random.Random) -> Iterator[_T]:
    """The values in random order, again and again, each time in another one."""
    while values:
        yield from rng.sample(values, len(values))


def _draw_in(kind: str, sites: Sequence[Site], bundles: Sequence[Bundle], rng: random.Random) -> Fault | None:
    """A fault of the kind in one of the items; a few are looked at, as in some places a change leaves the same text."""
    for _ in range(8):
        site = rng.choice(sites)
        fault = _draw(kind, bundles[site.bundle], site, rng)
        if fault is not None:
            return fault
    return None


def _draw(kind: str, bundle: Bundle, site: Site, rng: random.Random) -> Fault | None:
    """A fault of the kind in the item; nothing where the change leaves the very same text."""
    item = body_of(bundle, site.section, site.index)
    path = rng.choice(KINDS[kind].places(item))
    old = look_up(item, path)
    if kind == "swapped premise":
        value = _other_step(old, bundle, site, rng)
    elif kind == "kind of claim":
        value = rng.choice(sorted({c.kind for c in bundle.claims}))
    elif kind == "rule":
        value = rng.choice(sorted({s.rule for s in bundle.steps}))
    elif kind == "label" and rng.random() < 0.5:
        value = rng.choice([c.label for c in bundle.claims])
    else:
        value = KINDS[kind].change(old, rng)
    return None if value == old else Fault(kind, bundle.paper, site.section, site.index, path, value)


def _other_step(old: str, bundle: Bundle, site: Site, rng: random.Random) -> str:
    """Another step for a premise: mostly one by the same rule, else any that stands before (if there is one)."""
    known = bundle.steps[: site.index] if site.section == "steps" else bundle.steps
    rule = next((s.rule for s in known if s.id == old), "")
    others = [s for s in known if s.id != old] or [s for s in bundle.steps if s.id != old]
    alike = [s.id for s in others if s.rule == rule]
    return rng.choice(alike if alike and rng.random() < 0.7 else [s.id for s in others])
