"""The verb `simulate`: the finite random model, drawn and trained, next to what its equations say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from math import inf, isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from scaling_sym.cli.answers import At, Json
from scaling_sym.cli.curves import Csv, Plot, Steps, Times, show_cell, show_point

if TYPE_CHECKING:
    from scaling_sym.cli.parameters import Value
    from scaling_sym.numerics.power_sums import RealArray
    from scaling_sym.numerics.simulate import Execution, PLRFSimulation, Training

app = typer.Typer()

Curve = TypeVar("Curve")

FINITE_SIZES: Final = "the curve is of the mean field: with many runs, small sizes deviate from it by more than noise"

SimulateModel = Annotated[str, typer.Argument(metavar="MODEL", help="plrf or dmft.")]


@app.command(rich_help_panel="Numbers")
def simulate(
    model: SimulateModel,
    at: At,
    steps: Steps = None,
    times: Times = None,
    runs: Annotated[int, typer.Option("--runs", metavar="N", help="Independent runs, at least 2.")] = 32,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Seed of all random streams.")] = 0,
    dynamics: Annotated[
        str | None,
        typer.Option("--dynamics", metavar="WORD", help="plrf: sgd or averaged (over data, exactly); dmft: flow, descent, sgd."),
    ] = None,
    gamma_fraction: Annotated[
        str | None, typer.Option("--gamma-fraction", metavar="X", help="Learning rate over its stability limit (plrf).")
    ] = None,
    workers: Annotated[int | None, typer.Option("--workers", metavar="K", help="Processes (one for each core).")] = None,
    directory: Annotated[
        Path | None, typer.Option("--directory", metavar="DIR", help="Keep results here; a repeated call resumes.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="ADDRESS", help="Run on the Dask cluster of this scheduler.")
    ] = None,
    json: Json = False,
    csv: Csv = None,
    plot: Plot = None,
) -> None:
    """Train drawn models and average their exact losses, with standard errors; the same numbers for any --workers.

    plrf takes alpha, beta, d, and v (4 d), gamma (half its stability limit), B (1); all sizes finite.

    dmft takes a, b, N, P (each may be inf), modes, and sigma (0), learning_rate (1), momentum (0), batch (1), and networks,
    datasets for the test loss of the mean over so many, every pair trained.
    """
    from scaling_sym.cli.curves import check_model
    from scaling_sym.cli.parameters import refuse_options, refuse_overflow
    from scaling_sym.cli.speech import say_json

    check_model(model)
    if plot:
        from scaling_sym.export.plots import check_plot_file

        check_plot_file(plot)
    with refuse_overflow(), _execution(model, workers, directory, scheduler) as execution:
        if model == "plrf":
            refuse_options(model, {"--times": times})
            answer = _answer_plrf(at, steps, dynamics, gamma_fraction, runs, seed, execution)
        else:
            refuse_options(model, {"--steps": steps, "--gamma-fraction": gamma_fraction})
            answer = _answer_dmft(at, times, dynamics, runs, seed, execution)
    _write_files(answer, csv, plot)
    if json:
        say_json(answer)
    else:
        _tell(answer)


@contextmanager
def _execution(model: str, workers: int | None, directory: Path | None, scheduler: str | None) -> Iterator[Execution]:
    """Where the runs are carried out, with a progress bar on standard error."""
    from scaling_sym.cli.speech import progress
    from scaling_sym.numerics.simulate import Execution

    with progress() as shown:
        task = shown.add_task(f"simulate {model}", total=None, found="")

        def report(done: int, total: int) -> None:
            """Show how many tasks are done."""
            shown.update(task, total=total, completed=done, found=f"{done} of {total} tasks")

        yield Execution(workers, directory, scheduler, report)


def _answer_plrf(
    at: list[str], steps: str | None, dynamics: str | None, fraction: str | None, runs: int, seed: int, execution: Execution
) -> dict[str, Any]:
    from scaling_sym.cli.curves import complete_plrf, show_plrf
    from scaling_sym.cli.parameters import as_double, as_whole, read_list, read_option, read_parameters
    from scaling_sym.cli.usage import nearest
    from scaling_sym.errors import BadInputError
    from scaling_sym.numerics.plrf import loss_curve
    from scaling_sym.numerics.simulate import PLRFModel, expect_plrf, simulate_plrf

    if dynamics not in (None, "sgd", "averaged"):
        raise BadInputError(f"there are no dynamics {dynamics!r} of a simulated plrf{nearest(dynamics, ('sgd', 'averaged'))}")
    values = read_parameters("simulated plrf", at, ("alpha", "beta", "d"), ("v", "gamma", "B"))
    values.setdefault("v", 4 * values["d"])
    asked = [as_whole("a step", r) for r in read_list("--steps", steps)]
    theory, notes = complete_plrf(values, read_option("--gamma-fraction", fraction), "discrete")
    double = {name: as_double(name, getattr(theory, name)) for name in ("alpha", "beta", "gamma")}
    sizes = {name: as_whole(name, getattr(theory, name)) for name in ("d", "v", "B")}
    drawn = PLRFModel(**double, d=sizes["d"], v=sizes["v"], batch=sizes["B"])
    found: PLRFSimulation
    if dynamics == "averaged":
        found = expect_plrf(drawn, asked, weights=runs, seed=seed, execution=execution)
    else:
        found = simulate_plrf(drawn, asked, runs=runs, seed=seed, execution=execution)
    predicted, refusal = _predict(lambda: loss_curve(theory, asked))
    notes += refusal
    if found.unstable:
        notes.append(f"{found.unstable} of {found.weights} drawn W are unstable at this learning rate and were left out")
    notes.append(FINITE_SIZES)
    return {
        "model": "plrf", "dynamics": dynamics or "sgd", "at": show_plrf(theory), "runs": runs, "seed": seed,
        "steps": asked, "loss": _estimate(found.mean, found.standard_error, None if predicted is None else predicted.loss),
        "largest_share": found.largest_share.tolist(), "notes": notes,
    }


def _answer_dmft(
    at: list[str], times: str | None, dynamics: str | None, runs: int, seed: int, execution: Execution
) -> dict[str, Any]:
    from scaling_sym.cli.parameters import as_double, as_whole, read_list, read_parameters, show_exact, show_step
    from scaling_sym.numerics.simulate import DMFTModel, PowerLawModes, Training, simulate_dmft

    optional = ("sigma", "learning_rate", "momentum", "batch", "networks", "datasets")
    values = read_parameters("simulated dmft", at, ("a", "b", "N", "P", "modes"), optional, infinite=("N", "P"))
    asked = read_list("--times", times)
    batch = as_whole("batch", values.get("batch", Fraction(1)))
    rates = {name: as_double(name, values[name]) for name in ("learning_rate", "momentum") if name in values}
    training = Training(dynamics or "flow", batch=batch, **rates)
    modes = PowerLawModes(as_double("a", values["a"]), as_double("b", values["b"]), as_whole("modes", values["modes"]))
    N, P = (None if values[name] == inf else as_whole(name, values[name]) for name in ("N", "P"))
    drawn = DMFTModel(modes, N, P, sigma=as_double("sigma", values.get("sigma", Fraction(0))))
    moments = [as_double("a time", t) for t in asked]
    networks, datasets = (as_whole(name, values.get(name, Fraction(1))) for name in ("networks", "datasets"))
    found = simulate_dmft(
        drawn, moments, training=training, networks=networks, datasets=datasets, runs=runs, seed=seed, execution=execution
    )
    predicted, notes = _predict(lambda: _solve_dmft(values, moments, training, networks, datasets))
    measured = {"test": found.test, "train": found.train}
    curves = predicted or {}
    return {
        "model": "dmft", "dynamics": training.dynamics, "at": {name: show_exact(x) for name, x in values.items()},
        "runs": runs, "seed": seed, "times": [show_step(t) for t in asked],
        **{name: None if e is None else _estimate(e.mean, e.standard_error, curves.get(name)) for name, e in measured.items()},
        "notes": [*notes, FINITE_SIZES],
    }


def _solve_dmft(
    values: dict[str, Value], times: list[float], training: Training, networks: int, datasets: int
) -> dict[str, RealArray]:
    """The test loss of the mean network, and the train loss of one, by the equations."""
    from scaling_sym.cli.mean_field_curves import build_dmft
    from scaling_sym.numerics.dmft import loss_curve
    from scaling_sym.numerics.dmft_contours import Clock
    from scaling_sym.numerics.dmft_online import OnlineSgd, online_curve

    model = build_dmft(values)
    if training.dynamics == "sgd":
        real = networks == 1 or not isfinite(model.N)  # else the equations are those of complex Gaussian data
        rule = OnlineSgd(training.batch, training.learning_rate, real, training.momentum)
        return {"test": online_curve(model, times, rule, share=networks > 1).average(networks, datasets)}
    steps = Clock("steps", training.learning_rate, training.momentum)
    found = loss_curve(model, times, Clock() if training.dynamics == "flow" else steps)
    return {"test": found.average(networks, datasets), "train": found.train}


def _predict(solve: Callable[[], Curve]) -> tuple[Curve | None, list[str]]:
    """The curve, or none and a note: what was simulated counts also where the equations have no answer."""
    from scaling_sym.errors import ScalingSymError

    try:
        return solve(), []
    except ScalingSymError as refusal:
        return None, [f"no curve to compare with: {refusal}"]


def _estimate(mean: RealArray, error: RealArray, predicted: RealArray | None) -> dict[str, Any]:
    """A mean with its standard error, and where there is one the curve and its distance in standard errors."""
    from scaling_sym.cli.parameters import show_floats

    shown: dict[str, Any] = {"mean": show_floats(mean), "standard_error": show_floats(error), "curve": None, "deviation": None}
    if predicted is not None:
        shown["curve"] = show_floats(predicted)
        rows = zip(mean, error, predicted, strict=True)
        # A loss that is the same in every run, as at the start, deviates by rounding only.
        shown["deviation"] = [float((m - p) / e) if e > 1e-12 * abs(m) else None for m, e, p in rows]
    return shown


def _list_columns(answer: dict[str, Any]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: answer[name] for name in ("steps", "times") if name in answer}
    for name in ("loss", "test", "train"):
        for part, values in (answer.get(name) or {}).items():
            if values is not None:
                columns[f"{name}_{part}" if part != "mean" else name] = values
    return columns


def _write_files(answer: dict[str, Any], csv: Path | None, plot: Path | None) -> None:
    from scaling_sym.export.columns import write_columns
    from scaling_sym.export.plots import Panel, draw_panels

    columns = _list_columns(answer)
    if csv:
        write_columns(csv, columns)
    if plot:
        x = "steps" if "steps" in answer else "times"
        series = {n: v for n, v in columns.items() if n in ("loss", "test", "train") or n.endswith("_curve")}
        errors = {n: columns[f"{n}_standard_error"] for n in series if f"{n}_standard_error" in columns}
        title = f"{answer['model']} simulated, {answer['runs']} runs  " + show_point(answer["at"])
        draw_panels(plot, title, [Panel([float(r) for r in columns[x]], series, x, "loss", errors)])


def _tell(answer: dict[str, Any]) -> None:
    from scaling_sym.cli.speech import say, say_rows

    say(f"{answer['model']}, {answer['dynamics']}, {answer['runs']} runs, seed {answer['seed']}: "
        + show_point(answer["at"]))
    columns = _list_columns(answer)
    rows = zip(*columns.values(), strict=True)
    say_rows([name.replace("_", " ") for name in columns], [[show_cell(x) for x in row] for row in rows])
    if answer["notes"]:
        say("\n".join(answer["notes"]))
