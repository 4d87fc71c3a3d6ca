"""The verb `curve`: the loss against steps or times, with an error estimate at every value."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from scaling_sym.cli.answers import At, Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaling_sym.cli.parameters import Value
    from scaling_sym.numerics.plrf import LossCurve
    from scaling_sym.numerics.plrf_model import Dynamics, PlrfModel

app = typer.Typer()

SMALLEST: Final = 1e-300
"""Losses below are not shown as doubles: near 1e-308 these lose their digits, and then they are zero."""

CurveModel = Annotated[str, typer.Argument(metavar="MODEL", help="plrf, dmft or kernel.")]
Steps = Annotated[str | None, typer.Option("--steps", metavar="LIST", help="Steps of plrf, such as 0,1000,1e12.")]
Times = Annotated[str | None, typer.Option("--times", metavar="LIST", help="Times of dmft, such as 1,10,100.")]
Sizes = Annotated[str | None, typer.Option("--sizes", metavar="LIST", help="Sizes of kernel, such as 10,1000,1e12.")]
GammaFraction = Annotated[
    str | None, typer.Option("--gamma-fraction", metavar="X", help="Learning rate over its stability limit (plrf).")
]
Csv = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the columns to this file too.")]
Plot = Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Draw them: .png, .pdf or .svg.")]


@app.command(rich_help_panel="Numbers")
def curve(
    model: CurveModel,
    at: At,
    steps: Steps = None,
    times: Times = None,
    sizes: Sizes = None,
    dynamics: Annotated[
        str | None,
        typer.Option("--dynamics", metavar="WORD", help="plrf: discrete (the default), continuous; dmft: flow, descent, sgd."),
    ] = None,
    gamma_fraction: GammaFraction = None,
    digits: Annotated[int | None, typer.Option("--digits", metavar="K", help="So many correct digits.")] = None,
    rtol: Annotated[float | None, typer.Option("--rtol", metavar="X", help="Relative accuracy wanted.")] = None,
    json: Json = False,
    csv: Csv = None,
    plot: Plot = None,
) -> None:
    """The loss at steps or times, and its pieces, with absolute error estimates; any size, any number of digits.

    plrf takes alpha, beta, d, and v (infinite where 2 alpha > 1, else 4 d), gamma (half its stability limit), B (1).

    dmft takes a, b, N, P (each may be inf), and modes (inf), sigma (0), learning_rate (1), momentum (0), batch (1), and
    networks, datasets for the loss of a mean over so many; --times may end with inf.

    kernel takes a, b, and D (data, inf), P (features, inf), ridge (0), sigma (0), modes (inf): the loss after
    training, at D = size with P as given (data), and at P = size with D as given (features).
    """
    from scaling_sym.cli.parameters import refuse_options, refuse_overflow
    from scaling_sym.cli.speech import say_json

    if model != "kernel":
        check_model(model)
    if plot:
        from scaling_sym.export.plots import check_plot_file

        check_plot_file(plot)
    with refuse_overflow():
        if model == "kernel":
            from scaling_sym.cli.kernel_curves import answer_kernel

            refuse_options(model, {"--steps": steps, "--times": times, "--dynamics": dynamics,
                                   "--gamma-fraction": gamma_fraction})
            answer = answer_kernel(at, sizes, digits, rtol)
        elif model == "plrf":
            refuse_options(model, {"--times": times, "--sizes": sizes})
            answer = _answer_plrf(at, steps, dynamics, gamma_fraction, digits, rtol)
        else:
            from scaling_sym.cli.mean_field_curves import answer_dmft

            refuse_options(model, {"--steps": steps, "--sizes": sizes, "--gamma-fraction": gamma_fraction})
            answer = answer_dmft(at, times, dynamics, digits, rtol)
    _write_files(answer, csv, plot)
    if json:
        say_json(answer)
    else:
        _tell(answer)


def check_model(model: str) -> None:
    """Raise `BadInputError` unless there are equations to be solved for the model."""
    from scaling_sym.cli.usage import nearest
    from scaling_sym.errors import BadInputError

    if model not in ("plrf", "dmft"):
        raise BadInputError(f"there is no model {model!r}{nearest(model, ('plrf', 'dmft'))}")


def _answer_plrf(
    at: list[str], steps: str | None, dynamics: str | None, fraction: str | None, digits: int | None, rtol: float | None
) -> dict[str, Any]:
    from scaling_sym.cli.parameters import read_list, read_option, read_parameters, show_step
    from scaling_sym.numerics.plrf_model import stability_limit

    clock = read_dynamics(dynamics)
    values = read_parameters("plrf", at, ("alpha", "beta", "d"), ("v", "gamma", "B"), infinite=("v",))
    asked = read_list("--steps", steps)
    model, notes = complete_plrf(values, read_option("--gamma-fraction", fraction), clock)
    if digits:
        notes.append(f"loss to {digits} digits; all else in double precision, where 0 stands for what is below 1e-308")
    rows = [_describe_plrf(found) for found in _solve_plrf(model, asked, clock, digits, rtol)]
    norm = rows[0].pop("kernel_norm")
    for row in rows[1:]:
        row.pop("kernel_norm")
    return {
        "model": "plrf", "dynamics": clock, "at": show_plrf(model), "stability_limit": stability_limit(model, clock),
        "kernel_norm": norm, "steps": [show_step(r) for r in asked], **_join(rows), "notes": notes,
    }


def read_dynamics(text: str | None) -> Dynamics:
    """`discrete` where nothing is said; raises `BadInputError`."""
    from scaling_sym.errors import BadInputError

    if text in (None, "discrete"):
        return "discrete"
    if text == "continuous":
        return "continuous"
    from scaling_sym.cli.usage import nearest

    raise BadInputError(f"there are no dynamics {text!r}{nearest(text, ('discrete', 'continuous'))}")


def complete_plrf(
    values: dict[str, Value], fraction: Fraction | None, dynamics: Dynamics
) -> tuple[PlrfModel, list[str]]:
    """The model with its defaults, and a note for each of them; raises `BadInputError`.

    A learning rate that comes from the stability limit is rounded to 12 digits, so that the value shown, given back
    by `--at gamma=`, is the very same model.
    """
    from scaling_sym.cli.parameters import show_exact
    from scaling_sym.numerics.plrf_model import PlrfModel, stability_limit

    notes = []
    gamma = values.get("gamma")
    sizes: dict[str, Any] = {"v": values.get("v"), "B": values.get("B", Fraction(1))}
    exponents = (values["alpha"], values["beta"], values["d"])
    if gamma is None:
        is_default, share = fraction is None, Fraction(1, 2) if fraction is None else fraction
        draft = PlrfModel.of(*exponents, gamma_fraction=share, dynamics=dynamics, **sizes)
        gamma, fraction = Fraction(f"{float(draft.gamma):.12g}"), None
        at_size = draft.gamma != share * Fraction(stability_limit(draft, dynamics))
        limit = "its stability limit at this size" if at_size else "the stability limit"
        notes.append(f"gamma = {show_exact(gamma)}, {share} of {limit}{', the default' if is_default else ''}")
    model = PlrfModel.of(*exponents, gamma=gamma, gamma_fraction=fraction, dynamics=dynamics, **sizes)
    if "v" not in values:
        text = "infinitely many modes, since 2 alpha > 1" if 2 * model.alpha > 1 else "v = 4 d, since 2 alpha <= 1"
        notes.append(f"v was not given: {text}")
    return model, notes


def show_plrf(model: PlrfModel) -> dict[str, str]:
    """The model's parameters as exact text."""
    from scaling_sym.cli.parameters import show_exact

    return {name: show_exact(getattr(model, name)) for name in ("alpha", "beta", "d", "v", "gamma", "B")}


def _solve_plrf(
    model: PlrfModel, steps: Sequence[Fraction], dynamics: Dynamics, digits: int | None, rtol: float | None
) -> list[LossCurve]:
    """All steps at once, or with `digits`, where each takes long, one by one under a progress bar."""
    from scaling_sym.cli.speech import progress
    from scaling_sym.numerics.plrf import loss_curve

    if digits is None:
        return [loss_curve(model, steps, dynamics, rtol=rtol)]
    found = []
    with progress() as shown:
        task = shown.add_task("curve plrf", total=len(steps), found="")
        for step in steps:
            found.append(loss_curve(model, [step], dynamics, digits, rtol))
            shown.update(task, advance=1, found=f"{len(found)} of {len(steps)} steps")
    return found


def _describe_plrf(found: LossCurve) -> dict[str, Any]:
    from scaling_sym.cli.parameters import show_floats
    from scaling_sym.errors import PrecisionError

    loss: list[Any] = show_floats(found.loss)
    if found.digits is None and any(abs(x) < SMALLEST for x in found.loss):
        raise PrecisionError(f"a loss lies below {SMALLEST:g}, where doubles lose their digits; --digits K gives it as text")
    error: list[Any] = show_floats(found.error)
    if found.digits is not None and found.loss_digits is not None:
        loss = list(found.loss_digits)
        error = [show_last_place(text, found.digits) for text in loss]
    return {
        "loss": loss, "error": error,
        "pieces": {name: show_floats(x) for name, x in found.pieces.items()},
        "piece_errors": {name: show_floats(x) for name, x in found.piece_errors.items()},
        "forcing": show_floats(found.forcing), "kernel": show_floats(found.kernel),
        "kernel_norm": show_floats([found.kernel_norm])[0], "many_digits": list(found.many_digits),
    }


def show_last_place(text: str, digits: int) -> str:
    """One unit in the last of the digits asked for: a bound for the rounding and for what was computed with more."""
    return str(Decimal(1).scaleb(Decimal(text).adjusted() - digits + 1))


def _join(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The columns of several parts of a curve, one after another."""
    joined: dict[str, Any] = {}
    for name, first in rows[0].items():
        parts = [row[name] for row in rows]
        joined[name] = _join(parts) if isinstance(first, dict) else [x for part in parts for x in part]
    return joined


def _list_columns(answer: dict[str, Any]) -> dict[str, list[Any]]:
    """The columns for people and for CSV."""
    names = ("steps", "times", "sizes", "loss", "test", "train", "error", "train_error", "data", "data_error", "features",
             "features_error")
    columns = {name: answer[name] for name in names if name in answer}
    columns |= answer.get("pieces", {})
    return columns | {name: answer[name] for name in ("forcing", "kernel") if name in answer}


def _write_files(answer: dict[str, Any], csv: Path | None, plot: Path | None) -> None:
    from scaling_sym.export.columns import write_columns
    from scaling_sym.export.plots import Panel, draw_panels

    columns = _list_columns(answer)
    if csv:
        write_columns(csv, columns)
    if plot:
        x = next(name for name in ("steps", "times", "sizes") if name in answer)
        of_time = ("loss", "F_0", "F_pp", "F_ac", "K_pp", "test", "train", "limit")
        drawn = ("data", "features") if x == "sizes" else of_time
        series = {name: [None if y is None else float(y) for y in columns[name]] for name in drawn if name in columns}
        title = answer["model"] + "  " + show_point(answer["at"])
        panel = Panel([_clip(r) for r in columns[x]], series, x, "loss", {})
        draw_panels(plot, title, [panel])


def _clip(step: int | float) -> float | None:
    try:
        return float(step)
    except OverflowError:
        return None


def _tell(answer: dict[str, Any]) -> None:
    from scaling_sym.cli.speech import say, say_rows

    say(f"{answer['model']}, {answer['dynamics']}: " + show_point(answer["at"]))
    columns = _list_columns(answer)
    say_rows(list(columns), [[show_cell(x) for x in row] for row in zip(*columns.values(), strict=True)])
    say("\n".join(answer["notes"]) if answer["notes"] else "")


def show_cell(value: object) -> str:
    """A number in a table for people; long whole numbers in powers of ten."""
    if value is None:
        return ""
    text = f"{value:.9g}" if isinstance(value, float) else str(value)
    return f"{Decimal(text):.9g}" if len(text) > 15 and text.isdigit() else text


def show_point(at: dict[str, str]) -> str:
    """alpha=4/5, d=1e+400."""
    return ", ".join(f"{name}={show_cell(value)}" for name, value in at.items())
