"""The static losses of kernel regression and random features, for the verb `curve`: `kernel` against sizes."""

from __future__ import annotations

from fractions import Fraction
from math import inf
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scaling_sym.cli.parameters import Value

DEFAULTS: dict[str, Value] = {"D": inf, "P": inf, "ridge": Fraction(0), "sigma": Fraction(0), "modes": inf}


def answer_kernel(at: list[str], sizes: str | None, digits: int | None, rtol: float | None) -> dict[str, Any]:
    """The columns `data`, L(size, P), and `features`, L(D, size), with their errors; null at the ridgeless peak D = P.

    With `digits` both are text.  Raises `BadInputError`, and `PrecisionError` where doubles do not reach.
    """
    from scaling_sym.cli.parameters import read_list, read_parameters, show_exact, show_step
    from scaling_sym.errors import BadInputError

    values = DEFAULTS | read_parameters("kernel", at, ("a", "b"), tuple(DEFAULTS), infinite=("D", "P", "modes"))
    asked = read_list("--sizes", sizes)
    if rtol is not None and not 1e-15 < rtol < 1:
        raise BadInputError(f"--rtol {rtol:g} is out of range: between 1e-15 and 1 is allowed")
    columns: dict[str, list[Any]] = {}
    for column, name in (("data", "D"), ("features", "P")):
        rows = [_solve({**values, name: size}, digits, rtol) for size in asked]
        columns[column], columns[f"{column}_error"] = [row[0] for row in rows], [row[1] for row in rows]
    notes = ["data is the test loss at D = size with P as given, features that at P = size with D as given"]
    if any(x is None for x in columns["data"] + columns["features"]):
        notes.append("without ridge the loss is infinite at D = P")
    return {
        "model": "kernel", "dynamics": "after training", "at": {n: show_exact(x) for n, x in values.items()},
        "sizes": [show_step(x) for x in asked], **columns, "notes": notes,
    }


def _solve(values: dict[str, Value], digits: int | None, rtol: float | None) -> tuple[Any, Any]:
    from scaling_sym.cli.curves import show_last_place
    from scaling_sym.cli.parameters import as_double, show_floats
    from scaling_sym.numerics.kernel import KernelModel, kernel_loss, loss_digits

    read = {name: as_double(name, x) for name, x in values.items()}
    sizes, rest = (read["D"], read["P"]), (read["ridge"], read["sigma"], read["modes"])
    model = KernelModel(read["a"], read["b"], *sizes, *rest)
    peak = read["ridge"] == 0 and values["D"] == values["P"] and read["D"] < inf
    if digits is not None and not peak:
        text = loss_digits(model, digits, {n: x for n, x in values.items() if n != "modes"}).test
        return text, show_last_place(text, digits)
    found = kernel_loss(model) if rtol is None else kernel_loss(model, rtol)
    shown = show_floats([found.test, found.error])
    return (shown[0], shown[1]) if shown[0] is not None else (None, None)
