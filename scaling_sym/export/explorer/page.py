"""The explorer: one page, complete, on which a point of a plane is chosen and everything known there is read off.

Algorithm. Every law of a bundle is a *rule*: a cell, as comparisons in the grammar of `algebra.grammar`, with exponents as
text in that grammar and as MathML. A corner and a wall are rules too, whose comparisons contain equalities; so exactly one
rule of a *group* holds at a point. The page (`page.js`) decides which with exact fractions (`exact.js`); nothing about a
region or an exponent is typed in there. Loss curves are computed in the page (`loss_curve.js`), in continuous time.

Vocabulary. *Group*: what the rules tell (the phase; or one quantity of a model with laws for each bottleneck).

Not covered: prefactors as numbers, loss curves of the mean-field model, discrete steps.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape
from importlib.resources import files
from typing import Any, Final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.ratios import Point, Ratio
from scaling_sym.algebra.sampling import sample_cell
from scaling_sym.claims.bundle import Bundle
from scaling_sym.export.grammar_text import symbolic
from scaling_sym.export.latex import latex, write_name
from scaling_sym.export.laws import DOMAIN, NAMES, read_laws
from scaling_sym.export.mathml import write_mathml
from scaling_sym.export.pictures import Text
from scaling_sym.export.planes import picture_phases, window_of
from scaling_sym.export.prose import show_region
from scaling_sym.export.rows import CornerRow, PhaseRow, Plane, TermsRow, WallRow

Rule = dict[str, Any]

PHASE: Final = "phase"
PARTS: Final = ("exact.js", "loss_curve.js", "page.js")
QUANTITIES: Final[Mapping[str, str]] = {  # group -> what it is called; every law of it has powers of sizes and times
    "time": "loss against time, N = P = ∞", "model": "loss against N, t = P = ∞", "data": "loss against P, t = N = ∞",
    "compute/loss": "compute-optimal loss, C = N t", "compute/size": "compute-optimal N", "compute/steps": "compute-optimal t",
    "correction/model": "first order in 1/N", "correction/data": "first order in 1/P", "gap": "test minus train loss",
    "sgd/time": "one-pass SGD, time", "sgd/size": "one-pass SGD, size",
}


def write_explorer(plane: Plane, laws: Bundle) -> str:
    """The page as HTML, for a plane of phases and a bundle of laws in (a, b); raises `BadInputError` for a malformed one."""
    data = json.dumps({"plrf": _describe_plane(plane), "dmft": _describe_laws(laws)}, ensure_ascii=False, sort_keys=True)
    parts = {"style": _read("style.css"), "data": data.replace("</", "<\\/"), "script": "".join(_read(name) for name in PARTS)}
    page = _read("page.html")
    for name, text in parts.items():
        page = page.replace(f"<!-- {name} -->", text)
    return page


def _read(name: str) -> str:
    return (files(__package__) / name).read_text("utf-8")


def _describe_plane(plane: Plane) -> dict[str, Any]:
    texts = [layer for layer in picture_phases(plane).panels[0].layers if isinstance(layer, Text)]
    rules = [*map(_describe_corner, plane.corners), *map(_describe_wall, plane.walls)]
    rules += [_describe_phase(row, plane.terms) for row in plane.phases]
    return {
        "names": _describe_names(plane.names), "window": [float(x) for x in window_of(plane)], "domain": plane.domain.texts(),
        "rules": rules, "titles": {PHASE: "phase"}, "start": ["0.8", "1.1"],
        "labels": [[t.text.split("\n")[0], t.x, t.y] for t in texts],
    }


def _describe_names(names: Sequence[str]) -> list[dict[str, str]]:
    return [{"name": name, "formula": write_mathml(write_name(name), annotate=False)} for name in names]


def _describe_phase(row: PhaseRow, terms: Sequence[TermsRow]) -> Rule:
    barren = row.loss is None
    values = [] if barren else [_value("η", row.loss, row.cell), _value("ξ", row.size, row.cell)]
    found = next((t for t in terms if t.cell.contains(row.witness)), None)
    notes = [] if barren or found is None else list(_describe_terms(found, row))
    name = "no power law" if barren else row.name
    tradeoff = " = ".join(map(write_name, row.tradeoff))
    if tradeoff:
        notes.insert(0, {"title": "trade-off", "formula": write_mathml(tradeoff, annotate=False)})
    return _rule(PHASE, row.cell.texts(), name, values, notes)


def _describe_terms(found: TermsRow, row: PhaseRow) -> Iterator[dict[str, str]]:
    for term in found.terms:
        oriented = replace(term, constant=term.constant.orient(row.witness))
        yield {"title": term.name, "formula": write_mathml(latex(oriented, row.witness), annotate=False)}
    if row.prefactor is not None:
        for title, constant in (("loss · f^η", row.prefactor.loss), ("d* / f^ξ", row.prefactor.size)):
            if constant is not None:
                yield {"title": title, "formula": _show_constant(constant, row.witness)}


def _show_constant(constant: Constant, point: Point) -> str:
    return write_mathml(latex(constant.orient(point), point), annotate=False)


def _describe_wall(row: WallRow) -> Rule:
    cell = [f"{row.polynomial} = 0", *(text for text in row.cell.texts() if not text.endswith("= 0"))]
    named = {"η": row.loss, "ξ": row.size, "log power of the loss": row.log_loss, "log power of the size": row.log_size}
    values = [_value(title, value, None) for title, value in named.items() if value is not None]
    return _rule(PHASE, cell, "wall " + " | ".join(row.phases), values, _note(row.note))


def _describe_corner(row: CornerRow) -> Rule:
    cell = [f"{Ratio.parameter(name) - value} = 0" for name, value in row.point.items()]
    named = {"η": row.loss, "ξ": row.size, "log power of the loss": row.log_loss, "log power of the size": row.log_size}
    values = [_value(title, Ratio.of(value), None) for title, value in named.items() if value is not None]
    return _rule(PHASE, cell, "corner " + " | ".join(row.phases), values, _note(row.note))


def _note(text: str | None) -> list[dict[str, str]]:
    return [] if text is None else [{"title": "note", "formula": escape(text)}]


def _value(title: str, value: Ratio | None, cell: Cell | None) -> dict[str, str]:
    assert value is not None
    return {"title": title, "text": symbolic(value, cell), "formula": write_mathml(latex(value, cell), annotate=False)}


def _rule(group: str, cell: list[str], name: str, values: list[dict[str, str]], notes: list[dict[str, str]]) -> Rule:
    region = write_mathml(show_region(cell).latex, annotate=False)
    return {"group": group, "cell": cell, "name": name, "values": values, "notes": notes, "region": region}


def _describe_laws(bundle: Bundle) -> dict[str, Any]:
    rules = []
    for row in read_laws(bundle):
        if row.quantity in QUANTITIES:
            values = [_value(f"power of {name}", power, row.cell) for name, power in row.power.items()]
            witness = sample_cell(row.cell, NAMES)[0]
            notes = [] if row.constant is None else [{"title": "constant", "formula": _show_constant(row.constant, witness)}]
            rules.append(_rule(row.quantity, row.cell.texts(), QUANTITIES[row.quantity], values, notes))
    return {
        "names": _describe_names(NAMES), "window": [1.0, 6.0, 1.0, 4.0], "domain": DOMAIN.texts(), "rules": rules,
        "titles": dict(QUANTITIES), "start": ["1.5", "1.4"], "labels": [],
    }
