"""Wrong answers to circuits.matched_control that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("circuits.matched_control")
def observe_matched_control(matched_control):
    """One strong among weak ones; two that want the same partner; the order of choosing; just enough; the input."""
    strengths = torch.tensor([0.1, 5.0, 0.3, 4.0, 4.6, 1.0])
    yield matched_control(strengths, torch.tensor([False, True, False, False, False, False])).long()
    strengths = torch.tensor([4.8, 5.0, 0.3, 4.0, 4.6, 7.0])
    yield matched_control(strengths, torch.tensor([True, True, False, False, False, False])).long()
    strengths = torch.tensor([2.0, 2.5, 3.0, 0.9, 4.0])
    yield matched_control(strengths, torch.tensor([True, False, True, False, False])).long()
    yield strengths
    strongest_listed_first = torch.tensor([3.0, 2.5, 2.0, 0.9, 4.0])
    yield matched_control(strongest_listed_first, torch.tensor([True, False, True, False, False])).long()
    yield matched_control(torch.tensor([3.0, 2.0, 1.0, 4.0]), torch.tensor([True, False, False, True])).long()
    try:
        matched_control(torch.tensor([3.0, 2.0, 1.0]), torch.tensor([True, False, True]))
        yield "accepted"
    except ValueError:
        yield "refused"


def enough(circuit):
    if 2 * int(circuit.sum()) > len(circuit):
        raise ValueError("there are fewer connections outside the circuit than in it")


@misconception(
    "circuits.matched_control",
    says=(
        "Your control is the first connections that are not in the circuit, however weak. A weak connection does no "
        "harm when it is removed, so the circuit wins whatever it is. Which others could have hurt as much?"
    ),
)
def the_first_others(strengths, circuit):
    if (~circuit).sum() < circuit.sum():
        raise ValueError("there are fewer connections outside the circuit than in it")
    others = (~circuit).nonzero().flatten()
    control = torch.zeros_like(circuit)
    control[others[: int(circuit.sum())]] = True
    return control


@misconception(
    "circuits.matched_control",
    says=(
        "Your control is the strongest connections outside the circuit. They may be much stronger than the circuit's "
        "own, and then the control hurts more for that reason alone. Match each strength."
    ),
)
def the_strongest_others(strengths, circuit):
    enough(circuit)
    control = torch.zeros_like(circuit)
    control[strengths.masked_fill(circuit, -torch.inf).topk(int(circuit.sum())).indices] = True
    return control


@misconception(
    "circuits.matched_control",
    says=(
        "Two connections of the circuit can get the same partner, so your control is smaller than the circuit. Rule "
        "out what was given away."
    ),
)
def gives_one_away_twice(strengths, circuit):
    enough(circuit)
    control = torch.zeros_like(circuit)
    for strength in strengths[circuit].sort(descending=True).values:
        control[(strengths - strength).abs().masked_fill(circuit, torch.inf).argmin()] = True
    return control


@misconception(
    "circuits.matched_control",
    says=(
        "The circuit's connections choose in the order in which they are listed. The strongest should choose first: "
        "it matters most, and strong partners are rare."
    ),
)
def in_the_order_listed(strengths, circuit):
    enough(circuit)
    control = torch.zeros_like(circuit)
    for strength in strengths[circuit]:
        distance = (strengths - strength).abs().masked_fill(circuit | control, torch.inf)
        control[distance.argmin()] = True
    return control


@misconception(
    "circuits.matched_control",
    says=(
        "You refuse when there are as many connections outside the circuit as in it. Then there are just enough: the "
        "control is all of them."
    ),
)
def wants_more_than_enough(strengths, circuit):
    if 2 * int(circuit.sum()) >= len(circuit):
        raise ValueError("there are too few connections outside the circuit")
    control = torch.zeros_like(circuit)
    for strength in strengths[circuit].sort(descending=True).values:
        distance = (strengths - strength).abs().masked_fill(circuit | control, torch.inf)
        control[distance.argmin()] = True
    return control


@misconception(
    "circuits.matched_control",
    says=(
        "You mark what is taken by writing into `strengths`. That tensor belongs to the caller, and whoever uses it "
        "next finds other strengths in it."
    ),
)
def writes_into_the_strengths(strengths, circuit):
    enough(circuit)
    control = torch.zeros_like(circuit)
    wanted = strengths[circuit].sort(descending=True).values
    strengths[circuit] = torch.inf
    for strength in wanted:
        nearest = (strengths - strength).abs().argmin()
        control[nearest] = True
        strengths[nearest] = torch.inf
    return control


@misconception(
    "circuits.matched_control",
    says=(
        "The weakest connection of the circuit chooses first. Strong partners are rare, and a weak connection can "
        "take one away from a strong one, which matters more. Turn the order round."
    ),
)
def the_weakest_first(strengths, circuit):
    enough(circuit)
    control = torch.zeros_like(circuit)
    for strength in strengths[circuit].sort().values:
        distance = (strengths - strength).abs().masked_fill(circuit | control, torch.inf)
        control[distance.argmin()] = True
    return control


@misconception(
    "circuits.matched_control",
    says=(
        "You answer where fewer connections stand outside the circuit than in it. Once all are taken, argmin finds "
        "only infinities and gives the first index, a connection of the circuit itself."
    ),
)
def answers_without_enough_others(strengths, circuit):
    control = torch.zeros_like(circuit)
    for strength in strengths[circuit].sort(descending=True).values:
        distance = (strengths - strength).abs().masked_fill(circuit | control, torch.inf)
        control[distance.argmin()] = True
    return control
