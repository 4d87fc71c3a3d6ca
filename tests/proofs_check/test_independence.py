"""The checker is blind to the proposers: it replays where they cannot be imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

from scaling_sym.cli.bundles import PAPERS, committed_file

PROGRAM = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        blocked = ("scaling_sym.asymptotics", "scaling_sym.models", "scaling_sym.numerics", "derivations", "sympy", "scipy",
                   "scaling_sym.algebra.signs", "scaling_sym.algebra.sampling", "scaling_sym.algebra.growth",
                   "scaling_sym.algebra.linear")
        if name.startswith(blocked):
            raise ImportError("blocked: " + name)
sys.meta_path.insert(0, Refuse())
from scaling_sym.claims.bundle import read_bundle
from proofs_check.replay import replay
from proofs_check.judge import compare_verdicts, judge
bundle = read_bundle(open(sys.argv[1]).read())
outcome = replay(bundle)
assert not outcome.faults, outcome.faults
assert not compare_verdicts(judge(bundle, outcome))
"""


@pytest.mark.parametrize("paper", PAPERS)
def test_replay_without_the_proposers(paper: str) -> None:
    command = [sys.executable, "-c", PROGRAM, str(committed_file(paper))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_every_rule_has_three_files() -> None:
    """A rule is one name: its checker here, its sentence in the explanations, and it occurs in a committed bundle.

    Terms are `stated` in the bundle of a user's model only (tests/cli/test_own_claims.py).
    """
    import json

    from proofs_check.steps import RULES
    from scaling_sym.export.explain import RULES as SENTENCES

    used = {s["rule"] for paper in PAPERS for s in json.loads(committed_file(paper).read_text())["steps"]}
    assert used | {"stated"} == set(RULES) == set(SENTENCES)
