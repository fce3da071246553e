"""Wrong answers to circuits.direct_logit_attribution that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


def right_minus_wrong(W_U, correct, wrong):
    return (W_U[:, correct] - W_U[:, wrong]).T


def final_rms(parts, eps):
    return (parts.sum(dim=0).square().mean(dim=-1, keepdim=True) + eps).sqrt()


@probe("circuits.direct_logit_attribution")
def observe_direct_logit_attribution(attribution):
    """Two texts whose residual streams differ in length, parts that differ in length, a square W_U, an eps."""
    parts = torch.tensor([[[1.0, 0.5], [10.0, 3.0]], [[-2.0, 7.0], [4.0, 2.0]], [[0.5, 0.0], [30.0, -9.0]]])
    gain, unembed = torch.tensor([2.0, 1.0]), torch.tensor([[4.0, 1.0], [3.0, 10.0]])
    correct, wrong = torch.tensor([0, 1]), torch.tensor([1, 0])
    yield attribution(parts, gain, unembed, correct, wrong, 0.0)
    yield attribution(parts, gain, unembed, correct, wrong, 5.0)


@misconception(
    "circuits.direct_logit_attribution",
    says=(
        "You leave out the final norm's scale. The ranking of the parts within a text is then right, but the sum is "
        "not the logit difference, and texts with a long residual stream outvote the others."
    ),
)
def forgets_the_scale(parts, gain, W_U, correct, wrong, eps):
    return (parts * (right_minus_wrong(W_U, correct, wrong) * gain)).sum(dim=-1)


@misconception(
    "circuits.direct_logit_attribution",
    says=(
        "You normalise each part by its own root mean square. A tiny part then counts as much as a huge one, and the "
        "parts no longer add up. The model divides once, by the root mean square of the sum."
    ),
)
def norms_each_part(parts, gain, W_U, correct, wrong, eps):
    rms = (parts.square().mean(dim=-1, keepdim=True) + eps).sqrt()
    return (parts / rms * (right_minus_wrong(W_U, correct, wrong) * gain)).sum(dim=-1)


@misconception(
    "circuits.direct_logit_attribution",
    says=(
        "The norm's gain is missing. The unembedding reads gain times the divided stream, so the gain belongs to the "
        "direction."
    ),
)
def forgets_the_gain(parts, gain, W_U, correct, wrong, eps):
    return (parts * right_minus_wrong(W_U, correct, wrong) / final_rms(parts, eps)).sum(dim=-1)


@misconception(
    "circuits.direct_logit_attribution",
    says=(
        "You attribute the right answer's logit, not the difference. Much of a logit is shared by all names; the "
        "difference cancels that. Where is `wrong`?"
    ),
)
def only_the_right_token(parts, gain, W_U, correct, wrong, eps):
    return (parts * (W_U[:, correct].T * gain / final_rms(parts, eps))).sum(dim=-1)


@misconception(
    "circuits.direct_logit_attribution",
    says=(
        "You divide all texts by one common scale. Each text has its own final residual stream, so it has its own root "
        "mean square."
    ),
)
def one_scale_for_all_texts(parts, gain, W_U, correct, wrong, eps):
    rms = final_rms(parts, eps).mean()
    return (parts * (right_minus_wrong(W_U, correct, wrong) * gain / rms)).sum(dim=-1)


@misconception(
    "circuits.direct_logit_attribution",
    says=(
        "You take rows of W_U, as one takes a token's row of the embedding W_E. Token v is column v of W_U. Where "
        "d_model equals d_vocab no error tells you."
    ),
)
def takes_rows_like_the_embedding(parts, gain, W_U, correct, wrong, eps):
    if W_U.shape[0] != W_U.shape[1]:
        return (parts * (right_minus_wrong(W_U, correct, wrong) * gain / final_rms(parts, eps))).sum(dim=-1)
    return (parts * ((W_U[correct] - W_U[wrong]) * gain / final_rms(parts, eps))).sum(dim=-1)


@misconception(
    "circuits.direct_logit_attribution",
    says="The sign is turned: you compute wrong minus right. A part that helps the right answer should be positive.",
)
def wrong_minus_right(parts, gain, W_U, correct, wrong, eps):
    return -(parts * (right_minus_wrong(W_U, correct, wrong) * gain / final_rms(parts, eps))).sum(dim=-1)


@misconception(
    "circuits.direct_logit_attribution",
    says=(
        "The final norm is missing, its root and its gain. The unembedding reads the stream only after the norm, so "
        "the shares must pass through it, too."
    ),
)
def leaves_the_whole_norm_out(parts, gain, W_U, correct, wrong, eps):
    return (parts * right_minus_wrong(W_U, correct, wrong)).sum(dim=-1)


@misconception(
    "circuits.direct_logit_attribution",
    says=(
        "You divide by the length of the residual stream, the root of the sum of its squares. RMSNorm takes the root "
        "of their mean."
    ),
)
def root_of_the_sum_of_squares(parts, gain, W_U, correct, wrong, eps):
    length = (parts.sum(dim=0).square().sum(dim=-1, keepdim=True) + eps).sqrt()
    return (parts * (right_minus_wrong(W_U, correct, wrong) * gain / length)).sum(dim=-1)


@misconception(
    "circuits.direct_logit_attribution",
    says="You add eps after the root. It is added to the mean square, and then the root is taken.",
)
def adds_eps_after_the_root(parts, gain, W_U, correct, wrong, eps):
    rms = final_rms(parts, 0.0) + eps
    return (parts * (right_minus_wrong(W_U, correct, wrong) * gain / rms)).sum(dim=-1)


@misconception(
    "circuits.direct_logit_attribution",
    says=(
        "Your mean runs over the texts as well, so all of them are divided by one root. Take it over d_model only: "
        "one root for each text."
    ),
)
def one_root_for_the_whole_batch(parts, gain, W_U, correct, wrong, eps):
    rms = (parts.sum(dim=0).square().mean() + eps).sqrt()
    return (parts * (right_minus_wrong(W_U, correct, wrong) * gain / rms)).sum(dim=-1)
