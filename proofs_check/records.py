"""What stands beside a claim's statement: its label, its source, and the assumptions it rests on.

A random-matrix or mean-field closure enters through certain rules. `ASSUMED` says which rule of which model uses which named
assumption, and `scaling_sym.claims.assumptions` says in words what each means. The checker works out, from the rules under
a claim, what it rests on; the claim must list exactly that. A claim without steps rests on what the claims rest on that it
speaks of.

Labels name one claim each; those of derived claims follow from the statement, those of printed claims are a closed list.

Not covered: whether a source says what is recorded of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from proofs_check.framework import demand
from scaling_sym.claims.assumptions import ASSUMPTIONS
from scaling_sym.claims.bundle import Bundle, Claim, Step, is_printed

Assumed = Mapping[str, tuple[str, ...]]
EQUIVALENT, VOLTERRA, UNIFORM, FRACTION, CLOSURE, MONOTONE = (
    "deterministic-equivalent", "sgd-follows-volterra", "uniform-transfer", "learning-rate-fraction", "mean-field-closure",
    "monotone-resources",
)
ASSUMED: Final[Mapping[str, Assumed]] = {
    "plrf": {
        "perturb": (EQUIVALENT,), "renew": (VOLTERRA, UNIFORM), "transfer": (UNIFORM,),
        "floor": (EQUIVALENT, VOLTERRA, UNIFORM), "learning-rate": (FRACTION,),
    },
    "dmft": {"define": (CLOSURE,), "corrections": (UNIFORM,), "join": (MONOTONE,), "better": (MONOTONE,)},
    "flow": {"transfer": (UNIFORM,), "floor": (UNIFORM,)},
    "noisy-sgd": {"define": (VOLTERRA,)},
    "dmft-descent": {"define": (CLOSURE,)}, "dmft-momentum": {"define": (CLOSURE,)}, "dmft-online": {"define": (CLOSURE,)},
    "": {"spacing": ("uniform-points",), "counting": ("lattice-count",), "simplices": ("uniform-points",),
        "average": ("smooth-average",)},  # whatever the model
}
PRINTED: Final[Mapping[str, frozenset[str]]] = {
    "paquette2024": frozenset({
        "P-volterra", "P-equivalent", "P-F0", "P-Fpp", "P-Fac", "P-Kpp", "P-sum", "P-stability", "P-universal", "P-number",
        "P-slow-near-walls", *(f"P-table/{n}" for n in ("Ia", "Ib", "Ic", "II", "III", "IVa", "IVb")),
    }),
    "bordelon2024": frozenset({
        *(f"B-bottleneck/{n}" for n in ("time", "model", "data")), "B-gap", "B-white", "B-static", "B-numbers",
        *(f"B-compute/{n}" for n in ("steps", "size", "loss", "special-case", "asymmetry")),
        *(f"B-early/{n}" for n in ("window", "power", "eq83")),
        *(f"B-ensemble/{n}" for n in ("bias", "variance", "one-larger-model")),
        *(f"B-sgd/{n}" for n in ("no-data-bottleneck", "no-plateau", "time-and-size-laws")),
    }),
    "bahri2024": frozenset({
        "C-variance/data", "C-variance/width", "C-features", "C-tail", "C-dimension", "C-duality", "C-moments", "C-unstable",
        *(f"C-resolution/{n}" for n in ("lipschitz", "analytic", "piecewise-linear")),
        *(f"C-replica/{n}" for n in ("loss", "kappa", "gamma")),
    }),
}
READING: Final[Mapping[str, tuple[str, str]]] = {  # how a printed statement was read, and whether the paper says to prove it
    "P-volterra": ("model", "no"), "P-stability": ("model", "no"), "P-sum": ("recalled", "no"), "B-white": ("recalled", "no"),
    "P-universal": ("recalled", "no"), **{f"P-table/{n}": ("recalled", "no") for n in ("Ia", "II", "III", "IVa", "IVb")},
    "P-table/Ib": ("recalled", "for 1/4 < alpha < 1/2"), "P-table/Ic": ("recalled", "conditionally"),
    "C-resolution/lipschitz": ("read", "yes"),
}  # of all others: read, and no
STEMS: Final = {"bahri2024": "kernel", "paquette2024": "plrf", "links": "links"}
OWN: Final = {"": "stated-terms", "paquette2024-rates": "rates-terms"}  # laws of terms that are taken as they are
PIECES: Final = {"F_0": "P-F0", "F_pp": "P-Fpp", "F_ac": "P-Fac", "K_pp": "P-Kpp"}


def check_record(claim: Claim, bundle: Bundle) -> None:
    """Refuse a claim with another label, another kind of source, or other assumptions than those it rests on."""
    source, printed, own = claim.source, is_printed(claim), claim.kind == "printed-own"
    demand(sum(c.label == claim.label for c in bundle.claims) == 1, "two claims have this label")
    demand(source.paper == bundle.paper, f"the source is {source.paper}, the bundle that of {bundle.paper}")
    tags = ("stated", "derived") if own else ("read", "recalled", "model") if printed else ("derived",)
    demand(source.tag in tags, f"the source is marked {source.tag}; {', '.join(tags)} is allowed")
    if printed:
        demand(claim.label in PRINTED.get(bundle.paper, {claim.label}), "the paper prints no claim of this label")
    read = READING.get(claim.label, ("read" if printed and not own else source.tag, "no"))
    demand((source.tag, source.proved) == read, f"it is recorded as {', proved: '.join(read)}")
    expected = LABELS[claim.kind](claim, bundle) if claim.kind in LABELS else claim.label
    demand(claim.label == expected, f"the label that follows is {expected}")
    _check_assumptions(claim, bundle)


def _check_assumptions(claim: Claim, bundle: Bundle) -> None:
    listed, rests_on = set(claim.assumptions), find_assumptions(claim, bundle)
    demand(len(listed) == len(claim.assumptions), "an assumption is listed twice")
    demand(rests_on <= listed, f"it rests on {', '.join(sorted(rests_on - listed))} too, which is not listed")
    demand(listed <= rests_on, f"it lists {', '.join(sorted(listed - rests_on))}, on which it does not rest")
    for name in sorted(listed):
        demand(name in bundle.assumptions, f"the bundle does not say what {name} is")


def check_texts(bundle: Bundle) -> None:
    """Refuse a bundle whose assumptions are worded otherwise than the checker knows them, or that has idle ones."""
    used = {name for claim in bundle.claims for name in claim.assumptions}
    for name, text in bundle.assumptions.items():
        demand(ASSUMPTIONS.get(name) == text, f"the assumption {name} is not worded as it is known")
        demand(name in used, f"no claim rests on the assumption {name}")


def find_assumptions(claim: Claim, bundle: Bundle) -> set[str]:
    """The names of the assumptions that the rules under a claim use."""
    if claim.kind == "printed-own":
        return {OWN.get(bundle.paper, OWN[""])}
    steps: Iterable[str] = claim.steps or [s for c in find_claims_under(claim, bundle) for s in c.steps]
    below = _find_below(steps, {s.id: s for s in bundle.steps})
    models = {s.conclusion["model"] for s in below if s.rule in ("model", "define")}
    named = str(claim.statement.get("name", "")) if claim.kind == "equation" else ""
    smooth = {"smooth-loss"} if named.startswith("variance-") or claim.kind == "printed-variance" else set()
    return smooth | {name for m in (*sorted(models), "") for s in below for name in ASSUMED.get(m, {}).get(s.rule, ())}


def find_claims_under(claim: Claim, bundle: Bundle) -> list[Claim]:
    """The claims beside which one without steps is laid."""
    kinds, about = _spoken_of(claim)
    return [c for c in bundle.claims if c.kind in kinds and about(c.statement)]


def _spoken_of(claim: Claim) -> tuple[tuple[str, ...], Callable[[Any], bool]]:
    """The kinds of claim with which the judge compares a claim without steps, and which of them."""
    said = claim.statement
    if claim.kind == "printed-equation":
        names = {part["name"] for part in said["equations"]}
        return ("equation",), lambda s: s["name"] in names
    about = {
        "printed-ensemble": ("model", "bias", "divergence", "ridgeless-under"), "printed-numbers": ("compute/loss",),
        "printed-sgd": ("sgd/time", "noise-plateau") if "plateau" in said else ("sgd/time",),
        "printed-restricted": tuple(p["quantity"] for p in said.get("parts", ())) if isinstance(said, dict) else (),
        "printed-variance": ("variance-data", "variance-width", "average"), "printed-distance": ("distance", "linear"),
        "printed-exchange": ("exchange-model", "exchange-data", "exchange-difference", "model", "data"),
        "printed-eigenvalues": ("eigenvalues",),
        "printed-moment": ("moment",),
    }.get(claim.kind)
    if claim.kind in ("printed-unstable", "printed-volterra"):
        return ("growth", "recursion"), lambda _: True
    if about is None:
        return ("phase",), lambda _: True
    return ("law", "equation"), lambda s: s.get("quantity", s.get("name")) in about


def _find_below(names: Iterable[str], lookup: Mapping[str, Step]) -> list[Step]:
    seen: dict[str, Step] = {}
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in seen:
            seen[name] = lookup[name]
            todo += lookup[name].premises
    return list(seen.values())


def _numbered(stem: str, first: bool = True) -> Callable[[Claim, Bundle], str]:
    """The stem with the claim's place among those of its kind (and piece)."""
    def label(claim: Claim, bundle: Bundle) -> str:
        name = stem.format(**claim.statement)
        alike = [c for c in bundle.claims if c.kind == claim.kind and stem.format(**c.statement) == name]
        place = alike.index(claim) + 1
        return f"{name}/{place}" if first or place > 1 else name

    return label


def _corner(claim: Claim, bundle: Bundle) -> str:
    assert bundle
    return f"plrf/corner/{','.join(v for _, v in sorted(claim.statement['point'].items()))}"


def _law(claim: Claim, bundle: Bundle) -> str:
    quantity = str(claim.statement["quantity"])
    alike = [c for c in bundle.claims if c.kind == "law" and c.statement["quantity"] == quantity]
    numbered = len(alike) > 1 or quantity.startswith("compute/")
    stem = f"{STEMS.get(bundle.paper, 'dmft')}/{quantity}"
    return f"{stem}/{alike.index(claim) + 1}" if numbered else stem


def _law_on_wall(claim: Claim, bundle: Bundle) -> str:
    wall = ",".join(f"{n}={x}".replace(" ", "") for n, x in sorted(claim.statement["wall"].items()))
    alike = [c for c in bundle.claims if c.kind == "law-on-wall"
             and all(c.statement[k] == claim.statement[k] for k in ("quantity", "wall"))]
    stem = f"{STEMS.get(bundle.paper, 'dmft')}/{claim.statement['quantity']}/{wall}"
    return f"{stem}/{alike.index(claim) + 1}" if len(alike) > 1 else stem


def _cover(claim: Claim, bundle: Bundle) -> str:
    assert claim
    return "dmft/compute/phases" if bundle.paper == "bordelon2024" else "plrf/phases"


def _fixed(label: str) -> Callable[[Claim, Bundle], str]:
    return lambda _claim, _bundle: label


def _printed_piece(claim: Claim, bundle: Bundle) -> str:
    assert bundle
    return PIECES[str(claim.statement["piece"])]


LABELS: Final[Mapping[str, Callable[[Any, Any], str]]] = {
    "terms": _numbered("plrf/terms"), "terms-infinite": _numbered("plrf/infinite/terms"),
    "piece": _numbered("plrf/{piece}", first=False), "cover": _cover, "corner": _corner,
    "printed-floor": _printed_piece, "printed-piece": _printed_piece, "printed-sum": _fixed("P-sum"),
    "law": _law, "law-on-wall": _law_on_wall, "growth": _fixed("kernel/unstable"), "recursion": _fixed("plrf/recursion"),
    "equation": lambda claim, bundle: f"{STEMS.get(bundle.paper, 'dmft')}/equations/{claim.statement['name']}",
    "printed-stability": _fixed("P-stability"), "printed-universal": _fixed("P-universal"),
}
