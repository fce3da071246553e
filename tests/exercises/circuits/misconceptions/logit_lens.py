"""Wrong answers to circuits.logit_lens that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("circuits.logit_lens")
def observe_logit_lens(logit_lens):
    """Layers of very different length, a gain, a square unembedding, and an eps that counts."""
    gain, unembed = torch.tensor([2.0, 1.0, 0.5]), torch.tensor([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [4.0, 0.0, 1.0]])
    resid = torch.tensor([[[1.0, 2.0, -2.0]], [[10.0, 40.0, 0.0]]])
    yield logit_lens(resid, gain, unembed, 0.0)
    yield logit_lens(resid, gain, unembed, 11.0)


@misconception(
    "circuits.logit_lens",
    says=(
        "You unembed the residual stream as it is. The model passes it through the final norm first; without it, later "
        "layers look surer only because the stream grows."
    ),
)
def no_final_norm(resid, gain, W_U, eps):
    return resid @ W_U


@misconception(
    "circuits.logit_lens",
    says=(
        "You divide by the root mean square and leave out the norm's gain. In SmolLM2 the gains differ a lot between "
        "dimensions, so this changes which token wins."
    ),
)
def forgets_the_norms_gain(resid, gain, W_U, eps):
    return resid / (resid.square().mean(dim=-1, keepdim=True) + eps).sqrt() @ W_U


@misconception(
    "circuits.logit_lens",
    says=(
        "You divide every layer by the last layer's root mean square. That is right for attributing the final logits "
        "to parts. The lens asks what the model would say if it stopped here: the norm then sees this layer's vector."
    ),
)
def scale_of_the_last_layer(resid, gain, W_U, eps):
    return resid / (resid[-1:].square().mean(dim=-1, keepdim=True) + eps).sqrt() * gain @ W_U


@misconception(
    "circuits.logit_lens",
    says=(
        "You divide by the length of the vector, the root of the sum of the squares. RMSNorm takes the root of their "
        "mean, so your logits are too small by the root of d_model."
    ),
)
def divides_by_the_length(resid, gain, W_U, eps):
    return resid / (resid.square().sum(dim=-1, keepdim=True) + eps).sqrt() * gain @ W_U


@misconception(
    "circuits.logit_lens",
    says="You subtract the mean over d_model, as LayerNorm does. This model has RMSNorm, which only divides.",
)
def centres_like_layernorm(resid, gain, W_U, eps):
    centred = resid - resid.mean(dim=-1, keepdim=True)
    return centred / (centred.square().mean(dim=-1, keepdim=True) + eps).sqrt() * gain @ W_U


@misconception(
    "circuits.logit_lens",
    says=(
        "You multiply with the rows of W_U where its columns belong, as if it were the embedding: W_U is "
        "d_model × d_vocab."
    ),
)
def unembeds_with_the_rows(resid, gain, W_U, eps):
    normed = resid / (resid.square().mean(dim=-1, keepdim=True) + eps).sqrt() * gain
    return normed @ (W_U.T if W_U.shape[0] == W_U.shape[1] else W_U)


@misconception(
    "circuits.logit_lens",
    says=(
        "You subtract the mean over d_model before you divide. That is half of a LayerNorm; this model has RMSNorm, "
        "which only divides."
    ),
)
def centres_only_what_is_divided(resid, gain, W_U, eps):
    rms = (resid.square().mean(dim=-1, keepdim=True) + eps).sqrt()
    return (resid - resid.mean(dim=-1, keepdim=True)) / rms * gain @ W_U


@misconception(
    "circuits.logit_lens",
    says=(
        "You divide by the mean square and not by its root. Then a vector twice as long comes out half as long; it "
        "should come out the same."
    ),
)
def forgets_the_root_of_the_mean_square(resid, gain, W_U, eps):
    return resid / (resid.square().mean(dim=-1, keepdim=True) + eps) * gain @ W_U


@misconception(
    "circuits.logit_lens",
    says=(
        "You divide everything by one number, the mean over all layers and texts. Each vector has its own root mean "
        "square, over d_model only."
    ),
)
def one_scale_for_everything(resid, gain, W_U, eps):
    return resid / (resid.square().mean() + eps).sqrt() * gain @ W_U


@misconception(
    "circuits.logit_lens",
    says="You add eps after the root. It is added to the mean square, and then the root is taken.",
)
def eps_after_the_root(resid, gain, W_U, eps):
    return resid / (resid.square().mean(dim=-1, keepdim=True).sqrt() + eps) * gain @ W_U
