"""A summary of a check in Markdown, as the step summaries of CI systems show it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proofs_check.confirm import Confirmation
    from proofs_check.mutate import Mutation
    from scaling_sym.cli.judging import Checked


def write_summary(
    path: Path, outcomes: Sequence[Checked], measured: Sequence[Confirmation], planted: Mutation | None
) -> None:
    """Add the summary to a file, so that several checks of one job stand one below the other.

    Raises `BadInputError` where the file cannot be written.
    """
    from scaling_sym.errors import BadInputError

    text = "\n".join([*_state(outcomes, measured), *(_state_mutation(planted) if planted else ()), ""])
    try:
        with path.open("a", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise BadInputError(f"{path} cannot be written: {error.strerror or error}") from None


def _state(outcomes: Sequence[Checked], measured: Sequence[Confirmation]) -> list[str]:
    contradicted = {label for m in measured for label in m.contradicted}
    good = all(o.is_sound for o in outcomes) and not contradicted
    lines = [f"## Scaling laws: {'every certificate replays' if good else 'NOT SOUND'}", "",
             "| paper | steps | claims | verdicts | faults |", "|---|---|---|---|---|"]
    for o in outcomes:
        verdicts: dict[str, int] = {}
        for j in o.judgements:
            verdicts[j.verdict] = verdicts.get(j.verdict, 0) + 1
        said = ", ".join(f"{n} {v}" for v, n in sorted(verdicts.items()))
        lines.append(f"| {o.bundle.paper} | {len(o.steps)} | {len(o.judgements)} | {said} | {len(o.faults)} |")
    wrong = [f"- `{f.step}` ({f.rule}): {_plain(f.reason)}" for o in outcomes for f in o.faults]
    wrong += [f"- {o.bundle.paper}: {_plain(o.tampered)}" for o in outcomes if o.tampered]
    wrong += [f"- `{j.claim.label}` is {j.verdict}: {_plain(j.reason)}" for o in outcomes for j in o.failed]
    wrong += [f"- the numbers contradict `{label}`" for label in sorted(contradicted)]
    return [*lines, *(["", "### What does not hold", "", *wrong] if wrong else []),
            *(["", *(f"- {_plain(m.sentence)}" for m in measured)] if measured else [])]


def _state_mutation(planted: Mutation) -> list[str]:
    from scaling_sym.cli.mutating import OUTCOMES, describe_mutation

    body = describe_mutation(planted)
    lines = ["", f"### {body['planted']} faults planted, {body['survived']} survive", "",
             f"| kind | {' | '.join(OUTCOMES)} |", "|---|" + "---|" * len(OUTCOMES)]
    lines += [f"| {kind} | " + " | ".join(str(n) for n in counts.values()) + " |" for kind, counts in body["kinds"].items()]
    return [*lines, *(["", *(f"- survived: {_plain(s)}" for s in body["survivors"])] if body["survivors"] else [])]


def _plain(text: str) -> str:
    """The text with what Markdown would read as marks taken literally."""
    return "".join(f"\\{c}" if c in "\\`*_|<>[]#" else c for c in text)
