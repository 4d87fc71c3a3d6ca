"""The verb `spectrum`: the exponents of real data, with their uncertainty, and the phase if the data can tell."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaling_sym.cli.answers import Json

if TYPE_CHECKING:
    from scaling_sym.data.exponents import Exponent, Exponents
    from scaling_sym.data.spectra import Spectrum

app = typer.Typer()


@app.command(rich_help_panel="Numbers")
def spectrum(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An .npy, .csv or IDX file (also .gz).")],
    labels: Annotated[Path | None, typer.Option("--labels", metavar="FILE", help="One number a row: target or class.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", metavar="WORD", help="features, kernel or spectrum.")] = None,
    center: Annotated[bool, typer.Option("--center", help="Subtract the means over the samples first.")] = False,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of the bootstrap.")] = 0,
    json: Json = False,
) -> None:
    """The exponents of data: eigenvalues ~ k^-b, task power ~ k^-a, each with an interval, and the phase they lie in.

    A list of numbers is a spectrum, a table is features (one row a sample) unless --kind kernel. The labels of a
    spectrum are the coefficients w_k. Whole-number labels with few values are classes.
    """
    from scaling_sym.cli.speech import say_json
    from scaling_sym.data.exponents import estimate_exponents
    from scaling_sym.errors import BadInputError

    if seed < 0:
        raise BadInputError(f"--seed {seed} is not allowed: a whole number of at least 0 is")
    measured, notes = _measure(file, labels, kind, center)
    answer = describe_exponents(measured, estimate_exponents(measured, seed)) | {"notes": notes}
    if json:
        say_json(answer)
    else:
        tell_exponents(answer)


def _measure(file: Path, labels: Path | None, kind: str | None, center: bool) -> tuple[Spectrum, list[str]]:
    from scaling_sym.data.files import read_matrix
    from scaling_sym.data.spectra import encode_target, measure_features, measure_kernel, measure_spectrum
    from scaling_sym.errors import BadInputError

    if kind not in (None, "features", "kernel", "spectrum"):
        raise BadInputError(f"there is no kind {kind!r}: features, kernel and spectrum are allowed")
    data = read_matrix(file)
    values = data.values
    kind = kind or ("spectrum" if values.ndim == 1 else "features")
    if (kind == "spectrum") != (values.ndim == 1):
        raise BadInputError(f"{file} has {values.ndim} dimension{'s' * (values.ndim > 1)} and cannot be read as {kind}: "
                            "a spectrum has one, features and kernels have two")
    if kind == "spectrum" and center:
        raise BadInputError("--center is not allowed with a spectrum, which has no samples to be centred")
    target, notes = None, []
    if labels is not None:
        found = read_matrix(labels)
        if found.values.shape[0] != values.shape[0]:
            raise BadInputError(f"{labels} has {found.values.shape[0]} labels for the {values.shape[0]} rows of {file}; "
                                "one a row is needed")
        if kind == "spectrum":
            columns = found.values.reshape(values.size, -1)
            if not columns.any():
                raise BadInputError(f"{labels} is constant: every label is 0, and a target is needed")
            return measure_spectrum(values, columns, data.name), notes
        target, classes = encode_target(found.values, found.name)
        if classes:
            notes.append(f"the labels were read as {classes} classes, one output each")
    if kind == "spectrum":
        return measure_spectrum(values, None, data.name), notes
    measure = measure_kernel if kind == "kernel" else measure_features
    return measure(values, target, data.name, center, data.precision), notes


def describe_exponents(measured: Spectrum, found: Exponents) -> dict[str, Any]:
    """The answer as plain data."""
    phase, reason = name_phase(found)
    return {
        "file": measured.name, "samples": measured.samples, "modes": int(measured.eigenvalues.size),
        "b": describe_exponent(found.b), "a": None if found.a is None else describe_exponent(found.a),
        "phase": phase, "reason": reason,
    }


def describe_exponent(found: Exponent) -> dict[str, Any]:
    """One exponent as plain data."""
    windows = [{"first": w.first, "last": w.last, "reading": w.reading, "value": w.value, "error": w.error}
               for w in found.windows]
    return {"value": found.value, "low": found.low, "high": found.high, "floor": found.floor, "windows": windows}


def name_phase(found: Exponents) -> tuple[str | None, str | None]:
    """The phase of power-law random features that contains the whole uncertainty, or why there is none."""
    from scaling_sym.cli.bundles import open_plane
    from scaling_sym.export.boxes import phase_of_box

    if found.a is None:
        return None, f"the exponent a is unknown: {found.reason}"
    b, a = ((Fraction(x.low), Fraction(x.high)) for x in (found.b, found.a))
    return phase_of_box(open_plane("plrf"), b, a)


def tell_exponents(answer: dict[str, Any]) -> None:
    """The answer for people."""
    from scaling_sym.cli.speech import say, say_rows

    size = f"{answer['modes']} modes" + (f" from {answer['samples']} samples" if answer["samples"] else "")
    say(f"{answer['file']}: {size}")
    rows = []
    for name, law in (("b", "eigenvalues ~ k^-b"), ("a", "task power ~ k^-a")):
        x = answer[name]
        if x is None:
            rows.append([name, law, "unknown", "", ""])
            continue
        main = x["windows"][0]
        rows.append([name, law, f"{x['value']:.3f}", f"{x['low']:.3f} to {x['high']:.3f}",
                     f"{main['first']} to {main['last']}"])
    say_rows(["", "law", "value", "interval", "modes used"], rows)
    say("")
    say(f"phase      {answer['phase'] or 'not named: ' + answer['reason']}")
    for line in answer["notes"]:
        say(line)
