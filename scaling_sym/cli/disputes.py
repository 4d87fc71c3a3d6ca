"""The verb `disputes`: statements that derivation refutes, measured on drawn matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from scaling_sym.numerics.disputes import Dispute

app = typer.Typer()


@app.command(rich_help_panel="Numbers")
def disputes(
    runs: Annotated[int, typer.Option("--runs", metavar="N", help="Independent draws of each, at least 20.")] = 100,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Seed of all random streams.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Simulate the disputed statements of bordelon2024: measured, as printed, as derived, in standard errors.

    The larger network in B-ensemble/one-larger-model is printed to be the better one: the printed value is the bound 0.
    """
    from scaling_sym.cli.pace import PER_DRAW, watch
    from scaling_sym.cli.speech import progress, say, say_json, say_rows
    from scaling_sym.numerics.disputes import settle_disputes

    with progress() as shown, watch(shown, "disputes", PER_DRAW * runs):
        found = settle_disputes(runs, seed)
    if json:
        say_json({"runs": runs, "seed": seed, "disputes": [_describe(d) for d in found]})
        return
    columns = ["claim", "what", "where", "measured", "+-", "printed", "off", "derived", "off"]
    say(f"{runs} draws each, seed {seed}; `off` is the distance in standard errors")
    say_rows(columns, [_row(d) for d in found])


def _describe(found: Dispute) -> dict[str, Any]:
    return {
        "claim": found.claim, "what": found.what, "where": found.where, "measured": found.measured,
        "standard_error": found.standard_error, "printed": found.printed, "off_printed": found.off_printed,
        "derived": found.derived, "off_derived": found.off_derived,
    }


def _row(found: Dispute) -> list[str]:
    return [found.claim, found.what, found.where, f"{found.measured:.4f}", f"{found.standard_error:.4f}",
            f"{found.printed:.4f}", f"{found.off_printed:.1f}", f"{found.derived:.4f}", f"{found.off_derived:.1f}"]
