"""Checks of judging_saes.mutual_matches: To be chosen in turn."""

import pytest
import torch

from mi_tutor.exercises import judging_saes
from mi_tutor.tutor.judge import holds, same, seeded

from .on_copies import on_copies


@pytest.mark.exercise("judging_saes.mutual_matches")
def test_pairs_in_another_order():
    """Three latents and three partners choose each other, in another order of numbers."""
    similarity = torch.tensor([[0.1, 0.9, 0.2], [0.3, 0.0, 0.8], [0.7, 0.4, 0.5]])
    same(
        on_copies(judging_saes.mutual_matches)(similarity),
        torch.tensor([True, True, True]),
        given={"similarity": similarity},
        teach="Latent 0 chooses partner 1, latent 1 partner 2, latent 2 partner 0. Partner 1 chooses latent 0, partner "
        "2 latent 1, partner 0 latent 2.",
        what="mutual",
    )


@pytest.mark.exercise("judging_saes.mutual_matches")
def test_mutual_matches_by_hand():
    """Two latents want the same partner; the partner has one of them."""
    similarity = torch.tensor([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    same(
        on_copies(judging_saes.mutual_matches)(similarity),
        torch.tensor([True, False, True]),
        given={"similarity": similarity},
        teach="Latents 0 and 1 choose partner 0. Partner 0 chooses latent 0, partner 1 chooses latent 2.",
        what="mutual",
    )


@pytest.mark.exercise("judging_saes.mutual_matches")
def test_a_rejected_latent_may_have_a_high_similarity():
    """A high similarity is not enough, and a low one may do."""
    similarity = torch.tensor([[0.99, 0.0, 0.5], [0.98, 0.97, 0.96], [-0.2, -0.3, -0.1]])
    same(
        on_copies(judging_saes.mutual_matches)(similarity),
        torch.tensor([True, False, False]),
        given={"similarity": similarity},
        teach="Latent 1 chooses partner 0, who prefers latent 0. Latent 2 chooses partner 2, who prefers latent 1.",
        what="mutual",
    )
    low = torch.tensor([[-0.4, -0.2], [-0.3, -0.5]])
    same(
        on_copies(judging_saes.mutual_matches)(low),
        torch.tensor([True, True]),
        given={"similarity": low},
        what="mutual",
    )


@pytest.mark.exercise("judging_saes.mutual_matches")
def test_no_more_matches_than_partners(seed):
    """On random similarities it agrees with asking both sides one by one."""
    table = torch.randn(9, 4, generator=seeded(seed))
    rows = table.tolist()
    expected = []
    for i in range(9):
        j = max(range(4), key=lambda j: rows[i][j])
        expected.append(max(range(9), key=lambda other: rows[other][j]) == i)
    got = on_copies(judging_saes.mutual_matches)(table)
    same(got, torch.tensor(expected), given={"similarity": table}, what="mutual")
    holds(int(got.sum()) <= 4, "Four partners can have at most four mutual matches.", got=int(got.sum()))


@pytest.mark.exercise("judging_saes.mutual_matches")
def test_opposites_are_not_alike():
    """A similarity far below 0 is the least of all, however large it is without its sign."""
    similarity = torch.tensor([[0.3, -0.9, 0.1], [0.2, 0.4, -0.7], [0.1, -0.95, 0.05]])
    same(
        on_copies(judging_saes.mutual_matches)(similarity),
        torch.tensor([True, True, False]),
        given={"similarity": similarity},
        teach="Latents 0 and 2 both choose partner 0, who prefers latent 0. Latent 1 and partner 1 choose each other.",
        what="mutual",
    )
