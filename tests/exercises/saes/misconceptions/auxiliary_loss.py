"""Wrong answers to saes.auxiliary_loss that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("saes.auxiliary_loss")
def observe_auxiliary_loss(auxiliary_loss):
    """Strong living latents, weak dead ones, negative ones, too few dead ones or latents, the residual's gradient."""
    residual = torch.tensor([[1.0, 0.4], [0.3, 2.0], [-1.0, 0.5]])
    pre = torch.tensor([[5.0, 0.5, -1.0, 6.0, 0.3], [0.1, 0.2, 1.0, 6.0, 0.7], [-3.0, -0.5, -0.2, 2.0, -0.1]])
    W_dec = torch.tensor([[2.0, 1.0], [1.0, 0.2], [0.1, 1.0], [1.0, -2.0], [-0.5, 0.7]])
    dead = torch.tensor([False, True, True, False, True])
    for k in (1, 2):
        yield outcome(lambda k=k: float(auxiliary_loss(residual, pre, dead, W_dec, k)))
    for k in (4, 6, 9):
        yield outcome(lambda k=k: float(auxiliary_loss(residual, pre, dead, W_dec, k)))
    yield outcome(lambda: float(auxiliary_loss(residual, pre, dead & False, W_dec, 2)))
    e, z = residual.clone().requires_grad_(), pre.clone().requires_grad_()
    loss = auxiliary_loss(e, z, dead, W_dec, 2)
    loss.backward()
    yield bool(e.grad is not None and e.grad.any())


def _match(residual, pre, W_dec, k):
    values, places = pre.topk(min(k, pre.shape[1]), dim=-1)
    return (residual - torch.zeros_like(pre).scatter(-1, places, values.relu()) @ W_dec).square()


@misconception(
    "saes.auxiliary_loss",
    says="You choose among all latents. The living ones are stronger and take the places; the dead learn nothing.",
)
def chooses_among_all(residual, pre, dead, W_dec, k):
    if not dead.any():
        return torch.zeros(())
    return _match(residual.detach(), pre, W_dec, k).sum(-1).mean()


@misconception(
    "saes.auxiliary_loss",
    says=(
        "You choose the k largest of all latents and then keep the dead ones among them. A dead latent is hardly ever "
        "among the k largest: that is why it is dead."
    ),
)
def chooses_before_it_masks(residual, pre, dead, W_dec, k):
    if not dead.any():
        return torch.zeros(())
    values, places = pre.topk(min(k, pre.shape[1]), dim=-1)
    latents = torch.zeros_like(pre).scatter(-1, places, values.relu()) * dead
    return (residual.detach() - latents @ W_dec).square().sum(-1).mean()


@misconception(
    "saes.auxiliary_loss",
    says="You use every dead latent that is above 0. Only the k largest of a row take part.",
)
def uses_all_the_dead(residual, pre, dead, W_dec, k):
    if not dead.any():
        return torch.zeros(())
    return (residual.detach() - pre[:, dead].relu() @ W_dec[dead]).square().sum(-1).mean()


@misconception(
    "saes.auxiliary_loss",
    says=(
        "A gradient reaches the residual. It would change the main reconstruction, which has its own loss; here the "
        "residual is only a target."
    ),
)
def trains_the_residual(residual, pre, dead, W_dec, k):
    if not dead.any():
        return torch.zeros(())
    return _match(residual, pre[:, dead], W_dec[dead], k).sum(-1).mean()


@misconception(
    "saes.auxiliary_loss",
    says="You let negative pre-activations write. A latent that is not above 0 is silent, among the dead too.",
)
def lets_negative_ones_write(residual, pre, dead, W_dec, k):
    if not dead.any():
        return torch.zeros(())
    some = pre[:, dead]
    values, places = some.topk(min(k, some.shape[1]), dim=-1)
    return (
        (residual.detach() - torch.zeros_like(some).scatter(-1, places, values) @ W_dec[dead]).square().sum(-1).mean()
    )


@misconception(
    "saes.auxiliary_loss",
    says="You average the squares over d_model. They are summed there, as in the error of the main reconstruction.",
)
def averages_the_squares(residual, pre, dead, W_dec, k):
    if not dead.any():
        return torch.zeros(())
    return _match(residual.detach(), pre[:, dead], W_dec[dead], k).mean()


@misconception(
    "saes.auxiliary_loss",
    says=(
        "Where no latent is dead you do not return 0. A number that nobody can make smaller would make runs with and "
        "without dead latents look different."
    ),
)
def charges_when_nobody_is_dead(residual, pre, dead, W_dec, k):
    return _match(residual.detach(), pre[:, dead], W_dec[dead], k).sum(-1).mean()


@misconception(
    "saes.auxiliary_loss",
    says="You ask for k latents where fewer are dead, and torch refuses. Then all the dead ones are to be used.",
)
def asks_for_too_many(residual, pre, dead, W_dec, k):
    if not dead.any():
        return torch.zeros(())
    some = pre[:, dead]
    values, places = some.topk(k, dim=-1)
    latents = torch.zeros_like(some).scatter(-1, places, values.relu())
    return (residual.detach() - latents @ W_dec[dead]).square().sum(-1).mean()


@misconception(
    "saes.auxiliary_loss",
    says=(
        "You ask for k latents where there are not so many at all, and torch refuses. The number that is asked for may "
        "be no larger than the number of the dead."
    ),
)
def asks_for_more_than_there_are(residual, pre, dead, W_dec, k):
    if not dead.any():
        return torch.zeros(())
    values, places = torch.where(dead, pre, 0.0).topk(k, dim=-1)
    latents = torch.zeros_like(pre).scatter(-1, places, values.relu())
    return (residual.detach() - latents @ W_dec).square().sum(-1).mean()
