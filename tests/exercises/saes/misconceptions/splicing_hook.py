"""Wrong answers to saes.splicing_hook that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("saes.splicing_hook")
def observe_splicing_hook(splicing_hook):
    """What comes out, whether the input survives, and the shape that the reconstruction is asked for."""
    resid = torch.arange(12.0).reshape(2, 3, 2) + 1
    keep = torch.tensor([[True, False, False], [True, False, True]])
    W, seen = torch.tensor([[0.0, 2.0], [1.0, 0.5]]), []

    def reconstruct(rows):
        seen.append(rows.ndim)
        return rows @ W

    came = resid.clone()
    yield outcome(lambda: splicing_hook(reconstruct, keep)(came, hook=None).clone())
    yield came
    yield seen[:1]
    yield outcome(lambda: splicing_hook(reconstruct, keep & False)(resid.clone(), hook=None))


@misconception(
    "saes.splicing_hook",
    says="You replace exactly the positions that are to be kept. keep is True where the activation stays.",
)
def replaces_what_is_kept(reconstruct, keep):
    def hook_fn(resid, hook):
        spliced = resid.clone()
        spliced[keep] = reconstruct(resid[keep])
        return spliced

    return hook_fn


@misconception(
    "saes.splicing_hook",
    says=(
        "You replace every position. At the first token many models have an activation hundreds of times as long as "
        "others; its bad reconstruction alone can ruin the run."
    ),
)
def replaces_everything(reconstruct, keep):
    def hook_fn(resid, hook):
        return reconstruct(resid.flatten(0, 1)).view_as(resid)

    return hook_fn


@misconception(
    "saes.splicing_hook",
    says="You write into the activations that come in. Whoever kept them as clean now holds the spliced ones.",
)
def writes_in_place(reconstruct, keep):
    def hook_fn(resid, hook):
        resid[~keep] = reconstruct(resid[~keep])
        return resid

    return hook_fn


@misconception(
    "saes.splicing_hook",
    says="You add the reconstruction to the activation. It takes the activation's place.",
)
def adds_the_reconstruction(reconstruct, keep):
    def hook_fn(resid, hook):
        spliced = resid.clone()
        spliced[~keep] = resid[~keep] + reconstruct(resid[~keep])
        return spliced

    return hook_fn


@misconception(
    "saes.splicing_hook",
    says=(
        "You set the kept positions to 0 and replace the others. A kept position keeps its activation; without it the "
        "model is damaged in another way."
    ),
)
def empties_what_is_kept(reconstruct, keep):
    def hook_fn(resid, hook):
        spliced = torch.zeros_like(resid)
        spliced[~keep] = reconstruct(resid[~keep])
        return spliced

    return hook_fn


@misconception(
    "saes.splicing_hook",
    says=(
        "You hand batch x pos x d_model to reconstruct. It takes a matrix, one activation a row; an SAE that shares "
        "places over the batch, for one, could not work with three axes."
    ),
)
def hands_over_three_axes(reconstruct, keep):
    def hook_fn(resid, hook):
        return torch.where(keep[..., None], resid, reconstruct(resid))

    return hook_fn
