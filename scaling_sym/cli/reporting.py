"""What `regenerate` adds to the documents of each paper: figures, drawn beside the derivation, and the report on all of them.

Figures are computed in processes of their own, which start first and have the other cores while the first one derives.
Those of the plane are drawn from the bundle that has just been derived, the others from the equations.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, final

if TYPE_CHECKING:
    from multiprocessing.pool import AsyncResult, Pool

    from scaling_sym.claims.bundle import Bundle
    from scaling_sym.export.pictures import Picture

    Pending: TypeAlias = "AsyncResult[Rendered]"


@final
@dataclass(frozen=True, slots=True)
class Rendered:
    """A figure in its three forms, and how many seconds it took."""

    name: str
    title: str
    description: str
    csv: str
    svg: bytes
    pdf: bytes
    seconds: float


@contextmanager
def open_workers() -> Iterator[Pool]:
    """Processes for the figures, which end with the block, whatever happens in it."""
    from multiprocessing import get_context

    with _hold_interrupts():
        pool = get_context("spawn").Pool(_count_workers(), initializer=_ignore_interrupts)
    with pool:
        yield pool


@contextmanager
def _hold_interrupts() -> Iterator[None]:
    """Ctrl-C waits until the block ends; processes begun in it never see it, not even while they load."""
    import signal

    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _count_workers() -> int:
    """One beside the derivation, and on two cores or more a second, which has them to itself when that has ended."""
    import os

    return 2 if (os.cpu_count() or 1) > 1 else 1


def _ignore_interrupts() -> None:
    """Ctrl-C is for the parent, which ends this process."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def start_measured(pool: Pool, paper: str) -> list[Pending]:
    """Begin with the measured figures of a paper, but for those whose optional package is missing."""
    from importlib.util import find_spec

    from scaling_sym.cli.figure_numbers import MEASURED

    here = [n for n, m in MEASURED.items() if m.paper == paper and (not m.needs or find_spec(m.needs) is not None)]
    return [pool.apply_async(render_measured, (name,)) for name in here]


def start_planes(pool: Pool, bundle: Bundle) -> list[Pending]:
    """Begin with the figures of the planes of phases that a bundle has."""
    from scaling_sym.claims.writing import write_bundle
    from scaling_sym.cli.bundles import PLANES
    from scaling_sym.cli.figures import DRAWN

    models = [model for model, paper in PLANES.items() if paper == bundle.paper]
    text = write_bundle(bundle) if models else ""
    return [pool.apply_async(render_plane, (name, text, model)) for model in models for name in DRAWN]


def render_measured(name: str) -> Rendered:
    """A measured figure at its usual parameters."""
    from time import perf_counter

    from scaling_sym.cli.figures import compute_figure

    start = perf_counter()
    return render_picture(compute_figure(name, {}), start)


def render_plane(name: str, text: str, model: str) -> Rendered:
    """A figure of a plane, from the text of a bundle."""
    from time import perf_counter

    from scaling_sym.claims.bundle import read_bundle
    from scaling_sym.export.planes import picture_exponents, picture_phases
    from scaling_sym.export.rows import read_plane

    start = perf_counter()
    plane = read_plane(read_bundle(text), model)
    return render_picture(picture_phases(plane) if name == "phases" else picture_exponents(plane), start)


def render_picture(picture: Picture, start: float) -> Rendered:
    """A picture in its three forms; it has taken since `start` on the clock of `perf_counter`."""
    from time import perf_counter

    from scaling_sym.export import drawing
    from scaling_sym.export.pictures import format_picture

    svg, pdf = (drawing.render_picture(picture, form) for form in ("svg", "pdf"))
    csv, seconds = format_picture(picture), perf_counter() - start
    return Rendered(picture.name, picture.title, picture.description, csv, svg, pdf, seconds)


def list_versions() -> dict[str, str]:
    """The versions on which what is written depends."""
    import platform
    from importlib.metadata import version

    from scaling_sym import __version__

    names = ("python-flint", "sympy", "mpmath", "numpy", "scipy", "matplotlib")
    return {"scaling-sym": __version__, "python": platform.python_version(), **{name: version(name) for name in names}}


def name_paper(paper: str) -> str:
    """Authors and title, as its BibTeX has them; of several papers all titles."""
    import importlib
    import re

    text = str(importlib.import_module(f"derivations.{paper}.literature").BIBTEX)
    titles, authors = re.findall(r"\btitle = \{(.*?)\},\n", text), re.findall(r"author = \{(.*?)\}", text)
    if len(titles) != 1:
        return "; ".join(titles)
    return f"{', '.join(a.split(',')[0] for a in authors[0].split(' and '))}, {titles[0]}"
