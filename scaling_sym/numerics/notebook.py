"""Tables for notebooks: what `_repr_html_` and `_repr_latex_` of the results return.

The first and last rows are shown where there are many. Not covered: LaTeX of derived formulas, which the exports write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

SHOWN_ROWS = 20


def show_table(columns: Mapping[str, Sequence[object]], caption: str = "") -> str:
    """An HTML table of named columns of equal length; numbers to six digits."""
    rows = [[_show(x) for x in row] for row in zip(*columns.values(), strict=True)]
    if len(rows) > SHOWN_ROWS:
        half = SHOWN_ROWS // 2
        rows = [*rows[:half], ["&hellip;"] * len(columns), *rows[-half:]]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _show(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else escape(str(value))


def show_number_latex(value: float) -> str:
    """A number to six digits, its power of ten written out."""
    digits, _, power = f"{value:.6g}".partition("e")
    return digits if not power else rf"{digits}\cdot10^{{{int(power)}}}"


def show_curve_latex(steps: Sequence[object], losses: Sequence[float], errors: Sequence[float]) -> str:
    r"""An array of r, P(r) and its error; losses are estimates with absolute errors."""
    numbers = zip(losses, errors, strict=True)
    rows = [(_show(r), show_number_latex(p), show_number_latex(e)) for r, (p, e) in zip(steps, numbers, strict=True)]
    if len(rows) > SHOWN_ROWS:
        rows = [*rows[: SHOWN_ROWS // 2], (r"\vdots",) * 3, *rows[-SHOWN_ROWS // 2:]]
    body = r"\\".join(" & ".join(row) for row in rows)
    return rf"$$\begin{{array}}{{rll}} r & \mathscr P(r) & \text{{error}}\\\hline {body} \end{{array}}$$"
