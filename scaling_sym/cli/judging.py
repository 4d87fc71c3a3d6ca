"""The checker as the verbs use it: replay, judge, and what counts as a failure."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from proofs_check.judge import Judgement
    from proofs_check.replay import Fault
    from proofs_check.standing import Library
    from scaling_sym.claims.bundle import Bundle

SOUND = ("holds",)


@final
@dataclass(frozen=True, slots=True)
class Checked:
    """A bundle with the faults of its steps, the ids replayed, and the judgement of each claim.

    `tampered` says where a stored digest is not that of the content; empty where it is, or was not compared.
    """

    bundle: Bundle
    faults: tuple[Fault, ...]
    steps: tuple[str, ...]
    judgements: tuple[Judgement, ...]
    tampered: str = ""

    @property
    def failed(self) -> tuple[Judgement, ...]:
        """Derived claims that do not hold. What a paper prints may fail: that is a result."""
        from scaling_sym.claims.bundle import is_printed

        return tuple(j for j in self.judgements if not is_printed(j.claim) and j.verdict not in SOUND)

    @property
    def is_sound(self) -> bool:
        """Whether every certificate replays and every derived claim holds."""
        return not self.faults and not self.failed and not self.tampered


def check_bundle(bundle: Bundle, only: Iterable[str] | None = None) -> Checked:
    """Replay the bundle (or only some of its steps), judge its claims, and compare the verdicts that it records.

    Statuses take the record of confirmed claims as it stands; `check` measures whether it is true. Independent derivations are
    counted, also in the committed bundles of the other papers, where all steps are replayed.
    """
    from proofs_check.judge import compare_verdicts, judge
    from proofs_check.replay import replay
    from proofs_check.standing import stand
    from scaling_sym.cli.confirming import read_confirmed

    chosen = frozenset(only or ())
    outcome = replay(bundle, None if only is None else chosen)
    judgements = judge(bundle, outcome, read_confirmed(bundle))
    if only is None:
        judgements = stand(bundle, judgements, _open_library(bundle))
    checked = tuple(s.id for s in bundle.steps if only is None or s.id in chosen)
    return Checked(bundle, (*outcome.faults, *compare_verdicts(judgements)), checked, judgements)


def _open_library(bundle: Bundle) -> Library:
    """The steps of a bundle and of the committed ones of all other papers that can be read."""
    from proofs_check.standing import Library
    from scaling_sym.cli.bundles import PAPERS, open_bundle
    from scaling_sym.errors import BadInputError

    bundles = [bundle]
    for paper in PAPERS:
        if paper != bundle.paper:
            with suppress(BadInputError):
                bundles.append(open_bundle(paper=paper))
    return Library.of(bundles)


def record_verdicts(bundle: Bundle) -> Checked:
    """Replay and judge a bundle that is newly derived, and record the verdicts in it."""
    from proofs_check.judge import judge
    from proofs_check.replay import replay
    from scaling_sym.claims.writing import with_verdicts
    from scaling_sym.cli.confirming import read_confirmed

    outcome = replay(bundle)
    judgements = judge(bundle, outcome)
    verdicts = {j.claim.label: j.verdict for j in judgements}
    recorded = with_verdicts(bundle, verdicts, {j.claim.label: j.finding for j in judgements})
    steps = tuple(s.id for s in bundle.steps)
    return Checked(recorded, outcome.faults, steps, judge(recorded, outcome, read_confirmed(recorded)))


def compare_digests(data: bytes, bundle: Bundle) -> str:
    """A sentence where the digest stored in a file is not that of its content, with the steps that were changed."""
    from scaling_sym.claims.writing import has_own_digests
    from scaling_sym.cli.bundles import differing_steps

    if has_own_digests(data, bundle):
        return ""
    changed = differing_steps(bundle)
    where = f"; changed against the committed bundle: {', '.join(changed[:5])}" if changed else ""
    return f"a stored digest is not that of the content{where}"


def judge_unchecked(bundle: Bundle) -> tuple[Judgement, ...]:
    """The judgements that follow if every step replays; `check` says whether it does."""
    return check_bundle(bundle, ()).judgements
