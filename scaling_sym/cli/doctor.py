"""The verb `doctor`: what is installed, and whether it is enough."""

from __future__ import annotations

from typing import Annotated, Any

import typer

app = typer.Typer()


@app.command(rich_help_panel="People")
def doctor(json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False) -> None:
    """What is installed, with versions, and whether the committed bundles can be read."""
    from scaling_sym.cli.speech import say, say_json, say_rows

    found = _examine()
    if json:
        say_json(found)
    else:
        rows = [[p["name"], p["version"] or "missing", p["wanted"]] for p in found["packages"]]
        say_rows(["package", "version", "wanted"], rows)
        say("")
        say("\n".join([*(f"{name}: {text}" for name, text in found["system"].items()),
                       *(f"bundle of {name}: {text}" for name, text in found["bundles"].items())]))
    if not found["healthy"]:
        raise typer.Exit(1)


def _examine() -> dict[str, Any]:
    import os
    import platform
    import shutil

    from scaling_sym import __version__

    packages = _list_packages()
    bundles = _read_bundles()
    system = {
        "scaling-sym": __version__, "python": platform.python_version(), "system": platform.platform(),
        "cores": str(os.cpu_count()), "pdflatex": shutil.which("pdflatex") or "missing (needed only to typeset)",
    }
    healthy = all(p["version"] for p in packages) and all("cannot" not in text for text in bundles.values())
    return {"healthy": healthy, "system": system, "packages": packages, "bundles": bundles}


def _list_packages() -> list[dict[str, str]]:
    """The runtime dependencies of the installed project (nothing where it is run from a checkout)."""
    import re
    from importlib.metadata import PackageNotFoundError, requires, version

    found = []
    try:
        wanted = requires("scaling-sym") or []
    except PackageNotFoundError:
        wanted = []
    for text in wanted:
        if "extra ==" in text:
            continue
        match = re.match(r"[A-Za-z0-9._-]+", text)
        name = match[0] if match else text
        try:
            have = version(name)
        except PackageNotFoundError:
            have = ""
        found.append({"name": name, "version": have, "wanted": text[len(name) :].strip()})
    return found


def _read_bundles() -> dict[str, str]:
    from scaling_sym.cli.bundles import PAPERS, open_bundle
    from scaling_sym.errors import ScalingSymError

    said = {}
    for paper in PAPERS:
        try:
            bundle = open_bundle(paper=paper)
            said[paper] = f"{len(bundle.steps)} steps, {len(bundle.claims)} claims"
        except ScalingSymError as error:
            said[paper] = f"cannot be read: {error}"
    return said
