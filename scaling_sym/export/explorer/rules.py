"""What the explorer knows of a model as plain data: rules, the names of walls, places to go to, and the drawing.

A rule has a `group`, a `cell` (comparisons), a `name`, `values` (exponents: title, text in the grammar, MathML), `notes`
(formulas with a title), and its `region` as MathML. Walls and corners of a plane of phases are claims of their own; laws of a
model without phases about a wall (claims of kind `law-on-wall`, where a bundle has any) are rules of their own too.

Not covered: numbers (the page evaluates exponents itself).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from html import escape
from typing import Any, Final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constant_values import orient
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Point, Ratio
from scaling_sym.algebra.sampling import sample_cell
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_constant
from scaling_sym.export.explorer.scenery import draw_plane, find_places, list_walls, name_regions, name_wall
from scaling_sym.export.grammar_text import symbolic
from scaling_sym.export.latex import latex, write_name
from scaling_sym.export.laws import DOMAIN, NAMES, LawRow, read_laws
from scaling_sym.export.mathml import write_mathml
from scaling_sym.export.planes import Window, window_of
from scaling_sym.export.prose import show_region
from scaling_sym.export.rows import CornerRow, PhaseRow, Plane, TermsRow, WallRow

Rule = dict[str, Any]

PHASE: Final = "phase"
BARREN: Final = "no power law"
QUANTITIES: Final[Mapping[str, str]] = {  # group -> what it is called; every law of it has powers of sizes and times
    "time": "loss against t (N = P = ∞)", "model": "loss against N (t = P = ∞)", "data": "loss against P (t = N = ∞)",
    "compute/loss": "best loss, C = N t, P = ∞", "compute/size": "best N, C = N t, P = ∞",
    "compute/steps": "best t, C = N t, P = ∞",
    "compute-wide/loss": "best loss, C = P t, N = ∞", "compute-wide/data": "best P, C = P t, N = ∞",
    "compute-wide/steps": "best t, C = P t, N = ∞",
    "compute-late/loss": "best loss, C = N P, t = ∞", "compute-late/size": "best N, C = N P, t = ∞",
    "compute-late/data": "best P, C = N P, t = ∞", "compute-min/loss": "best loss, C = N min(P, t)",
    "correction/model": "first order in 1/N, early", "correction/data": "first order in 1/P, early",
    "gap": "test minus train loss, early", "bias": "squared bias against N (t = P = ∞)",
    "sgd/time": "one-pass SGD, against r", "sgd/size": "one-pass SGD, against d",
}
WINDOW: Final[Window] = (Fraction(1), Fraction(6), Fraction(1), Fraction(4))  # of a and b: shows every wall of the laws above


def describe_plane(plane: Plane) -> dict[str, Any]:
    """A plane of phases: its phases, walls and corners."""
    rules = [*map(_describe_corner, plane.corners), *map(_describe_wall, plane.walls)]
    rules += [_describe_phase(row, plane.terms) for row in plane.phases]
    window = window_of(plane)
    return {
        "names": _describe_names(plane.names), "window": [float(x) for x in window], "domain": plane.domain.texts(),
        "rules": rules, "titles": {PHASE: PHASE}, "start": ["4/5", "11/10"], "walls": [], "regions": [],
        "drawing": draw_plane(plane, window), "places": find_places(plane, window),
    }


def describe_laws(bundle: Bundle) -> dict[str, Any]:
    """A model with a law for each bottleneck; its regions are the pieces into which all its walls cut the plane."""
    rows = [row for row in read_laws(bundle) if row.quantity in QUANTITIES and row.power]
    on_walls = [c for c in bundle.claims if c.kind == "law-on-wall" and c.statement["quantity"] in QUANTITIES]
    cells, present = [row.cell for row in rows], {row.quantity for row in rows}
    regions, walls = name_regions(NAMES, DOMAIN, cells), list_walls(DOMAIN, cells)
    return {
        "names": _describe_names(NAMES), "window": list(map(float, WINDOW)), "domain": DOMAIN.texts(),
        "titles": {q: t for q, t in QUANTITIES.items() if q in present},
        "rules": [*map(_describe_law, rows), *map(_describe_law_on_wall, on_walls)],
        "start": ["3/2", "7/5"], "walls": [{"cell": [f"{p} = 0"], "name": name_wall(p)} for p in walls],
        "regions": [{"cell": row.cell.texts(), "name": row.name, "region": _region(row.cell.texts())} for row in regions.phases],
        "drawing": draw_plane(regions, WINDOW, walls), "places": find_places(regions, WINDOW, walls),
    }


def _describe_law(row: LawRow) -> Rule:
    values = [_value(f"power of {name}", power, row.cell) for name, power in row.power.items()]
    notes = []
    if row.constant is not None:
        notes.append(_note("constant", _write_constant(row.constant, sample_cell(row.cell, NAMES)[0])))
    return _rule(row.quantity, row.cell.texts(), QUANTITIES[row.quantity], values, notes)


def _describe_law_on_wall(claim: Claim) -> Rule:
    """A law that holds where parameters have the values in `wall`: its powers, and that of the logarithm."""
    said = claim.statement
    solved = {name: parse_ratio(text) for name, text in said["wall"].items()}
    walls = [f"{(Ratio.parameter(name) - value).numerator.primitive()} = 0" for name, value in solved.items()]
    values = [_value(f"power of {name}", parse_ratio(text), None) for name, text in said["power"].items()]
    if said["log"] is not None:
        values.append(_value("log power", parse_ratio(said["log"]), None))
    notes = []
    if said["constant"] is not None:
        free = sample_cell(Cell.parse(claim.region), [name for name in NAMES if name not in solved])[0]
        witness = free | {name: value.at(free) for name, value in solved.items()}
        notes.append(_note("constant", _write_constant(decode_constant(said["constant"]), witness)))
    return _rule(said["quantity"], [*walls, *claim.region], QUANTITIES[said["quantity"]], values, notes)


def _describe_names(names: Sequence[str]) -> list[dict[str, str]]:
    return [{"name": name, "formula": _formula(write_name(name))} for name in names]


def _describe_phase(row: PhaseRow, terms: Sequence[TermsRow]) -> Rule:
    if row.loss is None or row.size is None:
        return _rule(PHASE, row.cell.texts(), BARREN, [], [])
    values = [_value("η", row.loss, row.cell), _value("ξ", row.size, row.cell)]
    notes = [_note("trade-off", " = ".join(map(write_name, row.tradeoff)))] if row.tradeoff else []
    found = next((t for t in terms if t.cell.contains(row.witness)), None)
    for term in found.terms if found else ():
        oriented = replace(term, constant=orient(term.constant, row.witness))
        notes.append(_note(_formula(write_name(term.name)), latex(oriented, row.witness)))
    if row.prefactor is not None:
        for title, constant in ((r"\mathcal{P}_{\star}f^{\eta}", row.prefactor.loss), (r"d_{\star}f^{-\xi}", row.prefactor.size)):
            notes += [] if constant is None else [_note(_formula(title), _write_constant(constant, row.witness))]
    return _rule(PHASE, row.cell.texts(), row.name, values, notes)


def _write_constant(constant: Constant, point: Point) -> str:
    return latex(orient(constant, point), point)


def _describe_wall(row: WallRow) -> Rule:
    cell = [f"{row.polynomial} = 0", *(text for text in row.cell.texts() if not text.endswith("= 0"))]
    named = {"η": row.loss, "ξ": row.size, "log power of the loss": row.log_loss, "log power of the size": row.log_size}
    return _describe_edge("wall ", row, cell, {title: value for title, value in named.items() if value is not None})


def _describe_corner(row: CornerRow) -> Rule:
    cell = [f"{Ratio.parameter(name) - value} = 0" for name, value in row.point.items()]
    named = {"η": row.loss, "ξ": row.size, "log power of the loss": row.log_loss, "log power of the size": row.log_size}
    return _describe_edge("corner ", row, cell, {t: Ratio.of(value) for t, value in named.items() if value is not None})


def _describe_edge(kind: str, row: WallRow | CornerRow, cell: list[str], named: Mapping[str, Ratio]) -> Rule:
    """A wall or corner, with its law in one formula where the powers of the logarithm are known."""
    notes = []
    for what, left, sign, power in (("loss", r"\mathcal{P}_{\star}", "-", "η"), ("size", r"d_{\star}", "", "ξ")):
        log = named.get(f"log power of the {what}")
        if power in named and log is not None:
            law = rf"{left}\asymp f^{{{sign}{_bracket(named[power])}}}{_write_log(log)}"
            notes.append(_note(f"law of the {what}", law))
    notes += [] if row.note is None else [{"title": "note", "formula": escape(row.note)}]
    values = [_value(title, value, None) for title, value in named.items()]
    return _rule(PHASE, cell, kind + " | ".join(row.phases), values, notes)


def _bracket(value: Ratio) -> str:
    text = latex(value)
    return text if value.is_constant or len(value.monomials()) == 1 else rf"\left({text}\right)"


def _write_log(power: Ratio) -> str:
    return "" if not power else rf"(\log f)^{{{latex(power)}}}"


def _value(title: str, value: Ratio, cell: Cell | None) -> dict[str, str]:
    return {"title": title, "text": symbolic(value, cell), "formula": _formula(latex(value, cell))}


def _note(title: str, text: str) -> dict[str, str]:
    return {"title": title, "formula": _formula(text)}


def _formula(text: str) -> str:
    return write_mathml(text, annotate=False)


def _region(cell: list[str]) -> str:
    return _formula(show_region(cell).latex)


def _rule(group: str, cell: list[str], name: str, values: list[dict[str, str]], notes: list[dict[str, str]]) -> Rule:
    return {"group": group, "cell": cell, "name": name, "values": values, "notes": notes, "region": _region(cell)}
