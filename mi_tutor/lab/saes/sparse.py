"""The same numbers as dense encode and decode, when only k latents of a row are active: 3 of 4 products fall away.

Let B rows have k active latents each, out of F. Dense code multiplies matrices of B × F for the decoder, for its
gradient and for the encoder's gradient, although F − k of F entries are zero. Here all three are sums over the k
active latents, done by `embedding_bag` (a weighted sum of chosen rows of a matrix). Only the encoder's own product is
left, because all of its results are needed to find the k largest.

`plain_topk` is the dense version; the tests hold both together.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


def plain_topk(pre: Float[Tensor, "... feature"], k: int) -> Float[Tensor, "... feature"]:
    """The k largest entries of each row where they are positive; zero elsewhere."""
    values, chosen = pre.topk(k, dim=-1)
    return torch.zeros_like(pre).scatter(-1, chosen, values.relu())


def encode(
    x: Float[Tensor, "batch d_model"],
    W_enc: Float[Tensor, "d_model feature"],
    b_enc: Float[Tensor, "feature"],
    b_dec: Float[Tensor, "d_model"],
    k: int,
) -> tuple[Float[Tensor, "batch k"], Int[Tensor, "batch k"]]:
    """The k largest latents of each row: their values (after the ReLU) and which they are."""
    return _Encode.apply(x, W_enc, b_enc, b_dec, k)


def decode(
    values: Float[Tensor, "batch k"], chosen: Int[Tensor, "batch k"], W_dec: Float[Tensor, "feature d_model"]
) -> Float[Tensor, "batch d_model"]:
    """Sum of the chosen decoder rows, each times its value; without b_dec."""
    return _Decode.apply(values, chosen, W_dec)


def sums_by_latent(
    weights: Float[Tensor, "batch k"], chosen: Int[Tensor, "batch k"], rows: Float[Tensor, "batch d"], feature: int
) -> Float[Tensor, "feature d"]:
    """For each latent the sum of the rows in which it was chosen, each times its weight.

    It is the product of the dense [feature batch] matrix of weights with rows, and so the gradient of both matrices of
    an SAE. The pairs (row, latent) are sorted by latent; a latent is then a bag of rows.
    """
    flat = chosen.flatten()
    order = flat.to(torch.int32).argsort(stable=True)  # stable: sums are always taken in the same order
    sizes = torch.bincount(flat, minlength=feature)
    starts = torch.cat([sizes.new_zeros(1), sizes.cumsum(0)[:-1]])
    row_of = order // chosen.shape[1]
    return F.embedding_bag(row_of, rows, starts, mode="sum", per_sample_weights=weights.flatten()[order])


class _Encode(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, W_enc, b_enc, b_dec, k):
        centred = x - b_dec
        values, chosen = torch.addmm(b_enc, centred, W_enc).topk(k, dim=1, sorted=False)
        values = values.relu()
        ctx.save_for_backward(centred, W_enc, values, chosen)
        ctx.mark_non_differentiable(chosen)
        return values, chosen

    @staticmethod
    def backward(ctx, grad, _):
        centred, W_enc, values, chosen = ctx.saved_tensors
        grad = grad * (values > 0)
        grad_W = sums_by_latent(grad, chosen, centred, W_enc.shape[1]).T
        grad_b = torch.bincount(chosen.flatten(), grad.flatten(), minlength=W_enc.shape[1]).to(grad.dtype)
        # x − b_dec enters linearly: the gradient of b_dec needs the sum over rows only, not a product for each row.
        grad_x = (
            F.embedding_bag(chosen, W_enc.T, mode="sum", per_sample_weights=grad) if ctx.needs_input_grad[0] else None
        )
        return grad_x, grad_W, grad_b, -(W_enc @ grad_b), None


class _Decode(torch.autograd.Function):
    @staticmethod
    def forward(ctx, values, chosen, W_dec):
        ctx.save_for_backward(values, chosen, W_dec)
        return F.embedding_bag(chosen, W_dec, mode="sum", per_sample_weights=values)

    @staticmethod
    def backward(ctx, grad):
        values, chosen, W_dec = ctx.saved_tensors
        with torch.enable_grad():  # only the products of grad with the chosen rows are taken, by torch's own kernel
            weights = values.detach().requires_grad_()
            out = F.embedding_bag(chosen, W_dec.detach(), mode="sum", per_sample_weights=weights)
            (grad_values,) = torch.autograd.grad(out, weights, grad)
        return grad_values, None, sums_by_latent(values, chosen, grad, W_dec.shape[0])
