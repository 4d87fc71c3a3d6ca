"""The verb `frontier`: compute-optimal size and loss at given budgets, next to theory and to practitioners' fits."""

from __future__ import annotations

from math import isfinite, prod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaling_sym.cli.answers import At, Json
from scaling_sym.cli.curves import Csv, Plot, show_cell, show_point

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaling_sym.cli.parameters import Value
    from scaling_sym.numerics.frontier import Family, FrontierPoint, PracticalFit

app = typer.Typer()

FrontierModel = Annotated[str, typer.Argument(metavar="MODEL", help="plrf.")]


@app.command(rich_help_panel="Numbers")
def frontier(
    model: FrontierModel,
    at: At,
    compute: Annotated[str | None, typer.Option("--compute", metavar="LIST", help="Budgets f = d r B, such as 1e8,1e12.")] = None,
    gamma_fraction: Annotated[
        str, typer.Option("--gamma-fraction", metavar="X", help="Learning rate over its stability limit.")
    ] = "1/2",
    fits: Annotated[bool, typer.Option("--fits", help="What three usual fits make of such data.")] = False,
    json: Json = False,
    csv: Csv = None,
    plot: Plot = None,
) -> None:
    """Optimal size, loss and local exponents at compute budgets, and how far they and the usual fits are from theory.

    plrf takes alpha, beta, and B (1), with continuous dynamics and v infinite where 2 alpha > 1, else 4 d. The fits are
    made on sizes that double, at the budgets given (at least three).
    """
    from scaling_sym.cli.parameters import refuse_overflow
    from scaling_sym.cli.speech import say_json
    from scaling_sym.errors import BadInputError

    if model != "plrf":
        raise BadInputError(f"there is no frontier of a model {model!r}; plrf is allowed")
    if plot:
        from scaling_sym.export.plots import check_plot_file

        check_plot_file(plot)
    with refuse_overflow():
        answer = _answer(at, compute, gamma_fraction, fits)
    _write_files(answer, csv, plot)
    if json:
        say_json(answer)
    else:
        _tell(answer)


def _answer(at: list[str], compute: str | None, fraction: str, fits: bool) -> dict[str, Any]:
    from fractions import Fraction

    from scaling_sym.cli.parameters import as_double, read_list, read_option, read_parameters, show_exact
    from scaling_sym.errors import BadInputError
    from scaling_sym.numerics.frontier import Family

    values = read_parameters("the frontier of plrf", at, ("alpha", "beta"), ("B",))
    budgets = [as_double("a compute budget", f) for f in read_list("--compute", compute)]
    if fits and len(set(budgets)) < 3:
        raise BadInputError(f"--fits needs at least three different budgets, not {len(set(budgets))}")
    share = read_option("--gamma-fraction", fraction)
    assert share is not None
    batch = values.get("B", Fraction(1))
    family = Family.of(values["alpha"], values["beta"], gamma_fraction=share, B=batch)
    points = _find_points(family, budgets)
    theory = _look_up_theory(values)
    columns = _list_points(points)
    answer: dict[str, Any] = {
        "model": "plrf", "dynamics": "continuous",
        "at": {"alpha": str(values["alpha"]), "beta": str(values["beta"]), "B": show_exact(batch),
               "v": "inf" if family.v_ratio == float("inf") else f"{family.v_ratio:g} d"},
        "gamma_fraction": str(share), **columns, "theory": theory,
    }
    for name in ("loss_exponent", "size_exponent"):
        answer[f"{name}_off"] = [_subtract(x, theory[name]) for x in columns[name]]
    answer["fits"] = _fit(family, points, theory) if fits else None
    return answer


def _find_points(family: Family, budgets: Sequence[float]) -> list[FrontierPoint]:
    from scaling_sym.cli.speech import progress
    from scaling_sym.numerics.frontier import frontier as find

    points: list[FrontierPoint] = []
    with progress() as shown:
        task = shown.add_task("frontier plrf", total=len(budgets), found="")
        for budget in budgets:
            points += find(family, [budget])
            shown.update(task, advance=1, found=f"{len(points)} of {len(budgets)} budgets")
    return points


def _list_points(points: Sequence[FrontierPoint]) -> dict[str, list[float]]:
    return {
        "compute": [p.compute for p in points], "d": [p.d for p in points], "steps": [p.steps for p in points],
        "loss": [p.loss for p in points], "error": [p.loss * p.error for p in points],
        "loss_exponent": [p.loss_exponent for p in points], "size_exponent": [p.size_exponent for p in points],
    }


def _look_up_theory(values: dict[str, Value]) -> dict[str, Any]:
    """The derived exponents of the committed bundle; where there are none, the sentence that says why."""
    from fractions import Fraction

    from scaling_sym.cli.bundles import open_plane
    from scaling_sym.errors import OutsideDomainError
    from scaling_sym.export.answers import answer_exponents

    plane = open_plane("plrf")
    point = {name: x for name in plane.names if isinstance(x := values[name], Fraction)}
    try:
        found = answer_exponents(plane, point)
    except OutsideDomainError as reason:
        return {"phase": None, "wall": None, "loss_exponent": None, "size_exponent": None, "log_power": None, "note": str(reason)}
    return {name: found[name] for name in ("phase", "wall", "loss_exponent", "size_exponent", "log_power")} | {"note": None}


def _subtract(measured: float, theory: dict[str, str] | None) -> float | None:
    """Measured less derived exponent."""
    from fractions import Fraction

    return measured - float(Fraction(theory["exact"])) if theory and isfinite(measured) else None


def _fit(family: Family, points: Sequence[FrontierPoint], theory: dict[str, Any]) -> list[dict[str, Any]]:
    """The three fits on sizes that double, from an eighth of the least optimum to eight times the greatest."""
    from scaling_sym.numerics.frontier import SMALLEST_SIZE, fit_envelope, fit_isoflop, fit_parametric

    budgets = sorted(p.compute for p in points)
    sizes = [max(SMALLEST_SIZE, min(p.d for p in points) / 8)]
    while sizes[-1] < 8 * max(p.d for p in points):
        sizes.append(2 * sizes[-1])
    # The fit of all losses takes only sizes that every budget trains for a step at least; the others look at optima.
    trained = [d for d in sizes if d * family.B <= budgets[0]]
    found = [fit_envelope(family, sizes, budgets), fit_isoflop(family, sizes, budgets), fit_parametric(family, trained, budgets)]
    return [_describe_fit(fit, points, theory) for fit in found]


def _describe_fit(found: PracticalFit, points: Sequence[FrontierPoint], theory: dict[str, Any]) -> dict[str, Any]:
    """A fit, how far it is from theory, and its best sizes over the true optima (geometric mean, as a factor)."""
    from scaling_sym.cli.parameters import show_floats

    truth = {p.compute: p.d for p in points}
    shares = [d / truth[f] for f, d in zip(found.budgets, found.best_sizes, strict=True)]
    mean = prod(x ** (1 / len(shares)) for x in shares)
    return {
        "method": found.method,
        "loss_exponent": show_floats([found.loss_exponent])[0], "size_exponent": show_floats([found.size_exponent])[0],
        "loss_exponent_off": _subtract(found.loss_exponent, theory["loss_exponent"]),
        "size_exponent_off": _subtract(found.size_exponent, theory["size_exponent"]),
        "size_over_optimum": show_floats([mean])[0],
        "sizes": show_floats(found.sizes), "budgets": show_floats(found.budgets),
        "best_sizes": show_floats(found.best_sizes), "best_losses": show_floats(found.best_losses),
        "parameters": dict(zip(("E", "A", "a", "C", "b"), show_floats(found.parameters), strict=False)) or None,
    }


_COLUMNS = ("compute", "d", "steps", "loss", "error", "loss_exponent", "loss_exponent_off", "size_exponent", "size_exponent_off")


def _write_files(answer: dict[str, Any], csv: Path | None, plot: Path | None) -> None:
    from scaling_sym.export.columns import write_columns
    from scaling_sym.export.plots import Panel, draw_panels

    if csv:
        write_columns(csv, {name: answer[name] for name in _COLUMNS})
    if plot:
        title = "plrf frontier  " + show_point(answer["at"])
        x = answer["compute"]
        panels = [Panel(x, {"optimum": answer[name]}, "compute f = d r B", label, {})
                  for name, label in (("loss", "loss"), ("d", "optimal d"))]
        draw_panels(plot, title, panels)


def _tell(answer: dict[str, Any]) -> None:
    from scaling_sym.cli.speech import say, say_rows

    say("plrf, continuous: " + show_point(answer["at"])
        + f", gamma = {answer['gamma_fraction']} of the stability limit")
    rows = zip(*(answer[name] for name in _COLUMNS), strict=True)
    say_rows([name.replace("_", " ") for name in _COLUMNS], [[show_cell(x) for x in row] for row in rows])
    theory = answer["theory"]
    loss, size = theory["loss_exponent"], theory["size_exponent"]
    place = f"phase {theory['phase']}" if theory["phase"] else f"wall {theory['wall']}"
    say(f"theory: {theory['note']}" if theory["note"] else
        f"theory: {place}, loss ~ f^-({loss['exact'] if loss else '?'}), d ~ f^({size['exact'] if size else '?'})")
    if answer["fits"]:
        names = ("method", "loss_exponent", "loss_exponent_off", "size_exponent", "size_exponent_off", "size_over_optimum")
        say_rows([name.replace("_", " ") for name in names], [[show_cell(fit[name]) for name in names] for fit in answer["fits"]])
