"""Drift: how a regenerated bundle differs from the committed one, in one sentence.

Steps are compared by what they say, not by their place: a step that only moved is no difference. Claims are compared by
label and id.
"""

from __future__ import annotations

import json
from collections import Counter

from scaling_sym.claims.bundle import Bundle
from scaling_sym.claims.steps import Step
from scaling_sym.claims.writing import claim_id, step_body, write_bundle


def describe_drift(old: Bundle, new: Bundle) -> str:
    """What changed; empty where the two bundles say the same in the same words."""
    if write_bundle(old) == write_bundle(new):
        return ""
    before, after = ({c.label: claim_id(c) for c in b.claims} for b in (old, new))
    lost, gained = sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys())
    changed = sorted(n for n in before.keys() & after.keys() if before[n] != after[n])
    verdicts = [{c.label: c.verdict for c in b.claims} for b in (old, new)]
    judged = sorted(n for n in before.keys() & after.keys() if verdicts[0][n] != verdicts[1][n])
    said = [f"{len(names)} claims {what} ({', '.join(names[:3])}{', ...' if len(names) > 3 else ''})"
            for names, what in ((lost, "are gone"), (gained, "are new"), (changed, "say something else"),
                                (judged, "are judged otherwise")) if names]
    first, second = (Counter(map(_content, b.steps)) for b in (old, new))
    fewer, more = (first - second).total(), (second - first).total()
    if fewer or more:
        said.append(f"{fewer} steps are gone and {more} are new")
    return "; ".join(said) or "the same claims and steps stand in another order or under other assumptions"


def _content(step: Step) -> str:
    body = {k: v for k, v in step_body(step).items() if k not in ("id", "premises")}
    return json.dumps(body, sort_keys=True)
