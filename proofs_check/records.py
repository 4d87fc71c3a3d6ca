"""What stands beside a claim's statement, and follows from tables: its label, its source, and the assumptions it rests on.

And the names that a claim gives to phases: those of the claims on the loss at the same optima.

The tables are data, in `records.json`: the labels that follow from statements (`labels`; after `#`, when claims of one name are
numbered), the closed list of labels that papers print (`printed`), how the printed were read and whether the paper says to
prove them (`read`; of all others: read, no), the domain that phases are to fill (`domains`), and what a printed claim without
steps speaks of (`about`: kinds, and quantities or names). The judge looks here: a claim that is entered wrongly is undecided.
That a claim names each assumption that its steps use is looked at in replay (`statements`); that it names no other one, here.
Not covered: whether a source says what is recorded of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from proofs_check.framework import demand, list_steps
from proofs_check.statements import find_assumptions
from proofs_check.steps import find_fault
from scaling_sym.claims.assumptions import ASSUMPTIONS
from scaling_sym.claims.bundle import Bundle, Claim, is_printed
from scaling_sym.claims.codec import decode_cell

TABLES: Final[dict[str, Any]] = json.loads(Path(__file__).with_name("records.json").read_text(encoding="utf-8"))
OWN: Final = {"paquette2024-rates": "rates-terms"}  # laws of terms that are taken as they are; else "stated-terms"


def find_wrong_record(claim: Claim, bundle: Bundle) -> str:
    """What is wrong in what stands beside a claim's statement; nothing where all is as it must be."""
    fault = find_fault(claim.label, "claim", lambda: check_record(claim, bundle))
    return "" if fault is None else fault.reason


def check_record(claim: Claim, bundle: Bundle) -> None:
    """Refuse a claim with another label, another kind of source, or other assumptions than those it rests on."""
    printed, own = is_printed(claim), claim.kind == "printed-own"
    demand(sum(c.label == claim.label for c in bundle.claims) == 1, "two claims have this label")
    demand(claim.source.paper == bundle.paper, f"the source is {claim.source.paper}, the bundle that of {bundle.paper}")
    tags = ("stated", "derived") if own else ("read", "recalled", "model") if printed else ("derived",)
    demand(claim.source.tag in tags, f"the source is marked {claim.source.tag}; {', '.join(tags)} is allowed")
    known = TABLES["printed"].get(bundle.paper, [claim.label])
    demand(not printed or claim.label in known, "the paper prints no claim of this label")
    read = TABLES["read"].get(claim.label, ["read" if printed and not own else claim.source.tag, "no"])
    demand([claim.source.tag, claim.source.proved] == read, f"it is recorded as {', proved: '.join(read)}")
    if claim.kind in TABLES["labels"]:
        expected = find_label(claim, bundle)
        demand(claim.label == expected, f"the label that follows is {expected}")
    if claim.kind in ("prefactor", "cover", "wall", "corner"):
        said = claim.statement["phases"] if claim.kind != "prefactor" else [claim.statement["phase"]]
        demand(said == name_phases(claim, bundle), "the phases have other names")
    whole = claim.kind != "cover" or decode_cell(claim.region) == decode_cell(TABLES["domains"][bundle.paper])
    demand(whole, "the whole plane is to be covered")
    wanted = list_assumptions(claim, bundle)
    demand(set(claim.assumptions) == wanted, f"it rests on {', '.join(sorted(wanted))}, and must list exactly that")
    demand(len(claim.assumptions) == len(wanted), "an assumption is listed twice")
    for name in wanted:
        demand(bundle.assumptions.get(name) == ASSUMPTIONS[name], f"the assumption {name} is not worded as it is known")
    idle = bundle.assumptions.keys() - {name for c in bundle.claims for name in c.assumptions}
    demand(not idle, f"no claim of the bundle rests on the assumption {', '.join(sorted(idle))}")


def find_label(claim: Claim, bundle: Bundle) -> str:
    """The label that follows from a statement, with the claim's place among those of its name."""
    name, mark = _fill_label(claim, bundle), TABLES["labels"][claim.kind].partition("#")[2]
    alike = [c for c in bundle.claims if c.kind == claim.kind and _fill_label(c, bundle) == name]
    place = alike.index(claim) + 1
    numbered = mark == "always" or (mark == "later" and place > 1) or (mark == "several" and len(alike) > 1)
    return f"{name}/{place}" if numbered else name


def _fill_label(claim: Claim, bundle: Bundle) -> str:
    said, stem = claim.statement, TABLES["stems"].get(bundle.paper, "dmft")
    words = {
        "stem": stem, "plane": "dmft/compute" if stem == "dmft" else "plrf",
        "letters": str(said.get("piece", "")).replace("_", ""), "meeting": "|".join(sorted(said.get("phases", ()))),
        "at": ",".join(x for _, x in sorted(said.get("point", {}).items())),
        "place": ",".join(f"{n}={x}".replace(" ", "") for n, x in sorted(said.get("wall", {}).items())),
    }
    template: str = TABLES["labels"][claim.kind].partition("#")[0]
    return template.format(**said, **words)


def name_phases(claim: Claim, bundle: Bundle) -> list[str]:
    """The names that the claims on the loss give to the optima among the premises of the claim's first step, or in a corner."""
    losses = [c for c in bundle.claims if c.kind in ("phase", "law") and c.statement["quantity"] in ("loss", "compute/loss")]
    names = {c.steps[0]: c.statement.get("phase") or c.label.rpartition("/")[2] for c in losses}
    lookup = {s.id: s for s in bundle.steps}
    optima = claim.steps[:-1] if claim.kind == "corner" else lookup[claim.steps[0]].premises
    return [names[p] for p in optima if lookup[p].rule == "optimum"]


def list_assumptions(claim: Claim, bundle: Bundle) -> set[str]:
    """The assumptions that the rules under a claim use, or under those it is compared with, and that its statement needs."""
    if claim.kind == "printed-own":
        return {OWN.get(bundle.paper, "stated-terms")}
    steps = claim.steps or [s for c in find_claims_under(claim, bundle) for s in c.steps]
    named = str(claim.statement.get("name", "")) if claim.kind == "equation" else ""
    smooth = named.startswith("variance-") or claim.kind == "printed-variance"
    return find_assumptions(list_steps(steps, {s.id: s for s in bundle.steps})) | ({"smooth-loss"} if smooth else set())


def find_claims_under(claim: Claim, bundle: Bundle) -> list[Claim]:
    """The claims with which the judge compares a claim without steps."""
    kinds, names = TABLES["about"].get(claim.kind, (["phase"], None))
    if isinstance(names, str):
        names = [part["name" if claim.kind == "printed-equation" else "quantity"] for part in claim.statement[names]]
    elif claim.kind == "printed-sgd" and "plateau" in claim.statement:
        names = [*names, "noise-plateau"]
    spoken = [c for c in bundle.claims if c.kind in kinds]
    return [c for c in spoken if names is None or c.statement.get("quantity", c.statement.get("name")) in names]
