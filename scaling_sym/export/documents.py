r"""Standalone LaTeX documents around formulas: article class, amsmath, nothing else.

`document` gives a text that `pdflatex` compiles as it stands. Prose is passed through `escape`, formulas through
`display` or `inline`; the two are never mixed in one string.

Not covered: bibliographies, figures, languages other than English.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

from scaling_sym.export.files import write_text_atomically
from scaling_sym.export.letters import GREEK

_HEAD: Final = r"""\documentclass[11pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb}
\usepackage[margin=2.5cm]{geometry}
\allowdisplaybreaks
"""
_SPECIAL: Final = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\ensuremath{<}", ">": r"\ensuremath{>}",
    "–": "--", "—": "---", "’": "'", "“": "``", "”": "''", "−": r"\ensuremath{-}", "·": r"\ensuremath{\cdot}",
    "∞": r"\ensuremath{\infty}", "±": r"\ensuremath{\pm}", "π": r"\ensuremath{\pi}", "√": r"\ensuremath{\surd}",
}
_PROSE: Final = _SPECIAL | {letter: rf"\ensuremath{{\{name}}}" for name, letter in GREEK.items()}
_LAST_LATIN: Final = 0x17E


def escape(text: str) -> str:
    """Prose for LaTeX: special signs are escaped; a sign that the fonts lack shows as its code, such as [U+2603]."""
    return "".join(_PROSE.get(sign) or _keep(sign) for sign in text)


def _keep(sign: str) -> str:
    if sign == "\n" or (sign.isprintable() and ord(sign) <= _LAST_LATIN):
        return sign
    return f"[U+{ord(sign):04X}]"


def inline(formula: str) -> str:
    """A formula inside a line of prose."""
    return f"${formula}$"


def display(formula: str) -> str:
    """A formula on a line of its own."""
    return f"\\[\n  {formula}\n\\]"


def document(title: str, body: Iterable[str], preamble: str = "") -> str:
    """A complete document; `body` are paragraphs of LaTeX, `title` is prose, `preamble` is LaTeX before it."""
    paragraphs = "\n\n".join(body)
    return f"{_HEAD}{preamble}\\title{{{escape(title)}}}\n\\date{{}}\n\\begin{{document}}\n\\maketitle\n\n" \
           f"{paragraphs}\n\n\\end{{document}}\n"


def write_document(path: str | os.PathLike[str], title: str, body: Iterable[str]) -> None:
    """Write a complete document, whole or not at all; raises `BadInputError` where the file cannot be written."""
    write_text_atomically(path, document(title, body))
