"""Wrong answers to patching.noise_subject that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("patching.noise_subject", atol=0.12)
def observe_noise_subject(noise_subject):
    """Summaries of the noise: size, mean, sharing, what stays, what the seed does."""
    embeddings = 2 + 1.7 * torch.randn(8, 6, 200, generator=torch.Generator().manual_seed(1))
    subject = torch.zeros(8, 6, dtype=torch.bool)
    subject[:, 2:5] = True
    signs = torch.tensor([1.0, -1.0])  # standard deviation 0.5 in all, 0.2 in a dimension, 0.46 in a row
    reference = 2 + 0.2 * signs.repeat(200)[:, None] + 0.21**0.5 * signs.repeat(100)
    given = embeddings.clone()
    state = torch.random.get_rng_state()
    noise = noise_subject(given, subject, reference, 3.0, 5) - embeddings
    yield bool(torch.equal(state, torch.random.get_rng_state()))
    torch.random.set_rng_state(state)
    yield [noise[tokens].any(dim=-1).float().mean() for tokens in (~subject, subject)]  # shares of tokens that change
    yield 5 * noise[subject].std() / 1.5
    yield noise[subject].mean() / 1.5
    yield [noise[:, 2:5].std(dim=axis).mean() / 1.5 for axis in (0, 1, 2)]
    yield [20 * (noise[subject].abs() > 2 * noise[subject].std()).float().mean(), bool(noise[subject].any())]
    yield (given - embeddings).abs().mean() > 0
    yield bool(torch.equal(noise_subject(embeddings, subject, reference, 3.0, 5) - embeddings, noise))
    other = noise_subject(embeddings, subject, reference, 3.0, 6) - embeddings
    yield bool(noise[subject].any()) and bool(torch.equal(other, noise))  # two seeds, one noise
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
    says="You use the variance of the reference. The size of noise is a standard deviation, the root of it.",
)
def uses_the_variance(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(embeddings.shape, generator=generator) * scale * reference.var()
    return torch.where(subject[..., None], embeddings + noise, embeddings)


@misconception(
    "patching.noise_subject",
    says=(
        "You measure the spread within each dimension. All numbers of the reference together have one standard "
        "deviation, and it holds the differences between dimensions as well."
    ),
)
def one_sigma_a_dimension(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(embeddings.shape, generator=generator) * scale * reference.std(dim=0)
    return torch.where(subject[..., None], embeddings + noise, embeddings)


@misconception(
    "patching.noise_subject",
    says="You measure sigma on the embeddings that are noised. It is to come from the reference.",
)
def sigma_of_the_subject(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(embeddings.shape, generator=generator) * scale * embeddings[subject].std()
    return torch.where(subject[..., None], embeddings + noise, embeddings)


@misconception(
    "patching.noise_subject",
    says=(
        "Your sigma is the size of the reference's numbers, counted from 0. A standard deviation counts from their "
        "mean."
    ),
)
def sigma_from_zero(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(embeddings.shape, generator=generator) * scale * reference.square().mean().sqrt()
    return torch.where(subject[..., None], embeddings + noise, embeddings)


@misconception(
    "patching.noise_subject",
    says=("Your noise has the wrong shape: no draw lies far out. Gaussian noise is drawn by torch.randn."),
)
def uniform_and_centred(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    noise = (torch.rand(embeddings.shape, generator=generator) - 0.5) * 12**0.5 * scale * reference.std()
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


@misconception(
    "patching.noise_subject",
    says=("The mask is the wrong way round: the subject keeps its embeddings, and all other tokens are noised."),
)
def mask_turned_round(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(embeddings.shape, generator=generator) * scale * reference.std()
    return torch.where(subject[..., None], embeddings, embeddings + noise)


@misconception(
    "patching.noise_subject",
    says=("Your noise has the standard deviation sigma. Asked for is scale times sigma."),
)
def forgets_scale(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(embeddings.shape, generator=generator) * reference.std()
    return torch.where(subject[..., None], embeddings + noise, embeddings)


@misconception(
    "patching.noise_subject",
    says=(
        "Each token gets one draw, added to all its numbers. Every number needs its own, or the noise has only one "
        "direction."
    ),
)
def one_number_a_token(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(*embeddings.shape[:2], 1, generator=generator) * scale * reference.std()
    return torch.where(subject[..., None], embeddings + noise, embeddings)


@misconception(
    "patching.noise_subject",
    says=(
        "You measure the spread within each row of the reference. All its numbers together have one standard "
        "deviation, and it holds the differences between rows as well."
    ),
)
def sigma_within_rows(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(embeddings.shape, generator=generator) * scale * reference.std(dim=1).mean()
    return torch.where(subject[..., None], embeddings + noise, embeddings)


@misconception(
    "patching.noise_subject",
    says=(
        "All prompts get the same noise: one table of positions and dimensions serves them all. Draw for each prompt."
    ),
)
def one_table_for_all_prompts(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(embeddings.shape[1:], generator=generator) * scale * reference.std()
    return torch.where(subject[..., None], embeddings + noise, embeddings)


@misconception(
    "patching.noise_subject",
    says=(
        "Your noise has the variance of the noise asked for as its standard deviation. torch.randn has standard "
        "deviation 1: what you multiply it by is the new one."
    ),
)
def squares_the_size(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(embeddings.shape, generator=generator) * (scale * reference.std()) ** 2
    return torch.where(subject[..., None], embeddings + noise, embeddings)


@misconception(
    "patching.noise_subject",
    says=("Another seed gives the same noise. The generator is to be seeded with the seed that comes in."),
)
def constant_seed(embeddings, subject, reference, scale, seed):
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(embeddings.shape, generator=generator) * scale * reference.std()
    return torch.where(subject[..., None], embeddings + noise, embeddings)


@misconception(
    "patching.noise_subject",
    says=("Nothing changes: the subject keeps its embeddings."),
)
def adds_no_noise(embeddings, subject, reference, scale, seed):
    return embeddings.clone()
