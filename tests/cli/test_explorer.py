"""The explorer in a real browser: what it shows at points typed in is what the library says; its curve is the library's."""

from __future__ import annotations

import html
import json
import random
import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import scaling_sym.export.explorer as explorer
from scaling_sym.cli.bundles import open_bundle, open_plane
from scaling_sym.errors import OutsideDomainError
from scaling_sym.export.answers import answer_exponents
from scaling_sym.export.laws import answer_laws
from scaling_sym.numerics.plrf import loss_curve
from scaling_sym.numerics.plrf_model import PlrfModel
from tests.cli.conftest import Runner

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
NODE = shutil.which("node")
Points = list[tuple[Fraction, Fraction]]


def shown(page: Path, model: str, points: Points) -> list[list[str]]:
    """What the page reports at each point: the name of the region, then its exponents."""
    report = ";".join(f"{x},{y}" for x, y in points)
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={page.parent / 'profile'}",
               "--dump-dom", f"{page.as_uri()}#model={model}&report={report}"]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False).stdout
    found = re.search(r'<pre id="report"[^>]*>(.*?)</pre>', dom, re.DOTALL)
    assert found is not None
    listed: list[list[str]] = json.loads(html.unescape(found[1]))["shown"]
    return listed


@pytest.fixture
def page(call: Runner, tmp_path: Path) -> Path:
    file = tmp_path / "explorer.html"
    assert call("explore", "--out", file).status == 0
    assert file.stat().st_size < 5_000_000
    assert "http" not in re.sub(r"http://www\.w3\.org/\S*", "", file.read_text(encoding="utf-8"))
    return file


@pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")
def test_phases_and_exponents_at_200_points(page: Path) -> None:
    rng, plane = random.Random(3), open_plane("plrf")
    points = [(Fraction(rng.randint(1, 1500), 1000), Fraction(rng.randint(1, 1500), 1000)) for _ in range(180)]
    points += [(Fraction(1, 2), Fraction(k, 10)) for k in range(1, 15)] + [(Fraction(k, 10), Fraction(1, 2)) for k in range(1, 7)]
    seen = set()
    for (x, y), said in zip(points, shown(page, "plrf", points), strict=True):
        try:
            answer = answer_exponents(plane, {"alpha": x, "beta": y})
        except OutsideDomainError:
            assert len(said) == 1
            continue
        seen.add(answer["phase"])
        assert said[1:3] == [answer["loss_exponent"]["exact"], answer["size_exponent"]["exact"]], (x, y)
        assert answer["phase"] is None or said[0] == f"Phase {answer['phase']}"
    assert {"Ia", "Ib", "Ic", "II", "III", "IVa", "IVb", None} <= seen


@pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")
def test_laws_of_the_mean_field_model(page: Path) -> None:
    rng, laws = random.Random(3), open_bundle(paper="bordelon2024")
    points = [(1 + Fraction(rng.randint(1, 5000), 1000), 1 + Fraction(rng.randint(1, 3000), 1000)) for _ in range(60)]
    for (x, y), said in zip(points, shown(page, "dmft", points), strict=True):
        assert sorted(said[1:]) == sorted(powers(answer_laws(laws, {"a": x, "b": y}))), (x, y)


def powers(answer: dict[str, Any]) -> list[str]:
    """The powers that the page shows: negative where something decays."""
    def falling(exponent: dict[str, str]) -> str:
        return str(-Fraction(exponent["exact"]))

    compute, corrections = answer["compute"], answer["corrections"]
    found = [falling(compute["loss"]), compute["size"]["exact"], compute["steps"]["exact"]]
    found += [falling(answer[k]) for k in ("time", "model", "data")] + [falling(answer["sgd"][k]) for k in ("time", "size")]
    found += [falling(c[k]) for c in (corrections["model"], corrections["data"], answer["gap"]) for k in ("size", "time")]
    return found


CASES = [  # alpha, beta, d, share of the limit, B; small alpha with large beta is where a first version lost digits
    ("4/5", "11/10", 10**6, "1/2", 1), ("4/25", "121/50", 10**3, "1/4", 4), ("1/2", "7/10", 500, "1/2", 1),
    ("3/10", "1", 10**4, "3/4", 1), ("7/5", "3/10", 10**5, "1/3", 100), ("7/10", "7/10", 3200, "1/2", 1),
]


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_the_curve_is_that_of_the_library(tmp_path: Path) -> None:
    """1e-6 relative, on times up to ten times the window."""
    source = (Path(next(iter(explorer.__path__))) / "loss_curve.js").read_text(encoding="utf-8")
    models = [PlrfModel.of(Fraction(a), Fraction(b), d, gamma_fraction=Fraction(s), B=n, dynamics="continuous")
              for a, b, d, s, n in CASES]
    times = [[float(f"{(10 * d ** float(2 * Fraction(a))) ** (i / 6) / float(m.gamma * n):.5g}") for i in range(7)]
             for (a, _, d, _, n), m in zip(CASES, models, strict=True)]
    numbers = [[float(Fraction(x)) for x in case] for case in CASES]
    script = tmp_path / "curve.js"
    script.write_text(f"{source}\nconst times={json.dumps(times)};const out={json.dumps(numbers)}.map(([a,b,d,s,B],i)=>{{"
                      "const m=prepareModel(a,b,d,s,B);return times[i].map(t=>lossAt(t,m).loss);});"
                      "console.log(JSON.stringify(out));", encoding="utf-8")
    done = subprocess.run([str(NODE), str(script)], capture_output=True, text=True, timeout=60, check=True)
    for model, places, found in zip(models, times, json.loads(done.stdout), strict=True):
        assert found == pytest.approx(list(loss_curve(model, places, "continuous").loss), rel=1e-6)
