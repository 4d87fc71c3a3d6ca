r"""The report in print: a LaTeX document with the tables, figures, ledger and steps of the page, and its compilation.

Formulas and tables that are wider than the line are scaled to it, very long products broken; rows with long formulas become
lists. Of long expansions the terms that the page folds follow small, a line each. The PDF depends on the text and the figures
alone: no date, no random name.

Not covered: typesetting without pdflatex.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Final

from scaling_sym.claims.bundle import is_printed
from scaling_sym.errors import BadInputError
from scaling_sym.export.documents import document, escape
from scaling_sym.export.hypertext import split, split_terms
from scaling_sym.export.ledger import Judged
from scaling_sym.export.prose import Block, Math, write_tex
from scaling_sym.export.report import Chapter
from scaling_sym.export.statements import state
from scaling_sym.export.tables import Entry, Table

_WIDEST: Final = 160  # of an entry in a table, in signs of LaTeX
_SENTENCE: Final = 40
_SHORT: Final = 60
_LONG: Final = 260  # signs of a product that is rather broken than scaled
_TIMEOUT: Final = 120.0
_PREAMBLE: Final = r"""\usepackage{graphicx}\usepackage{array}
\pdfinfoomitdate=1 \pdftrailerid{} \pdfsuppressptexinfo=-1
\setlength{\parindent}{0pt}\setlength{\parskip}{3pt}
\newcommand{\fit}[1]{\resizebox{\ifdim\width>\linewidth \linewidth\else\width\fi}{!}{#1}}
"""


def write_printed_report(
    chapters: Sequence[Chapter], versions: Mapping[str, str], seconds: Mapping[str, float] | None = None
) -> str:
    """The document; figures are named `PAPER-NAME.pdf`."""
    body = [r"\tableofcontents"]
    for chapter in chapters:
        title = ": ".join(filter(None, (chapter.key, chapter.title)))
        body += [rf"\section{{{escape(title)}}}", r"\subsection{Tables}", *map(_write_table, chapter.tables)]
        if chapter.figures:
            body.append(r"\subsection{Figures}")
            body += [_write_figure(f"{chapter.key}-{f.name}", f.description) for f in chapter.figures]
        body += [r"\subsection{Ledger}", *(_write_judged(chapter, j) for j in chapter.judgements)]
        steps = "\n\n".join("\\item " + "\n\n".join(map(_write_block, blocks)) for blocks in chapter.numbered)
        body += [r"\subsection{Derivation}", f"\\begin{{enumerate}}\n{steps}\n\\end{{enumerate}}" if steps else ""]
    body += [r"\section*{Versions}", *(escape(f"{n} {v}") + r"\par" for n, v in versions.items())]
    if seconds:
        body += [r"\section*{Timings of this run}", *(escape(f"{n}: {v:.1f} s") + r"\par" for n, v in seconds.items())]
    return document("Scaling laws, derived and checked", body, _PREAMBLE)


def _write_block(block: Block) -> str:
    if not isinstance(block, Math):
        return write_tex(block)
    first, rest = split(block)
    more = "\n".join(rf"\par\noindent\fit{{\scriptsize${t.latex}$}}" for t in split_terms(rest)) if rest else ""
    return f"{_display(first)}\n{more}\\par" if more else _display(first)


def _display(formula: Math) -> str:
    latex = formula.latex
    rows = latex.removeprefix(r"\begin{aligned}").removesuffix(r"\end{aligned}").split(r"\\ ")
    if max(map(len, rows)) <= _LONG or (len(rows) > 1 and r"\quad" in latex):
        return rf"\par\noindent\fit{{$\displaystyle {latex}$}}\par"
    cut = (row.replace("&", "", 1).rpartition(r"\to ") for row in rows)
    broken = "\n".join(rf"$\displaystyle {left}{arrow}{_break(right)}$\par" for left, arrow, right in cut)
    return rf"\par\noindent{{\raggedright {broken}}}"


def _break(latex: str) -> str:
    """A long product that may be broken between its factors; a fraction of one with its line aslant."""
    if latex.startswith(r"\frac{"):
        middle = _find_end(latex, 5)
        if _find_end(latex, middle) == len(latex):
            return rf"{_break(latex[6 : middle - 1])}\allowbreak\,\Big/\,\left({latex[middle + 1 : -1]}\right)"
    depth, places = 0, [0]
    for found in re.finditer(r"\\left|\\right|[{}]|(?<=[})])(?=[(A-Za-z\\0-9])", latex):
        begins = not found[0] or (found[0] == r"\left" and latex[found.start() - 1 : found.start()] in ("}", ")"))
        if begins and not depth and not latex.startswith((r"\right", r"\asymp", r"\to"), found.start()):
            places.append(found.start())
        depth += (found[0] in ("{", r"\left")) - (found[0] in ("}", r"\right"))
    return r"\allowbreak ".join(latex[i:j] for i, j in pairwise([*places, len(latex)]))


def _find_end(latex: str, start: int) -> int:
    """The place after the group in braces that begins at `start`."""
    depths = accumulate((c == "{") - (c == "}") for c in latex[start:])
    return next((start + i + 1 for i, depth in enumerate(depths) if depth <= 0), len(latex))


def _write_table(table: Table) -> str:
    title = rf"\subsubsection*{{{escape(table.title)}}}"
    if max((len(e.tex) for row in table.shown() for e in row), default=0) <= _WIDEST:
        return f"{title}\n\n\\noindent\\fit{{{_write_tabular(table)}}}"
    lines = [_write_row(table.headings, row) for row in table.shown()]
    return f"{title}\n\n" + "\n\n".join(lines)


def _write_tabular(table: Table) -> str:
    """The columns; those with a sentence in them are broken into lines."""
    rows = table.shown()
    long = [any(isinstance(e.shown, str) and len(e.shown) > _SENTENCE for e in column) for column in zip(*rows, strict=True)]
    kinds = "".join(r">{\raggedright\arraybackslash}p{4.5cm}" if is_long else "l" for is_long in long)
    lines = [" & ".join(e.tex for e in row) + r"\\" for row in (table.headings, *rows)]
    body = "\n".join([r"\hline", lines[0], r"\hline", *lines[1:], r"\hline"])
    return rf"\begin{{tabular}}{{{kinds}}}" + f"\n{body}\n" + r"\end{tabular}"


def _write_row(headings: Sequence[Entry], row: Sequence[Entry]) -> str:
    """A row as a list: each heading with its entry; short formulas stand in the line."""
    parts = [rf"\textbf{{{row[0].tex}}}."]
    for heading, entry in zip(headings[1:], row[1:], strict=True):
        if entry.text:
            short = isinstance(entry.shown, str) or len(entry.shown.latex) < _SHORT
            shown = f"{entry.tex}." if short or isinstance(entry.shown, str) else _display(entry.shown)
            parts.append(f"{heading.tex}: {shown}")
    return "\n".join(parts)


def _write_figure(name: str, description: str) -> str:
    """A figure where it is spoken of, with its words on the same page."""
    return ("\\par\\medskip\\noindent\\begin{minipage}{\\linewidth}\\centering\n"
            rf"\includegraphics[width=\linewidth,height=0.6\textheight,keepaspectratio]{{{name}.pdf}}"
            f"\n\\par {escape(description)}\n\\end{{minipage}}\\par\\medskip")


def _write_judged(chapter: Chapter, judged: Judged) -> str:
    claim = judged.claim
    where = f" where {', '.join(judged.region)}" if judged.verdict == "holds only" and judged.region else ""
    witness = "; witness " + ", ".join(f"{n} = {x}" for n, x in sorted(judged.witness.items())) if judged.witness else ""
    proved = f"; proved there: {claim.source.proved}" if is_printed(claim) else ""
    said = f"Verdict: {judged.verdict}{where}; status: {judged.status}{witness}. Source: {claim.source.place}" \
           f" ({claim.source.tag}{proved}). Assumptions: {', '.join(judged.assumptions) or 'none'}."
    statement = [_write_block(x) if isinstance(x, Math) else escape(x) for x in state(claim, chapter.bundle)]
    return "\n".join([rf"\paragraph{{{escape(claim.label)}}}", *statement, escape(said)])


def find_latex() -> str:
    """Where pdflatex is; raises `BadInputError` where it is not installed."""
    found = shutil.which("pdflatex")
    if found is None:
        raise BadInputError("--pdf needs pdflatex, which is not installed; without --pdf the HTML page is written")
    return found


def compile_pdf(text: str, files: Mapping[str, bytes]) -> bytes:
    """The PDF of a document with its figures, by name; raises `BadInputError` where LaTeX is missing or stops."""
    program = find_latex()
    line = [program, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "report.tex"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1", "max_print_line": "1000"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "report.tex").write_text(text, encoding="utf-8")
        for file, data in files.items():
            (folder / file).write_bytes(data)
        for _ in range(2):  # the second time with the table of contents
            try:
                done = subprocess.run(line, cwd=folder, env=environment, capture_output=True, timeout=_TIMEOUT, check=False)
            except subprocess.TimeoutExpired:
                raise BadInputError(f"pdflatex did not end within {_TIMEOUT:.0f} s; the HTML page is written") from None
            if done.returncode:
                said = [x for x in done.stdout.decode("utf-8", "replace").splitlines() if x.startswith("!")]
                raise BadInputError(f"pdflatex stopped: {' '.join(said)[:200] or 'see its log'}; the HTML page is written")
        return (folder / "report.pdf").read_bytes()
