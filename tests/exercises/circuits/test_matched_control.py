"""Checks of circuits.matched_control: Mend: a control that was too weak to lose."""

import pytest
import torch

from mi_tutor.exercises import circuits
from mi_tutor.tutor.judge import raises, same

T, F = True, False
STRENGTHS = torch.tensor([0.1, 5.0, 0.3, 4.0, 4.6, 1.0])


@pytest.mark.exercise("circuits.matched_control")
def test_as_strong_as_the_circuit():
    """A circuit of one connection of strength 5 is compared with the one of strength 4.6, not with a weak one."""
    circuit = torch.tensor([F, T, F, F, F, F])
    same(
        circuits.matched_control(STRENGTHS, circuit),
        torch.tensor([F, F, F, F, T, F]),
        given={"strengths": STRENGTHS, "circuit": circuit},
        teach="Removing something weak does little, whatever it is. The comparison must be able to hurt as much.",
    )


@pytest.mark.exercise("circuits.matched_control")
def test_nothing_is_taken_twice():
    """Two connections of the circuit get two different partners, the stronger one chooses first."""
    # 5.0 takes 4.6; 4.8 would like 4.6 too, and gets 4.0.
    strengths = torch.tensor([4.8, 5.0, 0.3, 4.0, 4.6, 7.0])
    circuit = torch.tensor([T, T, F, F, F, F])
    same(
        circuits.matched_control(strengths, circuit),
        torch.tensor([F, F, F, T, T, F]),
        given={"strengths": strengths, "circuit": circuit},
        teach="As many as the circuit has. Rule out what was already given away.",
    )


@pytest.mark.exercise("circuits.matched_control")
def test_the_strongest_chooses_first():
    """The order in which the connections are listed does not decide who chooses first."""
    # 3.0 chooses before 2.0 although it is listed later: it takes 2.5, and for 2.0 the nearest left is 0.9.
    strengths = torch.tensor([2.0, 2.5, 3.0, 0.9, 4.0])
    circuit = torch.tensor([T, F, T, F, F])
    same(
        circuits.matched_control(strengths, circuit),
        torch.tensor([F, T, F, T, F]),
        given={"strengths": strengths, "circuit": circuit},
        teach="Go through the circuit's strengths from the largest to the smallest.",
    )


@pytest.mark.exercise("circuits.matched_control")
def test_of_equally_near_ones_the_first():
    """Of two equally near connections the first counts."""
    strengths, circuit = torch.tensor([3.0, 2.0, 1.0]), torch.tensor([F, T, F])
    same(
        circuits.matched_control(strengths, circuit),
        torch.tensor([T, F, F]),
        given={"strengths": strengths, "circuit": circuit},
        teach="3 and 1 are both one away from 2.",
    )


@pytest.mark.exercise("circuits.matched_control")
def test_just_enough_others():
    """With as many connections outside the circuit as in it, the control is all of those outside."""
    strengths, circuit = torch.tensor([3.0, 2.0, 1.0, 4.0]), torch.tensor([T, F, F, T])
    same(
        circuits.matched_control(strengths, circuit),
        torch.tensor([F, T, T, F]),
        given={"strengths": strengths, "circuit": circuit},
        teach="Two are needed and there are two. Only fewer would be too few.",
    )


@pytest.mark.exercise("circuits.matched_control")
def test_strengths_and_circuit_stay_as_they_were():
    """Both inputs are left as they were."""
    strengths, circuit = STRENGTHS.clone(), torch.tensor([F, T, F, T, F, F])
    circuits.matched_control(strengths, circuit)
    same(
        strengths,
        STRENGTHS,
        teach="A caller's tensor that changes on the way spoils what comes after. Work on a clone.",
        what="strengths afterwards",
    )
    same(
        circuit,
        torch.tensor([F, T, F, T, F, F]),
        teach="Keep your own record of what is taken.",
        what="circuit afterwards",
    )


@pytest.mark.exercise("circuits.matched_control")
def test_a_control_needs_enough_others():
    """With fewer connections outside the circuit than in it, a ValueError is raised."""
    strengths = torch.tensor([1.0, 2.0, 3.0])
    with raises(ValueError, teach="There is no control of the same size."):
        circuits.matched_control(strengths, torch.tensor([T, T, F]))
