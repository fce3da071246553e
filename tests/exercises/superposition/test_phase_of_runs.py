"""Checks of superposition.phase_of_runs: Mend: the phase that vanished in the average."""

import pytest
import torch

from mi_tutor.exercises import superposition
from mi_tutor.tutor.judge import same, seeded


def runs(*rows: tuple[float, float]) -> torch.Tensor:
    return torch.tensor(rows)[:, None, :]


@pytest.mark.exercise("superposition.phase_of_runs")
def test_phase_of_runs_mirror_images():
    """[1, −1] and [−1, 1] are one and the same solution: superposition."""
    W, loss = runs((1.0, -1.0), (-1.0, 1.0)), torch.tensor([0.010, 0.011])
    same(
        superposition.phase_of_runs(W, loss),
        "superposition",
        given={"W": W, "loss": loss},
        teach="Runs differ by a sign that has no meaning; added up they cancel.",
    )


@pytest.mark.exercise("superposition.phase_of_runs")
def test_phase_of_runs_takes_the_best():
    """Three stuck runs do not outvote the best one."""
    W = runs((1.0, 0.1), (-0.98, 0.0), (1.02, -0.97), (0.99, 0.02))
    loss = torch.tensor([0.030, 0.031, 0.004, 0.029])
    same(
        superposition.phase_of_runs(W, loss),
        "superposition",
        given={"W": W, "loss": loss},
        teach="Run 2 has the lowest loss; the others are stuck and say nothing about the setting.",
    )
    loss = torch.tensor([0.030, 0.031, 0.090, 0.029])
    same(
        superposition.phase_of_runs(W, loss),
        "first only",
        given={"W": W, "loss": loss},
        teach="With these losses run 3 is the best one, and it represents the first feature only.",
    )


@pytest.mark.exercise("superposition.phase_of_runs")
def test_phase_of_runs_names_all_phases():
    """Each of the four phases gets its name; the sign of a weight does not matter."""
    loss = torch.tensor([0.2])
    cases = [
        ((-0.9, 0.2), "first only"),
        ((0.3, -1.1), "extra only"),
        ((-0.6, 0.7), "superposition"),
        ((0.4, -0.1), "neither"),
        ((0.5, -1.0), "extra only"),
        ((1.0, -0.5), "first only"),
    ]
    for row, phase in cases:
        W = runs(row)
        same(
            superposition.phase_of_runs(W, loss),
            phase,
            given={"W": W, "loss": loss},
            teach="A feature is represented when |Wᵢ| > 0.5; column 0 is the first feature, column 1 the extra one.",
        )


@pytest.mark.exercise("superposition.phase_of_runs")
def test_phase_of_runs_random(seed):
    """Wherever the best run stands among the others, it decides."""
    generator = seeded(seed)
    W = torch.tensor([1.0, -0.1]) * torch.sign(torch.randn(9, 1, 1, generator=generator))
    best = int(torch.randint(9, (1,), generator=generator))
    W[best, 0] = torch.tensor([0.05, -1.0])
    loss = 0.5 + torch.rand(9, generator=generator)
    loss[best] = 0.1
    same(
        superposition.phase_of_runs(W, loss),
        "extra only",
        given={"W": W, "loss": loss},
        teach=f"Run {best} has the lowest loss.",
    )
