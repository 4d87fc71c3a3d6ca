r"""The report in print: a LaTeX document with the tables, figures, ledger and steps of the page, and its compilation.

Formulas and tables that are wider than the line are scaled to it; rows with long formulas become lists. Long expansions are
cut as on the page. The PDF depends on the text and the figures alone: no date, no random name.

Not covered: typesetting without pdflatex.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from scaling_sym.claims.bundle import is_printed
from scaling_sym.errors import BadInputError
from scaling_sym.export.documents import document, escape
from scaling_sym.export.hypertext import shorten
from scaling_sym.export.ledger import Judged
from scaling_sym.export.prose import Block, Math, write_tex
from scaling_sym.export.report import Chapter
from scaling_sym.export.statements import state
from scaling_sym.export.tables import Entry, Table, write_table

_WIDEST: Final = 160  # of an entry in a table, in signs of LaTeX
_TIMEOUT: Final = 120.0
_PREAMBLE: Final = r"""\usepackage{graphicx}
\pdfinfoomitdate=1 \pdftrailerid{} \pdfsuppressptexinfo=-1
\setlength{\parindent}{0pt}\setlength{\parskip}{3pt}
\newcommand{\fit}[1]{\resizebox{\ifdim\width>\linewidth \linewidth\else\width\fi}{!}{#1}}
"""


def write_printed_report(chapters: Sequence[Chapter], versions: Mapping[str, str]) -> str:
    """The document; figures are named `PAPER-NAME.pdf`."""
    body = [r"\tableofcontents"]
    for chapter in chapters:
        body += [rf"\section{{{escape(chapter.key)}}}", r"\subsection{Tables}", *map(_write_table, chapter.tables)]
        if chapter.figures:
            body.append(r"\subsection{Figures}")
            body += [_write_figure(f"{chapter.key}-{f.name}", f.description) for f in chapter.figures]
        body += [r"\subsection{Ledger}", *(_write_judged(chapter, j) for j in chapter.judgements)]
        steps = "\n\n".join("\\item " + "\n\n".join(map(_write_block, blocks)) for blocks in chapter.numbered)
        body += [r"\subsection{Derivation}", f"\\begin{{enumerate}}\n{steps}\n\\end{{enumerate}}" if steps else ""]
    body += [r"\section*{Versions}", *(escape(f"{n} {v}") for n, v in versions.items())]
    return document("Scaling laws, derived and checked", body, _PREAMBLE)


def _write_block(block: Block) -> str:
    if not isinstance(block, Math):
        return write_tex(block)
    return _display(shorten(block))


def _display(formula: Math) -> str:
    return rf"\par\noindent\fit{{$\displaystyle {formula.latex}$}}\par"


def _write_table(table: Table) -> str:
    title = rf"\paragraph{{{escape(table.title)}.}}"
    if max((len(e.tex) for row in table.shown() for e in row), default=0) <= _WIDEST:
        return f"{title}\n\n\\noindent\\fit{{{write_table(table, 'tex')}}}"
    lines = [_write_row(table.headings, row) for row in table.shown()]
    return f"{title}\n\n" + "\n\n".join(lines)


def _write_row(headings: Sequence[Entry], row: Sequence[Entry]) -> str:
    """A row as a list: each heading with its entry."""
    parts = [rf"\textbf{{{row[0].tex}}}."]
    for heading, entry in zip(headings[1:], row[1:], strict=True):
        if entry.text:
            shown = entry.tex if isinstance(entry.shown, str) else _display(entry.shown)
            parts.append(f"{heading.tex}: {shown}")
    return "\n".join(parts)


def _write_figure(name: str, description: str) -> str:
    return (rf"\par\medskip\noindent\fit{{\includegraphics{{{name}.pdf}}}}\par\noindent {escape(description)}\par\medskip")


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
