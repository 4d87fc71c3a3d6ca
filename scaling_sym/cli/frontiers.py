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
    from fractions import Fraction

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
    v_ratio: Annotated[
        str | None, typer.Option("--v-ratio", metavar="X", help="v/d at every size; or fix v itself by --at v=VALUE or v=inf.")
    ] = None,
    digits: Annotated[int | None, typer.Option("--digits", metavar="K", help="K digits of the loss, K/2 of the size.")] = None,
    within: Annotated[
        str | None, typer.Option("--within", metavar="X", help="From which size on the local exponents stay so near to theory.")
    ] = None,
    fits: Annotated[bool, typer.Option("--fits", help="What three usual fits make of such data.")] = False,
    json: Json = False,
    csv: Csv = None,
    plot: Plot = None,
) -> None:
    """Optimal size, loss and local exponents at compute budgets, and how far they and the usual fits are from theory.

    plrf takes alpha, beta, B (1), and v (infinite where 2 alpha > 1, else 4 d), with continuous dynamics. The fits are made
    on sizes that double, at the budgets given (at least three).
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
        answer = _answer(at, compute, gamma_fraction, v_ratio, fits, digits, within)
    _write_files(answer, csv, plot)
    if json:
        say_json(answer)
    else:
        _tell(answer)


def _answer(
    at: list[str], compute: str | None, fraction: str, v_ratio: str | None, fits: bool, digits: int | None, within: str | None
) -> dict[str, Any]:
    from scaling_sym.cli.parameters import as_double, read_list, read_option
    from scaling_sym.errors import BadInputError
    from scaling_sym.numerics.frontier_exact import check_digits

    values, family, about = _read_family(at, fraction, v_ratio)
    asked = read_list("--compute", compute)
    budgets = [as_double("a compute budget", f) for f in asked]
    if fits and len(set(budgets)) < 3:
        raise BadInputError(f"--fits needs at least three different budgets, not {len(set(budgets))}")
    tolerance = read_option("--within", within)
    if tolerance is not None and not 0 < tolerance < 1:
        raise BadInputError("--within takes a number between 0 and 1, such as 1/100")
    if digits is not None:
        check_digits(digits)
    points = _find_points(family, budgets)
    theory = _look_up_theory(values)
    columns = _list_points(points)
    answer: dict[str, Any] = {**about, **columns, "theory": theory}
    for name in ("loss_exponent", "size_exponent"):
        answer[f"{name}_off"] = [_subtract(x, theory[name]) for x in columns[name]]
    answer["fits"] = _fit(family, points, theory) if fits else None
    answer["settled"] = None if tolerance is None else _settle(family, theory, float(tolerance))
    if digits is not None:
        answer |= _find_digits(family, asked, digits)
    return answer


def _read_family(at: list[str], fraction: str, v_ratio: str | None) -> tuple[dict[str, Value], Family, dict[str, Any]]:
    """The parameters given, the models of all sizes, and what is said about them."""
    from fractions import Fraction

    from scaling_sym.cli.parameters import read_option, read_parameters, show_exact
    from scaling_sym.numerics.frontier import Family

    values = read_parameters("the frontier of plrf", at, ("alpha", "beta"), ("B", "v"), infinite=("v",))
    share, ratio = read_option("--gamma-fraction", fraction), read_option("--v-ratio", v_ratio)
    batch = values.get("B", Fraction(1))
    assert share is not None
    family = Family.of(values["alpha"], values["beta"], gamma_fraction=share, v_ratio=ratio, modes=values.get("v"), B=batch)
    width = show_exact(values["v"]) if "v" in values else "inf" if family.v_ratio == float("inf") else f"{family.v_ratio:g} d"
    shown = {"alpha": str(values["alpha"]), "beta": str(values["beta"]), "B": show_exact(batch), "v": width}
    notes = ["theory is for v proportional to d, or infinite; here v is the same at every size"] if family.modes else []
    about = {"model": "plrf", "dynamics": "continuous", "at": shown, "gamma_fraction": str(share), "notes": notes}
    return values, family, about


def _find_digits(family: Family, budgets: Sequence[Fraction], digits: int) -> dict[str, list[str]]:
    """Size and loss as text, one budget after another."""
    from scaling_sym.cli.speech import progress
    from scaling_sym.numerics.frontier_exact import frontier_digits

    found = []
    with progress() as shown:
        task = shown.add_task("digits", total=len(budgets), found="")
        for budget in budgets:
            found.append(frontier_digits(family, budget, digits))
            shown.update(task, advance=1, found=f"{len(found)} of {len(budgets)} budgets")
    return {"d_digits": [p.d for p in found], "loss_digits": [p.loss for p in found]}


def _settle(family: Family, theory: dict[str, Any], tolerance: float) -> dict[str, Any]:
    """For each exponent the size from which it stays near to theory; null where it does not below a budget of 1e40."""
    from fractions import Fraction

    from scaling_sym.numerics.frontier import find_settled_size

    answer: dict[str, Any] = {"tolerance": tolerance}
    for name in ("loss_exponent", "size_exponent"):
        limit = theory[name]
        found = find_settled_size(family, name, float(Fraction(limit["exact"])), tolerance) if limit else None
        answer[name] = None if found is None else {"compute": found.compute, "d": found.d}
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
        "size_error": [p.d * p.size_error for p in points],
        "loss_exponent_error": [p.loss_exponent_error for p in points],
        "size_exponent_error": [p.size_exponent_error for p in points],
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
    if answer["notes"]:
        say("\n".join(answer["notes"]))
    if answer["settled"]:
        say("\n".join(_tell_settled(name, answer["settled"]) for name in ("loss_exponent", "size_exponent")))
    if "loss_digits" in answer:
        rows = zip(answer["compute"], answer["d_digits"], answer["loss_digits"], strict=True)
        say_rows(["compute", "d", "loss"], [[show_cell(f), d, loss] for f, d, loss in rows])
    if answer["fits"]:
        names = ("method", "loss_exponent", "loss_exponent_off", "size_exponent", "size_exponent_off", "size_over_optimum")
        say_rows([name.replace("_", " ") for name in names], [[show_cell(fit[name]) for name in names] for fit in answer["fits"]])


def _tell_settled(name: str, settled: dict[str, Any]) -> str:
    text, found = name.replace("_", " "), settled[name]
    if found is None:
        return f"{text}: no budget from 1e4 to 1e40 parts those within {settled['tolerance']:g} of theory from those that are not"
    return f"{text}: within {settled['tolerance']:g} of theory from f = {found['compute']:.2g}, d = {found['d']:.2g} on"
