"""Planting faults from the command line: `check --mutate N`, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proofs_check.mutate import Mutation
    from scaling_sym.claims.bundle import Bundle

OUTCOMES = ("caught", "meaningless", "survived")


def plant_faults(bundles: list[Bundle], count: int, seed: int) -> Mutation:
    """Plant faults, with a progress display, in as many processes as there are processors."""
    import os

    from proofs_check.mutate import mutate
    from scaling_sym.cli.speech import progress

    with progress() as shown:
        task = shown.add_task("plant faults", total=count, found="")
        workers = (os.cpu_count() or 1) if count >= 40 else 1
        found = mutate(bundles, count, seed, workers, lambda done: shown.update(task, completed=done))
        shown.update(task, total=len(found.fates), found=f"{len(found.survivors)} survive")
    return found


def describe_mutation(found: Mutation) -> dict[str, Any]:
    """The counts by kind, and the survivors, as plain data."""
    table = found.count()
    total = {o: sum(c[o] for c in table.values()) for o in OUTCOMES}
    return {
        "seed": found.seed, "planted": len(found.fates), **total,
        "kinds": {kind: {o: c[o] for o in OUTCOMES} for kind, c in table.items()},
        "survivors": [f"{f.description}: {f.reason}" for f in found.survivors],
    }


def tell_mutation(found: Mutation) -> list[str]:
    """The same as lines of text."""
    body = describe_mutation(found)
    width = max((len(k) for k in body["kinds"]), default=0)
    lines = [f"  {kind:{width}}  " + ", ".join(f"{n} {o}" for o, n in counts.items()) for kind, counts in body["kinds"].items()]
    total = f"{body['planted']} faults planted: {body['caught']} caught, {body['meaningless']} change no meaning, " \
            f"{body['survived']} survive"
    return [total, *lines, *(f"SURVIVED {text}" for text in body["survivors"])]
