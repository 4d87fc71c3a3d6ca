"""The verb `regenerate`: derive everything, check everything, write everything down."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.progress import Progress

    from scaling_sym.claims.bundle import Bundle
    from scaling_sym.cli.judging import Checked

app = typer.Typer()


@app.command(rich_help_panel="The main job")
def regenerate(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write.")] = Path("scaling-sym-out"),
    update: Annotated[bool, typer.Option("--update", help="Renew the committed bundles (for maintainers).")] = False,
    data: Annotated[bool, typer.Option("--data", help="Run the real tasks too, where their data are installed.")] = False,
) -> None:
    """Derive the scaling laws from the models' equations, check every step, and write tables, formulas and ledger."""
    from scaling_sym.cli import confirming
    from scaling_sym.cli.bundles import PAPERS
    from scaling_sym.cli.speech import progress, say

    _make_folder(out)
    status, lines = 0, []
    with progress() as shown:
        for paper in PAPERS:
            bundle = _derive(paper, shown)
            checked = _check(bundle, shown)
            drift = _compare(paper, checked.bundle, checked, update)
            if update and checked.is_sound:
                confirming.write_confirmed(checked.bundle, confirming.measure(checked.bundle, shown=shown).confirmed)
                checked = _check(bundle, shown)
            files = _write(out / paper, checked, drift, shown)
            status = max(status, 0 if checked.is_sound and not drift else 1)
            lines += _tell(paper, checked, drift, out / paper, files)
    if data:
        from scaling_sym.cli.tasks import write_all_tasks

        lines += write_all_tasks(out / "data")
    say("\n".join(lines))
    if status:
        raise typer.Exit(status)


def _make_folder(out: Path) -> None:
    from scaling_sym.errors import BadInputError

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"{out} cannot be made a folder: {error.strerror or error}") from None


def _derive(paper: str, shown: Progress) -> Bundle:
    """Run the paper's derivation."""
    import importlib

    from scaling_sym.claims.bundle import Bundle
    from scaling_sym.cli.bundles import DERIVATIONS

    task = shown.add_task(f"derive {paper}", total=None, found="")
    bundle = importlib.import_module(DERIVATIONS[paper]).build_bundle()
    assert isinstance(bundle, Bundle)
    shown.update(task, total=1, completed=1, found=f"{len(bundle.steps)} steps, {len(bundle.claims)} claims")
    return bundle


def _check(bundle: Bundle, shown: Progress) -> Checked:
    from scaling_sym.cli.judging import record_verdicts

    task = shown.add_task(f"check {bundle.paper}", total=None, found="")
    checked = record_verdicts(bundle)
    wrong = len(checked.faults) + len(checked.failed)
    shown.update(task, total=1, completed=1, found=f"{wrong} faults" if wrong else "every certificate replays")
    return checked


def _compare(paper: str, bundle: Bundle, checked: Checked, update: bool) -> str:
    """What differs from the committed bundle; with `update`, a sound bundle is committed and nothing differs."""
    from scaling_sym.claims.bundle import read_bundle
    from scaling_sym.cli.bundles import committed_file
    from scaling_sym.errors import BadInputError
    from scaling_sym.export.drift import describe_drift
    from scaling_sym.export.files import write_text_atomically

    file, text = committed_file(paper), bundle.write()
    old = file.read_text(encoding="utf-8") if file.exists() else ""
    if old == text:
        return ""
    if update and checked.is_sound:
        write_text_atomically(file, text)
        return ""
    try:
        return describe_drift(read_bundle(old, what="the committed bundle"), bundle)
    except BadInputError as error:
        return str(error)


def _write(folder: Path, checked: Checked, drift: str, shown: Progress) -> int:
    """Write all documents, each whole or not at all; returns their number."""
    from scaling_sym.export.documents_of_paper import list_documents
    from scaling_sym.export.files import write_text_atomically

    task = shown.add_task(f"write {folder.name}", total=None, found="")
    _make_folder(folder / "tables")
    documents = list_documents(checked.bundle, checked.judgements, drift)
    for name, text in documents:
        write_text_atomically(folder / name, text)
        shown.update(task, total=len(documents), advance=1, found=name)
    return len(documents)


def _tell(paper: str, checked: Checked, drift: str, folder: Path, files: int) -> list[str]:
    lines = [f"{paper}: step {f.step} ({f.rule}) does not hold: {f.reason}" for f in checked.faults]
    lines += [f"{paper}: claim {j.claim.label} is {j.verdict}: {j.reason}" for j in checked.failed]
    if drift:
        lines.append(f"{paper}: the regenerated bundle differs from the committed one: {drift}")
    steps, claims = len(checked.steps), len(checked.judgements)
    state = "all steps replay" if checked.is_sound else "NOT SOUND"
    return [*lines, f"{paper}: {steps} steps, {claims} claims, {state}; {files} files in {folder}"]
