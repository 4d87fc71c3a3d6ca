"""A user's own claims: verdicts against exhaustion, planted faults, and files that mean harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from proofs_check.own_claims import Model, Verdict, judge_law
from proofs_check.replay import replay
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.asymptotics.certify import describe_problem
from scaling_sym.asymptotics.model_file import read_laws
from scaling_sym.asymptotics.optimum import terms_at
from scaling_sym.asymptotics.stated import Law
from scaling_sym.claims.bundle import Bundle, Claim, Source, read_bundle
from scaling_sym.claims.encoding import encode
from scaling_sym.claims.writing import write_bundle
from scaling_sym.cli.own_claims import build_bundle, judge_laws, judge_within
from scaling_sym.errors import BadInputError
from tests.cli.conftest import Runner
from tests.peers.brute_force import minimise_vertices

MODELS = Path(__file__).parents[2] / "docs" / "models"
BATCH = (MODELS / "batch_size.toml").read_text()
SMALL = 'resources = ["N", "t"]\nbudget = "N*t"\ndomain = ["a > 0", "b > 0"]\n[terms]\nsize = "N**(-a)"\ntime = "t**(-b)"\n'


def claim(quantity: str, exponent: str, *region: str) -> str:
    return f"\n[[claim]]\nquantity = {json.dumps(quantity)}\nexponent = {json.dumps(exponent)}\nregion = {json.dumps(region)}\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "model.toml"
    path.write_text(text)
    return path


def judge(folder: Path, text: str) -> list[dict[str, Any]]:
    return judge_laws(*read_laws(write(folder, text)))


LAWS = [
    ("loss", "a*b/(a + b)", ["b < c"], "proved"),
    ("loss", "a*b/(a + b)", [], "refuted"),
    ("loss", "a*b/(a + b)", ["b > c"], "refuted"),
    ("loss", "a*b/(a + b) + (a - b)*(a - 2*b)", ["b < c"], "refuted"),
    ("N", "c/(a + c)", ["c < b"], "proved"),
    ("t", "a/(a + b)", ["b < c"], "proved"),
    ("B", "0", ["b < c"], "proved"),
    ("t", "a/(a + c)", ["c < b"], "undecided"),
    ("B", "0", ["c < b"], "undecided"),
    ("B", "1", [], "refuted"),
    ("loss", "0", ["a > 2*b", "b < c"], "refuted"),
    ("loss", "1/(a - b)", ["b < c"], "refuted"),
]


def test_verdicts_and_witnesses(tmp_path: Path) -> None:
    """At every witness the derived exponent is the one that exhaustion finds, and the claimed one is another."""
    found = judge(tmp_path, BATCH + "".join(claim(q, e, *r) for q, e, r, _ in LAWS))
    assert [f["verdict"] for f in found] == [v for *_, v in LAWS]
    problem, _ = read_laws(tmp_path / "model.toml")
    for answer, (quantity, exponent, _, verdict) in zip(found, LAWS, strict=True):
        assert bool(answer["witness"]) == (verdict == "refuted")
        assert answer["reason"]
        if verdict != "refuted":
            continue
        point = {n: Fraction(x) for n, x in answer["witness"]["point"].items()}
        rows = [[t.monomial.exponent(n).at(point) for n in problem.resources] for t in terms_at(problem, point)]
        loss, places = minimise_vertices(rows, [Fraction(1)] * 3)
        derived, said = Fraction(answer["witness"]["derived"]), Fraction(answer["witness"]["claimed"])
        assert said == parse_ratio(exponent).at(point) != derived
        assert {derived} == ({loss} if quantity == "loss" else {p[problem.resources.index(quantity)] for p in places})


def test_a_law_beside_a_pole_of_its_own(tmp_path: Path) -> None:
    """A claimed exponent that is undefined on a line inside its region is compared off that line."""
    (found,) = judge(tmp_path, SMALL + claim("loss", "a*b*(a - b)/((a + b)*(a - b))"))
    assert found["verdict"] == "proved"
    (found,) = judge(tmp_path, SMALL + claim("loss", "a*b/(a + b) + 1/(a - b)"))
    assert found["verdict"] == "refuted"


def test_exit_statuses(call: Runner, tmp_path: Path) -> None:
    good = call("check", "--model", str(write(tmp_path, SMALL + claim("loss", "a*b/(a + b)"))), "--json")
    assert good.status == 0
    assert [c["verdict"] for c in good.document["claims"]] == ["proved"]
    bad = call("check", "--model", str(write(tmp_path, SMALL + claim("loss", "a*b/(a + b)") + claim("N", "1/2"))))
    assert bad.status == 1
    assert "witness" in bad.out
    for text in ("resources = [", SMALL + claim("loss", "1", "a < 0")):
        refused = call("check", "--model", str(write(tmp_path, text)))
        assert (refused.status, refused.out) == (2, "")
        assert refused.err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [(claim("X", "1"), "quantity 'X'"), (claim("loss", "z"), "contains z"), (claim("loss", "a", "z > 0"), "contains z"),
     (claim("loss", "N"), "contains N"), (claim("loss", "a", "N > 0"), "resource N"), (claim("loss", "a/0"), "division by zero"),
     (claim("loss", "a") + "name = \"x\"\n" + claim("loss", "b") + "name = \"x\"\n", "one name"),
     ("\n[[claim]]\nquantity = \"loss\"\n", "exponent are needed"), ("\n[claim]\nx = 1\n", "tables")],
)
def test_bad_claims_are_refused_with_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        read_laws(write(tmp_path, SMALL + text))


def test_a_file_without_claims_has_nothing_to_judge(call: Runner, tmp_path: Path) -> None:
    refused = call("check", "--model", str(write(tmp_path, SMALL)))
    assert (refused.status, refused.out) == (2, "")
    assert call("check", "--model", str(tmp_path / "absent.toml")).status == 2


def test_phases_of_a_file(call: Runner, tmp_path: Path) -> None:
    answer = call("phases", str(MODELS / "batch_size.toml"), "--json").document
    assert [p["loss_exponent"] for p in answer["phases"]] == ["a*b/(a + b)", "a*c/(a + c)"]
    assert [p["unique"] for p in answer["phases"]] == [True, False]
    assert call("phases", str(write(tmp_path, SMALL)), "--at", "a=1").status == 2


# Faults planted into the steps: none may leave a law proved.


def proved_bundle(folder: Path) -> tuple[Bundle, Model]:
    problem, laws = read_laws(write(folder, BATCH + claim("loss", "a*b/(a + b)", "b < c") + claim("N", "c/(a + c)", "c < b")))
    bundle, _ = build_bundle(problem, laws)
    return bundle, Model(((encode(problem.domain)[:0], encode(list(problem.terms))),), encode(describe_problem(problem)),
                         encode(problem.domain))


def verdicts(bundle: Bundle, model: Model) -> list[Verdict]:
    outcome = replay(bundle)
    return [judge_law(c, model, bundle, outcome) for c in bundle.claims]


def change(bundle: Bundle, rule: str, place: int, edit: Callable[[dict[str, Any]], object]) -> Bundle:
    """A copy in which one step was edited; digests are those of the edited content."""
    body = json.loads(write_bundle(bundle))
    edit([s for s in body["steps"] if s["rule"] == rule][place])
    return read_bundle(json.dumps(body))


FAULTS: list[tuple[str, int, Callable[[dict[str, Any]], object]]] = [
    ("stated", 0, lambda s: s["conclusion"]["terms"].pop(0)),
    ("stated", 0, lambda s: s["conclusion"]["terms"][0]["monomial"].update(N="-2*a")),
    ("stated", 0, lambda s: s["conclusion"]["terms"].append(dict(s["conclusion"]["terms"][0], name="more"))),
    ("stated", 0, lambda s: s["given"].update(cost={"N": "1", "t": "1"})),
    ("stated", 0, lambda s: s.update(cell=["a - 1 > 0"])),
    ("stated", 0, lambda s: s.update(certificate={})),
    ("optimum", 0, lambda s: s["conclusion"].update(loss="a")),
    ("optimum", 0, lambda s: s["conclusion"]["sizes"].update(N="1")),
    ("optimum", 0, lambda s: s["certificate"]["multipliers"].__setitem__(0, "1")),
    ("optimum", 0, lambda s: s.update(cell=["a > 0", "b > 0", "c > 0"])),
    ("optimum", 1, lambda s: s["conclusion"].update(sizes=s["certificate"]["powers"])),
    ("optimum", 1, lambda s: (s["conclusion"].update(sizes=s["certificate"]["powers"]),
                              s["certificate"]["determined"].update(B=["0"] * 5, t=["0"] * 5))),
    ("optimum", 1, lambda s: s["certificate"]["determined"]["N"].__setitem__(0, "1")),
    ("optimum", 0, lambda s: s["given"].update(cost={"N": "1", "t": "1"})),
    ("optimum", 0, lambda s: s.update(premises=[])),
    ("match", 0, lambda s: s["conclusion"].update(hits=[1], whole=[])),
    ("match", 0, lambda s: s.update(cell=[])),
    ("match", 0, lambda s: s["given"].update(domain=["a > 0", "b > 0", "c > 0", "a - b > 0"])),
    ("match", 0, lambda s: s["certificate"].update(tree={"phase": None, "weights": []})),
]


@pytest.mark.parametrize("number", range(len(FAULTS)))
def test_no_fault_leaves_both_laws_proved(tmp_path: Path, number: int) -> None:
    bundle, model = proved_bundle(tmp_path)
    assert [v.verdict for v in verdicts(bundle, model)] == ["proved", "proved"]
    assert {v.verdict for v in verdicts(change(bundle, *FAULTS[number]), model)} - {"proved"}


def test_a_law_that_says_something_else_is_not_proved(tmp_path: Path) -> None:
    bundle, model = proved_bundle(tmp_path)
    first, second = bundle.claims
    for other in (replace(first, statement={"quantity": "loss", "exponent": "a"}), replace(first, region=[]),
                  replace(second, statement={"quantity": "t", "exponent": second.statement["exponent"]}),
                  replace(first, steps=second.steps), replace(first, steps=())):
        forged = replace(bundle, claims=(other,))
        assert verdicts(forged, model)[0].verdict != "proved"


def test_stated_terms_carry_no_derived_claim(tmp_path: Path) -> None:
    """Whoever states terms cannot pass off what follows from them as derived from a model's equations."""
    bundle, _ = proved_bundle(tmp_path)
    optimum = next(s for s in bundle.steps if s.rule == "optimum")
    said = {"phase": "I", "quantity": "loss", "exponent": optimum.conclusion["loss"], "tradeoff": ["capacity", "descent"],
            "witness": {"a": "1", "b": "1", "c": "2"}}
    claim_on_it = Claim("plrf/I/loss", "phase", said, optimum.cell, (), Source("p", "", "derived"), (optimum.id,))
    outcome = replay(replace(bundle, claims=(claim_on_it,)))
    assert [(f.step, f.reason) for f in outcome.faults] == [("plrf/I/loss", "the step by optimum rests on other terms")]


# Hostile files: one sentence (status 2) or "undecided" (status 1), within bounded time and memory.

DEEP = "(" * 5000 + "a" + ")" * 5000
HOSTILE = {
    "tower": SMALL + claim("loss", "10**10**8"),
    "power": SMALL + claim("loss", "a**100000000"),
    "digits": SMALL + claim("loss", "9" * 50_000),
    "integer": SMALL + "\n[[claim]]\nquantity = " + "9" * 50_000,
    "brackets": SMALL + claim("loss", DEEP),
    "arrays": "resources = " + "[" * 30_000,
    "tables": "a" + ".a" * 30_000 + " = 1",
    "quoted keys": "".join(f"k{i}" + '."a=b"' * 99 + " = 1\n" for i in range(100)),
    "inline tables": "x = " + "{a = " * 10_000,
    "head": SMALL + claim("loss", "gamma(a)"),
    "code": SMALL + claim("loss", "__import__('os').system('touch hacked')"),
    "code in a term": SMALL.replace("N**(-a)", "N**(eval(a))"),
    "code in a region": SMALL + claim("loss", "a", "a > 0 or exit()"),
    "expansion": SMALL + claim("loss", "(a + b + 1)**64*(a - b)**64"),
    "coefficients": SMALL + claim("loss", f"(3*a + {'7' * 300})**60"),
    "wide": 'resources = ["N"]\nbudget = "N"\n[terms]\n' + "".join(f't{i} = "N**(-a)"\n' for i in range(2000)),
    "control": SMALL.replace("size", "si\\u0000ze"),
    "keys": SMALL + "\n[[claim]]\nquantity = \"loss\"\nexponent = \"a\"\nrun = \"rm\"\n",
    "type": SMALL + "\n[[claim]]\nquantity = 1e999\nexponent = 3\n",
    "date": SMALL + "\n[[claim]]\nquantity = \"loss\"\nexponent = 1979-05-27\n",
}
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
from scaling_sym.asymptotics.model_file import read_laws
from scaling_sym.errors import BadInputError
bad = 0
for path in sys.argv[1:]:
    try:
        read_laws(path)
    except BadInputError as error:
        assert len(str(error)) < 1000 and "\\n" not in str(error).strip() or "TOML" in str(error), path
        bad += 1
# ru_maxrss would count the test's own process too, from which this one was started; VmHWM is of this one alone
print(bad, next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def test_files_that_never_end_and_odd_encodings(tmp_path: Path) -> None:
    """A pipe without a writer, an endless device, a loop of links, a folder; a byte order mark does no harm."""
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "zero.toml").symlink_to("/dev/zero")
    (tmp_path / "loop.toml").symlink_to("loop.toml")
    good = SMALL + claim("loss", "a*b/(a + b)")
    (tmp_path / "wide.toml").write_bytes(good.encode("utf-16"))
    twice = write(tmp_path, good + 'quantity = "N"\n').rename(tmp_path / "twice.toml")
    start = time.monotonic()
    for path in (*(tmp_path / f"{n}.toml" for n in ("pipe", "zero", "loop", "wide")), tmp_path, twice):
        with pytest.raises(BadInputError):
            read_laws(path)
    (tmp_path / "mark.toml").write_bytes(b"\xef\xbb\xbf" + good.encode())
    assert [law.quantity for law in read_laws(tmp_path / "mark.toml")[1]] == ["loss"]
    assert time.monotonic() - start < 10


def spoil(law: Law, number: int) -> Law:
    """The law with a slightly other exponent, or with the other sign."""
    if number == 0:
        return replace(law, name="shifted", exponent=law.exponent + Fraction(1, 97))
    return replace(law, name="turned", exponent=-law.exponent)


@pytest.mark.parametrize("path", sorted(MODELS.glob("*.toml")), ids=lambda p: p.stem)
def test_spoiled_laws_of_the_neighbours_are_refuted(path: Path) -> None:
    """Every law that is proved for a model is refuted with another exponent; at the witness exhaustion finds the derived one."""
    problem, laws = read_laws(path)
    if not laws:
        pytest.skip("this model claims nothing")
    law = next(x for x in laws if x.quantity == "loss")
    wrong = tuple(spoil(law, i) for i in range(2))
    for answer in judge_laws(problem, wrong):
        assert answer["verdict"] == "refuted"
        point = {n: Fraction(x) for n, x in answer["witness"]["point"].items()}
        assert law.region.contains(point)
        assert Fraction(answer["witness"]["claimed"]) != Fraction(answer["witness"]["derived"]) == law.exponent.at(point)


def test_a_law_that_holds_on_part_of_its_region_is_refuted_there(tmp_path: Path) -> None:
    """min(a, b) by halves: on N D with N^-a + D^-a + D^-b the loss is a/2 for a < b and a b/(a + b) beyond."""
    text = ('resources = ["N", "D"]\nbudget = "N*D"\ndomain = ["a > 0", "b > 0"]\n[terms]\n'
            'x = "N**(-a)"\ny = "D**(-a)"\nz = "D**(-b)"\n')
    laws = "".join(claim("loss", *x) for x in (("a/2",), ("a/2", "a < b"), ("a*b/(a + b)", "a > b"), ("a/2", "a > b")))
    whole, part, other, wrong = judge(tmp_path, text + laws)
    assert [x["verdict"] for x in (whole, part, other, wrong)] == ["refuted", "proved", "proved", "refuted"]
    assert {p["agrees"] for p in whole["parts"]} == {True, False}
    assert {p["agrees"] for p in wrong["parts"]} == {False}
    point = {n: Fraction(x) for n, x in whole["witness"]["point"].items()}
    assert point["a"] > point["b"]


def test_a_wall_is_no_region(tmp_path: Path, call: Runner) -> None:
    """On a line a law may have logarithms, of which stated terms know nothing: a condition that is an equality is bad input."""
    refused = call("check", "--model", str(write(tmp_path, SMALL + claim("loss", "a/2", "a = b"))))
    assert (refused.status, refused.out) == (2, "")


def test_hostile_files_are_refused_in_little_time_and_memory(tmp_path: Path) -> None:
    """All of them in one process of 2 GB and 20 s; its own largest resident size stays below 512 MB."""
    paths = []
    for name, text in HOSTILE.items():
        path = tmp_path / f"{name.replace(' ', '-')}.toml"
        path.write_text(text)
        paths.append(path)
    with (tmp_path / "huge.toml").open("wb") as stream:
        stream.truncate(100 * 2**20)
    paths.append(tmp_path / "huge.toml")
    (tmp_path / "binary.toml").write_bytes(bytes(range(256)) * 64)
    paths.append(tmp_path / "binary.toml")
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", LIMITED, *map(str, paths)], capture_output=True, text=True, check=False,
                          cwd=tmp_path, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    refused, kilobytes = map(int, done.stdout.split())
    assert refused == len(paths)
    assert kilobytes < 512_000
    assert time.monotonic() - start < 40
    assert not (tmp_path / "hacked").exists()


def test_a_model_that_takes_too_long_is_undecided(tmp_path: Path) -> None:
    """24 terms in 8 resources with 5 parameters: to enumerate its vertices would take hours."""
    names = [f"x{i}" for i in range(8)]
    terms = "".join(
        f't{i} = "' + "*".join(f"{n}**(-({'abcde'[(i + j) % 5]}**{1 + (i * j) % 3} + {i + j + 1})/{j + 2})"
                               for j, n in enumerate(names)) + '"\n' for i in range(24)
    )
    domain = json.dumps([f"{p} > 0" for p in "abcde"])
    text = f"resources = {json.dumps(names)}\nbudget = \"{'*'.join(names)}\"\ndomain = {domain}\n[terms]\n{terms}"
    start = time.monotonic()
    answer = judge_within(write(tmp_path, text + claim("loss", "a")), seconds=4)
    assert time.monotonic() - start < 15
    assert [c["verdict"] for c in answer["claims"]] == ["undecided"]
    assert "did not finish" in answer["claims"][0]["reason"]
