"""The verb `coq`: the algebraic layer for a second judge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()

LONGEST = 600  # seconds that coqc may take


@app.command(rich_help_panel="Exports")
def coq(
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where to write; standard output if absent.")] = None,
    bundle: Annotated[Path | None, typer.Option("--bundle", metavar="FILE", help="Of this bundle, not the committed.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Run coqc on it; exit status 1 if Coq rejects it.")] = False,
) -> None:
    """Write the algebra of the phases (optima, signs, cover, walls) as a Coq file with its proofs."""
    from scaling_sym.cli.bundles import PAPERS, open_bundle
    from scaling_sym.cli.pace import COQ, watch
    from scaling_sym.cli.speech import note, progress, say
    from scaling_sym.export.coq import write_coq
    from scaling_sym.export.files import write_text_atomically

    text = write_coq([open_bundle(bundle)] if bundle else [open_bundle(paper=p) for p in PAPERS])
    if out is not None:
        write_text_atomically(out, text)
    elif not check:
        say(text)
    lemmas = text.count("\nLemma ")
    if check:
        with progress() as shown, watch(shown, "coqc", COQ):
            complaint = ask_coq(text)
        if complaint:
            note(complaint)
            raise typer.Exit(1)
    say_where = f" to {out}" if out is not None else ""
    if out is not None or check:
        say(f"{lemmas} lemmas written{say_where}" + ("; Coq accepts them all" if check else ""))


def ask_coq(text: str) -> str:
    """What coqc says against a file; nothing where it accepts. Raises `BadInputError` where there is no coqc."""
    import shutil
    import subprocess
    import tempfile

    from scaling_sym.errors import BadInputError

    program = shutil.which("coqc")
    if program is None:
        raise BadInputError("coqc is not installed: --check needs Coq (the Debian package coq)")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "scaling.v").write_text(text, encoding="utf-8")
        try:
            done = subprocess.run([program, "-q", "scaling.v"], cwd=folder, capture_output=True, text=True, timeout=LONGEST,
                                  check=False)
        except subprocess.TimeoutExpired:
            return f"coqc found no end in {LONGEST} s"
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip() or f"coqc ended with {done.returncode}"
