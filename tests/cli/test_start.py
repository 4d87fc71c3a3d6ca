"""Starting up is quick because nothing heavy is loaded, and what the README tells is what the program does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scaling_sym.claims.bundle import is_printed
from scaling_sym.cli.bundles import PAPERS, open_bundle
from scaling_sym.cli.judging import judge_unchecked
from tests.cli.conftest import Runner

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
HEAVY = ("sympy", "mpmath", "numpy", "scipy", "flint", "matplotlib", "rich.progress")


def loaded_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("code", ["import scaling_sym", "from scaling_sym.cli import build_app\nbuild_app()"])
def test_nothing_heavy_is_loaded(code: str) -> None:
    assert loaded_after(code) == set()


def test_help_and_version(call: Runner) -> None:
    helped = call("--help")
    assert helped.status == 0
    for verb in ("regenerate", "exponents", "phases", "table", "latex", "explain", "check", "ledger", "impact", "cite"):
        assert re.search(rf"^  {verb} ", helped.out, re.MULTILINE), verb
    assert call("--version").out.startswith("scaling-sym ")


def test_the_continuous_integration_runs_the_readme() -> None:
    """`.ci/run` has no test command of its own: it reads the README's, which is one shell block of one line."""
    done = subprocess.run(
        [sys.executable, str(ROOT / ".ci" / "readme_command"), "Run the tests"], capture_output=True, text=True, check=True
    )
    assert f"```sh\n{done.stdout}```" in README
    assert done.stdout.count("\n") == 1
    assert "pytest" in done.stdout
    script = (ROOT / ".ci" / "run").read_text()
    assert "readme_command 'Run the tests'" in script
    assert "pytest" not in re.sub(r"#.*", "", script)


def test_the_table_in_the_readme(call: Runner) -> None:
    shown = re.search(r"<!-- the output of [^\n]* -->\n(.*?)<!-- end -->", README, re.DOTALL)
    assert shown is not None
    assert call("table", "phases").out == shown[1]


def test_the_examples_in_the_readme(call: Runner) -> None:
    block = re.search(r"```console\n(.*?)```", README, re.DOTALL)
    assert block is not None
    examples = re.findall(r"\$ scaling-sym ([^\n]*)\n((?:(?!\$ ).*\n)*)", block[1])
    assert len(examples) >= 2
    for line, expected in examples:
        assert call(*line.split()).out == expected


def test_doctor(call: Runner) -> None:
    found = call("doctor", "--json")
    assert found.status == 0
    assert found.document["bundles"]["paquette2024"].endswith("claims")


def test_the_verdicts_in_the_readme() -> None:
    """Everything printed that does not hold as printed, and nothing else."""
    shown = re.search(r"<!-- verdicts -->\n(.*?)<!-- end of verdicts -->", README, re.DOTALL)
    assert shown is not None
    listed = {row.split("|")[1].strip(): row.split("|")[2].strip() for row in shown[1].splitlines()[2:]}
    claims = [j for paper in PAPERS for j in judge_unchecked(open_bundle(paper=paper)) if is_printed(j.claim)]
    assert listed == {j.claim.label: j.verdict for j in claims if j.verdict != "holds"}


def test_the_model_in_the_readme(call: Runner, tmp_path: Path) -> None:
    """The first model of one's own: under 30 lines, with a phase, and a claim that is proved."""
    shown = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    assert shown[1].count("\n") < 30
    (tmp_path / "mine.toml").write_text(shown[1])
    assert "capacity = descent" in call("phases", tmp_path / "mine.toml").out
    judged = call("check", "--model", tmp_path / "mine.toml")
    assert judged.status == 0
    assert "proved" in judged.out
