"""What the guide generates while it is built: formulas as MathML, derivations, tutorials, the reference, and figures.

Called by MkDocs (`hooks` in mkdocs.yml). Derivations come from the steps of the committed bundles, the reference from the
docstrings, tutorials from their notebooks, pictures from the program: none of them is written by hand.
"""

from __future__ import annotations

import ast
import json
import re
from html import escape
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ("phases", "exponent-map", "curves", "pieces", "local-exponents", "bottlenecks", "gap", "regimes")
PACKAGES = {
    "notebook": ("scaling_sym/notebook.py",), "errors": ("scaling_sym/errors.py",), "algebra": ("scaling_sym/algebra",),
    "claims": ("scaling_sym/claims",), "asymptotics": ("scaling_sym/asymptotics",), "numerics": ("scaling_sym/numerics",),
    "data": ("scaling_sym/data",), "export": ("scaling_sym/export",), "proofs_check": ("proofs_check",),
}
_CODE = re.compile(r"(^```.*?^```|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
_MATH = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$([^$\n]+(?:\n[^$\n]+)?)\$", re.DOTALL)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add the generated pages to the contents."""
    from scaling_sym.cli.bundles import PAPERS

    derivations = [{paper: f"derivations/{paper}.md"} for paper in PAPERS]
    reference = [{name: f"reference/{name}.md"} for name in PACKAGES]
    config.nav = [*(config.nav or []), {"Derivations": derivations}, {"Reference": reference}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages and pictures."""
    from scaling_sym.cli.bundles import PAPERS

    pages = {f"derivations/{paper}.md": write_derivation(paper) for paper in PAPERS}
    pages |= {f"reference/{name}.md": write_reference(name, places) for name, places in PACKAGES.items()}
    pages |= {f"tutorials/{f.stem}.md": write_tutorial(f) for f in sorted((ROOT / "docs/tutorials").glob("*.ipynb"))}
    pages |= {f"images/{name}.svg": draw(name) for name in FIGURES}
    for name, content in pages.items():
        files.append(File.generated(config, name, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Put a mark in the place of every formula outside code, so that Markdown leaves it alone."""
    from scaling_sym.export.mathml import write_mathml

    formulas: list[str] = page.meta.setdefault("formulas", [])

    def keep(found: re.Match[str]) -> str:
        formulas.append(write_mathml((found[1] or found[2]).replace("\n", " "), block=bool(found[1])))
        return f"FORMULA{len(formulas) - 1}END"

    parts = _CODE.split(markdown)
    return "".join(part if i % 2 else _MATH.sub(keep, part) for i, part in enumerate(parts))


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Put the formulas back."""
    formulas: list[str] = page.meta.get("formulas", [])
    return re.sub(r"FORMULA(\d+)END", lambda found: formulas[int(found[1])], html)


def write_derivation(paper: str) -> str:
    """All claims of a paper, and all steps in words and formulas."""
    from scaling_sym.claims.writing import claim_id
    from scaling_sym.cli.bundles import open_bundle
    from scaling_sym.export.explain import number_steps
    from scaling_sym.export.hypertext import write_block, write_passage
    from scaling_sym.export.statements import state

    bundle = open_bundle(paper=paper)
    numbers = {s.id: n for n, s in enumerate(bundle.steps, 1)}
    parts = [f"# The derivation of {paper}",
             "Generated from the steps of the committed bundle; `scaling-sym check` replays them.",
             "## Assumptions", "\n".join(f"- `{name}`: {text}" for name, text in sorted(bundle.assumptions.items())), "## Claims"]
    rows = [f'<li id="{claim_id(c)}"><b>{escape(c.label)}</b>: {write_passage(state(c, bundle))}{_refer(c.steps, numbers)}</li>'
            for c in bundle.claims]
    steps = [f'<li id="step-{n}">{"".join(write_block(b, "step-", n) for b in blocks)}</li>'
             for n, blocks in enumerate(number_steps(bundle.steps, bundle), 1)]
    return "\n\n".join([*parts, f"<ul>{''.join(rows)}</ul>", "## Steps", f"<ol>{''.join(steps)}</ol>"]) + "\n"


def _refer(steps: tuple[str, ...], numbers: dict[str, int]) -> str:
    links = ", ".join(f'<a href="#step-{numbers[s]}">{numbers[s]}</a>' for s in steps if s in numbers)
    return f" (step {links})" if links else ""


def write_tutorial(file: Path) -> str:
    """A notebook as a page: words, code, and what it shows."""
    parts = []
    for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        parts += [_write_output(output) for output in cell["outputs"]]
    link = "The notebook is `docs/tutorials/" + file.name + "`; the tests run it."
    return "\n\n".join([*parts, link]) + "\n"


def _write_output(output: dict[str, Any]) -> str:
    data = output.get("data", {})
    if "text/html" in data:
        return f'<div class="wide">{"".join(data["text/html"])}</div>'
    return "```text\n" + "".join(output.get("text") or data["text/plain"]).rstrip("\n") + "\n```"


def write_reference(name: str, places: tuple[str, ...]) -> str:
    """The public parts of a package, from its docstrings."""
    modules = [f for place in places for f in ([ROOT / place] if place.endswith(".py") else sorted((ROOT / place).rglob("*.py")))]
    parts = [f"# {name}", "Shapes, units, errors and sources stand in the docstrings, as they are in the code."]
    for file in modules:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        documented = ast.get_docstring(tree)
        if documented and not file.stem.startswith("_"):
            dotted = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            parts += [f"## {dotted}".replace("_", "\\_"), _quote(documented)]
            parts += [text for node in tree.body for text in _write_member(node)]
    return "\n\n".join(parts) + "\n"


def _write_member(node: ast.stmt) -> list[str]:
    if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
        return []
    heading = f"### {node.name}".replace("_", "\\_")
    parts = [heading, f"```python\n{_write_signature(node)}\n```", _quote(ast.get_docstring(node) or "")]
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
                parts += [f"```python\n{_write_signature(inner)}\n```", _quote(ast.get_docstring(inner) or "")]
    return parts


def _write_signature(node: ast.FunctionDef | ast.ClassDef) -> str:
    if isinstance(node, ast.ClassDef):
        fields = [f"    {ast.unparse(n)}" for n in node.body if isinstance(n, ast.AnnAssign)]
        bases = f"({', '.join(map(ast.unparse, node.bases))})" if node.bases else ""
        return "\n".join([f"class {node.name}{bases}:", *fields]) if fields else f"class {node.name}{bases}"
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({ast.unparse(node.args)}){result}"


def _quote(text: str) -> str:
    """A docstring as it stands; blank lines would end the block in Markdown."""
    return f'<pre class="doc">{escape(text, quote=False)}</pre>'.replace("\n\n", "\n&#8203;\n") if text else ""


def draw(name: str) -> str:
    """A figure as SVG."""
    from scaling_sym.cli.figures import compute_figure
    from scaling_sym.export.drawing import render_picture

    return render_picture(compute_figure(name, {}), "svg").decode()
