"""Wrong answers to patching.noise_subject that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("patching.noise_subject", atol=0.12)
def observe_noise_subject(noise_subject):
    """Summaries of the noise: size, mean, sharing, what stays, what the seed does."""
    embeddings, subject = torch.full((8, 6, 200), 2.0), torch.zeros(8, 6, dtype=torch.bool)
    subject[:, 2:5] = True
    reference = torch.tensor([1.5, 2.5]).repeat(400, 100)  # standard deviation 0.5
    given = embeddings.clone()
    state = torch.random.get_rng_state()
    noise = noise_subject(given, subject, reference, 3.0, 5) - embeddings
    yield bool(torch.equal(state, torch.random.get_rng_state()))
    torch.random.set_rng_state(state)
    yield noise[~subject].abs().mean()
    yield noise[subject].std() / 1.5
    yield noise[subject].mean() / 1.5
    yield [noise[:, 2:5].std(dim=axis).mean() / 1.5 for axis in (0, 1, 2)]
    yield (given - embeddings).abs().mean() > 0
    yield bool(torch.equal(noise_subject(embeddings, subject, reference, 3.0, 5) - embeddings, noise))
    torch.random.set_rng_state(state)


@misconception(
    "patching.noise_subject",
    says="You noise every token. Then the question is lost together with the subject, and nothing can be traced.",
)
def noises_all_tokens(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    return embeddings + torch.randn(embeddings.shape, generator=generator) * scale * reference.std()


@misconception(
    "patching.noise_subject",
    says="Your noise does not have the size asked for: scale counts in units of sigma, which the reference says.",
)
def forgets_sigma(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(embeddings.shape, generator=generator) * scale
    return torch.where(subject[..., None], embeddings + noise, embeddings)


@misconception(
    "patching.noise_subject",
    says="You multiply by the variance. The size of noise is a standard deviation, the root of it.",
)
def uses_the_variance(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(embeddings.shape, generator=generator) * scale * reference.var()
    return torch.where(subject[..., None], embeddings + noise, embeddings)


@misconception(
    "patching.noise_subject",
    says="You put noise in the embedding's place. Noise is added: the old embedding stays underneath.",
)
def replaces_by_noise(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(embeddings.shape, generator=generator) * scale * reference.std()
    return torch.where(subject[..., None], noise, embeddings)


@misconception(
    "patching.noise_subject",
    says="One noise vector serves all tokens and prompts. What they share can cancel; draw for each of them.",
)
def shares_one_draw(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(embeddings.shape[-1], generator=generator) * scale * reference.std()
    return torch.where(subject[..., None], embeddings + noise, embeddings)


@misconception(
    "patching.noise_subject",
    says="You set or use the global random state, and so change what others draw. Use the generator.",
)
def seeds_globally(embeddings, subject, reference, scale, seed):
    torch.manual_seed(seed)
    noise = torch.randn(embeddings.shape) * scale * reference.std()
    return torch.where(subject[..., None], embeddings + noise, embeddings)


@misconception(
    "patching.noise_subject",
    says="You write the noise into the embeddings that came in. The clean ones are wanted again; give back new ones.",
)
def writes_in_place(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(embeddings.shape, generator=generator) * scale * reference.std()
    embeddings[subject] += noise[subject]
    return embeddings


@misconception(
    "patching.noise_subject",
    says="Your noise is uniform or shifted: its mean is not 0. Gaussian noise is centred, torch.randn draws it.",
)
def uniform_noise(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.rand(embeddings.shape, generator=generator) * scale * reference.std()
    return torch.where(subject[..., None], embeddings + noise, embeddings)
