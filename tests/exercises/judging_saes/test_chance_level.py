"""Checks of judging_saes.chance_level: What luck alone would find."""

import pytest
import torch

from mi_tutor.exercises import judging_saes
from mi_tutor.tutor.judge import holds, same, seeded

from .on_copies import on_copies


def sparse(rows: int, features: int, seed: int) -> torch.Tensor:
    return (torch.randn(rows, features, generator=seeded(seed)) - 0.5).relu()


@pytest.mark.exercise("judging_saes.chance_level")
def test_two_equal_saes_have_a_low_chance_level():
    """For an SAE and its copy the best correlations are 1, and chance is far below."""
    a = sparse(400, 6, 1)
    got = on_copies(judging_saes.chance_level)(a, a, 0)
    holds(
        abs(got) < 0.25,
        "After shuffling the rows of one of them the two have nothing to do with each other any more.",
        got=got,
        expected="a number near 0.06",
    )


@pytest.mark.exercise("judging_saes.chance_level")
def test_more_latents_more_luck():
    """With a hundred times as many latents to choose from, chance finds more."""
    a, b = sparse(40, 5, 2), sparse(40, 500, 3)
    few = sum(on_copies(judging_saes.chance_level)(a, b[:, :5], s) for s in range(10)) / 10
    many = sum(on_copies(judging_saes.chance_level)(a, b, s) for s in range(10)) / 10
    holds(
        many > few + 0.15,
        "The best of 500 is luckier than the best of 5. That is why a match needs a baseline.",
        got=f"{few:.2f} and {many:.2f}",
        expected="the second clearly larger",
    )


@pytest.mark.exercise("judging_saes.chance_level")
def test_the_latents_of_b_keep_together():
    """Thirty copies of one latent are as lucky as one: over many seeds chance is 0 on average."""
    a, b = sparse(12, 1, 4), sparse(12, 1, 5)
    level = sum(on_copies(judging_saes.chance_level)(a, b.repeat(1, 30), s) for s in range(150)) / 150
    holds(
        abs(level) < 0.1,
        "All latents of b are to be put in one and the same order. Shuffled one by one, thirty copies have thirty "
        "chances.",
        got=level,
        expected="near 0",
    )


@pytest.mark.exercise("judging_saes.chance_level")
def test_dead_latents_of_a_are_left_out():
    """Latents of a that are never active do not pull the mean towards 0."""
    a, b = sparse(20, 3, 6), sparse(20, 50, 7)
    with_dead = torch.cat([torch.zeros(20, 9), a], dim=1)
    same(
        on_copies(judging_saes.chance_level)(with_dead, b, 3),
        on_copies(judging_saes.chance_level)(a, b, 3),
        teach="A dead latent has correlation 0 with everything, in the shuffled SAE as in the real one.",
        what="chance level",
        atol=1e-4,
    )


@pytest.mark.exercise("judging_saes.chance_level")
def test_it_is_a_mean_of_best_correlations():
    """Where each latent is active on one row of four, it meets a partner with correlation 1 or misses it with −1/3."""
    a, b = torch.eye(4)[:, :2], torch.eye(4)
    # Shuffled rows of the identity are the identity with its columns renamed, so every latent finds its equal.
    same(
        on_copies(judging_saes.chance_level)(a, b, 5),
        1.0,
        given={"a": a, "b": b},
        teach="After shuffling, every row of b is there once. Of the identity that makes the identity with its columns "
        "renamed, so each latent finds one that is active on the same row.",
        what="chance level",
    )
    pairs = {round(on_copies(judging_saes.chance_level)(a, b[:, :1], s), 3) for s in range(40)}
    same(
        sorted(pairs),
        [-0.333, 0.333],
        given={"a": a, "b": b[:, :1]},
        teach="The one latent of b meets one of the two latents of a, or none: (1 - 1/3) / 2 or -1/3.",
        what="levels over 40 seeds",
        atol=2e-3,
    )
    single = {round(on_copies(judging_saes.chance_level)(a[:, :1], b[:, :1], s), 3) for s in range(40)}
    same(
        sorted(single),
        [-0.333, 1.0],
        given={"a": a[:, :1], "b": b[:, :1]},
        teach="With one latent on one row of four on each side they meet or miss each other.",
        what="levels over 40 seeds",
        atol=2e-3,
    )


@pytest.mark.exercise("judging_saes.chance_level")
def test_the_seed_is_the_only_chance():
    """The same seed gives the same level, others differ, and torch's global state is left alone."""
    a, b = sparse(30, 4, 8), sparse(30, 9, 9)
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    first = on_copies(judging_saes.chance_level)(a, b, 1)
    same(torch.rand(1), expected, teach="Seed a generator of your own.", what="next random number")
    same(on_copies(judging_saes.chance_level)(a, b, 1), first, what="chance level")
    holds(
        abs(on_copies(judging_saes.chance_level)(a, b, 2) - first) > 1e-6,
        "Seeds 1 and 2 give the same level: the seed is not used.",
    )
