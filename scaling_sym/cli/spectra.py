"""The verb `spectrum`: the exponents of real data, with their uncertainty, and the phase if the data can tell."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaling_sym.cli.answers import Json
from scaling_sym.cli.speech import say, say_json, say_rows
from scaling_sym.errors import BadInputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from scaling_sym.data.exponents import Exponent, Exponents
    from scaling_sym.data.spectra import Spectrum

    Array = NDArray[np.float64]

app = typer.Typer()

MEANS = 2.0
"""So many times their share in n samples without means, 1/n, may the means have before they count."""

Csv = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the learning curves to this file.")]
Plot = Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Draw them: .png, .pdf or .svg.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Of all that is drawn at random.")]


@app.command(rich_help_panel="Numbers")
def spectrum(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An .npy, .csv or IDX file (also .gz).")],
    labels: Annotated[Path | None, typer.Option("--labels", metavar="FILE", help="One number a row: target or class.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", metavar="WORD", help="features, kernel or spectrum.")] = None,
    center: Annotated[bool, typer.Option("--center", help="Subtract the means over the samples first.")] = False,
    predict: Annotated[bool, typer.Option("--predict", help="Learning curves too, predicted and trained.")] = False,
    seed: Seed = 0,
    json: Json = False,
    csv: Csv = None,
    plot: Plot = None,
) -> None:
    """The exponents of data: eigenvalues ~ k^-b, task power ~ k^-a, each with an interval, and the phase they lie in.

    A list of numbers is a spectrum, a table is features (one row a sample) unless --kind kernel. The labels of a
    spectrum are the coefficients w_k. Whole-number labels with few values are classes. --predict needs features with
    labels; it centres both.
    """
    from scaling_sym.cli.tasks import check_outputs, describe_study, tell_study, write_study
    from scaling_sym.data.exponents import cover_both, estimate_exponents
    from scaling_sym.data.learning import study_learning

    check_outputs(predict, seed, csv, plot)
    values, target, measured, centred, notes = _measure(file, labels, kind, center)
    if predict and (target is None or kind not in (None, "features")):
        raise BadInputError("--predict needs features with labels: learning curves follow from both")
    found = estimate_exponents(measured, seed)
    if centred is not None:
        found = cover_both(found, estimate_exponents(centred, seed))
    answer = describe_exponents(measured, found)
    if predict and target is not None:
        study = study_learning(values, target, str(file), seed)
        answer["prediction"] = describe_study(study)
        write_study(str(file), study, csv, plot)
    answer["notes"] = notes
    if json:
        say_json(answer)
        return
    tell_exponents(answer)
    if predict:
        tell_study(answer["prediction"])


def _measure(
    file: Path, labels: Path | None, kind: str | None, center: bool
) -> tuple[Array, Array | None, Spectrum, Spectrum | None, list[str]]:
    """The values, the target (None for a spectrum), what is measured on them, also centred where means matter, and notes."""
    from scaling_sym.data.files import read_matrix
    from scaling_sym.data.spectra import encode_target, mean_share, measure_features, measure_kernel, measure_spectrum

    data = read_matrix(file)
    kind = _read_kind(file, kind, data.values.ndim, center)
    found = None if labels is None else read_matrix(labels)
    if found is not None and found.values.shape[0] != data.values.shape[0]:
        raise BadInputError(f"{labels} has {found.values.shape[0]} labels for the {data.values.shape[0]} rows of {file}; "
                            "one a row is needed")
    if kind == "spectrum":
        columns = None if found is None else found.values.reshape(data.values.size, -1)
        return data.values, None, measure_spectrum(data.values, columns, data.name), None, []
    target, classes = (None, 0) if found is None else encode_target(found.values, found.name)
    notes = [f"the labels were read as {classes} classes, one centred output each"] if classes else []
    measure = measure_kernel if kind == "kernel" else measure_features
    measured, centred = measure(data.values, target, data.name, center, data.precision), None
    share = 0.0 if center else mean_share(data.values, kind == "kernel")
    if share > MEANS / data.values.shape[0]:
        centred = measure(data.values, target, data.name, True, data.precision)
        notes.append(f"the means over the samples hold {share:.1%} of the mean square: their eigenvalue belongs to no power law "
                     "and bends the others, so that the intervals cover the centred reading too; --center gives it alone")
    return data.values, target, measured, centred, notes


def _read_kind(file: Path, kind: str | None, dimensions: int, center: bool) -> str:
    """What the file is read as; raises `BadInputError` where its shape says otherwise."""
    if kind not in (None, "features", "kernel", "spectrum"):
        raise BadInputError(f"there is no kind {kind!r}: features, kernel and spectrum are allowed")
    kind = kind or ("spectrum" if dimensions == 1 else "features")
    if (kind == "spectrum") != (dimensions == 1):
        raise BadInputError(f"{file} has {dimensions} dimension{'s' * (dimensions > 1)} and cannot be read as {kind}: "
                            "a spectrum has one, features and kernels have two")
    if kind == "spectrum" and center:
        raise BadInputError("--center is not allowed with a spectrum, which has no samples to be centred")
    return kind


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
