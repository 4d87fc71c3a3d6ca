"""Bundles that mean harm: one sentence (status 2) or a step that does not hold (status 1), in bounded time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaling_sym.cli.bundles import committed_file

TEXT = committed_file("bahri2024").read_text()
PLACE = next(i for i, s in enumerate(json.loads(TEXT)["steps"]) if s["rule"] == "power-sum")


def gamma(argument: str, power: str = "1") -> Any:
    return [["gamma", argument], power]


def tower(levels: int) -> Any:
    """A sum in a sum in a sum, each to the fifth power."""
    inner: Any = {"coefficient": "1", "factors": [gamma("b")]}
    for i in range(levels):
        inner = {"coefficient": "1", "factors": [[["sum", inner, {"coefficient": "1", "factors": [gamma(f"b + {i}")]}], "5"]]}
    return inner


def constant(body: dict[str, Any], value: Any) -> None:
    body["steps"][PLACE]["conclusion"]["terms"][1]["constant"] = value


def factors(*values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda body: constant(body, {"coefficient": "1", "factors": list(values)})


def given(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda body: body["steps"][PLACE]["given"].update(values)


FAULTY: dict[str, Callable[[dict[str, Any]], None]] = {
    "gamma of a huge number": factors(gamma("10000000000000/3")), "huge power": factors(gamma("b", "99999999999")),
    "code for a head": factors([["__import__", "os"], "1"]), "tower of powers": given(s0="10**10**9"),
    "large count": given(order=99), "digits": given(s0="9" * 100_000), "expansion": given(c="(a + b + 1)**64*(a - b)**64"),
    "sum in sum": lambda body: constant(body, tower(12)), "huge coefficient": lambda body: constant(
        body, {"coefficient": "1e9999", "factors": []}),
    "cycle": lambda body: body["steps"][0].update(premises=[body["steps"][-1]["id"]]),
    "types": lambda body: (body["steps"][3].update(given={"sums": 7}), body["claims"][0].update(statement=[1])),
}
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
from pathlib import Path
from scaling_sym.claims.bundle import read_bundle
from scaling_sym.cli.bundles import read_file
from scaling_sym.errors import BadInputError
from proofs_check.replay import replay
for path in sys.argv[1:]:
    try:
        bundle = read_bundle(read_file(Path(path)))
        print("faults" if replay(bundle).faults else "SOUND", path)
    except BadInputError as error:
        print("refused" if len(str(error)) < 400 else "LONG", path)
"""


def test_hostile_bundles(tmp_path: Path) -> None:
    """All in one process of 4 GB and 60 s of processor time."""
    for name, fault in FAULTY.items():
        body = json.loads(TEXT)
        fault(body)
        (tmp_path / f"faults {name}").write_text(json.dumps(body))
    refused: dict[str, bytes] = {
        "deep": b"[" * 200_000, "cut off": TEXT[:5000].encode(),
        "two keys": TEXT.replace('"paper":', '"paper": "x", "paper":', 1).encode(),
        "not a number": TEXT.replace('"inner":1', '"inner":NaN', 1).encode(), "binary": bytes(range(256)) * 99,
        "long number": TEXT.replace('"inner":1', '"inner":' + "9" * 10_000, 1).encode(), "empty": b"",
        "huge count": TEXT.replace('"order":1', '"order":1000000000').encode(),
        "two steps": json.dumps({**json.loads(TEXT), "steps": json.loads(TEXT)["steps"] * 2}).encode(),
    }
    for name, data in refused.items():
        (tmp_path / f"refused {name}").write_bytes(data)
    with (tmp_path / "refused 100 MB").open("wb") as stream:
        stream.truncate(100 * 2**20)
    (tmp_path / "refused zero").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "refused pipe")
    paths = sorted(tmp_path.iterdir())
    done = subprocess.run([sys.executable, "-c", LIMITED, *map(str, paths)], capture_output=True, text=True, check=False,
                          timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    for line, path in zip(done.stdout.splitlines(), paths, strict=True):
        assert line == f"{path.name.split()[0]} {path}"


@pytest.mark.parametrize("old", ['"inner":1', '"order":1'])
def test_the_texts_that_are_replaced_occur(old: str) -> None:
    assert old in TEXT
