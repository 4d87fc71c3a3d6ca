"""Where the command line finds bundles and models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaling_sym.errors import BadInputError

if TYPE_CHECKING:
    from scaling_sym.claims.bundle import Bundle
    from scaling_sym.export.rows import Plane

PAPERS: Final = ("paquette2024", "bordelon2024", "bahri2024", "links")
DERIVATIONS: Final = {paper: f"derivations.{paper}.plane" for paper in PAPERS}  # modules with a function `build_bundle`
PLANES: Final = {"plrf": "paquette2024"}  # models with a plane of phases, and their paper
LAWS: Final = {"dmft": "bordelon2024", "kernel": "bahri2024"}  # models with laws for each bottleneck, and their paper


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
    from scaling_sym.claims.writing import read_own_bundle

    read = read_own_bundle if digests else read_bundle
    return read(read_file(path, paper), str(path) if path else f"the bundle of {paper}")


def read_file(path: Path | None, paper: str = PAPERS[0]) -> bytes:
    """The bytes of a bundle's file; raises `BadInputError`."""
    from scaling_sym.claims.bundle import LARGEST_FILE
    from scaling_sym.claims.files import read_bytes

    return read_bytes(committed_file(paper) if path is None else path, LARGEST_FILE)


def differing_steps(bundle: Bundle) -> list[str]:
    """The ids of the steps, and the labels of the claims, that are not those of the committed bundle of the paper."""
    from scaling_sym.claims.writing import claim_id, step_body

    if bundle.paper not in PAPERS:
        return []
    committed = open_bundle(paper=bundle.paper, digests=False)
    known = [step_body(s) for s in committed.steps]
    steps = [s.id for i, s in enumerate(bundle.steps) if i >= len(known) or step_body(s) != known[i]]
    ids = {claim_id(c) for c in committed.claims}
    return steps + [c.label for c in bundle.claims if claim_id(c) not in ids]


def open_plane(model: str) -> Plane:
    """The plane of phases of a model; raises `BadInputError` for an unknown model."""
    from scaling_sym.cli.usage import nearest
    from scaling_sym.export.rows import read_plane

    if model not in PLANES:
        hint = nearest(model, PLANES) or f"; {' or '.join(PLANES)} is allowed"
        raise BadInputError(f"there is no model {model!r}{hint}")
    return read_plane(open_bundle(paper=PLANES[model]), model)


def open_rates(model: str) -> Bundle:
    """The phases of a model for free exponents of learning rate and batch; raises `BadInputError`."""
    from scaling_sym.claims.writing import read_own_bundle

    file = committed_file(PLANES[model]).with_name("rates.json")
    return read_own_bundle(read_file(file), f"the rates of {model}")
