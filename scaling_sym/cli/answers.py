"""The verbs `exponents` and `phases`: what holds at a point, and which phases there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaling_sym.cli.completion import complete_plane
from scaling_sym.errors import BadInputError

if TYPE_CHECKING:
    from scaling_sym.export.rates import Rates
    from scaling_sym.export.rows import Plane

app = typer.Typer()

Model = Annotated[str, typer.Argument(metavar="MODEL", help="The model, such as plrf.", autocompletion=complete_plane)]
At = Annotated[list[str], typer.Option("--at", metavar="NAME=VALUE", help="A parameter: 2, 0.7 or 4/5, read exactly.")]
Given = Annotated[
    list[str], typer.Option("--given", metavar="NAME=VALUE", help="B, gamma, rho or s, to evaluate prefactors.")
]
Fixed = Annotated[list[str], typer.Option("--at", metavar="NAME=VALUE", help="Fix a parameter (where c is given or free).")]
Free = Annotated[list[str], typer.Option("--free", metavar="NAME", help="c or c_batch: learning rate d^(-c), batch d^c_batch.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@app.command(rich_help_panel="Answers")
def exponents(model: Model, at: At, given: Given = [], json: Json = False) -> None:  # noqa: B006
    """Phase, trade-off, exact exponents and prefactors at a point; on a wall, the wall and its logarithms.

    With c or c_batch among the parameters, the learning rate falls as d^(-c) and the batch grows as d^c_batch; else the rate is
    a fixed fraction of the limit of stability, and the batch is constant.
    """
    from scaling_sym.cli.bundles import LAWS, PLANES, open_bundle, open_plane
    from scaling_sym.cli.points import read_point
    from scaling_sym.cli.speech import say, say_json
    from scaling_sym.cli.usage import nearest
    from scaling_sym.export.answers import answer_exponents
    from scaling_sym.export.laws import answer_laws
    from scaling_sym.export.rates import BATCH, RATE, answer_rates
    from scaling_sym.export.regimes import answer_kernel

    if model not in (*PLANES, *LAWS):
        raise BadInputError(f"there is no model {model!r}{nearest(model, (*PLANES, *LAWS))}")
    point, constants = read_point(at), read_point(given)
    if model in LAWS:
        if constants:
            raise BadInputError(f"the model {model} takes no --given; its constants are part of its laws")
        opened = open_bundle(paper=LAWS[model])
        answer = answer_kernel(opened, point) if model == "kernel" else answer_laws(opened, point)
        lines = _tell_kernel(answer) if model == "kernel" else _tell_laws(answer)
    elif RATE in point or BATCH in point:
        if constants:
            raise BadInputError("--given has no use with c or c_batch: prefactors are known at the limit of stability only")
        answer = answer_rates(_open_rates(open_plane(model)), point)
        lines = _tell(answer)
    else:
        answer = answer_exponents(open_plane(model), point, constants)
        lines = _tell(answer)
    if json:
        say_json(answer)
    else:
        say("\n".join(lines))


@app.command(rich_help_panel="Answers")
def phases(model: Model, at: Fixed = [], free: Free = [], json: Json = False) -> None:  # noqa: B006
    """The phases found, their regions, trade-offs, exponents and witnesses, and the walls between them.

    With --at c=VALUE or --free c, those for learning rates d^(-c). MODEL may be a model file of your own (*.toml).
    """
    from scaling_sym.cli.bundles import open_plane
    from scaling_sym.cli.speech import say, say_json, say_rows
    from scaling_sym.export.answers import answer_phases

    if model.endswith(".toml"):
        _say_model_file(model, at or free, json)
        return
    if at or free:
        _say_slice(model, at, free, json)
        return
    answer = answer_phases(open_plane(model))
    if json:
        say_json(answer)
        return
    rows = [[p["name"], ", ".join(p["region"]), " = ".join(p["tradeoff"]), _symbolic(p["loss_exponent"]),
             _symbolic(p["size_exponent"]), _values(p["witness"])] for p in answer["phases"]]
    say_rows(["phase", "region", "trade-off", "loss ~ f^-", "size ~ f^", "witness"], rows)
    say("")
    walls = [[" | ".join(w["between"]), w["wall"], ", ".join(w["region"]), w["log_loss"] or w["note"],
              w["log_size"] or ""] for w in answer["walls"]]
    walls += [[" | ".join(c["between"]), _values(c["point"]), "", c["log_loss"] or c["note"], c["log_size"] or ""]
              for c in answer["corners"]]
    say_rows(["wall between", "equation", "where", "loss: power of log f", "size: power of log f"], walls)


def _say_model_file(path: str, cut: object, json: bool) -> None:
    """The phases of a user's own model; sizes that are not the only optimal ones are marked by *."""
    from pathlib import Path

    from scaling_sym.cli.own_claims import find_phases_within
    from scaling_sym.cli.speech import say, say_json, say_rows

    if cut:
        raise BadInputError("--at and --free are not allowed with a model file: conditions of its domain cut it")
    answer = find_phases_within(Path(path))
    if json:
        say_json(answer)
        return
    resources = list(answer["phases"][0]["sizes"])
    rows = [[p["name"] + ("" if p["unique"] else "*"), ", ".join(p["region"]), " = ".join(p["tradeoff"]), p["loss_exponent"],
             *p["sizes"].values(), _values(p["witness"])] for p in answer["phases"]]
    say_rows(["phase", "region", "trade-off", "loss ~ C^-", *(f"{n} ~ C^" for n in resources), "witness"], rows)
    say("")
    say_rows(["wall between", "equation"], [[" | ".join(w["between"]), w["wall"]] for w in answer["walls"]])


def _open_rates(plane: Plane) -> Rates:
    from scaling_sym.cli.bundles import open_rates
    from scaling_sym.export.rates import read_rates

    return read_rates(open_rates(plane.model), plane)


def _say_slice(model: str, at: list[str], free: list[str], json: bool) -> None:
    """The phases for learning rates d^(-c) and batches d^c_batch, cut by the values that are fixed."""
    from scaling_sym.cli.bundles import open_plane
    from scaling_sym.cli.points import read_point
    from scaling_sym.cli.speech import say, say_json, say_rows
    from scaling_sym.export.rates import answer_slice

    answer = answer_slice(_open_rates(open_plane(model)), read_point(at), free)
    if json:
        say_json(answer)
        return
    keys = ("loss_exponent", "size_exponent", "steps_exponent")
    rows = [[p["name"], ", ".join(p["region"]), " = ".join(p["tradeoff"]), *(p[k] or "none" for k in keys),
             _values(p["witness"])] for p in answer["phases"]]
    say_rows(["phase", "region", "trade-off", "loss ~ f^-", "size ~ f^", "steps ~ f^", "witness"], rows)
    say("")
    say_rows(["wall between", "equation"], [[" | ".join(w["between"]), w["wall"]] for w in answer["walls"]])


def _tell(answer: dict[str, Any]) -> list[str]:
    """The answer of `exponents` in lines for people."""
    if answer["phase"] is not None:
        lines = [f"phase      {answer['phase']}   ({', '.join(answer['region'])})",
                 f"trade-off  {' = '.join(answer['tradeoff'])}"]
    else:
        lines = [f"wall       {answer['wall']}   between {' and '.join(answer['neighbours'])}",
                 f"tied       {', '.join(answer['tradeoff'])}"]
    for name, sign, key in (("loss", "-", "loss_exponent"), ("size", "", "size_exponent"), ("steps", "", "steps_exponent"),
                            ("batch", "", "batch_exponent"), ("rate", "-", "rate_exponent")):
        value = answer.get(key)
        if value is not None:
            power = "0" if value["exact"] == "0" else sign + value["exact"]
            lines.append(f"{name:<10} f^({power})   {value['symbolic']}")
    logs = answer["log_power"]
    if logs is not None:
        known = [f"{k}: (log f)^({logs[k]})" for k in ("loss", "size") if logs[k] is not None]
        lines.append(f"logarithm  {', '.join(known) or logs['note']}")
    return lines + _tell_prefactors(answer["prefactors"])


def _tell_kernel(answer: dict[str, Any]) -> list[str]:
    """The answer for a kernel, in lines for people."""
    lines = [f"teacher    {answer['teacher']}"]
    for name, words in (("b", "eigenvalues n^-"), ("alpha_K", "alpha_K = "), ("data", "L(D) ~ D^-"), ("features", "L(P) ~ P^-")):
        lines.append(f"{name:10} {words}({answer[name]['exact']})   {answer[name]['symbolic']}")
    return lines


def _tell_laws(answer: dict[str, Any]) -> list[str]:
    """The answer for a model with laws, in lines for people."""
    lines = [f"region     {', '.join(answer['region'])}"]
    if answer["wall"]:
        lines.append(f"wall       {' and '.join(answer['wall'])}: a law may carry a logarithm")
    for name, letter in (("time", "t"), ("model", "N"), ("data", "P")):
        constant = answer[name]["constant"]["value"]
        lines.append(f"{name:10} {letter}^(-{answer[name]['exact']})   {answer[name]['symbolic']}"
                     + (f"   constant {constant}" if constant else ""))
    compute = answer["compute"]
    lines += [f"compute    {k} C^({sign}{compute[k]['exact']})   {compute[k]['symbolic']}"
              for k, sign in (("loss", "-"), ("size", ""), ("steps", ""))]
    for side, letter in (("model", "N"), ("data", "P")):
        time = answer["corrections"][side]["time"]
        lines.append(f"correction {letter}^(-1) t^(-({time['exact']}))   {time['symbolic']}")
    lines.append(f"gap        P^(-1) t^(-({answer['gap']['time']['exact']}))   {answer['gap']['time']['symbolic']}")
    sgd = answer["sgd"]
    return [*lines, f"one pass   r^(-{sgd['time']['exact']}), d^(-{sgd['size']['exact']})"]


def _tell_prefactors(found: dict[str, Any] | None) -> list[str]:
    if found is None:
        return []
    if found["note"]:
        return [f"prefactor  {found['note']}"]
    return [f"prefactor  {k}: {found[k]['text']}" + (f" = {found[k]['value']}" if found[k]["value"] else "")
            for k in ("loss", "size")]


def _symbolic(exponent: dict[str, str] | None) -> str:
    return exponent["symbolic"] if exponent else "none"


def _values(point: dict[str, str]) -> str:
    return ", ".join(f"{n}={x}" for n, x in point.items())
