"""Where the command line finds bundles and models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaling_sym.errors import BadInputError

if TYPE_CHECKING:
    from scaling_sym.claims.bundle import Bundle
    from scaling_sym.export.rows import Plane

PAPERS: Final = ("paquette2024",)
DERIVATIONS: Final = {"paquette2024": "derivations.paquette2024.plane"}  # modules with a function `build_bundle`
PLANES: Final = {"plrf": "paquette2024"}  # models with a plane of phases, and their paper


def committed_file(paper: str) -> Path:
    """Where the committed bundle of a paper lies; raises `BadInputError` for an unknown paper."""
    from importlib.resources import as_file, files

    from scaling_sym.cli.usage import nearest

    if paper not in PAPERS:
        raise BadInputError(f"there is no paper {paper!r}{nearest(paper, PAPERS) or f'; {PAPERS[0]} is allowed'}")
    with as_file(files(f"derivations.{paper}") / "bundle.json") as path:
        return path


def open_bundle(path: Path | None = None, paper: str = PAPERS[0], digests: bool = True) -> Bundle:
    """The bundle in a file, or the committed one of a paper; raises `BadInputError`."""
    from scaling_sym.claims.bundle import read_bundle

    file = committed_file(paper) if path is None else path
    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadInputError(f"{file} cannot be read: {error.strerror or error}") from None
    return read_bundle(data, digests, str(path) if path else f"the bundle of {paper}")


def open_plane(model: str) -> Plane:
    """The plane of phases of a model; raises `BadInputError` for an unknown model."""
    from scaling_sym.cli.usage import nearest
    from scaling_sym.export.rows import read_plane

    if model not in PLANES:
        hint = nearest(model, PLANES) or f"; {' or '.join(PLANES)} is allowed"
        raise BadInputError(f"there is no model {model!r}{hint}")
    return read_plane(open_bundle(paper=PLANES[model]), model)
