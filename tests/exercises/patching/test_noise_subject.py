"""Checks of patching.noise_subject: Noise on the subject."""

import pytest
import torch

from mi_tutor.exercises import patching
from mi_tutor.tutor.judge import holds, same


def reference(d_model: int) -> torch.Tensor:
    """Mean 2; all numbers together have the standard deviation 0.5, each dimension by itself 0.2, each row 0.46."""
    signs = torch.tensor([1.0, -1.0])
    return 2 + 0.2 * signs.repeat(250)[:, None] + 0.21**0.5 * signs.repeat(d_model // 2)


@pytest.mark.exercise("patching.noise_subject")
def test_other_tokens_stay(seed):
    """Tokens outside the subject keep their embeddings exactly; the subject's change."""
    embeddings = torch.arange(24.0).reshape(2, 3, 4)
    subject = torch.tensor([[False, True, False], [False, True, True]])
    noised = patching.noise_subject(embeddings.clone(), subject, reference(embeddings.shape[-1]), 3.0, seed)
    same(
        noised[~subject],
        embeddings[~subject],
        what="embeddings outside the subject",
        given={"subject": subject},
        teach="The corruption says where it acts: at True tokens and nowhere else.",
    )
    holds(
        bool((noised != embeddings)[subject].all()),
        "Every number of every subject token gets its own draw, so each of them changes.",
        given={"subject": subject},
        got=noised,
    )


@pytest.mark.exercise("patching.noise_subject")
def test_the_size_of_the_noise(seed):
    """The noise has standard deviation scale times sigma, and mean 0."""
    embeddings, subject = torch.full((20, 10, 100), 7.0), torch.ones(20, 10, dtype=torch.bool)
    noise = patching.noise_subject(embeddings.clone(), subject, reference(100), 3.0, seed) - embeddings
    size = float(noise.std())
    same(
        size,
        1.5,
        atol=0.06,
        what="standard deviation of the noise",
        given={"scale": 3.0, "reference": "all its numbers together have the standard deviation 0.5"},
        teach="sigma is measured on the reference, over all its numbers at once: 0.5. Three sigma are 1.5.",
    )
    same(float(noise.mean()) / size, 0.0, atol=0.04, what="mean / standard deviation", teach="Noise is centred on 0.")


@pytest.mark.exercise("patching.noise_subject")
def test_the_shape_of_the_noise(seed):
    """The noise is Gaussian: about one draw in twenty lies more than two standard deviations out."""
    embeddings, subject = torch.zeros(20, 10, 100), torch.ones(20, 10, dtype=torch.bool)
    noise = patching.noise_subject(embeddings.clone(), subject, reference(100), 1.0, seed)
    far = float((noise.abs() > 2 * noise.std()).float().mean())
    same(
        far,
        0.0455,
        atol=0.012,
        what="share of draws beyond two standard deviations",
        teach="Draws of a normal distribution are mostly near 0, and now and then far out.",
    )


@pytest.mark.exercise("patching.noise_subject")
def test_draws_of_their_own(seed):
    """Every prompt, every token and every number has a draw of its own."""
    embeddings, subject = torch.zeros(3, 4, 200), torch.ones(3, 4, dtype=torch.bool)
    noise = patching.noise_subject(embeddings.clone(), subject, reference(embeddings.shape[-1]), 1.0, seed)
    for name, spread in (
        ("prompts", noise.std(dim=0).mean()),
        ("tokens", noise.std(dim=1).mean()),
        ("numbers of a vector", noise.std(dim=2).mean()),
    ):
        holds(
            0.3 < float(spread) < 0.7,
            f"Draws must differ between {name}: draw noise of the shape of the embeddings.",
            got=float(spread),
            expected="about 0.5",
        )


@pytest.mark.exercise("patching.noise_subject")
def test_the_seed_decides(seed):
    """The same seed gives the same noise, another seed other noise, and the global random state is left alone."""
    embeddings, subject = torch.zeros(2, 3, 4), torch.ones(2, 3, dtype=torch.bool)
    state = torch.random.get_rng_state()
    one, again, other = (
        patching.noise_subject(embeddings.clone(), subject, reference(embeddings.shape[-1]), 1.0, s)
        for s in (seed, seed, seed + 1)
    )
    same(again, one, what="second call with one seed", teach="All draws come from the generator.")
    holds(not torch.equal(one, other), "Another seed must give other noise.", got=other)
    holds(
        torch.equal(state, torch.random.get_rng_state()),
        "Draw with generator=generator; torch.manual_seed and draws without a generator change what others get.",
    )


@pytest.mark.exercise("patching.noise_subject")
def test_the_embeddings_stay():
    """The embeddings that came in are left as they were."""
    embeddings = torch.arange(12.0).reshape(1, 3, 4)
    patching.noise_subject(embeddings, torch.tensor([[True, False, True]]), reference(4), 3.0, 0)
    same(
        embeddings,
        torch.arange(12.0).reshape(1, 3, 4),
        what="embeddings that came in",
        teach="These are the clean embeddings, and they are wanted again. Give back new ones.",
    )
