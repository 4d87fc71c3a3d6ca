#!/usr/bin/env python3
"""Run the tutorials and keep what they print: `run_tutorials.py` renews the outputs, `--check` compares them.

A cell is Python; the value of its last expression is shown as HTML, LaTeX and text, as a notebook would. The text is what is
compared: the bytes of a figure depend on the version of matplotlib. Each notebook runs in a namespace of its own.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "tutorials"


def run_notebook(file: Path) -> dict[str, Any]:
    """The notebook with the outputs that its cells give now."""
    notebook: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    namespace: dict[str, Any] = {"__name__": "__main__"}
    count = 0
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            count += 1
            cell["execution_count"] = count
            cell["outputs"] = run_cell("".join(cell["source"]), namespace, count)
    return notebook


def run_cell(source: str, namespace: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """The outputs of one cell: what it prints, then its last expression."""
    tree, printed, value = ast.parse(source), io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), namespace)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), namespace)  # noqa: S307 - the project's own text
    outputs: list[dict[str, Any]] = []
    if printed.getvalue():
        outputs.append({"name": "stdout", "output_type": "stream", "text": split(printed.getvalue())})
    if value is not None:
        outputs.append({"data": describe(value), "execution_count": count, "metadata": {}, "output_type": "execute_result"})
    return outputs


def describe(value: Any) -> dict[str, list[str]]:
    """The forms in which a value is shown."""
    forms = {"text/html": "_repr_html_", "text/latex": "_repr_latex_"}
    return {kind: split(getattr(value, name)()) for kind, name in forms.items() if hasattr(value, name)} | {
        "text/plain": split(repr(value))}


def split(text: str) -> list[str]:
    """Lines as notebooks keep them."""
    return text.splitlines(keepends=True)


def comparable(notebook: dict[str, Any]) -> list[list[str]]:
    """The outputs as text."""
    return [["".join(o["text"] if "text" in o else o["data"]["text/plain"]) for o in cell["outputs"]]
            for cell in notebook["cells"] if cell["cell_type"] == "code"]


def main() -> None:
    """Renew or compare all tutorials."""
    stale = []
    for file in sorted(FOLDER.glob("*.ipynb")):
        before, now = json.loads(file.read_text(encoding="utf-8")), run_notebook(file)
        if "--check" not in sys.argv:
            file.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        elif comparable(before) != comparable(now):
            stale.append(file.name)
    if stale:
        sys.exit(f"these tutorials print something else than they show: {', '.join(stale)}")


if __name__ == "__main__":
    main()
