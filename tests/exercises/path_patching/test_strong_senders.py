"""Checks of path_patching.strong_senders: Who goes into the circuit?"""

import pytest
import torch

from mi_tutor.exercises import path_patching
from mi_tutor.tutor.judge import raises, same, seeded


def agree(got, expected, *, given, teach):
    """The right senders first; then, by a sentence of its own, their order."""
    if isinstance(got, list) and got != expected and sorted(map(str, got)) == sorted(expected):
        teach = "These are the right senders in another order. Sort by the size of the mean, the largest first."
    same(got, expected, given=given, teach=teach)


@pytest.mark.exercise("path_patching.strong_senders")
def test_strongest_first():
    """Clear effects of size 0.5 and more are taken, in either direction, the largest size first."""
    effects = torch.tensor([[0.6, 0.8], [-0.1, -0.2], [-3.0, -3.2], [0.9, 1.1]])
    agree(
        path_patching.strong_senders(effects, ["a", "b", "c", "d"], 0.5),
        ["c", "d", "a"],
        given={"effects": effects, "least": 0.5},
        teach="The means are 0.7, -0.15, -3.1 and 1. A sender that holds the answer down belongs to the circuit, too.",
    )


@pytest.mark.exercise("path_patching.strong_senders")
def test_noise_is_no_sender():
    """A large mean that comes from one prompt is not taken."""
    effects = torch.tensor([[-8.0, 0.0, 0.0, 0.0], [-1.0, -1.2, -0.8, -1.0]])
    agree(
        path_patching.strong_senders(effects, ["loud", "steady"], 0.5),
        ["steady"],
        given={"effects": effects, "least": 0.5},
        teach="The first has a mean of -2 and a standard error of 4 / 2 = 2: less than two of them from 0.",
    )


@pytest.mark.exercise("path_patching.strong_senders")
def test_the_error_is_that_of_the_mean():
    """Nine prompts that vary by 1 around 1 have a standard error of 1/3: this is clear. Around 0.6 it is not."""
    spread = torch.tensor([1.0, -1.0] * 4 + [0.0])  # sample standard deviation 1
    effects = torch.stack([spread + 1.0, spread + 0.6, spread * 0.9 - 0.65, spread * 3 + 4])
    agree(
        path_patching.strong_senders(effects, ["one", "less", "closer", "wide"], 0.5),
        ["wide", "one", "closer"],
        given={"effects": effects, "least": 0.5},
        teach="Standard errors are 0.333, 0.333, 0.3 and 1, and two of them 0.667, 0.667, 0.6 and 2.",
    )


@pytest.mark.exercise("path_patching.strong_senders")
def test_two_prompts_and_the_edge():
    """With two prompts n - 1 matters: 0.4 and 1.6 are not clear. A mean of exactly the limit is large enough."""
    effects = torch.tensor([[0.4, 1.6], [0.5, 0.5], [0.5, 1.4]])
    agree(
        path_patching.strong_senders(effects, ["wide", "edge", "close"], 0.5),
        ["close", "edge"],
        given={"effects": effects, "least": 0.5},
        teach="Deviations with n - 1 are 0.849, 0 and 0.636; divided by the root of 2 they are 0.6, 0 and 0.45. Means "
        "are 1, 0.5 and 0.95.",
    )
    agree(
        path_patching.strong_senders(torch.tensor([[0.0, 0.0], [0.2, 0.2]]), ["still", "small"], 0.0),
        ["small"],
        given={"effects": [[0, 0], [0.2, 0.2]], "least": 0.0},
        teach="A sender that never has an effect is 0 standard errors from 0, and more than two are asked for.",
    )


@pytest.mark.exercise("path_patching.strong_senders")
def test_one_prompt_is_refused():
    """With a single prompt nothing is known about the spread."""
    with raises(ValueError, teach="One prompt has no standard error: raise a ValueError."):
        path_patching.strong_senders(torch.tensor([[1.0], [2.0]]), ["a", "b"], 0.5)


@pytest.mark.exercise("path_patching.strong_senders")
def test_against_a_loop(seed):
    """On random effects it agrees with arithmetic by hand, sender by sender."""
    effects = torch.randn(12, 7, generator=seeded(seed)) * 0.5 + torch.linspace(-1.5, 1.5, 12)[:, None]
    names, found = [f"{k}" for k in range(12)], {}
    for name, row in zip(names, effects.tolist(), strict=True):
        mean = sum(row) / 7
        error = (sum((x - mean) ** 2 for x in row) / 6 / 7) ** 0.5
        if abs(mean) >= 0.4 and abs(mean) > 2 * error:
            found[name] = abs(mean)
    agree(
        path_patching.strong_senders(effects, names, 0.4),
        sorted(found, key=lambda name: -found[name]),
        given={"effects": effects, "least": 0.4},
        teach="Both conditions must hold; then sort by the size of the mean.",
    )
