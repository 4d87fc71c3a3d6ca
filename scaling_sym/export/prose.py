"""Prose with mathematics in it, written as LaTeX, Markdown or plain text.

A *passage* is a sequence of words and formulas; a *block* is a paragraph (a passage) or a display (one formula).
Formulas carry both their forms, so that one text serves the typesetter and the terminal.

Not covered: tables (see `tables`), cross references other than by number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constant_values import orient
from scaling_sym.algebra.terms import Term
from scaling_sym.export.arrange import Displayable, arrange
from scaling_sym.export.documents import display, escape, inline
from scaling_sym.export.formulas import Where
from scaling_sym.export.latex import write_latex
from scaling_sym.export.plain import write_plain

_MARKDOWN: Final = str.maketrans({c: "\\" + c for c in "\\*_`[]<>|$"})


@final
@dataclass(frozen=True, slots=True)
class Math:
    """A formula in LaTeX (math mode) and in Unicode."""

    latex: str
    plain: str

    def __add__(self, other: Math) -> Math:
        return Math(f"{self.latex} {other.latex}", f"{self.plain} {other.plain}")


EQUAL: Final = Math("=", "=")
Passage: TypeAlias = "tuple[str | Math, ...]"
Block: TypeAlias = "Passage | Math"


def show(value: Displayable, where: Where = None) -> Math:
    """Any exact object as a formula; on the point or cell `where`, printed factors are positive."""
    node = arrange(value, where)
    return Math(write_latex(node), write_plain(node))


def math(text: str, unicode: str | None = None) -> Math:
    """A fixed formula; `unicode` where its LaTeX is not readable as it stands."""
    return Math(text, text if unicode is None else unicode)


def show_region(texts: Sequence[str]) -> Math:
    """The comparisons of a region as inequalities."""
    return show(Cell.parse(texts))


def show_sum(left: Math, terms: Sequence[Term], where: Where = None, relation: Math | None = None) -> Math:
    """left = first + second + ..., a line for each term where there are more than two."""
    sign = Math(" " + (relation or EQUAL).latex + " ", (relation or EQUAL).plain)
    point = {} if where is None or isinstance(where, Cell) else where
    shown = [show(replace(t, constant=orient(t.constant, point)), where) for t in terms]
    if not shown:
        return Math(f"{left.latex}{sign.latex}0", f"{left.plain} {sign.plain} 0")
    signed = [Math(*(x if x.startswith(("-", "−")) or not i else "+" + x for x in (m.latex, m.plain)))
              for i, m in enumerate(shown)]
    unicode = f"{left.plain} {sign.plain} " + " ".join(m.plain for m in signed)
    if len(shown) <= 2:
        return Math(f"{left.latex}{sign.latex}" + "".join(m.latex for m in signed), unicode)
    lines = r"\\ &\quad ".join(m.latex for m in signed)
    return Math(rf"\begin{{aligned}}{left.latex}&{sign.latex}{lines}\end{{aligned}}", unicode)


def join(parts: Iterable[Math], mark: str, last: str | None = None) -> Passage:
    """Formulas with a mark between them, and another one before the last."""
    items = list(parts)
    passage: list[str | Math] = []
    for i, item in enumerate(items):
        if i:
            passage.append(last if last is not None and i == len(items) - 1 else mark)
        passage.append(item)
    return tuple(passage)


def write_tex(block: Block) -> str:
    """A block as LaTeX."""
    if isinstance(block, Math):
        return display(block.latex)
    return "".join(escape(x) if isinstance(x, str) else inline(x.latex) for x in block)


def write_markdown(block: Block) -> str:
    """A block as Markdown with mathematics between dollar signs."""
    if isinstance(block, Math):
        return f"$$\n{block.latex}\n$$"
    return "".join(x.translate(_MARKDOWN) if isinstance(x, str) else f"${x.latex}$" for x in block)


def write_unicode(block: Block) -> str:
    """A block as plain text."""
    if isinstance(block, Math):
        return f"    {block.plain}"
    return "".join(x if isinstance(x, str) else x.plain for x in block)
