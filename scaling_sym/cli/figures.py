"""The verb `figure`: a picture, with the numbers in it saved beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from scaling_sym.cli.completion import complete_figure

if TYPE_CHECKING:
    from fractions import Fraction

    from scaling_sym.export.pictures import Picture

app = typer.Typer()

DRAWN: Final = ("phases", "exponent-map")  # from the bundle alone


@app.command(rich_help_panel="Exports")
def figure(
    name: Annotated[str, typer.Argument(
        metavar="NAME", help="phases, exponent-map, curves, pieces, gap, ...", autocompletion=complete_figure,
    )],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to draw: .svg, .pdf or .png; a .csv is put beside.")],
    at: Annotated[
        list[str], typer.Option("--at", metavar="NAME=VALUE", help="A parameter of a measured figure, in place of the usual one.")
    ] = [],  # noqa: B006
    model: Annotated[str, typer.Option("--model", metavar="MODEL", help="Of phases and exponent-map.")] = "plrf",
) -> None:
    """Draw a figure, and save every number in it as CSV beside it.

    From the certified regions: phases, exponent-map. Solved at the point given: curves, pieces, local-exponents (plrf), gap,
    bottlenecks, ensembles (dmft), regimes, limits (kernel). Measured on real data: spectra.
    """
    from scaling_sym.cli.pace import PER_FIGURE, watch
    from scaling_sym.cli.points import read_point
    from scaling_sym.cli.speech import progress, say
    from scaling_sym.errors import BadInputError
    from scaling_sym.export.drawing import render_picture
    from scaling_sym.export.files import write_bytes_atomically
    from scaling_sym.export.pictures import write_picture
    from scaling_sym.export.plots import check_plot_file

    form = check_plot_file(out)
    data = out.with_suffix(".csv")
    if not out.parent.is_dir():
        raise BadInputError(f"{out} cannot be written: there is no folder {out.parent}")
    with progress() as shown, watch(shown, f"figure {name}", PER_FIGURE.get(name, 1)):
        picture = compute_figure(name, read_point(at), model)
        drawn = render_picture(picture, form)
    write_picture(data, picture)
    write_bytes_atomically(out, drawn)
    say(f"{picture.description}\n{out}, and its numbers in {data}")


def list_figures() -> tuple[str, ...]:
    """The names of all figures, those of the plane first."""
    from scaling_sym.cli.figure_numbers import MEASURED

    return (*DRAWN, *MEASURED)


def compute_figure(name: str, point: dict[str, Fraction], model: str = "plrf") -> Picture:
    """The picture of this name; raises `BadInputError` for an unknown name, parameter or model."""
    from scaling_sym.cli.bundles import open_plane
    from scaling_sym.cli.figure_numbers import MEASURED
    from scaling_sym.cli.parameters import refuse_overflow
    from scaling_sym.cli.usage import nearest
    from scaling_sym.errors import BadInputError
    from scaling_sym.export.planes import picture_exponents, picture_phases

    if name not in list_figures():
        raise BadInputError(f"there is no figure {name!r}{nearest(name, list_figures())}")
    if name in MEASURED:
        with refuse_overflow():
            return MEASURED[name].compute(MEASURED[name].parameters(point))
    if point:
        raise BadInputError(f"--at is not allowed with {name}, which shows the whole plane")
    return picture_phases(open_plane(model)) if name == "phases" else picture_exponents(open_plane(model))
