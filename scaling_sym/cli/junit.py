"""A report on a check in the XML form of JUnit, which CI systems show: one case a step and a claim."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from scaling_sym.cli.judging import Checked


def write_report(path: Path, outcomes: list[Checked]) -> None:
    """Write the report, whole or not at all; raises `BadInputError` where the file cannot be written."""
    from scaling_sym.export.files import write_bytes_atomically

    root = ElementTree.Element("testsuites")
    for outcome in outcomes:
        _add_suite(root, outcome)
    ElementTree.indent(root)
    write_bytes_atomically(path, ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def _add_suite(root: ElementTree.Element, outcome: Checked) -> None:
    faults = {f.step: f for f in outcome.faults}
    others = [f.step for f in outcome.faults if f.step not in outcome.steps]
    failed = {j.claim.label: j for j in outcome.failed}
    cases = [*outcome.steps, *dict.fromkeys([*others, *(j.claim.label for j in outcome.judgements)])]
    wrong = sum(c in faults or c in failed for c in cases)
    suite = ElementTree.SubElement(
        root, "testsuite", name=outcome.bundle.paper, tests=str(len(cases)), failures=str(wrong)
    )
    for name in cases:
        case = ElementTree.SubElement(suite, "testcase", classname=outcome.bundle.paper, name=name)
        if name in faults:
            ElementTree.SubElement(case, "failure", message=f"{faults[name].rule}: {faults[name].reason}")
        elif name in failed:
            ElementTree.SubElement(case, "failure", message=f"{failed[name].verdict}: {failed[name].reason}")
