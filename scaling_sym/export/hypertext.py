"""Prose, tables and figures as accessible HTML: the pieces of the report and of notebooks.

Formulas are MathML; tables have captions and headings with a scope; a figure is an inline SVG
with a title and a description. Of expansions with more than `MOST_LINES` terms the rest is folded, and the fold says how many
there are; inside a table they are cut.

Not covered: the page around the pieces (`report`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from itertools import pairwise
from typing import Final

from scaling_sym.errors import BadInputError
from scaling_sym.export.mathml import write_mathml
from scaling_sym.export.prose import Block, Math, show_region
from scaling_sym.export.tables import Entry, Table

MOST_LINES: Final = 8
MOST_FOLDED: Final = 24
_LINE: Final = r"\\ &\quad "
_LONGEST_ANNOTATED: Final = 60
_WORDS: Final = 40
_REFERENCE: Final = re.compile(r"\((\d+)\)")


def write_formula(formula: Math, block: bool = False) -> str:
    """A formula; short ones carry their LaTeX, which a copy takes along. What cannot be read is shown as LaTeX, whole."""
    try:
        return write_mathml(formula.latex, block, annotate=len(formula.latex) <= _LONGEST_ANNOTATED)
    except BadInputError:
        return f'<code class="unread">{escape(formula.latex, quote=False)}</code>'


def shorten(formula: Math) -> Math:
    """The formula with at most `MOST_LINES` terms in lines of their own, and a remark on those that are left out."""
    lines = formula.latex.split(_LINE)
    if len(lines) <= MOST_LINES + 1:
        return formula
    left_out = len(lines) - MOST_LINES
    kept = _LINE.join(lines[:MOST_LINES])
    remark = rf"\text{{and {left_out} more terms}}"
    return replace(formula, latex=rf"{kept}{_LINE}+\dots\quad {remark}\end{{aligned}}")


def split(formula: Math) -> tuple[Math, Math | None]:
    """The formula with its first `MOST_LINES` terms, and the other terms, where there are more."""
    lines = formula.latex.split(_LINE)
    if len(lines) <= MOST_LINES + 1:
        return formula, None
    first = replace(formula, latex=rf"{_LINE.join(lines[:MOST_LINES])}{_LINE}+\dots\end{{aligned}}")
    rest = lines[MOST_LINES:]
    return first, Math(rf"\begin{{aligned}}&{_LINE.join(rest)}", "\n".join(_split_plain(formula.plain)[-len(rest):]))


def split_terms(rest: Math) -> list[Math]:
    """The terms of the second part of `split`, one by one."""
    lines = rest.latex.removeprefix(r"\begin{aligned}&").removesuffix(r"\end{aligned}").split(_LINE)
    return [Math(line, text) for line, text in zip(lines, rest.plain.split("\n"), strict=True)]


def _split_plain(text: str) -> list[str]:
    """Plain text before each sign that begins a term: one outside brackets, after a space and before none."""
    depth, places = 0, [0]
    for i, sign in enumerate(text):
        depth += (sign in "([{") - (sign in ")]}")
        if not depth and sign in "+−-" and text[i - 1 : i] == " " and text[i + 1 : i + 2] != " ":
            places.append(i)
    return [text[i:j].strip() for i, j in pairwise([*places, len(text)])]


def _fold(rest: Math) -> str:
    """The other terms behind a fold; where they are many, as text, which a browser lays out a hundred times as fast."""
    terms = split_terms(rest)
    if len(terms) <= MOST_FOLDED:
        return f"<details><summary>{len(terms)} more terms</summary>{_display(rest)}</details>"
    lines = "".join(f"<li>{escape(t.plain, quote=False)}</li>" for t in terms)
    return f'<details><summary>{len(terms)} more terms, as text</summary><ul class="terms">{lines}</ul></details>'


def _display(formula: Math) -> str:
    return f'<div class="display">{write_formula(formula, block=True)}</div>'


def write_block(block: Block, prefix: str = "", before: int = 0) -> str:
    """A paragraph or a display; with `prefix`, references (n) to steps before number `before` become links."""
    if isinstance(block, Math):
        first, rest = split(block)
        return _display(first) + (_fold(rest) if rest else "")
    return f"<p>{write_passage(block, prefix, before)}</p>"


def write_passage(passage: Sequence[str | Math], prefix: str = "", before: int = 0) -> str:
    """Words and formulas on one line."""

    def link(found: re.Match[str]) -> str:
        """The number of an earlier step as a link to it; other numbers as they are."""
        number = int(found[1])
        return f'(<a href="#{prefix}{number}">{number}</a>)' if prefix and 0 < number < before else found[0]

    return "".join(write_formula(shorten(part)) if isinstance(part, Math) else _REFERENCE.sub(link, escape(part, quote=False))
                   for part in passage)


def write_region(texts: Sequence[str]) -> str:
    """The conditions of a region; those that compare no polynomials, such as P = inf, stand as they are."""
    try:
        return write_formula(show_region(texts))
    except BadInputError:
        return escape(", ".join(texts), quote=False)


def write_table(table: Table) -> str:
    """A table with its caption; the first entry of a row is its heading."""
    return write_rows(table.title, table.headings, table.shown())


def write_rows(caption: str, headings: Sequence[Entry], rows: Sequence[Sequence[Entry]]) -> str:
    """A table of entries."""
    head = "".join(f'<th scope="col">{write_entry(e)}</th>' for e in headings)
    lines = []
    for first, *rest in rows:
        cells = "".join(f"<td{_room(e)}>{write_entry(e)}</td>" for e in rest)
        lines.append(f'<tr><th scope="row">{write_entry(first)}</th>{cells}</tr>')
    return (f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}"><table><caption>{escape(caption)}'
            f'</caption><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>')


def _room(entry: Entry) -> str:
    """Sentences get a wide column, also beside long formulas."""
    return ' class="words"' if isinstance(entry.shown, str) and len(entry.shown) > _WORDS else ""


def write_entry(entry: Entry) -> str:
    """One entry for the eye."""
    return escape(entry.shown, quote=False) if isinstance(entry.shown, str) else write_formula(shorten(entry.shown))


def write_figure(svg: str, name: str, title: str, description: str, source: str = "") -> str:
    """An inline figure; names inside it begin with `name`, so that several fit on one page."""
    body = svg[svg.index("<svg") :]
    dropped = r"\s*<metadata>.*?</metadata>|<style type=\"text/css\">.*?</style>|<defs>\s*</defs>"
    body = re.sub(dropped, "", body, flags=re.DOTALL)
    body = re.sub(r"(\d\.\d\d)\d+", r"\1", body)  # hundredths of a point are not seen
    body = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", body)
    body = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', body)
    label = f'role="img" aria-labelledby="{name}-title {name}-text"'
    texts = f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-text">{escape(description)}</desc>'
    body = body.replace("<svg ", f"<svg {label} ", 1).replace(">", f">{texts}", 1)
    numbers = f' <a href="{escape(source)}">The numbers</a>.' if source else ""
    return f"<figure>{body}<figcaption>{escape(description)}{numbers}</figcaption></figure>"
