"""Wrong answers to features.random_directions that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("features.random_directions", atol=0.03)
def observe_random_directions(random_directions):
    """Norms, spread over the plane, repeatability, effect on the global generator."""
    directions = random_directions(torch.tensor([0.0, 2.0]), 8000, 1)
    norms = directions.norm(dim=1)
    yield [norms.mean(), norms.std()]
    unit = directions / norms[:, None]
    yield unit.mean(0)
    # 0.5 when every angle is equally likely; less when corners are favoured
    yield (2 * unit[:, 0] * unit[:, 1]).square().mean()
    again = random_directions(torch.tensor([0.0, 2.0]), 8000, 1)
    yield bool(torch.equal(directions, again))
    with torch.random.fork_rng():
        torch.manual_seed(3)
        before = torch.get_rng_state()
        other = random_directions(torch.tensor([0.0, 2.0]), 8000, 2)
        yield bool(torch.equal(before, torch.get_rng_state()))
    yield bool(torch.equal(directions, other))


@misconception(
    "features.random_directions",
    says=(
        "Your directions have the length that came out of the generator. In 576 dimensions that is about 24, "
        "whatever the length of the direction you want to control."
    ),
)
def forgets_the_length(direction, n, seed):
    return torch.randn(n, len(direction), generator=torch.Generator().manual_seed(seed))


@misconception(
    "features.random_directions",
    says="Your directions have length 1. The control must push as hard as the direction it is compared with.",
)
def leaves_unit_length(direction, n, seed):
    drawn = torch.randn(n, len(direction), generator=torch.Generator().manual_seed(seed))
    return drawn / drawn.norm(dim=1, keepdim=True)


@misconception(
    "features.random_directions",
    says=(
        "Your numbers are all positive, so all directions lie in the same corner of the space and resemble each other."
    ),
)
def stays_in_one_corner(direction, n, seed):
    drawn = torch.rand(n, len(direction), generator=torch.Generator().manual_seed(seed))
    return drawn / drawn.norm(dim=1, keepdim=True) * direction.norm()


@misconception(
    "features.random_directions",
    says="You draw from a cube. It reaches further towards its corners, so diagonal directions come up more often.",
)
def draws_from_a_cube(direction, n, seed):
    drawn = torch.rand(n, len(direction), generator=torch.Generator().manual_seed(seed)) - 0.5
    return drawn / drawn.norm(dim=1, keepdim=True) * direction.norm()


@misconception(
    "features.random_directions",
    says="You seed the global generator. Everything random that runs after your function is then changed by it.",
)
def seeds_the_world(direction, n, seed):
    torch.manual_seed(seed)
    drawn = torch.randn(n, len(direction))
    return drawn / drawn.norm(dim=1, keepdim=True) * direction.norm()


@misconception(
    "features.random_directions",
    says="You do not use the seed, so every seed gives the same directions.",
)
def ignores_the_seed(direction, n, seed):
    drawn = torch.randn(n, len(direction), generator=torch.Generator().manual_seed(0))
    return drawn / drawn.norm(dim=1, keepdim=True) * direction.norm()


@misconception(
    "features.random_directions",
    says=(
        "You scale all directions together, by the norm of the whole matrix. Each direction needs the right length "
        "on its own."
    ),
)
def scales_the_matrix(direction, n, seed):
    drawn = torch.randn(n, len(direction), generator=torch.Generator().manual_seed(seed))
    return drawn / drawn.norm() * direction.norm()
