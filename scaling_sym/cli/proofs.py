"""The verbs about proofs: `check`, `ledger`, `impact`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from scaling_sym.claims.bundle import Bundle
    from scaling_sym.cli.judging import Checked

app = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@app.command(rich_help_panel="Proofs")
def check(
    bundle: Annotated[Path | None, typer.Option(metavar="FILE", help="Check this bundle, not the committed ones.")] = None,
    model: Annotated[Path | None, typer.Option(metavar="FILE", help="Judge the claims in a model file of your own.")] = None,
    claim: Annotated[str | None, typer.Option(metavar="ID", help="Check only what this claim rests on.")] = None,
    no_digests: Annotated[bool, typer.Option("--no-digests", help="Compare no hash: the mathematics alone counts.")] = False,
    junitxml: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a report that CI systems read.")] = None,
    deep: Annotated[bool, typer.Option("--deep", help="Measure the claims at random points of every phase.")] = False,
    markdown: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a summary for a CI page.")] = None,
    mutate: Annotated[int | None, typer.Option(metavar="N", min=1, help="Plant N faults: which are caught?")] = None,
    seed: Annotated[int, typer.Option(metavar="S", help="With --mutate: another seed draws other faults.")] = 0,
    no_confirm: Annotated[bool, typer.Option("--no-confirm", help="Replay only: measure nothing.")] = False,
    json: Json = False,
) -> None:
    """Replay every certificate, and measure each claim at one witness point (not with --claim or --mutate).

    With --model, judge the claims in a model file: proved, refuted with a witness, or undecided. Exit status 0 only if all
    are proved.

    Exit status 1 names the step that does not hold, the claim that the numbers contradict, or the planted fault that
    nothing caught. What does not replay is not measured, and nothing is planted in it.
    """
    from scaling_sym.cli.confirming import find_lost, measure
    from scaling_sym.cli.junit import write_report
    from scaling_sym.cli.mutating import describe_mutation, plant_faults, tell_mutation
    from scaling_sym.cli.speech import say, say_json
    from scaling_sym.cli.summary import write_summary

    if model is not None:
        _judge_model(model, json)
        return
    opened = _open_all(bundle, no_digests)
    tampered = {b.paper: sentence for b, sentence in opened}
    bundles = [b for b, _ in opened]
    found = _check_claim(bundles, claim) if claim is not None else _check_all(bundles)
    outcomes = [replace(o, tampered=tampered[o.bundle.paper]) for o in found]
    if junitxml is not None:
        write_report(junitxml, outcomes)
    sound = all(o.is_sound for o in outcomes)
    wanted = sound and claim is None and mutate is None and not no_confirm
    measured = [measure(o.bundle, deep) for o in outcomes] if wanted else []
    lost = [find_lost(o.bundle, m) for o, m in zip(outcomes, measured, strict=False)]
    planted = plant_faults(bundles, mutate, seed) if mutate is not None and sound else None
    good = sound and not any(lost) and not any(m.contradicted for m in measured) and not (planted and planted.survivors)
    if markdown is not None:
        write_summary(markdown, outcomes, measured, planted)
    if json:
        papers = [_describe(o) for o in outcomes]
        for paper, m, gone in zip(papers, measured, lost, strict=False):
            paper["confirmation"] = {"confirmed": sorted(m.confirmed), "contradicted": sorted(m.contradicted),
                                     "lost": list(gone), "undecided_share": m.undecided_share}
        say_json({"sound": good, "papers": papers} | ({"mutation": describe_mutation(planted)} if planted else {}))
    else:
        say("\n".join([*(line for o in outcomes for line in _tell(o)), *(m.sentence for m in measured),
                       *(f"the numbers contradict {label}" for m in measured for label in sorted(m.contradicted)),
                       *(f"{label} is recorded as confirmed, and the numbers do not confirm it" for gone in lost
                         for label in gone), *(tell_mutation(planted) if planted else ())]))
    if not good:
        raise typer.Exit(1)


def _judge_model(path: Path, json: bool) -> None:
    """Judge the claims of a user's model file; exit status 1 unless all are proved."""
    from scaling_sym.cli.own_claims import judge_within
    from scaling_sym.cli.pace import JUDGE, watch
    from scaling_sym.cli.speech import progress, say, say_json

    with progress() as shown, watch(shown, f"judge {path.name}", JUDGE) as task:
        answer = judge_within(path)
        verdicts = [c["verdict"] for c in answer["claims"]]
        shown.update(task, found=f"{verdicts.count('proved')} of {len(verdicts)} claims proved")
    if json:
        say_json(answer)
    else:
        say("\n".join(_tell_law(c) for c in answer["claims"]))
    if set(verdicts) != {"proved"}:
        raise typer.Exit(1)


def _tell_law(claim: dict[str, Any]) -> str:
    """One claim with its verdict, the reason, and the witness, for people."""
    where = f" where {', '.join(claim['region'])}" if claim["region"] else ""
    lines = [f"{claim['name']}: {claim['verdict']}", f"  {claim['quantity']} exponent {claim['exponent']}{where}",
             f"  {claim['reason']}"]
    witness = claim["witness"]
    if witness:
        point = ", ".join(f"{n}={x}" for n, x in witness["point"].items())
        lines.append(f"  witness {point}: claimed {witness['claimed']}, derived {witness['derived']}")
    lines += [f"  derived {p['derived'] or 'nothing unique'} where {', '.join(p['region']) or 'all parameters'}"
              for p in claim["parts"] if not p["agrees"]]
    return "\n".join(lines)


@app.command(rich_help_panel="Proofs")
def ledger(
    paper: Annotated[str | None, typer.Option(metavar="KEY", help="Only the claims about this paper.")] = None,
    json: Json = False,
) -> None:
    """Every claim with its statement, verdict, status, witness, and what it rests on."""
    from scaling_sym.cli.bundles import PAPERS, open_bundle
    from scaling_sym.cli.speech import say, say_json
    from scaling_sym.export.ledger import list_ledger, write_ledger

    papers = PAPERS if paper is None else (paper,)
    outcomes = _check_all([open_bundle(paper=p) for p in papers])
    entries = [(o.bundle, list_ledger(o.bundle, o.judgements)) for o in outcomes]
    if json:
        say_json({"claims": [e for _, listed in entries for e in listed]})
    else:
        say("\n".join(write_ledger(b, listed) for b, listed in entries))
    if not all(o.is_sound for o in outcomes):
        raise typer.Exit(1)


@app.command(rich_help_panel="Proofs")
def impact(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="A label, digits of an id, an assumption, or a rule.")],
    json: Json = False,
) -> None:
    """What falls, in all papers, if a claim, an assumption or a rule falls; and what has another derivation left."""
    from proofs_check import impact as falling
    from scaling_sym.claims.writing import claim_id
    from scaling_sym.cli.bundles import PAPERS, open_bundle
    from scaling_sym.cli.claims import choose_claim
    from scaling_sym.cli.speech import say, say_json

    bundles = [open_bundle(paper=p) for p in PAPERS]
    rules = {s.rule for b in bundles for s in b.steps}
    assumptions = {name for b in bundles for name in b.assumptions}
    if identifier in assumptions:
        head, fallen = {"assumption": identifier}, falling.find_impact_of_assumption(identifier, bundles)
    elif identifier in rules:
        head, fallen = {"rule": identifier}, falling.find_impact_of_rule(identifier, bundles)
    else:
        claim, home = choose_claim(identifier, bundles, (*sorted(rules), *sorted(assumptions)))
        head, fallen = {"id": claim_id(claim), "label": claim.label}, falling.find_impact_of_claim(claim, home, bundles)
    if json:
        say_json(head | fallen)
        return
    steps = sum(len(p["steps"]) for p in fallen["papers"].values())
    say("\n".join([f"{identifier}: {steps} steps and {len(fallen['claims'])} {'other ' if 'id' in head else ''}claims fall",
                   *(f"  {label}{'  (another derivation is left)' if label in fallen['stand_again'] else ''}"
                     for label in fallen["claims"])]))


def _open_all(file: Path | None, no_digests: bool) -> list[tuple[Bundle, str]]:
    """The bundles to check, each with the sentence about its digests."""
    from scaling_sym.claims.bundle import read_bundle
    from scaling_sym.cli.bundles import PAPERS, read_file
    from scaling_sym.cli.judging import compare_digests

    opened = []
    for path, paper in [(file, "")] if file is not None else [(None, p) for p in PAPERS]:
        data = read_file(path, paper)
        bundle = read_bundle(data, str(path) if path else f"the bundle of {paper}")
        opened.append((bundle, "" if no_digests else compare_digests(data, bundle)))
    return opened


def _check_all(bundles: list[Bundle]) -> list[Checked]:
    from scaling_sym.cli.bundles import PAPERS
    from scaling_sym.cli.judging import check_bundle
    from scaling_sym.cli.pace import Pace, usual, watch
    from scaling_sym.cli.speech import progress

    outcomes = []
    pace = Pace()
    with progress() as shown:
        for bundle in bundles:
            seconds = usual("check", bundle.paper) if bundle.paper in PAPERS else 0.0
            with watch(shown, f"check {bundle.paper}", seconds, pace) as task:
                outcomes.append(check_bundle(bundle))
                shown.update(task, found=f"{len(outcomes[-1].steps)} steps")
    return outcomes


def _check_claim(bundles: list[Bundle], identifier: str) -> list[Checked]:
    from scaling_sym.cli.claims import choose_claim
    from scaling_sym.cli.judging import check_bundle
    from scaling_sym.export.explain import find_steps

    claim, bundle = choose_claim(identifier, bundles)
    steps = frozenset(s.id for s in find_steps(claim, bundle))
    outcome = check_bundle(bundle, steps)
    faults = tuple(f for f in outcome.faults if f.step in steps or f.step == claim.label)
    own = tuple(j for j in outcome.judgements if j.claim.label == claim.label)
    return [replace(outcome, faults=faults, judgements=own)]


def _describe(outcome: Checked) -> dict[str, Any]:
    return {
        "paper": outcome.bundle.paper, "steps": len(outcome.steps), "claims": len(outcome.judgements),
        "faults": [{"step": f.step, "rule": f.rule, "reason": f.reason} for f in outcome.faults],
        "digests": outcome.tampered or None,
        "statuses": {j.claim.label: j.status for j in outcome.judgements},
        "failed": [{"label": j.claim.label, "verdict": j.verdict, "reason": j.reason} for j in outcome.failed],
    }


def _tell(outcome: Checked) -> list[str]:
    if outcome.is_sound:
        return [f"{outcome.bundle.paper}: all {len(outcome.steps)} steps replay, "
                f"{len(outcome.judgements)} claims are judged"]
    lines = [f"{outcome.bundle.paper}: step {f.step} ({f.rule}) does not hold: {f.reason}" for f in outcome.faults]
    lines += [f"{outcome.bundle.paper}: {outcome.tampered}"] if outcome.tampered else []
    return lines + [f"{outcome.bundle.paper}: claim {j.claim.label} is {j.verdict}: {j.reason}" for j in outcome.failed]
