"""The committed bundle, read once."""

from __future__ import annotations

import pytest

from scaling_sym.claims.bundle import Bundle, read_bundle
from scaling_sym.cli.bundles import committed_file
from scaling_sym.export.rows import Plane, read_plane


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    return read_bundle(committed_file("paquette2024").read_bytes())


@pytest.fixture(scope="session")
def plane(bundle: Bundle) -> Plane:
    return read_plane(bundle, "plrf")
