"""The verb `doctor`: what is installed, and whether it is enough."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

app = typer.Typer()

EXTRAS: Final = {
    "cluster": "simulations spread over a Dask cluster", "docs": "the guide, and tutorials that run",
    "lint": "the linters of the project", "test": "the project's own tests",
}
PROGRAMS: Final = {"pdflatex": "the report as PDF", "chromium": "the browser tests"}


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
        rows = [[e["name"], e["adds"], ", ".join(e["missing"]) or "nothing", e["install"]] for e in found["extras"]]
        say_rows(["extra", "adds", "missing", "to install"], rows)
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
        "cores": str(os.cpu_count()),
        **{name: shutil.which(name) or f"missing (only for {use})" for name, use in PROGRAMS.items()},
    }
    healthy = all(p["version"] for p in packages) and all("cannot" not in text for text in bundles.values())
    return {"healthy": healthy, "system": system, "packages": packages, "extras": _list_extras(), "bundles": bundles}


def _list_packages() -> list[dict[str, str]]:
    """The runtime dependencies of the installed project (nothing where it is run from a checkout)."""
    found = []
    for text in _list_requirements():
        if "extra ==" not in text:
            name = _name_of(text)
            found.append({"name": name, "version": _version_of(name), "wanted": text[len(name) :].strip()})
    return found


def _list_extras() -> list[dict[str, Any]]:
    """Each extra: what it adds, what of it is missing, and the command that installs it."""
    import re

    wanted: dict[str, list[str]] = {}
    for text in _list_requirements():
        extra = re.search(r"""extra == ['"]([^'"]+)['"]""", text)
        if extra:
            wanted.setdefault(extra[1], []).append(_name_of(text))
    return [{"name": name, "adds": EXTRAS.get(name, "further packages"), "missing": [p for p in packages if not _version_of(p)],
             "install": f"pip install 'scaling-sym[{name}]'"} for name, packages in sorted(wanted.items())]


def _list_requirements() -> list[str]:
    from importlib.metadata import PackageNotFoundError, requires

    try:
        return requires("scaling-sym") or []
    except PackageNotFoundError:
        return []


def _name_of(requirement: str) -> str:
    import re

    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    return match[0] if match else requirement


def _version_of(package: str) -> str:
    """The version installed, or nothing."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return ""


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
