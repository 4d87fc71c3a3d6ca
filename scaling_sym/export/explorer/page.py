"""The explorer: one page, complete, on which a point of a plane is chosen and everything known there is read off.

Algorithm. Every law of a bundle is a *rule*: a cell, as comparisons in the grammar of `algebra.grammar`, with exponents as
text in that grammar and as MathML (`rules`). A corner and a wall are rules too, whose comparisons contain equalities; so
exactly one rule of a *group* holds at a point. The page decides which with exact fractions (`exact.js`, `laws.js`); nothing
about a region or an exponent is typed in there. The plane is drawn from the polygons of `export.planes` (`scenery`).

Loss curves and compute-optimal fronts are computed in the page: sums over modes and contours (`modes.js`), random features
under one-pass SGD in steps or continuous time (`plrf_curve.js`), the mean-field model with finite N and P
(`mean_field_curve.js`), the front (`front.js`). The tests hold them against `scaling_sym.numerics`.

Vocabulary. *Group*: what the rules tell (the phase; or one quantity of a model with laws for each bottleneck).

Not covered: prefactors as numbers, label noise and discrete steps of the mean-field model.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Final

from scaling_sym.claims.bundle import Bundle
from scaling_sym.export.explorer.rules import describe_laws, describe_plane
from scaling_sym.export.rows import Plane

PARTS: Final = ("exact.js", "modes.js", "plrf_curve.js", "mean_field_curve.js", "front.js", "inputs.js", "laws.js", "plane.js",
                "chart.js", "curves.js", "page.js")


def write_explorer(plane: Plane, laws: Bundle) -> str:
    """The page as HTML, for a plane of phases and a bundle of laws in (a, b); raises `BadInputError` for a malformed one."""
    models = {"plrf": describe_plane(plane), "dmft": describe_laws(laws)}
    data = json.dumps(models, ensure_ascii=False).replace("</", "<\\/")
    page = read_part("page.html")
    for name, text in (("style", read_part("style.css")), ("data", data), ("script", "\n".join(map(read_part, PARTS)))):
        page = page.replace(f"<!-- {name} -->", text)
    return page


def read_part(name: str) -> str:
    """The text of one of the files beside this one."""
    return (files(__package__) / name).read_text("utf-8")
