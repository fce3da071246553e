"""Wrong answers to saes.resampled that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("saes.resampled", atol=0.03)
def observe_resampled(resampled):
    """One possible row: the three new weights. Many latents: the shares of the rows. Nobody dead."""
    W_enc = torch.tensor([[3.0, 7.0, 0.0, 2.0, 7.0], [4.0, 7.0, 1.0, 0.0, 5.0]])
    b_enc = torch.tensor([0.5, -1.0, 0.25, 0.3, -2.0])
    W_dec = torch.tensor([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0], [0.6, 0.8], [2.0, 0.0]])
    dead = torch.tensor([False, True, False, False, True])
    inputs, losses = torch.tensor([[1.0, 0.0], [6.0, 8.0]]), torch.tensor([0.0, 2.0])
    yield from resampled(W_enc, b_enc, W_dec, dead, inputs, losses, seeded(0))
    many = torch.arange(5000) > 0
    drawn = resampled(torch.ones(3, 5000), torch.zeros(5000), torch.ones(5000, 3), many, torch.eye(3),
                      torch.tensor([1.0, 2.0, 3.0]), seeded(1))[2]  # fmt: skip
    yield (drawn[1:].abs() > 0.1).float().mean(0)
    few, seen = torch.arange(4) > 0, []
    for seed in range(12):
        arguments = (
            torch.ones(3, 4),
            torch.zeros(4),
            torch.ones(4, 3),
            few,
            torch.eye(3),
            torch.tensor([1.0, 2.0, 3.0]),
        )
        seen.append(resampled(*arguments, seeded(seed))[2][1:].argmax(-1))
    yield all(bool((rows == rows[0]).all()) for rows in seen)
    yield all(bool((rows == 2).all()) for rows in seen)
    yield outcome(lambda: resampled(W_enc, b_enc, W_dec, dead & False, inputs, losses, seeded(2))[2])


def _start(W_enc, b_enc, W_dec, dead, drawn, inputs):
    W_enc, b_enc, W_dec = W_enc.clone(), b_enc.clone(), W_dec.clone()
    directions = torch.nn.functional.normalize(inputs[drawn], dim=-1)
    W_enc[:, dead] = 0.2 * W_enc[:, ~dead].norm(dim=0).mean() * directions.T
    b_enc[dead] = 0
    W_dec[dead] = directions
    return W_enc, b_enc, W_dec


def _draw(weights, dead, generator):
    n = int(dead.sum())
    if n == 0:
        return torch.zeros(0, dtype=torch.long)
    return torch.multinomial(weights, n, replacement=True, generator=generator)


@misconception(
    "saes.resampled",
    says="You draw rows in proportion to their loss. The proportion is to the square of the loss.",
)
def draws_by_the_loss(W_enc, b_enc, W_dec, dead, inputs, losses, generator):
    return _start(W_enc, b_enc, W_dec, dead, _draw(losses, dead, generator), inputs)


@misconception(
    "saes.resampled",
    says=(
        "Every dead latent gets the row with the largest loss. They all become the same latent, and all other badly "
        "reconstructed rows get none."
    ),
)
def takes_the_worst_row(W_enc, b_enc, W_dec, dead, inputs, losses, generator):
    drawn = losses.argmax().repeat(int(dead.sum()))
    return _start(W_enc, b_enc, W_dec, dead, drawn, inputs)


@misconception(
    "saes.resampled",
    says=(
        "All dead latents get one and the same row, and become copies of each other. Each is to have a draw of its own."
    ),
)
def draws_once_for_all(W_enc, b_enc, W_dec, dead, inputs, losses, generator):
    if not dead.any():
        return W_enc.clone(), b_enc.clone(), W_dec.clone()
    drawn = torch.multinomial(losses**2, 1, generator=generator).repeat(int(dead.sum()))
    return _start(W_enc, b_enc, W_dec, dead, drawn, inputs)


@misconception(
    "saes.resampled",
    says="Your new encoder columns have the mean norm of the living ones. They are to start at 0.2 of it.",
)
def reads_too_loudly(W_enc, b_enc, W_dec, dead, inputs, losses, generator):
    new_enc, new_b, new_dec = _start(W_enc, b_enc, W_dec, dead, _draw(losses**2, dead, generator), inputs)
    new_enc[:, dead] *= 5
    return new_enc, new_b, new_dec


@misconception(
    "saes.resampled",
    says=(
        "The norm of your new encoder columns is taken from all columns, dead ones among them. Only the living show "
        "what a useful norm is."
    ),
)
def averages_over_the_dead_too(W_enc, b_enc, W_dec, dead, inputs, losses, generator):
    new_enc, new_b, new_dec = _start(W_enc, b_enc, W_dec, dead, _draw(losses**2, dead, generator), inputs)
    new_enc[:, dead] *= W_enc.norm(dim=0).mean() / W_enc[:, ~dead].norm(dim=0).mean()
    return new_enc, new_b, new_dec


@misconception(
    "saes.resampled",
    says="The biases stay as they were. A latent that died with a very negative bias would stay silent.",
)
def leaves_the_bias(W_enc, b_enc, W_dec, dead, inputs, losses, generator):
    new_enc, _, new_dec = _start(W_enc, b_enc, W_dec, dead, _draw(losses**2, dead, generator), inputs)
    return new_enc, b_enc.clone(), new_dec


@misconception(
    "saes.resampled",
    says="Your new decoder rows have the length of the input. They are to have norm 1.",
)
def forgets_to_normalise(W_enc, b_enc, W_dec, dead, inputs, losses, generator):
    drawn = _draw(losses**2, dead, generator)
    new_enc, new_b, new_dec = _start(W_enc, b_enc, W_dec, dead, drawn, inputs)
    new_dec[dead] = inputs[drawn]
    return new_enc, new_b, new_dec


@misconception(
    "saes.resampled",
    says=(
        "Rows get about equal shares of the new latents, whatever their loss. New latents should go where the SAE "
        "reconstructs badly."
    ),
)
def draws_uniformly(W_enc, b_enc, W_dec, dead, inputs, losses, generator):
    allowed = torch.ones_like(losses)
    return _start(W_enc, b_enc, W_dec, dead, _draw(allowed, dead, generator), inputs)


@misconception(
    "saes.resampled",
    says=(
        "You draw without putting back, so each row comes up at most once. The draws are independent: a row of large "
        "loss may serve several latents, and with fewer rows than dead latents the rows must come up again."
    ),
)
def draws_without_putting_back(W_enc, b_enc, W_dec, dead, inputs, losses, generator):
    if not dead.any():
        return W_enc.clone(), b_enc.clone(), W_dec.clone()
    drawn = torch.multinomial(losses**2, int(dead.sum()), generator=generator)
    return _start(W_enc, b_enc, W_dec, dead, drawn, inputs)
