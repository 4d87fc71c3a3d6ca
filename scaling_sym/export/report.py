"""The report: one HTML page, with nothing fetched from anywhere, on all papers together.

Every number, formula, verdict and region on it comes from a bundle, a judgement, or a picture computed in the same run. The
page depends on these, on the versions that it names, and on the timings at its end: but for them two runs write the same bytes.

The page has no script: what is long is folded by `details`, which browsers open when a link leads inside, and what is out of
sight is laid out when it comes near.

Not covered: PDF (`printed_report`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, final

from scaling_sym.claims.bundle import Bundle, Claim, is_printed
from scaling_sym.claims.writing import claim_id
from scaling_sym.export.explain import find_steps
from scaling_sym.export.hypertext import write_block, write_figure, write_passage, write_region, write_table
from scaling_sym.export.ledger import Judged
from scaling_sym.export.prose import Block
from scaling_sym.export.statements import state
from scaling_sym.export.tables import Table

VERDICTS: Final = ("holds", "holds only", "refuted", "undecided")
_MARKS: Final = {"holds": "✓", "holds only": "◐", "refuted": "✗", "undecided": "?"}

_STYLE: Final = """
:root{color-scheme:light dark;--line:#bbb;--soft:#f4f4f2;--link:#0a5a9c}
@media(prefers-color-scheme:dark){:root{--line:#555;--soft:#262626;--link:#7ab8f5}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;max-width:76rem;margin:0 auto;padding:1rem}
section>*{content-visibility:auto;contain-intrinsic-size:auto 30rem}section>h2,section>h3{content-visibility:visible}
h1,h2,h3{line-height:1.2}h2{border-top:2px solid var(--line);padding-top:1rem;margin-top:3rem}
a{color:var(--link)}nav ul{padding-left:1.2rem}nav li{margin:.3rem 0}nav li a+a{margin-left:.8rem}
.wide,.display{overflow-x:auto}.display{margin:.5rem 0;text-align:left}
table{border-collapse:collapse;margin:1rem 0}caption{text-align:left;font-weight:bold;padding:.3rem 0}
th,td{border-bottom:1px solid var(--line);padding:.3rem .6rem;text-align:left;vertical-align:top}
td,tbody th{min-width:7rem}thead th{background:var(--soft)}
math{font-size:1.05em}math[display=block]{text-align:left;margin:0}
mtable.aligned>mtr>mtd{text-align:left;padding:.15rem 0}
figure{margin:1.5rem 0}figure svg{max-width:100%;height:auto;background:#fff}figcaption{max-width:60rem}
figure svg *{stroke-linejoin:round;stroke-linecap:butt}
details{border-left:3px solid var(--line);padding-left:.8rem;margin:.4rem 0}summary{cursor:pointer}
ol.steps>li{margin:.8rem 0}ol.steps>li:target{background:var(--soft)}
td.words{min-width:18rem}.ledger td:nth-of-type(1){min-width:22rem}.ledger td:nth-of-type(2){min-width:13rem}
.ledger td:nth-of-type(5){min-width:12rem}.ledger td:nth-of-type(6){min-width:11rem}
.ledger td:nth-of-type(4) a{white-space:nowrap;display:block}tr:target{background:var(--soft)}
code{overflow-wrap:anywhere}ul.terms{list-style:none;padding-left:1rem;font-size:.9em}ul.terms li{margin:.15rem 0}
.verdict{white-space:nowrap}footer{margin-top:3rem;border-top:2px solid var(--line)}
@media print{body{max-width:none}nav{display:none}}
"""


@final
@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure of the report: name, title, description, SVG, and the file of its numbers."""

    name: str
    title: str
    description: str
    svg: str
    source: str


@final
@dataclass(frozen=True, slots=True)
class Chapter:
    """What the report says of one paper.

    `numbered` are the blocks of all steps, `drift` is what differs from the committed bundle, `title` is the paper's.
    """

    bundle: Bundle
    judgements: Sequence[Judged]
    tables: Sequence[Table]
    figures: Sequence[Drawn]
    numbered: Sequence[Sequence[Block]]
    faults: Sequence[str] = ()
    drift: str = ""
    title: str = ""

    @property
    def key(self) -> str:
        """The key of the paper."""
        return self.bundle.paper


def write_report(chapters: Sequence[Chapter], versions: Mapping[str, str], seconds: Mapping[str, float] | None = None) -> str:
    """The whole page, with the `seconds` that each stage took; raises `BadInputError` where a claim cannot be read."""
    body = [_write_head(chapters), *(_write_chapter(c) for c in chapters), _write_end(versions, seconds or {})]
    head = ('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>Scaling laws, derived and checked</title><style>{_STYLE}</style>")
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>\n' + "\n".join(body) + "\n</body></html>\n"


def _write_head(chapters: Sequence[Chapter]) -> str:
    rows = [_write_summary(chapter) for chapter in chapters]
    links = "".join(f"<li>{escape(c.key)}: {_link_parts(c)}</li>" for c in chapters)
    heads = _write_heads("paper", "steps", "check", "derived claims", "printed claims")
    return (
        "<header><h1>Scaling laws, derived and checked</h1><p>Every law below is derived from a model's equations, every step "
        "is replayed by a checker that is blind to how it was found, and what the papers print is judged against what is "
        "derived. A claim is no stronger than what it rests on: the named assumptions stand beside it.</p>"
        f'<div class="wide"><table><caption>In short</caption><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody>'
        f'</table></div></header><nav aria-label="Contents"><ul>{links}</ul></nav><main>'
    )


def _link_parts(chapter: Chapter) -> str:
    return " ".join(f'<a href="#{chapter.key}-{part}">{part}</a>' for part in _PARTS if part != "figures" or chapter.figures)


def _write_heads(*words: str) -> str:
    return "".join(f'<th scope="col">{w}</th>' for w in words)


def _write_summary(chapter: Chapter) -> str:
    counts = Counter((is_printed(j.claim), j.verdict) for j in chapter.judgements)
    drift = f"differs from the committed bundle: {chapter.drift}" if chapter.drift else ""
    found = "; ".join([*chapter.faults, *([drift] if drift else [])]) or "every step replays"
    cells = [str(len(chapter.bundle.steps)), found, _count(counts, False), _count(counts, True)]
    link = f'<a href="#{chapter.key}">{escape(chapter.key)}</a>'
    return f'<tr><th scope="row">{link}</th>' + "".join(f"<td>{escape(c)}</td>" for c in cells) + "</tr>"


_PARTS: Final = ("tables", "figures", "ledger", "derivation")


def _count(counts: Mapping[tuple[bool, str], int], printed: bool) -> str:
    return ", ".join(f"{counts[printed, v]} {v}" for v in VERDICTS if counts.get((printed, v))) or "none"


def _write_chapter(chapter: Chapter) -> str:
    key = chapter.key
    figures = "".join(write_figure(f.svg, f"{key}-{f.name}", f.title, f.description, f.source) for f in chapter.figures)
    title = f": {chapter.title}" if chapter.title else ""
    parts = [f'<section aria-labelledby="{key}"><h2 id="{key}">{escape(key + title)}</h2>',
             f'<h3 id="{key}-tables">Tables</h3>', *map(write_table, chapter.tables)]
    if figures:
        parts += [f'<h3 id="{key}-figures">Figures</h3>', figures]
    parts += [f'<h3 id="{key}-ledger">Ledger</h3>', _write_ledger(chapter),
              f'<h3 id="{key}-derivation">Derivation</h3>', _write_derivation(chapter), "</section>"]
    return "\n".join(parts)


def _write_ledger(chapter: Chapter) -> str:
    names = sorted({name for j in chapter.judgements for name in j.assumptions})
    said = chapter.bundle.assumptions
    assumed = "".join(f'<dt id="{chapter.key}-a-{escape(n)}">{escape(n)}</dt><dd>{escape(said.get(n, "not described"))}</dd>'
                      for n in names)
    parts = [f"<p>Assumptions that claims rest on:</p><dl>{assumed}</dl>" if assumed else ""]
    numbers = {s.id: n for n, s in enumerate(chapter.bundle.steps, 1)}
    for printed, title in ((True, "What the paper prints"), (False, "What is derived")):
        rows = [_ledger_row(chapter, j, numbers) for j in chapter.judgements if is_printed(j.claim) == printed]
        if rows:
            heads = _write_heads("label", "statement", "verdict", "status", "rests on", "source", "derivation", "id")
            parts.append(f'<div class="wide" tabindex="0" role="region" aria-label="{title}"><table class="ledger">'
                         f'<caption>{title}</caption><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>')
    return "\n".join(parts)


def _ledger_row(chapter: Chapter, judged: Judged, numbers: Mapping[str, int]) -> str:
    claim, source = judged.claim, judged.claim.source
    rests = " ".join(f'<a href="#{chapter.key}-a-{escape(n)}">{escape(n)}</a>' for n in judged.assumptions)
    proved = f"; proved there: {source.proved}" if is_printed(claim) else ""
    region = f"<p>Claimed where {write_region(claim.region)}.</p>" if claim.region else ""
    verdict = f'<span class="verdict">{_MARKS.get(judged.verdict, "")} {escape(judged.verdict)}</span>{_where(judged)}'
    cells = (write_passage(state(claim, chapter.bundle)) + region, verdict, escape(judged.status), rests,
             escape(f"{source.place} ({source.tag}{proved})"), _write_steps(chapter, claim, numbers),
             f"<code>{claim_id(claim)[:12]}</code>")
    label = f'<tr id="{chapter.key}-c-{claim_id(claim)}"><th scope="row">{escape(claim.label)}</th>'
    return label + "".join(f"<td>{c}</td>" for c in cells) + "</tr>"


def _write_steps(chapter: Chapter, claim: Claim, numbers: Mapping[str, int]) -> str:
    """The steps whose outcome a claim is, and those that they rest on."""
    prefix, own = f"{chapter.key}-step-", {numbers[s] for s in claim.steps if s in numbers}
    earlier = [n for n in (numbers[s.id] for s in find_steps(claim, chapter.bundle)) if n not in own]
    said = f"step {_link_ranges(sorted(own), prefix)}" if own else ""
    more = f"<details><summary>rests on {len(earlier)} more</summary>{_link_ranges(earlier, prefix)}</details>" if earlier else ""
    return said + more


def _where(judged: Judged) -> str:
    """Where a restricted claim holds, and the witness against one that does not hold everywhere."""
    parts = []
    if judged.verdict == "holds only" and judged.region:
        parts.append("where " + write_region(judged.region))
    if judged.witness:
        parts.append("witness " + escape(", ".join(f"{n} = {x}" for n, x in sorted(judged.witness.items()))))
    if judged.verdict != "holds" and judged.reason:
        parts.append(escape(judged.reason))
    return "".join(f"<br>{p}" for p in parts)


def _write_derivation(chapter: Chapter) -> str:
    prefix, items = f"{chapter.key}-step-", []
    for number, blocks in enumerate(chapter.numbered, 1):
        shown = "".join(write_block(b, prefix, number) for b in blocks)
        items.append(f'<li id="{prefix}{number}">{shown}</li>')
    steps = f'<details><summary>All {len(items)} steps</summary><ol class="steps">{"".join(items)}</ol></details>'
    said = "The steps, in an order in which each rests on earlier ones alone; the ledger says which lead to a claim."
    return f"<p>{said}</p>{steps}"


def _link_ranges(numbers: Sequence[int], prefix: str) -> str:
    """3 to 7, 9: each range of neighbours links to its ends."""
    ranges: list[list[int]] = []
    for n in numbers:
        if ranges and ranges[-1][1] == n - 1:
            ranges[-1][1] = n
        else:
            ranges.append([n, n])
    return ", ".join(" to ".join(f'<a href="#{prefix}{n}">{n}</a>' for n in dict.fromkeys(ends)) for ends in ranges)


def _write_end(versions: Mapping[str, str], seconds: Mapping[str, float]) -> str:
    tables = [_write_pairs("Versions", ("part", "version"), versions)]
    if seconds:
        shown = {name: f"{value:.1f}" for name, value in seconds.items()}
        tables.append(_write_pairs("Timings of this run, which no other run repeats", ("stage", "seconds"), shown))
    return f"</main><footer>{''.join(tables)}</footer>"


def _write_pairs(caption: str, heads: tuple[str, str], pairs: Mapping[str, str]) -> str:
    rows = "".join(f'<tr><th scope="row">{escape(n)}</th><td>{escape(v)}</td></tr>' for n, v in pairs.items())
    return (f"<table><caption>{caption}</caption><thead><tr>{_write_heads(*heads)}</tr></thead>"
            f"<tbody>{rows}</tbody></table>")
