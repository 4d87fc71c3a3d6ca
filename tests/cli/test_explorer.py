"""The explorer in a real browser, used as a person would: what it shows is what the library says, by pointer, keys and finger."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from fractions import Fraction
from math import inf
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from scaling_sym.cli import run
from scaling_sym.cli.bundles import open_bundle, open_plane
from scaling_sym.errors import OutsideDomainError
from scaling_sym.export.answers import answer_exponents
from scaling_sym.export.laws import answer_laws
from scaling_sym.numerics.dmft import DmftModel
from scaling_sym.numerics.dmft import loss_curve as mean_field_curve
from scaling_sym.numerics.frontier import Family, frontier
from scaling_sym.numerics.plrf import loss_curve
from scaling_sym.numerics.plrf_model import PlrfModel
from tests.cli.browser import PROGRAM, Browser, start

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="chromium is not installed")
Points = list[tuple[Fraction, Fraction]]
RTOL = 1e-6  # what the page promises; where it cannot keep it, it must show nothing
DESKTOP, PHONE = (1280, 800), (375, 812)
SMALLEST_TARGET = 44  # pixels that a finger needs


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("explorer") / "explorer.html"
    assert run(["explore", "--out", str(file)]) == 0
    return file


@pytest.fixture(scope="module")
def one_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with start(tmp_path_factory.mktemp("browser") / "profile") as found:
        yield found


@pytest.fixture
def browser(one_browser: Browser, page: Path) -> Iterator[Browser]:
    """The page, freshly opened on a desktop; at the end it must not have complained, nor asked the network for anything."""
    one_browser.messages.clear()
    one_browser.screen(*DESKTOP)
    one_browser.open(page)
    yield one_browser
    assert one_browser.messages == []


def summary(browser: Browser) -> str:
    text: str = browser.run("document.getElementById('summary').textContent")
    return text


def address(browser: Browser) -> dict[str, str]:
    """What the link keeps, a moment after the last change."""
    kept = browser.run("new Promise(done => setTimeout(() => done(location.hash.slice(1)), KEEP_AFTER + 50))")
    return {name: values[0] for name, values in parse_qs(kept).items()}


def place(browser: Browser, alpha: float, beta: float) -> tuple[float, float]:
    """Where a point of the plane lies in the window."""
    found = browser.run(f"""(() => {{ const box = document.getElementById('plane').getBoundingClientRect();
        const {{ X, Y }} = planeScale(MODELS[state.model].window), scale = box.width / PLANE.size;
        return [box.left + X({alpha}) * scale, box.top + Y({beta}) * scale]; }})()""")
    return found[0], found[1]


def type_point(browser: Browser, x: Fraction, y: Fraction) -> tuple[str, dict[str, str], dict[str, str]]:
    """Type a point; what is then said of it, and in the table of laws the exact values and powers of logarithms, by title."""
    browser.type_into("x", str(x))
    browser.type_into("y", str(y))
    said, rows = browser.run("""[document.getElementById('summary').textContent,
        [...document.querySelectorAll('#laws tr[data-of]')].map(row => [row.dataset.of, ...['output:not(.log)', 'output.log']
        .map(kind => [...row.querySelectorAll(kind)].map(x => x.textContent).join(' '))])]""")
    return said, {of: values for of, values, _ in rows}, {of: logs for of, _, logs in rows if logs}


def test_the_page_is_small_complete_and_quick(browser: Browser, page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(text.encode()) < 5_000_000
    assert "http" not in re.sub(r"http://www\.w3\.org/\S*", "", text)
    times = []
    for _ in range(3):  # the best of three, for a busy machine
        browser.open(page)
        times.append(browser.run("performance.getEntriesByType('navigation')[0].loadEventEnd"))
    assert 0 < min(times) < 2000  # milliseconds


def sample_plane() -> Points:
    """200 points: anywhere, beside walls, on walls, and the corners."""
    rng = random.Random(3)
    points = [(Fraction(rng.randint(1, 1500), 1000), Fraction(rng.randint(1, 1500), 1000)) for _ in range(120)]
    near = [Fraction(1, 2), Fraction(1, 4), Fraction(293, 1000)]
    points += [(x + Fraction(s, 10**6), Fraction(rng.randint(1, 1500), 1000)) for x in near for s in (-1, 1) for _ in range(4)]
    points += [(Fraction(rng.randint(1, 1500), 1000), Fraction(1, 2) + Fraction(s, 10**9)) for s in (-1, 1) for _ in range(6)]
    points += [p for k in range(1, 15) for p in ((Fraction(1, 2), Fraction(k, 10)), (Fraction(k, 10), Fraction(1, 2)))]
    points += [(Fraction(k, 8), Fraction(k, 8)) for k in range(5, 10)] + [(Fraction(1, 4), Fraction(k, 5)) for k in range(2, 9)]
    corners = [(Fraction(1, 4), Fraction(1, 2)), (Fraction(1, 2), Fraction(1, 2)), (Fraction(1, 8), Fraction(3, 8))]
    return [*points, *corners, (Fraction(4), Fraction(6))]


def test_phases_and_exponents_at_200_points(browser: Browser) -> None:
    plane, seen = open_plane("plrf"), set()
    points = sample_plane()
    assert len(points) >= 200
    for x, y in points:
        said, shown, _ = type_point(browser, x, y)
        try:
            answer = answer_exponents(plane, {"alpha": x, "beta": y})
        except OutsideDomainError:
            assert "No power law" in said or "none" in said
            continue
        for title, name in (("η", "loss_exponent"), ("ξ", "size_exponent")):
            assert shown.get(title) == (answer[name]["exact"] if answer[name] else None), (x, y, title)
        if answer["phase"]:
            assert f"Phase {answer['phase']}, η" in said
            seen.add(answer["phase"])
            continue
        seen.add("corner" if len(answer["neighbours"]) > 2 else "wall")
        assert (" | ".join(answer["neighbours"])) in said
        for title, name in (("log power of the loss", "loss"), ("log power of the size", "size")):
            assert shown.get(title) == answer["log_power"][name], (x, y, title)
    assert seen == {"Ia", "Ib", "Ic", "II", "III", "IVa", "IVb", "wall", "corner"}


def powers(answer: dict[str, Any]) -> dict[str, str]:
    """The powers that the page shows, by group: negative where something decays."""
    def falling(exponent: dict[str, str]) -> str:
        return str(-Fraction(exponent["exact"]))

    compute, corrections = answer["compute"], answer["corrections"]
    found = {"compute/loss": falling(compute["loss"]), "compute/size": compute["size"]["exact"],
             "compute/steps": compute["steps"]["exact"]}
    found |= {k: falling(answer[k]) for k in ("time", "model", "data")}
    found |= {f"sgd/{k}": falling(answer["sgd"][k]) for k in ("time", "size")}
    firsts = {"correction/model": corrections["model"], "correction/data": corrections["data"], "gap": answer["gap"]}
    return found | {group: f"{falling(c['size'])} {falling(c['time'])}" for group, c in firsts.items()}


def logarithms(answer: dict[str, Any]) -> dict[str, str]:
    """The powers of logarithms, by group, where the library knows any."""
    laws = {f"compute/{k}": answer["compute"][k] for k in ("loss", "size", "steps")}
    laws |= {k: answer[k] for k in ("time", "model", "data")} | {f"sgd/{k}": answer["sgd"][k] for k in ("time", "size")}
    laws |= {f"correction/{k}": answer["corrections"][k]["time"] for k in ("model", "data")}
    return {group: law["log"] for group, law in laws.items() if law.get("log") is not None}


def test_laws_of_the_mean_field_model(browser: Browser, page: Path) -> None:
    rng, laws = random.Random(3), open_bundle(paper="bordelon2024")
    points = [(1 + Fraction(rng.randint(1, 5000), 1000), 1 + Fraction(rng.randint(1, 3000), 1000)) for _ in range(40)]
    walls = [(Fraction(p, 2), Fraction(q, 2)) for p, q in ((7, 5), (10, 5), (8, 3), (10, 4))]
    browser.open(page, "model=dmft")
    for x, y in points + walls:
        said, shown, logs = type_point(browser, x, y)
        answer = answer_laws(laws, {"a": x, "b": y})
        assert {k: v for k, v in powers(answer).items() if shown.get(k) != v} == {}, (x, y)
        assert all(Fraction(logs.get(k, "0")) == Fraction(v) for k, v in logarithms(answer).items()), (x, y)
        assert ("Wall" in said or "Corner" in said) == ((x, y) in walls)
    assert "Corner a = 2b+1, b = 2" in said


def test_hovering_shows_and_a_click_fixes(browser: Browser) -> None:
    before, kept = summary(browser), address(browser)
    browser.mouse("mouseMoved", *place(browser, 0.25, 0.25))
    browser.mouse("mouseMoved", *place(browser, 1.0, 0.2))
    assert "Phase Ia, η" in summary(browser)
    browser.settle()
    assert "--at alpha=1" in browser.run("document.getElementById('curve-note').textContent")  # 1, or 1001/1000
    assert address(browser) == kept  # a look changes nothing
    browser.mouse("mouseMoved", 1270, 400)
    assert summary(browser) == before
    browser.click(*place(browser, 1.0, 0.7))
    assert "Phase II, η" in summary(browser)
    browser.mouse("mouseMoved", 1270, 400)
    assert "Phase II, η" in summary(browser)
    assert abs(float(address(browser)["alpha"]) - 1.0) < 0.004
    assert abs(float(address(browser)["beta"]) - 0.7) < 0.004


def test_dragging_moves_the_point(browser: Browser) -> None:
    browser.mouse("mouseMoved", *place(browser, 0.8, 1.1))
    browser.mouse("mousePressed", *place(browser, 0.8, 1.1))
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", button="left", buttons=1,
                 **dict(zip("xy", place(browser, 0.4, 1.0), strict=True)))
    browser.mouse("mouseReleased", *place(browser, 0.4, 1.0))
    assert "Phase IVa" in summary(browser)
    assert abs(float(address(browser)["alpha"]) - 0.4) < 0.004


def test_the_keyboard_is_enough(browser: Browser) -> None:
    order = []
    browser.run("document.getElementById('model').focus()")
    for _ in range(5):
        order.append(browser.run("document.activeElement.id"))
        browser.press("Tab")
    assert order == ["model", "plane", "x", "y", "go"]
    browser.run("document.getElementById('model').focus()")
    browser.press("Tab")
    outline = browser.run("(x => [x.outlineStyle, x.outlineWidth])(getComputedStyle(document.activeElement))")
    assert outline == ["solid", "3px"]
    browser.press("ArrowRight")
    browser.press("ArrowDown", shift=True)
    assert (address(browser)["alpha"], address(browser)["beta"]) == ("0.81", "1")
    browser.press("ArrowLeft")
    browser.press("ArrowUp")
    assert (address(browser)["alpha"], address(browser)["beta"]) == ("0.8", "1.01")
    for _ in range(4):
        browser.press("ArrowDown", shift=True)
    browser.wait("document.getElementById('announce').textContent.includes('Phase II,')")


def test_a_screen_reader_finds_tables_formulas_and_charts(browser: Browser) -> None:
    browser.settle()
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    roles = [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in nodes if not n.get("ignored")]
    kinds = {role for role, _ in roles}
    assert {"table", "columnheader", "rowheader", "MathMLMath", "image", "status", "application", "heading"} <= kinds
    charts = [name for role, name in roles if role == "image" and name.startswith("The loss")]
    assert len(charts) == 2
    assert "loss from" in charts[0]
    assert all(name for role, name in roles if role in ("textbox", "combobox", "application"))


def test_a_phone(browser: Browser, page: Path) -> None:
    for fragment in ("model=plrf", "model=dmft&a=5&b=2", "alpha=11/40&beta=7/8"):
        browser.screen(*PHONE, phone=True)
        browser.open(page, fragment)
        browser.settle()
        assert browser.run("document.documentElement.scrollWidth") <= PHONE[0]
        boxes = browser.run("""[...document.querySelectorAll('input, select, summary, #plane')]
            .map(x => [x.id || x.tagName, x.getBoundingClientRect()]).map(([id, box]) => [id, box.width, box.height])""")
        assert [id for id, width, height in boxes if width and min(width, height) < SMALLEST_TARGET] == []
        assert len([id for id, width, _ in boxes if width]) > 8
        nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
        assert len([n for n in nodes if n["role"]["value"] == "table"]) >= 2  # whatever the layout


def test_fingers(browser: Browser, page: Path) -> None:
    browser.screen(*PHONE, phone=True)
    browser.open(page)
    browser.touch(place(browser, 0.3, 0.4))
    assert "Phase Ib" in summary(browser)
    browser.touch(place(browser, 0.3, 0.4), place(browser, 0.7, 0.3), place(browser, 1.1, 0.25))
    assert "Phase Ia" in summary(browser)
    assert abs(float(address(browser)["alpha"]) - 1.1) < 0.01
    assert browser.run("scrollY") == 0  # the drag moved the point, not the page


def test_a_link_keeps_the_whole_state(browser: Browser, page: Path) -> None:
    links = ["model=plrf&alpha=3%2F5&beta=0.9&dynamics=continuous&d=1e12&share=1%2F3&B=4&r=12345.5",
             "model=dmft&a=2.5&b=1.7&N=inf&P=300&t=77"]
    for link in links:
        browser.open(page, link)
        browser.settle()
        kept, shown = address(browser), browser.run("document.getElementById('reading').textContent")
        assert {k: v[0] for k, v in parse_qs(link).items()} == kept
        browser.open(page)
        browser.run(f"location.hash = {json.dumps('#' + urlencode(kept))}")  # also into a page that is already open
        browser.wait(f"document.getElementById('model').value === '{link[6:10]}'")
        browser.settle()
        assert browser.run("document.getElementById('reading').textContent") == shown
        assert browser.run("document.getElementById('notice').textContent") == ""


BAD_LINKS = ("model=nonsense", "alpha=0.7&beta=%E0%A4%A", "alpha=<b>x</b>&d=1e999&B=-1", "%", "&&&==", "alpha=1/0", "toString=1",
             "model=__proto__&constructor=1", "d=NaN&r=Infinity")


@pytest.mark.parametrize("fragment", BAD_LINKS)
def test_bad_links_are_survived(browser: Browser, page: Path, fragment: str) -> None:
    browser.open(page, fragment)
    browser.settle()
    assert "Phase" in summary(browser)
    notice = browser.run("document.getElementById('notice').textContent")
    assert notice.startswith("The address asks for something that cannot be read")
    assert notice.count(". ") == 0  # one sentence


def test_bad_numbers_get_one_sentence(browser: Browser, page: Path) -> None:
    cases = [("d", "3.5", "d must be a whole number from 16"), ("share", "1", "between 0 and 1"), ("B", "0", "B must lie"),
             ("r", "-2", "r must be a whole number"), ("x", "", "Type numbers")]
    for field, text, wanted in cases:
        browser.open(page)
        browser.type_into(field, text)
        said = browser.run("document.getElementById('curve-note').textContent") + summary(browser)
        assert wanted in said
        assert browser.run(f"document.getElementById('{field}').getAttribute('aria-invalid')") == "true" or field == "x"


def test_every_place_of_the_list_can_be_gone_to(browser: Browser, page: Path) -> None:
    for model in ("plrf", "dmft"):
        browser.open(page, f"model={model}")
        said = browser.run("""[...document.querySelectorAll('#go option')].filter(x => x.value).map(option => {
            const go = document.getElementById('go'); go.value = option.value; go.dispatchEvent(new Event('change'));
            return [option.textContent, document.getElementById('name').textContent]; })""")
        assert len(said) > 12
        for title, name in said:
            assert title.lower() in name.lower(), (title, name)


def test_dark_screens_and_no_motion(browser: Browser, page: Path) -> None:
    def colours() -> list[str]:
        found: list[str] = browser.run("""(page => [page.color, page.backgroundColor,
            getComputedStyle(document.querySelector('polygon')).color])(getComputedStyle(document.documentElement))""")
        return found

    light = colours()
    browser.screen(*DESKTOP, prefers_color_scheme="dark", prefers_reduced_motion="reduce")
    browser.open(page)
    assert all(a != b for a, b in zip(light, colours(), strict=True))
    assert browser.run("document.getAnimations().length") == 0


READINGS = [  # alpha, beta, d, share, B, r, dynamics
    ("4/5", "11/10", "1000", "1/2", "1", "1000", "discrete"), ("3/10", "1", "1e4", "3/4", "1", "17", "discrete"),
    ("7/5", "3/10", "1e15", "1/3", "100", "1e12", "discrete"), ("1/2", "1/2", "500", "1/2", "4", "2000", "discrete"),
    ("11/40", "7/8", "1e30", "1/2", "1", "1e9", "discrete"), ("4", "6", "1000", "1/2", "1", "1e6", "continuous"),
    ("9/10", "1/5", "1e12", "9/10", "4", "1e15", "continuous"),
]


def test_the_loss_read_off_is_that_of_the_library(browser: Browser, page: Path) -> None:
    """Loss and pieces at the step typed, and the learning rate that `curve plrf` takes for the same share."""
    for alpha, beta, d, share, B, r, dynamics in READINGS:
        browser.open(page, f"alpha={alpha}&beta={beta}&dynamics={dynamics}")
        for field, text in (("d", d), ("share", share), ("B", B), ("r", r)):
            browser.type_into(field, text)
        browser.settle("reading-group")
        shown = browser.run("[...document.querySelectorAll('#reading output')].map(x => Number(x.textContent))")
        model = PlrfModel.of(Fraction(alpha), Fraction(beta), Fraction(d), gamma_fraction=Fraction(share), B=Fraction(B),
                             dynamics="discrete" if dynamics == "discrete" else "continuous")
        curve = loss_curve(model, [Fraction(r)], "discrete" if dynamics == "discrete" else "continuous")
        rate = float(model.gamma * model.B)
        wanted = [curve.loss[0], *(curve.pieces[k][0] for k in ("F_0", "F_pp", "F_ac")), curve.pieces["K_pp"][0] / rate]
        assert shown == pytest.approx(wanted, rel=RTOL, abs=0), (alpha, beta, d)
        told = browser.run("document.getElementById('curve-note').textContent")
        assert f"γ = {float(model.gamma):.12g}"[:14] in told


def test_mean_field_losses_read_off(browser: Browser, page: Path) -> None:
    cases = [("3/2", "7/5", "100", "1000", "100"), ("3", "3/2", "30", "30", "1e6"), ("11/2", "6/5", "inf", "1e4", "500"),
             ("5", "5/2", "1e12", "inf", "1e20"), ("2", "2", "inf", "inf", "1e9")]
    for a, b, N, P, t in cases:
        browser.open(page, f"model=dmft&a={a}&b={b}")
        for field, text in (("N", N), ("P", P), ("t", t)):
            browser.type_into(field, text)
        browser.settle("reading-group")
        shown = browser.run("[...document.querySelectorAll('#reading output')].map(x => Number(x.textContent))")
        curve = mean_field_curve(DmftModel(float(Fraction(a)), float(Fraction(b)), float(N), float(P)), [float(t)], rtol=1e-8)
        assert shown == pytest.approx([curve.test[0], curve.train[0], curve.limit[0]], rel=RTOL, abs=0), (a, b, N, P)


def sample_curves(dynamics: str) -> list[tuple[Fraction, Fraction, int, Fraction, int]]:
    """alpha, beta, d, share, B; small alpha with large beta, and walls, are where digits get lost."""
    rng = random.Random(5)
    half = Fraction(1, 2)
    cases = [(Fraction(4, 25), Fraction(121, 50), 10**3, Fraction(1, 4), 4), (half, half, 500, half, 1),
             (Fraction(1), Fraction(2), 10**12, half, 1), (Fraction(7, 10), Fraction(6, 5), 10**15, half, 100)]
    while len(cases) < (14 if dynamics == "discrete" else 10):
        alpha, beta = Fraction(rng.randint(3, 40), 25), Fraction(rng.randint(1, 40), 25)
        if 2 * (alpha + beta) > 1:
            cases.append((alpha, beta, 10 ** rng.randint(2, 14), rng.choice([Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)]),
                          rng.choice([1, 4, 100])))
    return cases


@pytest.mark.parametrize("dynamics", ["discrete", "continuous"])
def test_curves_of_one_pass_sgd(browser: Browser, dynamics: Any) -> None:
    """Both dynamics, from the first step to ten times the window, relative 1e-6; nothing may be missing."""
    for alpha, beta, d, share, B in sample_curves(dynamics):
        model = PlrfModel.of(alpha, beta, d, gamma_fraction=share, B=B, dynamics=dynamics)
        top = 10 * d ** float(2 * alpha) / float(model.gamma * B)
        times = sorted({round(top ** (i / 7)) for i in range(8)} | {2, 40, 70})
        asked = {"alpha": float(alpha), "beta": float(beta), "share": float(share), "B": B, "discrete": dynamics == "discrete"}
        found = browser.run(f"""(() => {{ const model = new PlrfFamily({json.dumps(asked)}, {d}).model({d});
            return {times}.map(t => plrfLoss(t, model).loss); }})()""")
        assert found == pytest.approx(list(loss_curve(model, times, dynamics).loss), rel=RTOL, abs=0), (alpha, beta, d, B)


def test_curves_of_the_mean_field_model(browser: Browser) -> None:
    """Test and train loss for sizes of either order; a train loss may be missing only below 1e-8, where digits end."""
    rng = random.Random(7)
    for _ in range(12):
        a, b = round(rng.uniform(1.05, 6), 2), round(rng.uniform(1.05, 4), 2)
        N, P = (rng.choice([10, 100, 10**4, 10**7, inf]) for _ in range(2))
        top = 10 * min(N, P, 10**4) ** b
        times = [float(f"{0.3 * (top / 0.3) ** (i / 5):.6g}") for i in range(6)]
        sizes = ", ".join("Infinity" if x == inf else str(x) for x in (N, P))
        found = browser.run(f"""(() => {{ const model = prepareMeanField({a}, {b}, {sizes}, {times[-1]});
            return {times}.map(t => meanFieldLoss(t, model))
                .map(({{ test, train }}) => [test, Number.isNaN(train) ? -1 : train]); }})()""")
        curve = mean_field_curve(DmftModel(a, b, N, P), times, rtol=1e-8)
        assert [x for x, _ in found] == pytest.approx(list(curve.test), rel=RTOL, abs=0), (a, b, N, P)
        for (_, train), wanted in zip(found, curve.train, strict=True):
            assert (wanted < 1e-8) if train == -1 else train == pytest.approx(wanted, rel=RTOL, abs=0)


def test_the_front_is_that_of_the_library(browser: Browser) -> None:
    """Where a size is the best one: the library's optimum at that compute has this size (1e-3) and this loss (1e-6)."""
    for alpha, beta, size in ((0.8, 1.1, 10**4), (0.7, 0.7, 1000), (0.9, 0.2, 10**6), (0.4, 0.9, 10**4)):
        asked = {"alpha": alpha, "beta": beta, "share": 0.5, "B": 1, "discrete": False}
        compute, loss = browser.run(f"""(() => {{ const family = new PlrfFamily({json.dumps(asked)}, {2 * size});
            const lossAt = (d, t) => plrfLoss(t, family.model(d)).loss;
            const work = findBestTime(lossAt, {size}, [10, {100 * size ** (2 * alpha)}]);
            for (;;) {{ const {{ done, value: t }} = work.next(); if (done) return [{size} * t, lossAt({size}, t)]; }} }})()""")
        found = frontier(Family.of(alpha, beta), [compute])[0]
        assert found.d == pytest.approx(size, rel=1e-3)
        assert loss == pytest.approx(found.loss, rel=RTOL, abs=0)


def test_the_front_follows_d_gamma_and_batch(browser: Browser) -> None:
    drawn = set()
    for field, text in (("d", "1000"), ("d", "1e6"), ("share", "1/10"), ("B", "50"), ("d", "1e12")):
        browser.type_into(field, text)
        browser.settle()
        dots = browser.run("document.querySelectorAll('#front svg circle.dot').length")
        assert dots >= 4  # the legend's own is one of them
        drawn.add(browser.run("['pieces', 'front'].map(id => document.querySelector(`#${id} > svg`).innerHTML).join()"))
    assert len(drawn) == 5
    slope, law = browser.run("[...document.querySelectorAll('#front-note output')].slice(0, 2).map(x => Number(x.textContent))")
    assert law == 0.6875  # eta of phase III at alpha = 4/5
    assert slope == pytest.approx(law, abs=2e-3)  # at d = 1e12 and beyond
