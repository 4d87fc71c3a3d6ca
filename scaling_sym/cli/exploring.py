"""The verb `explore`: the page on which a point of a plane is chosen and everything known there is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command(rich_help_panel="People")
def explore(
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the page here, and do not open it.")] = None,
) -> None:
    """A page for the browser: phase, formulas, exponents and loss curves at any point; it needs no server."""
    from scaling_sym.cli.bundles import LAWS, open_bundle, open_plane
    from scaling_sym.cli.speech import say
    from scaling_sym.export.explorer.page import write_explorer
    from scaling_sym.export.files import write_text_atomically

    page = write_explorer(open_plane("plrf"), open_bundle(paper=LAWS["dmft"]))
    file = out or _choose_file()
    write_text_atomically(file, page)
    say(f"wrote {file}")
    if out is None:
        import webbrowser

        if not webbrowser.open(file.resolve().as_uri()):
            say("no browser could be opened: open the file by hand")


def _choose_file() -> Path:
    """A place that outlives this process, so that a browser can read it."""
    from tempfile import gettempdir

    return Path(gettempdir()) / "scaling-sym-explorer.html"
