"""The verbs spectrum and task: form, agreement with the library called directly, what they refuse, and the page about them."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import json
import re
import resource
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
from threadpoolctl import threadpool_limits

from scaling_sym.data.exponents import estimate_exponents
from scaling_sym.data.spectra import measure_features
from scaling_sym.data.tasks import FASHION, encode_text, read_corpus
from tests.cli.conftest import Runner
from tests.peers.data_direct import random_task

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "real-data.md").read_text(encoding="utf-8")
K = np.arange(1.0, 201.0)

needs_sklearn = pytest.mark.skipif(importlib.util.find_spec("sklearn") is None, reason="scikit-learn is missing")
needs_fashion = pytest.mark.skipif(not FASHION.is_dir(), reason="the Debian package dataset-fashion-mnist is missing")


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    assert scipy.linalg  # loaded before it is limited
    with threadpool_limits(limits=1):
        yield


def write(folder: Path, a: float = 3.2, b: float = 1.4) -> tuple[Path, Path]:
    """Features and labels as files."""
    x, y = random_task(a, b, (2000, 120), 0.0, 4)
    np.save(folder / "x.npy", x)
    np.savetxt(folder / "y.csv", y)
    return folder / "x.npy", folder / "y.csv"


def test_the_answer_is_the_librarys(call: Runner, tmp_path: Path) -> None:
    x, y = write(tmp_path)
    found = call("spectrum", x, "--labels", y, "--json").document
    wanted = estimate_exponents(measure_features(np.load(x), np.loadtxt(y)[:, None], "x"))
    assert wanted.a is not None
    for name, exponent, truth in (("b", wanted.b, 1.4), ("a", wanted.a, 3.2)):
        assert [found[name][k] for k in ("value", "low", "high")] == [exponent.value, exponent.low, exponent.high]
        assert len(found[name]["windows"]) == len(exponent.windows) > 1
        assert found[name]["low"] <= truth <= found[name]["high"]
    # alpha = 0.7 < beta = 0.9: phase III, well away from every wall.
    assert (found["phase"], found["reason"]) == ("III", None)


def test_without_labels(call: Runner, tmp_path: Path) -> None:
    np.savetxt(tmp_path / "s.csv", K**-1.5)
    found = call("spectrum", tmp_path / "s.csv", "--json").document
    assert found["a"] is None
    assert found["phase"] is None
    assert "no labels" in found["reason"]
    assert found["b"]["value"] == pytest.approx(1.5, abs=1e-9)
    assert "1.500" in call("spectrum", tmp_path / "s.csv").out


def test_a_wall_that_is_straddled_is_named(call: Runner, tmp_path: Path) -> None:
    stream = np.random.default_rng(0)
    np.save(tmp_path / "s.npy", K**-2.0)
    # beta = 1 on average but alpha = beta exactly: the teacher's scatter lets a run over the wall alpha = beta.
    np.save(tmp_path / "w.npy", K**-1.0 * stream.standard_normal(K.size))
    found = call("spectrum", tmp_path / "s.npy", "--labels", tmp_path / "w.npy", "--json").document
    assert found["phase"] is None
    assert "alpha - beta = 0" in found["reason"]


def test_kernels_and_images(call: Runner, tmp_path: Path) -> None:
    x, _ = random_task(2.0, 1.5, (300, 400), 0.0, 1)
    np.save(tmp_path / "k.npy", x @ x.T)
    np.save(tmp_path / "x.npy", x)
    kernel, features = (
        call("spectrum", tmp_path / name, *more, "--json").document["b"]
        for name, more in (("k.npy", ["--kind", "kernel"]), ("x.npy", []))
    )
    assert kernel["value"] == pytest.approx(features["value"], abs=1e-9)
    centred = call("spectrum", tmp_path / "x.npy", "--center", "--json").document["b"]
    assert centred["value"] != features["value"]
    pixels = np.random.default_rng(0).integers(0, 255, (100, 6, 5), dtype=np.uint8)
    labels = np.arange(100, dtype=np.uint8) % 3
    for name, values in (("images.gz", pixels), ("labels.gz", labels)):
        head = bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
        (tmp_path / name).write_bytes(gzip.compress(head + values.tobytes()))
    found = call("spectrum", tmp_path / "images.gz", "--labels", tmp_path / "labels.gz", "--json").document
    assert (found["samples"], found["modes"]) == (100, 30)
    assert "3 classes" in found["notes"][0]


@pytest.mark.parametrize(
    ("values", "more", "said"),
    [
        (np.ones((50, 40)), [], "constant"), (np.ones(50), [], "constant"), (np.zeros(50), [], "constant"),
        (np.ones((50, 50)), ["--kind", "kernel"], "constant"), (np.where(K > 9, np.nan, K), [], "NaN"),
        (np.arange(900.0).reshape(30, 30), ["--kind", "kernel"], "not symmetric"),
        (np.outer(K, K), [], "1 positive eigenvalue,"), (np.outer(K, K), ["--kind", "kernel"], "rank-deficient"),
        (np.outer(K, K)[:, :30], ["--kind", "kernel"], "square"), (K, ["--kind", "kernel"], "1 dimension"),
        (np.outer(K, K), ["--kind", "spectrum"], "2 dimensions"), (-K, [], "negative"), (K[:5], [], "rank-deficient"),
        (1 / K, ["--kind", "nosuch"], "kind"), (1 / K, ["--center"], "--center"), (1 / K, ["--predict"], "--predict"),
        (1 / K, ["--seed", "-1"], "--seed"), (1 / K, ["--plot", "x.png"], "--predict"),
        (np.array([{}], dtype=object), [], "pickled"),
    ],
)
def test_one_sentence(call: Runner, tmp_path: Path, values: np.ndarray, more: list[str], said: str) -> None:
    np.save(tmp_path / "x.npy", values, allow_pickle=True)
    found = call("spectrum", tmp_path / "x.npy", *more, "--json")
    assert found.status == 2
    assert found.out == ""
    assert said in found.err
    assert found.err.count("\n") == 1


@pytest.mark.parametrize(
    ("labels", "said"),
    [(K[:-1], "199 labels for the 200 rows"), (np.full(200, 7.0), "constant"), (np.where(K > 9, np.inf, K), "infinity")]
)
def test_labels_that_do_not_fit(call: Runner, tmp_path: Path, labels: np.ndarray, said: str) -> None:
    np.save(tmp_path / "x.npy", np.random.default_rng(0).standard_normal((200, 50)))
    np.save(tmp_path / "y.npy", labels)
    found = call("spectrum", tmp_path / "x.npy", "--labels", tmp_path / "y.npy")
    assert (found.status, found.out) == (2, "")
    assert said in found.err


def test_curves_of_own_data(call: Runner, tmp_path: Path) -> None:
    features, target = random_task(2.0, 1.5, (300, 30), 0.1, 4)
    x, y = tmp_path / "x.npy", tmp_path / "y.npy"
    np.save(x, features), np.save(y, target)
    table, plot = tmp_path / "c.csv", tmp_path / "c.svg"
    found = call("spectrum", x, "--labels", y, "--predict", "--csv", table, "--plot", plot, "--json").document
    curves = found["prediction"]["curves"]
    assert [c["variable"] for c in curves] == ["time", "width", "samples"]
    with table.open() as stream:
        rows = list(csv.DictReader(stream))
    assert [float(r["trained"]) for r in rows] == [t for c in curves for t in c["trained"]]
    assert plot.read_text().count("mean field") == 3  # in the legend of each panel


def test_what_tasks_refuse(call: Runner, tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text("too short")
    for line in ("task nosuch", "task digits --kernel nosuch", "task text", f"task text --source {tmp_path / 'short.txt'}",
                 f"task fashion --source {tmp_path}", f"task digits --source {tmp_path}", "task digits --plot x.gif",
                 "task digits --kernel infinite-ntk --csv x.csv", f"task text --source {tmp_path / 'nothing'}"):
        found = call(*line.split())
        assert (found.status, found.out, found.err.count("\n")) == (2, "", 1), line


def test_a_corpus_of_tagged_words(tmp_path: Path) -> None:
    (tmp_path / "ca01").write_text("\tThe/at jury/nn said/vbd ,/, ``/`` and/or/cc\n")
    (tmp_path / "README").write_text("not the corpus")
    (tmp_path / "categories.pickle").write_bytes(b"\x80\x04")
    assert read_corpus(tmp_path) == "The jury said , `` and/or"
    task = encode_text("ab " * 9000)
    assert np.all(task.inputs.sum(axis=1) == 8)
    # The character after eight of a period of three is the one that stood three places before the end.
    assert np.array_equal(task.inputs.reshape(-1, 8, 27)[:, 5], task.target)


def blocks() -> dict[str, str]:
    """The commands of the page, with what it says they print."""
    found = re.findall(r"```console\n\$ scaling-sym ([^\n]*)\n(.*?)```", PAGE, re.DOTALL)
    return dict(found)


@needs_sklearn
def test_the_page_on_digits(call: Runner) -> None:
    wanted = blocks()["task digits"]
    numbers, shown = (re.findall(r"\d+\.\d+", text) for text in (call("task", "digits").out, wanted))
    # Another machine's linear algebra rounds otherwise, and other draws follow; what is printed keeps to a tenth of itself.
    assert [float(x) for x in numbers] == pytest.approx([float(x) for x in shown], rel=0.1, abs=0.05)


@needs_fashion
@needs_sklearn
@pytest.mark.deep
def test_the_page_on_all_tasks(call: Runner) -> None:
    rows = re.findall(r"^\| (digits|fashion) \| (inputs|ntk) \|.*\| ([\d.]+) % \| ([\d.]+) % \|$", PAGE, re.MULTILINE)
    assert len(rows) == 4
    for name, kernel, error, reducible in rows:
        found = json.loads(call("task", name, "--kernel", kernel, "--json").out)["prediction"]
        assert 100 * found["median_relative_error"] == pytest.approx(float(error), rel=0.1, abs=0.05)
        assert 100 * found["median_reducible_error"] == pytest.approx(float(reducible), rel=0.1, abs=0.1)


@needs_sklearn
@pytest.mark.deep
def test_regenerate_writes_the_tasks_whose_data_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scaling_sym.cli.tasks import study_all_tasks
    from scaling_sym.data import tasks

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tasks, "FASHION", tmp_path / "nothing")
    found = study_all_tasks(tmp_path / "data")
    assert sorted(p.name for p in (tmp_path / "data").iterdir()) == [
        f"digits-{kernel}.{form}" for kernel in ("inputs", "ntk") for form in ("csv", "json", "svg")
    ]
    assert [word in line for word, line in zip(("inputs", "ntk", "fashion is left out", "text is left out"), found.lines,
                                               strict=True)] == [True] * 4
    assert [[e.data for e in row[:2]] for row in found.table.rows] == [["digits", "inputs"], ["digits", "ntk"]]
    assert [f.name for f in found.figures] == ["spectra-digits"]


@pytest.mark.deep
def test_large_input(tmp_path: Path) -> None:
    """20,000 by 3,000 features in two minutes and eight gigabytes."""
    stream = np.random.default_rng(0)
    x = stream.standard_normal((20_000, 3_000)) * np.arange(1.0, 3_001.0) ** -0.75
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", x @ np.arange(1.0, 3_001.0) ** -0.5)
    words = ["spectrum", str(tmp_path / "x.npy"), "--labels", str(tmp_path / "y.npy"), "--json"]
    code = f"from scaling_sym.cli import run; run({words!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    found = json.loads(done.stdout)
    assert found["b"]["low"] <= 1.5 <= found["b"]["high"]
    assert found["a"]["low"] <= 2.5 <= found["a"]["high"]
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 8 * 2**20  # kilobytes


def test_means_that_nobody_removed_are_seen(call: Runner, tmp_path: Path) -> None:
    """Uncentred features with a mean as large as their scatter: the interval still holds the truth, and a note says why."""
    x, y = random_task(2.2, 1.5, (2000, 300), 0.0, 5)
    shift = np.random.default_rng(1).standard_normal(300)
    np.save(tmp_path / "x.npy", x + np.sqrt(np.square(x).sum() / 2000) * shift / np.linalg.norm(shift))
    np.save(tmp_path / "y.npy", y)
    found = call("spectrum", tmp_path / "x.npy", "--labels", tmp_path / "y.npy", "--json").document
    assert found["b"]["low"] <= 1.5 <= found["b"]["high"]
    assert found["a"]["low"] <= 2.2 <= found["a"]["high"]
    assert any("means over the samples" in line for line in found["notes"])
    centred = call("spectrum", tmp_path / "x.npy", "--labels", tmp_path / "y.npy", "--center", "--json").document
    assert centred["b"]["high"] - centred["b"]["low"] < found["b"]["high"] - found["b"]["low"]
    assert centred["notes"] == []
