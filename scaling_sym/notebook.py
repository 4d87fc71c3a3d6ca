"""For notebooks: phases, exponents, expansions, claims and figures as tables and formulas.

    from scaling_sym import notebook as nb
    nb.phases()                                    a table
    nb.exponents("plrf", alpha="4/5", beta="1.1")  what holds at a point, exactly
    nb.claim("plrf/II/loss")                       a claim with its verdict and what it rests on
    nb.expansion("plrf/terms/1")                   the terms of the loss
    nb.figure("phases")                            a figure

Each gives a `Shown`, with an HTML form (formulas as MathML, no network), a LaTeX form, a text form, and the plain data. After
`%load_ext scaling_sym.notebook` the exact objects themselves (rational functions, cells, constants, terms, expansions, phase
diagrams of your own models) are shown as formulas.

Not covered: results of the numerics (curves, fronts, simulations), which show themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias, final

if TYPE_CHECKING:
    from proofs_check.judge import Judgement
    from scaling_sym.asymptotics.phases import PhaseDiagram
    from scaling_sym.claims.bundle import Bundle, Claim
    from scaling_sym.export.arrange import Displayable
    from scaling_sym.export.prose import Math
    from scaling_sym.export.tables import Entry, Table

Exact: TypeAlias = int | float | str | Fraction


@final
@dataclass(frozen=True, slots=True)
class Shown:
    """Something to look at: HTML, LaTeX and text say the same, and `data` is what programs read."""

    html: str
    latex: str
    text: str
    data: Any = field(default=None, compare=False)

    def _repr_html_(self) -> str:
        return self.html

    def _repr_latex_(self) -> str:
        return self.latex

    def __repr__(self) -> str:
        return self.text


def phases(model: str = "plrf") -> Shown:
    """The phases of a model, beside the rows that its paper prints; raises `BadInputError` for an unknown model."""
    return table("phases", model)


def table(name: str, model: str = "plrf") -> Shown:
    """A table of a model: phases, prefactors, walls or pieces; raises `BadInputError` for an unknown name."""
    from scaling_sym.export.tables import build_table

    bundle, judgements = _judge(_find_paper(model))
    return _show_table(build_table(name, bundle, model, {j.claim.label: j.verdict for j in judgements}))


def exponents(model: str = "plrf", **point: Exact) -> Shown:
    """What holds at a point: phase, trade-off, exact exponents; on a wall its logarithms.

    Numbers are read exactly: 4/5 as text, and 0.8 as four fifths. Raises `BadInputError`, or `OutsideDomainError` where
    there is no power law.
    """
    from scaling_sym.algebra.values import parse_number
    from scaling_sym.export.answers import answer_exponents
    from scaling_sym.export.rows import read_plane

    exact = {name: parse_number(str(value)) for name, value in point.items()}
    return _show_answer(answer_exponents(read_plane(_judge(_find_paper(model))[0], model), exact))


def claim(identifier: str) -> Shown:
    """A claim by its label or digits of its id, with verdict, status and assumptions; raises `BadInputError`."""
    from scaling_sym.export.ledger import list_ledger
    from scaling_sym.export.prose import write_tex, write_unicode
    from scaling_sym.export.statements import state
    from scaling_sym.export.tables import Entry

    found, bundle = _find_claim(identifier)
    judged = [j for j in _judge(bundle.paper)[1] if j.claim.label == found.label]
    data = list_ledger(bundle, judged)[0]
    region = ", ".join(found.region) or "everywhere in the domain"
    entries = {
        "statement": _entry_of(bundle, found), "where": Entry(region, None), "verdict": Entry(data["verdict"], None),
        "status": Entry(data["status"], None), "rests on": Entry(", ".join(data["assumptions"]) or "no assumption", None),
        "source": Entry(f"{data['provenance']['place']} ({data['provenance']['tag']})", None),
    }
    words = state(found, bundle)
    text = f"{found.label}: {write_unicode(words)} [{data['verdict']}]"
    return Shown(_rows_html(found.label, entries), write_tex(words), text, data)


def expansion(identifier: str) -> Shown:
    """The formula of a claim alone: the terms of a loss, a piece, a prefactor; raises `BadInputError`."""
    from scaling_sym.export.statements import formula

    found, bundle = _find_claim(identifier)
    return _show_math(formula(found, bundle))


def figure(name: str, model: str = "plrf", **point: Exact) -> Shown:
    """A figure as SVG, with its numbers as rows in `data`; raises `BadInputError` for an unknown name or parameter."""
    from scaling_sym.algebra.values import parse_number
    from scaling_sym.cli.figures import compute_figure
    from scaling_sym.export.drawing import render_picture
    from scaling_sym.export.hypertext import write_figure
    from scaling_sym.export.pictures import list_rows

    picture = compute_figure(name, {n: parse_number(str(x)) for n, x in point.items()}, model)
    svg = render_picture(picture, "svg").decode()
    return Shown(write_figure(svg, name, picture.title, picture.description), picture.description, picture.description,
                 list_rows(picture))


def show(value: Displayable | PhaseDiagram) -> Shown:
    """An exact object as a formula, or the phases of your own model as a table."""
    from scaling_sym.asymptotics.phases import PhaseDiagram
    from scaling_sym.export.prose import show as show_exact

    return _show_diagram(value) if isinstance(value, PhaseDiagram) else _show_math(show_exact(value))


@lru_cache(maxsize=4)
def _judge(paper: str) -> tuple[Bundle, tuple[Judgement, ...]]:
    """The committed bundle of a paper and the verdicts on its claims, read once: both are immutable."""
    from scaling_sym.cli.bundles import open_bundle
    from scaling_sym.cli.judging import judge_unchecked

    bundle = open_bundle(paper=paper)
    return bundle, judge_unchecked(bundle)


def _find_paper(model: str) -> str:
    from scaling_sym.cli.bundles import PLANES
    from scaling_sym.cli.usage import nearest
    from scaling_sym.errors import BadInputError

    if model not in PLANES:
        raise BadInputError(f"there is no model {model!r}{nearest(model, PLANES) or f'; {next(iter(PLANES))} is allowed'}")
    return PLANES[model]


def _find_claim(identifier: str) -> tuple[Claim, Bundle]:
    from scaling_sym.cli.bundles import PAPERS
    from scaling_sym.cli.claims import choose_claim

    return choose_claim(identifier, [_judge(paper)[0] for paper in PAPERS])


def _show_math(formula: Math) -> Shown:
    from scaling_sym.export.hypertext import shorten, write_formula

    return Shown(write_formula(shorten(formula), block=True), f"$\\displaystyle {formula.latex}$", formula.plain)


def _show_table(found: Table) -> Shown:
    from scaling_sym.export.hypertext import write_table as write_html
    from scaling_sym.export.tables import write_table

    rows = [{key: e.data for (key, _), e in zip(found.columns, row, strict=True)} for row in found.rows]
    return Shown(write_html(found), write_table(found, "tex"), write_table(found, "md"), rows)


def _entry_of(bundle: Bundle, found: Any) -> Entry:
    from scaling_sym.export.statements import formula
    from scaling_sym.export.tables import Entry

    return Entry(formula(found, bundle), None)


def _rows_html(caption: str, entries: Mapping[str, Entry]) -> str:
    """A table with one line an entry."""
    from html import escape

    from scaling_sym.export.hypertext import write_entry

    rows = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{write_entry(e)}</td></tr>' for name, e in entries.items())
    return f"<table><caption>{escape(caption)}</caption><tbody>{rows}</tbody></table>"


def _show_answer(answer: Mapping[str, Any]) -> Shown:
    from scaling_sym.algebra.grammar import parse_ratio
    from scaling_sym.export.prose import Math, show_region
    from scaling_sym.export.prose import show as show_exact
    from scaling_sym.export.tables import Entry, show_pieces

    if answer["phase"]:
        place = f"phase {answer['phase']}"
        shown_place: str | Math = place
    else:
        wall = show_region(answer["wall"].split(" and "))
        place, shown_place = f"the wall {wall.plain}", wall
    point = [show_region([f"{n} - ({x}) = 0"]) for n, x in answer["at"].items()]
    at = Math(r",\ ".join(m.latex for m in point), ", ".join(m.plain for m in point))
    entries = {"at": Entry(at, None), "phase" if answer["phase"] else "wall": Entry(shown_place, None),
               "trade-off": show_pieces(answer["tradeoff"])}
    lines = [place]
    for key, name, sign in (("loss_exponent", "loss", "-"), ("size_exponent", "size", "")):
        found = answer[key]
        if found:
            shown, exact = show_exact(parse_ratio(found["symbolic"])), show_exact(Fraction(found["exact"]))
            law = Math(rf"f^{{{sign}{found['exact']}}},\quad {shown.latex}={exact.latex}",
                       f"f^({sign}{found['exact']}), {shown.plain}")
            entries[name] = Entry(law, None)
            lines.append(f"{name} ~ {law.plain}")
    if answer["log_power"]:
        logs = [f"{k}: (log f)^({x})" for k, x in answer["log_power"].items() if x and k != "note"]
        entries["logarithms"] = Entry(", ".join(logs) or str(answer["log_power"]["note"]), None)
        lines.append(entries["logarithms"].text)
    latex = r",\quad ".join(e.shown.latex for e in entries.values() if isinstance(e.shown, Math))
    return Shown(_rows_html(f"{answer['model']}", entries), f"${latex}$", "; ".join(lines), dict(answer))


def _show_diagram(diagram: PhaseDiagram) -> Shown:
    """The phases of a model: region, the terms that limit, exponents of the loss and of each resource."""
    from scaling_sym.export.prose import show as show_exact
    from scaling_sym.export.tables import Entry, Table

    resources = list(diagram.phases[0].vertex.sizes) if diagram.phases else []
    columns = (("phase", "phase"), ("region", "region"), ("limits", "limited by"), ("loss", "loss falls with exponent"),
               *((r, f"{r} grows with exponent") for r in resources))
    rows = []
    for number, phase in enumerate(diagram.phases, 1):
        best = phase.vertex
        names = [t.name for t, weight in zip(best.tradeoff, best.multipliers, strict=True) if weight]
        cells = [best.loss, *best.sizes.values()]
        rows.append((Entry(str(number), number), Entry(show_exact(phase.cell), phase.cell.texts()),
                     Entry(" = ".join(names), names), *(Entry(show_exact(x, phase.cell), str(x)) for x in cells)))
    return _show_table(Table("phases", "The phases found", columns, tuple(rows)))


def load_ipython_extension(ipython: Any) -> None:
    """Show exact objects as formulas (`%load_ext scaling_sym.notebook`)."""
    for kind in _list_kinds():
        ipython.display_formatter.formatters["text/html"].for_type(kind, lambda value: show(value).html)
        ipython.display_formatter.formatters["text/latex"].for_type(kind, lambda value: show(value).latex)


def unload_ipython_extension(ipython: Any) -> None:
    """Show exact objects as they were before."""
    for kind in _list_kinds():
        for form in ("text/html", "text/latex"):
            ipython.display_formatter.formatters[form].pop(kind, None)


def _list_kinds() -> Sequence[type]:
    from scaling_sym.algebra.cells import Cell
    from scaling_sym.algebra.constants import Constant
    from scaling_sym.algebra.expansions import Expansion
    from scaling_sym.algebra.ratios import Ratio
    from scaling_sym.algebra.regions import Region
    from scaling_sym.algebra.terms import Monomial, Term
    from scaling_sym.asymptotics.phases import PhaseDiagram

    return (Ratio, Cell, Region, Constant, Monomial, Term, Expansion, PhaseDiagram)
