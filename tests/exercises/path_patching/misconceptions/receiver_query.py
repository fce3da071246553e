"""Wrong answers to path_patching.receiver_query that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("path_patching.receiver_query")
def observe_receiver_query(receiver_query):
    """Two prompts of different rms, a gain and an eps that matter, a change that is large against the residual."""
    yield receiver_query(
        torch.tensor([[1.0, 3.0, 2.0], [2.0, 1.0, -3.0]]),
        torch.tensor([[1.0, 0.5], [2.0, -1.0]]),
        torch.tensor([[0.0, 1.0], [5.0, 0.0]]),
        torch.tensor([[1.0, 1.0, 0.5], [0.5, 2.0, 0.0]]),
        torch.tensor([1.0, 0.5, 2.0]),
        0.7,
        torch.tensor([[2.0, 0.3], [1.0, 1.5], [1.0, -0.5]]),
    )


def normed(x, gain, eps, like=None):
    rms = ((x if like is None else like).square().mean(dim=-1, keepdim=True) + eps).sqrt()
    return x / rms * gain


@misconception(
    "path_patching.receiver_query",
    says=(
        "You project the sender's new message alone. The receiver reads the whole residual stream, in which one "
        "message is another."
    ),
)
def reads_the_message_alone(residual, z, z_new, w_o, gain, eps, w_q):
    return normed(z_new @ w_o, gain, eps) @ w_q


@misconception(
    "path_patching.receiver_query",
    says=(
        "You give the query of the plain run plus a change behind the norm, with the old rms. The receiver's norm "
        "sees the patched stream."
    ),
)
def freezes_the_norm(residual, z, z_new, w_o, gain, eps, w_q):
    return normed(residual + (z_new - z) @ w_o, gain, eps, like=residual) @ w_q


@misconception(
    "path_patching.receiver_query",
    says="You add the new output to a stream that still holds the old one, so the sender speaks twice.",
)
def leaves_the_old_output_in(residual, z, z_new, w_o, gain, eps, w_q):
    return normed(residual + z_new @ w_o, gain, eps) @ w_q


@misconception(
    "path_patching.receiver_query",
    says="There is no norm between the stream and your query. The receiver reads the stream through its norm.",
)
def forgets_the_norm(residual, z, z_new, w_o, gain, eps, w_q):
    return (residual + (z_new - z) @ w_o) @ w_q


@misconception(
    "path_patching.receiver_query",
    says="You return the change of the query. To run on, the receiver needs the whole query.",
)
def returns_the_change(residual, z, z_new, w_o, gain, eps, w_q):
    return (normed(residual + (z_new - z) @ w_o, gain, eps) - normed(residual, gain, eps)) @ w_q


@misconception(
    "path_patching.receiver_query",
    says="You patched from the wrong run: the change points from the source run's message to this run's.",
)
def takes_the_change_backwards(residual, z, z_new, w_o, gain, eps, w_q):
    return normed(residual + (z - z_new) @ w_o, gain, eps) @ w_q


@misconception(
    "path_patching.receiver_query",
    says="The gain of the receiver's norm is missing. It scales every dimension before the query matrix reads it.",
)
def forgets_the_gain(residual, z, z_new, w_o, gain, eps, w_q):
    return normed(residual + (z_new - z) @ w_o, 1, eps) @ w_q


@misconception(
    "path_patching.receiver_query",
    says="Your mean of x^2 runs over the prompts, too. Each prompt has an rms of its own, over d_model.",
)
def one_norm_for_all_prompts(residual, z, z_new, w_o, gain, eps, w_q):
    reads = residual + (z_new - z) @ w_o
    return (reads / (reads.square().mean() + eps).sqrt() * gain) @ w_q


@misconception(
    "path_patching.receiver_query",
    says="Your eps stands outside of the root. It is added to the mean of x^2 before the root is taken.",
)
def eps_outside_the_root(residual, z, z_new, w_o, gain, eps, w_q):
    reads = residual + (z_new - z) @ w_o
    return (reads / (reads.square().mean(dim=-1, keepdim=True).sqrt() + eps) * gain) @ w_q


@misconception(
    "path_patching.receiver_query",
    says="You project the change of the sender's message alone. The receiver reads the whole residual stream.",
)
def reads_the_change_alone(residual, z, z_new, w_o, gain, eps, w_q):
    return normed((z_new - z) @ w_o, gain, eps) @ w_q


@misconception(
    "path_patching.receiver_query",
    says=(
        "You norm the stream and the change apart and add them. A norm is not linear; the receiver's norm sees their "
        "sum."
    ),
)
def norms_them_apart(residual, z, z_new, w_o, gain, eps, w_q):
    return (normed(residual, gain, eps) + normed((z_new - z) @ w_o, gain, eps)) @ w_q
