"""Tables computed from a bundle, in four formats: LaTeX, Markdown, CSV (exact, in the grammar), JSON (exact).

    phases      each phase: region, trade-off, exponents, and the printed row with its verdict; prefactors in CSV and JSON
    prefactors  the prefactors of the phases, which are too long to stand beside the rest
    walls       each wall and corner: equation, neighbours, exponents on it, powers of log f
    pieces      each piece of the loss alone: region, leading term, and the printed piece with its verdict

Rows stand in the order of the names that the literature uses, which are matched to the phases, never typed. Every entry is
one exact object with three readings: for the typesetter, for the eye, and for a program.

Not covered: verdicts (they are handed in, by label), figures.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, TypeAlias, final

from scaling_sym.algebra.constant_values import orient
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Term
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_term
from scaling_sym.claims.encoding import encode
from scaling_sym.claims.writing import find_step
from scaling_sym.errors import BadInputError
from scaling_sym.export.answers import where_on
from scaling_sym.export.documents import escape, inline
from scaling_sym.export.formulas import Where
from scaling_sym.export.grammar_text import symbolic
from scaling_sym.export.latex import write_name
from scaling_sym.export.prose import Math, show, show_region
from scaling_sym.export.rows import PhaseRow, Plane, rank_name, read_plane, reading
from scaling_sym.export.statements import formula, where_of

FORMATS: Final = ("tex", "md", "csv", "json")
ETA: Final = Math(r"\eta", "η")
XI: Final = Math(r"\xi", "ξ")
Columns: TypeAlias = "tuple[tuple[str, Math | str | None], ...]"
Verdicts: TypeAlias = Mapping[str, str]


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: a formula or words for the eye, and plain data for programs."""

    shown: Math | str
    data: Any

    @property
    def text(self) -> str:
        """For the eye."""
        return self.shown if isinstance(self.shown, str) else self.shown.plain

    @property
    def tex(self) -> str:
        """For the typesetter."""
        return escape(self.shown) if isinstance(self.shown, str) else inline(self.shown.latex)

    @property
    def cell(self) -> str:
        """For a field of a CSV file."""
        if isinstance(self.data, str):
            return self.data
        return "" if self.data is None else json.dumps(self.data, ensure_ascii=False, sort_keys=True)


@final
@dataclass(frozen=True, slots=True)
class Table:
    """A title, columns as pairs (key, heading), and rows of entries; columns without a heading are for programs only."""

    name: str
    title: str
    columns: Columns
    rows: tuple[tuple[Entry, ...], ...]

    @property
    def headings(self) -> list[Entry]:
        """The headings for the eye."""
        return [Entry(h, k) for k, h in self.columns if h is not None]

    def shown(self) -> list[list[Entry]]:
        """The rows for the eye."""
        return [[e for e, (_, h) in zip(row, self.columns, strict=True) if h is not None] for row in self.rows]


def build_table(name: str, bundle: Bundle, model: str, verdicts: Verdicts) -> Table:
    """The table of this name; raises `BadInputError` for an unknown name."""
    if name not in TABLES:
        raise BadInputError(f"there is no table {name!r}; {', '.join(TABLES)} are allowed")
    return TABLES[name](bundle, model, verdicts)


def write_table(table: Table, form: str) -> str:
    """The table as text in one of `FORMATS`; raises `BadInputError` for another one."""
    if form not in _WRITERS:
        raise BadInputError(f"there is no format {form!r}; {', '.join(FORMATS)} are allowed")
    return _WRITERS[form](table)


def _write_tex(table: Table) -> str:
    head = " & ".join(e.tex for e in table.headings)
    body = " \\\\\n".join(" & ".join(e.tex for e in row) for row in table.shown())
    columns = "l" * len(table.headings)
    return f"\\begin{{tabular}}{{{columns}}}\n\\hline\n{head} \\\\\n\\hline\n{body} \\\\\n\\hline\n\\end{{tabular}}\n"


def _write_markdown(table: Table) -> str:
    def line(cells: Sequence[str]) -> str:
        """One row, with the signs of Markdown escaped."""
        return "| " + " | ".join(c.replace("|", "\\|").replace("*", "\\*") for c in cells) + " |"

    rows = [line([e.text for e in table.headings]), "|" + "---|" * len(table.headings)]
    return "\n".join([*rows, *(line([e.text for e in row]) for row in table.shown())]) + "\n"


def _write_csv(table: Table) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([key for key, _ in table.columns])
    writer.writerows([e.cell for e in row] for row in table.rows)
    return stream.getvalue()


def _write_json(table: Table) -> str:
    keys = [key for key, _ in table.columns]
    rows = [{k: e.data for k, e in zip(keys, row, strict=True)} for row in table.rows]
    return json.dumps({"table": table.name, "title": table.title, "rows": rows}, indent=1, ensure_ascii=False) + "\n"


_WRITERS: Final[Mapping[str, Callable[[Table], str]]] = {
    "tex": _write_tex, "md": _write_markdown, "csv": _write_csv, "json": _write_json,
}


def _words(text: str | None) -> Entry:
    return Entry(text or "", text)


def _ratio(value: Ratio | Fraction | None, where: Where = None) -> Entry:
    return Entry("", None) if value is None else Entry(show(value, where), symbolic(value, where))


def _region(texts: Sequence[str]) -> Entry:
    return Entry(show_region(texts) if texts else "", list(texts))


def _constant(value: Constant | None, row: PhaseRow) -> Entry:
    return Entry("", None) if value is None else Entry(show(value, row.witness), encode(value))


def phase_table(bundle: Bundle, model: str, verdicts: Verdicts) -> Table:
    """The phases beside the rows that the paper prints."""
    printed = {c.statement["name"]: c for c in bundle.claims if c.kind == "printed-row"}
    plane = read_plane(bundle, model)
    columns = (
        ("phase", "phase"), ("region", "region"), ("tradeoff", "trade-off"), ("loss_exponent", ETA), ("size_exponent", XI),
        ("loss_prefactor", None), ("size_prefactor", None), ("printed", "printed"), ("verdict", "verdict of the row"),
    )
    with reading(f"the bundle of {bundle.paper}"):
        rows = [_phase_row(row, printed.get(row.name), verdicts) for row in plane.phases]
    return Table("phases", f"The phases of {model}", columns, tuple(rows))


def _phase_row(row: PhaseRow, claim: Claim | None, verdicts: Verdicts) -> tuple[Entry, ...]:
    found = row.prefactor
    tradeoff = show_pieces(row.tradeoff)
    return (
        _words(row.name), _region(row.cell.texts()), tradeoff, _ratio(row.loss, row.witness),
        _ratio(row.size, row.witness), _constant(found.loss if found else None, row),
        _constant(found.size if found else None, row), _printed_row(claim, row), _verdict(claim, verdicts),
    )


def show_pieces(names: Sequence[str]) -> Entry:
    """Pieces of the loss that are equal."""
    return Entry(Math("=".join(map(write_name, names)), " = ".join(names)), list(names))


def _printed_row(claim: Claim | None, row: PhaseRow) -> Entry:
    if claim is None:
        return Entry("", None)
    loss, size = (show(parse_ratio(claim.statement[k]), row.witness) for k in ("loss", "size"))
    return Entry(Math(rf"{loss.latex};\ {size.latex}", f"{loss.plain}; {size.plain}"),
                 {"label": claim.label, "loss": claim.statement["loss"], "size": claim.statement["size"],
                  "region": list(claim.region)})


def _verdict(claim: Claim | None, verdicts: Verdicts) -> Entry:
    return Entry("", None) if claim is None else _words(verdicts.get(claim.label, "not judged"))


def prefactor_table(bundle: Bundle, model: str, _: Verdicts) -> Table:
    """What loss and size, divided by their powers of the budget, tend to in each phase."""
    columns = (("phase", "phase"), ("note", "note"), ("loss", Math(r"f^{\eta}\mathcal{P}_\star", "f^η P⋆")),
               ("size", Math(r"f^{-\xi}d_\star", "f^(−ξ) d⋆")))
    rows = []
    for row in read_plane(bundle, model).phases:
        found = row.prefactor
        if found is not None:
            rows.append((_words(row.name), _words(found.note), _constant(found.loss, row), _constant(found.size, row)))
    return Table("prefactors", f"The prefactors of {model}", columns, tuple(rows))


def wall_table(bundle: Bundle, model: str, _: Verdicts) -> Table:
    """The walls between phases, then the corners in which they meet."""
    plane = read_plane(bundle, model)
    columns: Columns = (
        ("between", "between"), ("wall", "wall"), ("region", "where"), ("loss_exponent", ETA), ("size_exponent", XI),
        ("log_loss", "power of log f in the loss"), ("log_size", "in the size"), ("note", "note"),
    )
    return Table("walls", f"The walls of {model}", columns, (*_wall_rows(plane), *_corner_rows(plane)))


def _wall_rows(plane: Plane) -> list[tuple[Entry, ...]]:
    rows: list[tuple[Entry, ...]] = []
    for wall in plane.walls:
        at, equation = where_on(wall), f"{wall.polynomial} = 0"
        rows.append((
            Entry(", ".join(wall.phases), list(wall.phases)), Entry(show_region([equation]), equation),
            _region(wall.cell.texts()), _ratio(wall.loss, at), _ratio(wall.size, at), _ratio(wall.log_loss, at),
            _ratio(wall.log_size, at), _words(wall.note),
        ))
    return rows


def _corner_rows(plane: Plane) -> list[tuple[Entry, ...]]:
    rows: list[tuple[Entry, ...]] = []
    for corner in plane.corners:
        equations = [f"{(Ratio.parameter(n) - x).primitive()} = 0" for n, x in sorted(corner.point.items())]
        rows.append((
            Entry(", ".join(corner.phases), list(corner.phases)),
            Entry(show_region(equations), " and ".join(equations)), Entry("", []),
            _ratio(corner.loss), _ratio(corner.size), _ratio(corner.log_loss), _ratio(corner.log_size),
            _words(corner.note),
        ))
    return rows


def piece_table(bundle: Bundle, model: str, verdicts: Verdicts) -> Table:
    """The pieces of the loss one by one, beside what the paper prints."""
    printed = {c.statement["piece"]: c for c in bundle.claims if c.kind in ("printed-piece", "printed-floor")}
    own = [c for c in bundle.claims if c.kind == "piece" and c.label.startswith(f"{model}/")]
    columns = (("claim", "claim"), ("piece", "piece"), ("region", "region"), ("term", "leading term"),
               ("printed", "printed"), ("verdict", "verdict"))
    rows = []
    with reading(f"the bundle of {bundle.paper}"):
        for claim in sorted(own, key=lambda c: (rank_name(c.statement["piece"]), c.label)):
            other = printed.get(claim.statement["piece"])
            terms = [decode_term(t) for t in find_step(bundle, claim.steps[0]).conclusion["terms"]]
            shown = Entry("", None) if other is None else Entry(formula(other, bundle), other.label)
            rows.append((
                _words(claim.label), _piece(claim.statement["piece"]), _region(claim.region), _terms(terms, claim),
                shown, _verdict(other, verdicts),
            ))
    return Table("pieces", f"The pieces of the loss of {model}", columns, tuple(rows))


def _piece(name: str) -> Entry:
    return Entry(Math(write_name(name), name), name)


def _terms(terms: Sequence[Term], claim: Claim) -> Entry:
    point = where_of(claim.region) or {}
    shown = [show(Term(t.monomial, orient(t.constant, point), t.logs), point) for t in terms]
    return Entry(Math("+".join(m.latex for m in shown), " + ".join(m.plain for m in shown)), encode(terms))


TABLES: Final[Mapping[str, Callable[[Bundle, str, Verdicts], Table]]] = {
    "phases": phase_table, "prefactors": prefactor_table, "walls": wall_table, "pieces": piece_table,
}
