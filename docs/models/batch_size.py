"""How should a growing budget be spent on model size, steps and batch size?"""

from scaling_sym.asymptotics.model_file import loss_model
from scaling_sym.asymptotics.phases import find_phases
from scaling_sym.export.plain import plain

problem = loss_model(
    terms={
        "capacity": "N**(-a)",  # a finite model cannot express the target
        "descent": "t**(-b)",  # after t steps, even with exact gradients
        "noise": "(t*B)**(-c)",  # after D = t B samples, each seen once
    },
    resources=["N", "t", "B"],
    budget="6*N*t*B",
    domain=["a > 0", "b > 0", "c > 0"],
)
diagram = find_phases(problem)

for number, phase in enumerate(diagram.phases, 1):
    optimum = phase.vertex
    print(f"phase {number}: {plain(phase.cell)}")
    limits = [term.name for term, weight in zip(optimum.tradeoff, optimum.multipliers, strict=True) if weight]
    print(f"  limited by {' = '.join(limits)}")
    print(f"  loss       C^(−{plain(optimum.loss, phase.cell)})")
    for resource, exponent in optimum.sizes.items():
        print(f"  {resource}          C^({plain(exponent, phase.cell)})")
    if not optimum.is_unique:
        print("  these sizes are one corner of a range of equally good ones")
for wall in diagram.walls:
    first, second = wall.phases
    print(f"wall between phases {first + 1} and {second + 1}: {plain(wall.polynomial)} = 0")
