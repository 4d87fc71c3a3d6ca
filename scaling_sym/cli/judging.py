"""The checker as the verbs use it: replay, judge, and what counts as a failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from scaling_sym.claims.bundle import is_printed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from proofs_check.judge import Judgement
    from proofs_check.replay import Fault
    from scaling_sym.claims.bundle import Bundle

SOUND = ("holds",)


@final
@dataclass(frozen=True, slots=True)
class Checked:
    """A bundle with the faults of its steps, the ids replayed, and the judgement of each claim."""

    bundle: Bundle
    faults: tuple[Fault, ...]
    steps: tuple[str, ...]
    judgements: tuple[Judgement, ...]

    @property
    def failed(self) -> tuple[Judgement, ...]:
        """Derived claims that do not hold. What a paper prints may fail: that is a result."""
        return tuple(j for j in self.judgements if not is_printed(j.claim) and j.verdict not in SOUND)

    @property
    def is_sound(self) -> bool:
        """Whether every certificate replays and every derived claim holds."""
        return not self.faults and not self.failed


def check_bundle(bundle: Bundle, only: Iterable[str] | None = None) -> Checked:
    """Replay the bundle (or only some of its steps) and judge its claims."""
    from proofs_check.judge import judge
    from proofs_check.replay import replay

    outcome = replay(bundle, only)
    return Checked(bundle, outcome.faults, outcome.checked, judge(bundle, outcome))


def judge_unchecked(bundle: Bundle) -> tuple[Judgement, ...]:
    """The judgements that follow if every step replays; `check` says whether it does."""
    return check_bundle(bundle, ()).judgements
