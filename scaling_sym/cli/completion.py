"""What the shell offers after Tab: names of figures, tables, models and claims.

Completion is installed once with `scaling-sym --install-completion`. It must never fail or print: where something cannot be
read, nothing is offered.
"""

from __future__ import annotations

from collections.abc import Iterable


def complete_figure(incomplete: str) -> list[str]:
    """Names of figures."""
    from scaling_sym.cli.figures import list_figures

    return _starting(list_figures(), incomplete)


def complete_table(incomplete: str) -> list[str]:
    """Names of tables."""
    from scaling_sym.export.every_table import TABLES_OF

    return _starting(TABLES_OF, incomplete)


def complete_plane(incomplete: str) -> list[str]:
    """Models with a plane of phases."""
    from scaling_sym.cli.bundles import PLANES

    return _starting(PLANES, incomplete)


def complete_claim(incomplete: str) -> list[str]:
    """Labels of claims, read as plain JSON: nothing of a bundle is decoded."""
    import json

    from scaling_sym.cli.bundles import PAPERS, read_file
    from scaling_sym.errors import ScalingSymError

    try:
        labels = [c["label"] for paper in PAPERS for c in json.loads(read_file(None, paper))["claims"]]
    except (ScalingSymError, ValueError, KeyError, TypeError):
        return []
    return _starting(labels, incomplete)


def _starting(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
