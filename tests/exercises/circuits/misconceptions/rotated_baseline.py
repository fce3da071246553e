"""Wrong answers to circuits.rotated_baseline that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("circuits.rotated_baseline", atol=0.05, rtol=0.0)
def observe_rotated_baseline(rotated_baseline):
    """Identity (nothing to turn), a perfectly fitting pair, scale, and the random state."""
    second = torch.tensor([[1.0, 2.0, 0.0, 0.0], [0.0, 1.0, 5.0, 0.0], [0.0, 0.0, 0.0, 0.0], [3.0, 0.0, 0.0, 1.0]])
    same_way = rotated_baseline(torch.eye(4), second, 4, 1)
    yield same_way.min()
    yield same_way.max()
    write = torch.outer(torch.ones(6), torch.tensor([0.0, 0.6, 0.8, 0.0, 0.0, 0.0]))
    read = torch.outer(torch.tensor([0.0, 0.6, 0.8, 0.0, 0.0, 0.0]), torch.ones(6))
    squares = rotated_baseline(write, read, 800, 2).square()
    yield squares.mean()
    yield float(squares.std() > 0.1)
    yield float(rotated_baseline(10 * write, read, 50, 2).max() <= 1.001)
    torch.manual_seed(0)
    one = rotated_baseline(write, read, 3, 5)
    two = rotated_baseline(write, read, 3, 5)
    yield float(torch.allclose(one, two))
    torch.manual_seed(0)
    free = torch.rand(1).item()
    torch.manual_seed(0)
    rotated_baseline(write, read, 3, 5)
    yield float(torch.rand(1).item() == free)


def _turned(first, second, n, generator, normed=True):
    out = []
    for _ in range(n):
        rotation, _ = torch.linalg.qr(torch.randn(len(first), len(first), generator=generator))
        score = (first @ rotation @ second).norm()
        out.append(score / (first.norm() * second.norm()) if normed else score)
    return torch.stack(out)


@misconception(
    "circuits.rotated_baseline",
    says=(
        "You put a matrix of random numbers in between. It stretches some directions and shrinks others, so the scores "
        "are no longer those of a turned stream. Make its columns orthogonal and of length 1."
    ),
)
def random_numbers_instead_of_a_rotation(first, second, n, seed):
    generator = torch.Generator().manual_seed(seed)
    size = len(first)
    between = [torch.randn(size, size, generator=generator) for _ in range(n)]
    return torch.stack([(first @ m @ second).norm() / (first.norm() * second.norm()) for m in between])


@misconception(
    "circuits.rotated_baseline",
    says=(
        "You draw one rotation and use it n times. Then the spread is 0, and nobody can tell a high score from an "
        "ordinary one."
    ),
)
def one_rotation_for_all(first, second, n, seed):
    return _turned(first, second, 1, torch.Generator().manual_seed(seed)).expand(n).clone()


@misconception(
    "circuits.rotated_baseline",
    says=(
        "Your rotation changes nothing: every score is the real one. Either it stands at an outer end of the product, "
        "where it changes no norm, or it is undone by a second one. It belongs between the two matrices, once."
    ),
)
def the_rotation_has_no_effect(first, second, n, seed):
    return ((first @ second).norm() / (first.norm() * second.norm())).expand(n).clone()


@misconception(
    "circuits.rotated_baseline",
    says="You do not divide by the norms, so the baseline cannot be compared with a composition score.",
)
def baseline_without_norms(first, second, n, seed):
    return _turned(first, second, n, torch.Generator().manual_seed(seed), normed=False)


@misconception(
    "circuits.rotated_baseline",
    says=(
        "You seed torch's global random state. Everything random that runs after your function is then changed by it. "
        "Use a torch.Generator of your own."
    ),
)
def seeds_all_of_torch(first, second, n, seed):
    torch.manual_seed(seed)
    return _turned(first, second, n, None)


@misconception(
    "circuits.rotated_baseline",
    says=(
        "Your scores are squared. A norm is the root of the sum of squares, and a score is a ratio of norms; only the "
        "mean of the squared scores is near 1 / d_model."
    ),
)
def squares_the_scores(first, second, n, seed):
    return _turned(first, second, n, torch.Generator().manual_seed(seed)).square()


@misconception(
    "circuits.rotated_baseline",
    says=(
        "You put a matrix of random numbers in between and divide it by the root of d_model. It keeps lengths on "
        "average only: some directions it still stretches, others it shrinks. A rotation keeps every length; its "
        "columns are orthogonal and of length 1."
    ),
)
def random_numbers_scaled_down(first, second, n, seed):
    generator = torch.Generator().manual_seed(seed)
    size = len(first)
    between = [torch.randn(size, size, generator=generator) / size**0.5 for _ in range(n)]
    return torch.stack([(first @ m @ second).norm() / (first.norm() * second.norm()) for m in between])
