"""The report: one page, complete, with nothing from outside, that a screen reader and a keyboard can use."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections import Counter
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from scaling_sym.claims.bundle import is_printed
from scaling_sym.claims.writing import claim_id
from scaling_sym.cli.bundles import PAPERS, open_bundle
from scaling_sym.cli.judging import judge_unchecked
from scaling_sym.export.documents_of_paper import list_tables
from scaling_sym.export.drawing import render_picture
from scaling_sym.export.explain import explain_step
from scaling_sym.export.hypertext import (
    MOST_FOLDED,
    MOST_LINES,
    shorten,
    split,
    split_terms,
    write_block,
    write_figure,
    write_formula,
)
from scaling_sym.export.pictures import Axis, Line, Panel, Picture
from scaling_sym.export.printed_report import _break, compile_pdf, write_printed_report
from scaling_sym.export.prose import Math
from scaling_sym.export.report import Chapter, Drawn, write_report
from scaling_sym.export.tables import build_table

BUNDLE = open_bundle()
NUMBERS, LOOKUP = {s.id: n for n, s in enumerate(BUNDLE.steps, 1)}, {s.id: s for s in BUNDLE.steps}
PICTURE = Picture("small", "A <small> $\\infty$ figure", "What it shows.", (
    Panel(Axis("x", log=True), Axis("y", log=True), (Line("a", [1.0, 2.0], [1.0, 0.5]), Line("b", [1.0, 2.0], [2.0, 1.0]))),
))


@pytest.fixture(scope="module")
def chapter() -> Chapter:
    """The paper with two tables, one figure twice, and the first forty steps in words."""
    judged = judge_unchecked(BUNDLE)
    verdicts = {j.claim.label: j.verdict for j in judged}
    tables = [build_table(name, BUNDLE, "plrf", verdicts) for name in ("phases", "walls")]
    svg = render_picture(PICTURE, "svg").decode()
    drawn = [Drawn(name, PICTURE.title, PICTURE.description, svg, f"{name}.csv") for name in ("one", "two")]
    numbered = [explain_step(s, NUMBERS, LOOKUP) if n < 40 else [(s.rule,)] for n, s in enumerate(BUNDLE.steps)]
    return Chapter(BUNDLE, judged, tables, drawn, numbered)


@pytest.fixture(scope="module")
def page(chapter: Chapter) -> str:
    return write_report([chapter], {"python": "3"})


@pytest.mark.parametrize("paper", PAPERS)
def test_every_paper_has_its_chapter(paper: str) -> None:
    bundle = open_bundle(paper=paper)
    judged = judge_unchecked(bundle)
    tables = list_tables(bundle, judged)
    chapter = Chapter(bundle, judged, tables, (), ())
    page = write_report([chapter], {})
    assert 'class="unread"' not in page
    found = read(page)
    assert {x[1:] for x in found.links if x.startswith("#") and "-step-" not in x} <= set(found.ids)
    assert len(tables) >= 1
    assert all(re.search(rf"<caption>{re.escape(escape(t.title))}</caption>", page) for t in tables)
    assert write_printed_report([chapter], {}).endswith("\\end{document}\n")


class Reader(HTMLParser):
    """Counts elements, collects ids and links, and demands that every element is closed."""

    EMPTY = frozenset({"meta", "br", "path", "use"})

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.counts[tag] += 1
        self.ids += [v or "" for k, v in attrs if k == "id"]
        self.links += [v or "" for k, v in attrs if k in ("href", "src", "xlink:href", "data", "action")]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.EMPTY:
            assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


def test_the_page_is_well_formed_and_every_link_leads_somewhere(page: str) -> None:
    found = read(page)
    assert len(found.ids) == len(set(found.ids))
    inside = {link[1:] for link in found.links if link.startswith("#")}
    assert inside <= set(found.ids)
    assert {x for x in found.links if not x.startswith("#")} == {"one.csv", "two.csv"}


def test_nothing_is_fetched(page: str) -> None:
    assert "<script" not in page
    assert "@import" not in page
    assert {u for u in re.findall(r"https?://[^\s\"'<>)]+", page) if not u.startswith("http://www.w3.org/")} == set()


def test_every_claim_stands_with_its_verdict(page: str, chapter: Chapter) -> None:
    for judged in chapter.judgements:
        row = re.search(rf'<tr id="paquette2024-c-{claim_id(judged.claim)}"><th scope="row">.*?</tr>', page)
        assert row is not None
        assert f"{judged.verdict}</span>" in row[0]
        assert judged.status in row[0]
        assert all(f"#paquette2024-a-{name}" in row[0] for name in judged.assumptions)
        assert ("proved there" in row[0]) == is_printed(judged.claim)


def test_a_refuted_claim_shows_its_witness(chapter: Chapter) -> None:
    first = replace(chapter.judgements[0], verdict="refuted", witness={"alpha": "1/3"}, reason="It fails & is <wrong>.")
    shown = write_report([replace(chapter, judgements=[first])], {})
    assert "✗ refuted</span><br>witness alpha = 1/3<br>It fails &amp; is &lt;wrong&gt;." in shown


def test_tables_and_figures_can_be_heard(page: str) -> None:
    found = read(page)
    assert found.counts["table"] == found.counts["caption"] == 6
    assert not re.search(r"<th(?! scope=)[ >]", page)
    assert page.count('role="img"') == page.count("</desc>") == found.counts["figure"] == 2
    assert "A &lt;small&gt; $\\infty$ figure" in page
    assert found.counts["math"] > 300
    assert 'class="unread"' not in page


def test_a_formula_that_cannot_be_read_is_shown_whole() -> None:
    assert write_formula(Math(r"\nosuch{a<b}", "")) == r'<code class="unread">\nosuch{a&lt;b}</code>'


def test_a_title_with_signs_of_its_own() -> None:
    shown = write_figure('<?xml?><svg width="1"><path id="p"/></svg>', "x", r"$\infty$ \1", "a & b")
    assert r'<title id="x-title">$\infty$ \1</title><desc id="x-text">a &amp; b</desc><path id="x-p"/>' in shown


def test_faults_and_drift_are_told(chapter: Chapter) -> None:
    shown = write_report([replace(chapter, faults=["step x does not hold: <why>"], drift="2 claims are gone")], {})
    assert "step x does not hold: &lt;why&gt;; differs from the committed bundle: 2 claims are gone" in shown
    assert "every step replays" not in shown


def expansion(count: int) -> Math:
    return Math(r"\begin{aligned}a&=b" + "".join(rf"\\ &\quad +c_{{{i}}}" for i in range(1, count)) + r"\end{aligned}",
                "a = b " + " ".join(f"+c_{i}·(1 − 2)" for i in range(1, count)))


def test_long_expansions_say_what_is_left_out() -> None:
    shown = shorten(expansion(31)).latex
    assert shown.count(r"\\ ") == MOST_LINES
    assert f"and {31 - MOST_LINES} more terms" in shown
    short = expansion(MOST_LINES)
    assert shorten(short) is short


@pytest.mark.parametrize("count", [MOST_LINES + 1, MOST_LINES + 2, MOST_LINES + MOST_FOLDED, MOST_LINES + MOST_FOLDED + 1, 90])
def test_every_term_of_an_expansion_is_on_the_page(count: int) -> None:
    """Folded as formulas, or as text where they are many; in print each is a formula."""
    page, (first, rest) = write_block(expansion(count)), split(expansion(count))
    terms = [] if rest is None else split_terms(rest)
    assert first.latex.count("+c") + len(terms) == count - 1
    assert [t.plain for t in terms] == [f"+c_{i}·(1 − 2)" for i in range(MOST_LINES, count)][: len(terms)]
    assert [t.latex for t in terms] == [f"+c_{{{i}}}" for i in range(MOST_LINES, count)][: len(terms)]
    if count > MOST_LINES + MOST_FOLDED:
        assert all(f"<li>+c_{i}·(1 − 2)</li>" in page for i in range(MOST_LINES, count))
    else:
        assert all(f"<msub><mi>c</mi><mn>{i}</mn></msub>" in page for i in range(1, count))


def test_steps_and_timings_stand_on_the_page(chapter: Chapter) -> None:
    shown = write_report([chapter], {"python": "3"}, {"derive paquette2024": 1.25})
    assert '<tr><th scope="row">derive paquette2024</th><td>1.2</td></tr>' in shown
    claim = next(c for c in BUNDLE.claims if c.steps)
    assert f'step <a href="#paquette2024-step-{NUMBERS[claim.steps[0]]}">' in shown


def test_long_products_are_broken_and_stay_what_they_are() -> None:
    product = r"(a+b)^{x}\Gamma\left(\frac{a}{b}\right)^{2}2^{y}"
    assert _break(product).replace(r"\allowbreak ", "") == product
    assert _break(product).count(r"\allowbreak ") == 2
    assert _break(rf"\frac{{{product}}}{{\frac{{a}}{{b}}c}}").endswith(r"\,\Big/\,\left(\frac{a}{b}c\right)")


def test_the_page_is_small_and_the_same_again(page: str, chapter: Chapter) -> None:
    assert len(page.encode()) < 5_000_000
    assert page == write_report([chapter], {"python": "3"})


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_the_report_in_print_compiles(chapter: Chapter) -> None:
    few = replace(chapter, numbered=chapter.numbered[:12], figures=chapter.figures[:1])
    text = write_printed_report([few], {"python": "3"})
    assert compile_pdf(text, {"paquette2024-one.pdf": render_picture(PICTURE, "pdf")}).startswith(b"%PDF")


@pytest.mark.deep
@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_a_browser_shows_it_within_two_seconds(page: str, tmp_path: Path) -> None:
    """The browser itself needs about a second to start; a blank page gives that time, which is taken off."""
    (tmp_path / "report.html").write_text(page)
    (tmp_path / "blank.html").write_text("<!DOCTYPE html><title>blank</title>")
    times = {}
    for name in ("blank", "report", "blank", "report"):
        start = time.perf_counter()
        line = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/p", "--dump-dom"]
        done = subprocess.run([*line, f"file://{tmp_path}/{name}.html"], capture_output=True, text=True, timeout=120, check=True)
        times[name] = min(times.get(name, 1e9), time.perf_counter() - start)
    assert f"All {len(BUNDLE.steps)} steps" in done.stdout
    assert times["report"] - times["blank"] < 2
