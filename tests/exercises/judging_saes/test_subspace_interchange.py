"""Checks of judging_saes.subspace_interchange: Take a subspace from another prompt."""

import pytest
import torch

from mi_tutor.exercises import judging_saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies


def random_basis(seed: int, d: int, n: int) -> torch.Tensor:
    return torch.linalg.qr(torch.randn(d, n, generator=seeded(seed))).Q


@pytest.mark.exercise("judging_saes.subspace_interchange")
def test_one_direction_by_hand():
    """Along (0.6, 0.8) the base has 5, the source 10: the base moves by 5 along this direction."""
    base, source, basis = torch.tensor([[3.0, 4.0]]), torch.tensor([[14.0, 2.0]]), torch.tensor([[0.6], [0.8]])
    same(
        on_copies(judging_saes.subspace_interchange)(base, source, basis),
        torch.tensor([[6.0, 8.0]]),
        given={"base": base, "source": source, "basis": basis},
        teach="(3, 4) + (10 - 5) · (0.6, 0.8).",
        what="activation",
    )


@pytest.mark.exercise("judging_saes.subspace_interchange")
def test_inside_from_the_source_outside_from_the_base(seed):
    """Along the basis the result is the source, at right angles to it the base."""
    basis, g = random_basis(seed, 6, 2), seeded(seed + 1)
    base, source = torch.randn(5, 6, generator=g), torch.randn(5, 6, generator=g)
    got = on_copies(judging_saes.subspace_interchange)(base, source, basis)
    same(got @ basis, source @ basis, what="part in the subspace", teach="It comes from the source.", atol=1e-4)
    outside = torch.eye(6) - basis @ basis.T
    same(got @ outside, base @ outside, what="part outside", teach="It stays that of the base.", atol=1e-4)


@pytest.mark.exercise("judging_saes.subspace_interchange")
def test_the_whole_space_is_the_source(seed):
    """With a basis of the whole space the result is the source itself."""
    basis, g = random_basis(seed, 4, 4), seeded(seed + 1)
    base, source = torch.randn(3, 4, generator=g), torch.randn(3, 4, generator=g)
    same(on_copies(judging_saes.subspace_interchange)(base, source, basis), source, what="activations", atol=1e-4)


@pytest.mark.exercise("judging_saes.subspace_interchange")
def test_the_choice_of_basis_does_not_matter(seed):
    """Another orthonormal basis of the same subspace gives the same result."""
    basis, g = random_basis(seed, 5, 2), seeded(seed + 1)
    base, source = torch.randn(3, 5, generator=g), torch.randn(3, 5, generator=g)
    turned = basis @ torch.tensor([[0.6, -0.8], [0.8, 0.6]])
    same(
        on_copies(judging_saes.subspace_interchange)(base, source, turned),
        on_copies(judging_saes.subspace_interchange)(base, source, basis),
        teach="A subspace has no axes of its own.",
        what="activations",
        atol=1e-4,
    )
