"""The verb `regenerate`: derive everything, check everything, write everything down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, final

import typer

if TYPE_CHECKING:
    from multiprocessing.pool import Pool

    from rich.progress import Progress, TaskID

    from scaling_sym.claims.bundle import Bundle
    from scaling_sym.cli.judging import Checked
    from scaling_sym.cli.reporting import Pending, Rendered
    from scaling_sym.cli.tasks import Studied
    from scaling_sym.export.prose import Block
    from scaling_sym.export.report import Chapter
    from scaling_sym.export.tables import Table

app = typer.Typer()


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out for one paper."""

    paper: str
    checked: Checked
    drift: str
    numbered: Sequence[Sequence[Block]]
    figures: Sequence[Pending]


@app.command(rich_help_panel="The main job")
def regenerate(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write.")] = Path("scaling-sym-out"),
    update: Annotated[bool, typer.Option("--update", help="Renew the committed bundles (for maintainers).")] = False,
    data: Annotated[bool, typer.Option("--data", help="Run the real tasks too, where their data are installed.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Typeset the report too; needs pdflatex.")] = False,
) -> None:
    """Derive the scaling laws from the models' equations, check every step, and write tables, figures, ledger and report."""
    from scaling_sym.cli.bundles import PAPERS
    from scaling_sym.cli.reporting import open_workers, start_measured
    from scaling_sym.cli.speech import progress, say
    from scaling_sym.export.printed_report import find_latex

    if pdf:
        find_latex()
    _make_folder(out)
    studied = _study(out) if data else None  # before the report, which shows them
    lines = [] if studied is None else [*studied.lines]
    with open_workers() as pool, progress() as shown:
        measured = {paper: start_measured(pool, paper) for paper in PAPERS}
        run = Run(shown, _plan(PAPERS, pdf))
        found = [_work_on(paper, update, measured[paper], pool, run) for paper in PAPERS]
        chapters: list[Chapter] = []
        drawn: dict[str, bytes] = {}
        for outcome in found:
            figures, tables = _add_tasks(outcome.paper, _collect_figures(outcome, run), studied)
            with run.stage(f"write {outcome.paper}") as task:
                files = _write(out / outcome.paper, outcome, figures, shown, task)
            chapters.append(_make_chapter(outcome, figures, tables))
            drawn |= {f"{outcome.paper}-{f.name}.pdf": f.pdf for f in figures}
            lines += _tell(outcome, out / outcome.paper, files)
        with run.stage("report") as task:
            shown.update(task, found="report.html and .pdf" if pdf else "report.html")
            lines.append(_write_report(out, chapters, drawn if pdf else None, run.seconds))
        _write_timings(out, run.seconds)
        run.end()
    say("\n".join(lines))
    if any(not o.checked.is_sound or o.drift for o in found):
        raise typer.Exit(1)


def _study(out: Path) -> Studied:
    from scaling_sym.cli.tasks import study_all_tasks

    return study_all_tasks(out / "data")


def _add_tasks(paper: str, figures: list[Rendered], studied: Studied | None) -> tuple[list[Rendered], list[Table]]:
    """The figures of a paper, and the tables beside those of its bundle, with the real tasks where they belong."""
    from scaling_sym.cli.figure_numbers import MEASURED

    if studied is None or paper != MEASURED["spectra"].paper:
        return figures, []
    return [*(f for f in figures if f.name != "spectra"), *studied.figures], [studied.table]


def _plan(papers: Sequence[str], pdf: bool) -> dict[str, float]:
    """The stages with their usual seconds; waiting for figures counts as much as the share of one worker that is left."""
    from scaling_sym.cli.pace import PDF, REPORT, usual

    stages = {f"{kind} {paper}": usual(kind, paper) for paper in papers for kind in ("derive", "check", "explain")}
    for paper in papers:
        stages |= {f"draw {paper}": 3.0, f"write {paper}": usual("write", paper)}
    return stages | {"report": REPORT + (PDF if pdf else 0.0)}


@final
class Run:
    """What a run has done: a display with the time left of each stage and of everything, and the seconds of each stage."""

    def __init__(self, shown: Progress, plan: dict[str, float]) -> None:
        from scaling_sym.cli.pace import Pace

        self.shown, self.plan, self.seconds = shown, plan, dict[str, float]()
        self.pace, self.start = Pace(sum(plan.values())), perf_counter()
        self.whole = shown.add_task("all", total=len(plan), found="", expected=self.pace.whole)

    @contextmanager
    def stage(self, name: str) -> Iterator[TaskID]:
        """A stage of the plan under the display."""
        from scaling_sym.cli.pace import watch

        start = perf_counter()
        with watch(self.shown, name, self.plan.get(name, 0.0), self.pace) as task:
            yield task
        self.seconds[name] = perf_counter() - start
        self.shown.update(self.whole, advance=1, expected=perf_counter() - self.start + self.pace.left)

    def end(self) -> None:
        """Everything is done, whether or not the plan foresaw it."""
        self.shown.update(self.whole, total=1, completed=1)


def _work_on(paper: str, update: bool, measured: list[Pending], pool: Pool, run: Run) -> Outcome:
    """Derive, check and explain one paper; its figures are begun."""
    from scaling_sym.cli import confirming
    from scaling_sym.cli.reporting import start_planes

    with run.stage(f"derive {paper}") as task:
        bundle = _derive(paper)
        run.shown.update(task, found=f"{len(bundle.steps)} steps, {len(bundle.claims)} claims")
    with run.stage(f"check {paper}") as task:
        checked = _check(bundle)
        wrong = len(checked.faults) + len(checked.failed)
        run.shown.update(task, found=f"{wrong} faults" if wrong else "every certificate replays")
    drift = _compare(paper, checked.bundle, checked, update)
    if update and checked.is_sound:
        confirming.write_confirmed(checked.bundle, confirming.measure(checked.bundle, shown=run.shown).confirmed)
        checked = _check(bundle)
    figures = [*start_planes(pool, checked.bundle), *measured]
    with run.stage(f"explain {paper}") as task:
        numbered = _explain(checked.bundle)
        run.shown.update(task, found=f"{len(numbered)} steps in words")
    return Outcome(paper, checked, drift, numbered, figures)


def _make_folder(out: Path) -> None:
    from scaling_sym.errors import BadInputError

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"{out} cannot be made a folder: {error.strerror or error}") from None


def _derive(paper: str) -> Bundle:
    """Run the paper's derivation."""
    import importlib

    from scaling_sym.claims.bundle import Bundle
    from scaling_sym.cli.bundles import DERIVATIONS

    bundle = importlib.import_module(DERIVATIONS[paper]).build_bundle()
    assert isinstance(bundle, Bundle)
    return bundle


def _check(bundle: Bundle) -> Checked:
    from scaling_sym.cli.judging import record_verdicts

    return record_verdicts(bundle)


def _compare(paper: str, bundle: Bundle, checked: Checked, update: bool) -> str:
    """What differs from the committed bundle; with `update`, a sound bundle is committed and nothing differs."""
    from scaling_sym.claims.writing import read_own_bundle, write_bundle
    from scaling_sym.cli.bundles import committed_file
    from scaling_sym.errors import BadInputError
    from scaling_sym.export.drift import describe_drift
    from scaling_sym.export.files import write_text_atomically

    file, text = committed_file(paper), write_bundle(bundle)
    old = file.read_text(encoding="utf-8") if file.exists() else ""
    if old == text:
        return ""
    if update and checked.is_sound:
        write_text_atomically(file, text)
        return ""
    try:
        return describe_drift(read_own_bundle(old, "the committed bundle"), bundle)
    except BadInputError as error:
        return str(error)


def _explain(bundle: Bundle) -> list[list[Block]]:
    from scaling_sym.export.explain import number_steps

    return number_steps(bundle.steps, bundle)


def _collect_figures(outcome: Outcome, run: Run) -> list[Rendered]:
    """Wait for the figures of a paper."""
    figures: list[Rendered] = []
    with run.stage(f"draw {outcome.paper}") as task:
        for pending in outcome.figures:
            figures.append(pending.get())
            run.seconds[f"draw {figures[-1].name} (aside)"] = figures[-1].seconds
            run.shown.update(task, found=f"{figures[-1].name}, {len(figures)} of {len(outcome.figures)}")
    return figures


def _write(folder: Path, outcome: Outcome, figures: Sequence[Rendered], shown: Progress, task: TaskID) -> int:
    """Write all documents and figures, each whole or not at all; returns their number."""
    from scaling_sym.export.documents_of_paper import list_documents
    from scaling_sym.export.files import write_bytes_atomically

    _make_folder(folder / "tables")
    _make_folder(folder / "figures")
    checked = outcome.checked
    texts = list_documents(checked.bundle, checked.judgements, outcome.drift, outcome.numbered)
    files = [(name, text.encode()) for name, text in texts]
    for figure in figures:
        forms = (("svg", figure.svg), ("pdf", figure.pdf), ("csv", figure.csv.encode()))
        files += [(f"figures/{figure.name}.{form}", data) for form, data in forms]
    for name, data in files:
        write_bytes_atomically(folder / name, data)
    shown.update(task, found=f"{len(files)} files")
    return len(files)


def _make_chapter(outcome: Outcome, figures: Sequence[Rendered], measured: Sequence[Table]) -> Chapter:
    from scaling_sym.cli.reporting import name_paper
    from scaling_sym.export.documents_of_paper import list_tables
    from scaling_sym.export.report import Chapter, Drawn

    bundle, checked = outcome.checked.bundle, outcome.checked
    drawn = [Drawn(f.name, f.title, f.description, f.svg.decode(), f"{outcome.paper}/figures/{f.name}.csv") for f in figures]
    tables = [*list_tables(bundle, checked.judgements), *measured]
    title = name_paper(outcome.paper)
    return Chapter(bundle, checked.judgements, tables, drawn, outcome.numbered, _list_faults(checked), outcome.drift, title)


def _write_report(
    out: Path, chapters: Sequence[Chapter], figures: dict[str, bytes] | None, seconds: dict[str, float]
) -> str:
    """Write the page, and with `figures` the PDF; says where."""
    from scaling_sym.cli.reporting import list_versions
    from scaling_sym.export.files import write_bytes_atomically, write_text_atomically
    from scaling_sym.export.printed_report import compile_pdf, write_printed_report
    from scaling_sym.export.report import write_report

    versions = list_versions()
    write_text_atomically(out / "report.html", write_report(chapters, versions, seconds))
    if figures is not None:
        write_bytes_atomically(out / "report.pdf", compile_pdf(write_printed_report(chapters, versions, seconds), figures))
    return f"the report: {out / 'report.html'}" + (f" and {out / 'report.pdf'}" if figures is not None else "")


def _write_timings(out: Path, seconds: dict[str, float]) -> None:
    import json

    from scaling_sym.export.files import write_text_atomically

    write_text_atomically(out / "timings.json", json.dumps({k: round(v, 2) for k, v in seconds.items()}, indent=1) + "\n")


def _list_faults(checked: Checked) -> list[str]:
    return [*(f"step {f.step} ({f.rule}) does not hold: {f.reason}" for f in checked.faults),
            *(f"claim {j.claim.label} is {j.verdict}: {j.reason}" for j in checked.failed)]


def _tell(outcome: Outcome, folder: Path, files: int) -> list[str]:
    checked, paper = outcome.checked, outcome.paper
    lines = [f"{paper}: {fault}" for fault in _list_faults(checked)]
    if outcome.drift:
        lines.append(f"{paper}: the regenerated bundle differs from the committed one: {outcome.drift}")
    steps, claims = len(checked.steps), len(checked.judgements)
    state = "all steps replay" if checked.is_sound else "NOT SOUND"
    return [*lines, f"{paper}: {steps} steps, {claims} claims, {state}; {files} files in {folder}"]
