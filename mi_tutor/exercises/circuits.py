"""Chapter 03: circuits. How do features compute?

First a small convolutional network, whose units are connected by kernels that can be looked at. Then a transformer,
whose parts are connected by what they add to the residual stream, and whose heads are pairs of low-rank matrices.
"""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mi_tutor import exercise
from mi_tutor.lab.organisms import Spaces

# --- first half: images, the residual stream, direct effects


@exercise
def expanded_weights(
    first: Float[Tensor, "channel 3 3"], second: Float[Tensor, "unit channel 3 3"]
) -> Float[Tensor, "unit 5 5"]:
    """From a unit of layer 2 through all channels of layer 1 to the pixels: one kernel of 5 × 5 in place of two layers.

    Without nonlinearity and biases, layer 1 followed by layer 2 is one linear map of the pixels around a place. Both
    layers slide their kernels as torch.nn.functional.conv2d does, without flipping them:
    h[c, p] = Σₐ first[c, a] x[p + a] and y[u, p] = Σ_c Σₐ second[u, c, a] h[c, p + a].

    Args:
        first: the kernel of each channel of layer 1 over the pixels.
        second: the kernels of each unit of layer 2, one over each channel.

    Returns:
        The kernel of each unit over the pixels: conv2d with it alone gives what the two layers give one after the
        other, summed over all channels. Voss et al. 2021 call these expanded weights.
    """
    raise NotImplementedError


@exercise
def channel_contributions(
    acts: Float[Tensor, "batch channel height width"], kernel: Float[Tensor, "channel 3 3"]
) -> Float[Tensor, "batch channel height width"]:
    """What each channel of layer 1 adds to the input of one unit of layer 2, at every place.

    Args:
        acts: the activations of layer 1, after its ReLU.
        kernel: the unit's kernel over each channel. Kernels are slid without flipping, and `acts` counts as zero
            outside the image: padding 1, so height and width stay.

    Returns:
        One map for each channel. Summed over the channels, plus the unit's bias once, they are the unit's input: what
        goes into its ReLU, exactly. So there is no bias and no ReLU in a contribution.
    """
    raise NotImplementedError


@exercise
def matched_control(strengths: Float[Tensor, " pair"], circuit: Bool[Tensor, " pair"]) -> Bool[Tensor, " pair"]:
    """Other connections to remove for comparison: as many as the circuit has, and each as strong as it can be.

    The circuit's connections are taken one after the other, the strongest first. Each gets the connection outside the
    circuit whose strength is nearest to its own and that no other has got. Of two equally near ones the first counts.

    Args:
        strengths: the strength of every connection, at least 0.
        circuit: True for the connections of the circuit.

    Returns:
        True for the connections of the control.

    Raises:
        ValueError: there are fewer connections outside the circuit than in it.
    """
    if (~circuit).sum() < circuit.sum():
        raise ValueError("there are fewer connections outside the circuit than in it")
    others = (~circuit).nonzero().flatten()
    control = torch.zeros_like(circuit)
    control[others[: int(circuit.sum())]] = True
    return control


@exercise
def head_outputs(
    z: Float[Tensor, "batch pos head d_head"], W_O: Float[Tensor, "head d_head d_model"]
) -> Float[Tensor, "batch pos head d_model"]:
    """What each attention head adds to the residual stream.

    Args:
        z: what each head gathered: the values, averaged with its attention pattern as weights.
        W_O: the output matrix of each head.

    Returns:
        The vector of d_model numbers that each head writes at each position. Summed over the heads, plus the layer's
        output bias if it has one, they are the output of the attention layer (Elhage et al. 2021).
    """
    raise NotImplementedError


@exercise
def stream_parts(
    embed: Float[Tensor, "batch d_model"],
    heads: Float[Tensor, "layer head batch d_model"],
    attention: Float[Tensor, "layer batch d_model"],
    mlp: Float[Tensor, "layer batch d_model"],
) -> Float[Tensor, "part batch d_model"]:
    """The final residual stream at one position, as a list of parts that add up to it.

    Args:
        embed: what the stream starts with.
        heads: what each head adds.
        attention: what each attention layer adds in all: its heads, and its output bias if it has one.
        mlp: what each MLP adds.

    Returns:
        1 + layer × (head + 2) parts in the order in which the model adds them: the embedding; then for each layer its
        heads, what its attention adds beyond its heads (the bias; zero where there is none), and its MLP. Nothing is
        left out and nothing is counted twice.
    """
    layers = torch.cat([heads, attention[:, None], mlp[:, None]], dim=1)
    return torch.cat([embed[None], layers.flatten(0, 1)])


@exercise
def logit_lens(
    resid: Float[Tensor, "layer batch d_model"],
    gain: Float[Tensor, " d_model"],
    W_U: Float[Tensor, "d_model d_vocab"],
    eps: float,
) -> Float[Tensor, "layer batch d_vocab"]:
    """The logits that the model would give if it stopped after each layer.

    Each residual vector goes through the model's final norm and unembedding, as if it were the last. The norm is
    RMSNorm: x · gain / sqrt(mean(x²) + eps), with the mean over d_model. Nothing is subtracted.

    Args:
        resid: the residual stream at one position, at several layers.
        gain: the weight of the final norm.
        W_U: the unembedding; column v belongs to token v.
        eps: the small number in the final norm.

    Returns:
        Logits for each layer and text.
        Source: nostalgebraist 2020.
    """
    raise NotImplementedError


@exercise
def direct_logit_attribution(
    parts: Float[Tensor, "part batch d_model"],
    gain: Float[Tensor, " d_model"],
    W_U: Float[Tensor, "d_model d_vocab"],
    correct: Int[Tensor, " batch"],
    wrong: Int[Tensor, " batch"],
    eps: float,
) -> Float[Tensor, "part batch"]:
    """What each part of the final residual stream adds, by itself, to the logit difference: correct minus wrong.

    The final norm is x · gain / sqrt(mean(x²) + eps). The root is computed once for each text, from the sum of all
    parts, and then held fixed. With the scale frozen, the logits are linear in the parts.

    Args:
        parts: everything that is added to the residual stream at the last position. The sum over parts is the final
            residual stream.
        gain: the weight of the final norm.
        W_U: the unembedding; column v belongs to token v.
        correct: the token of the right answer to each text.
        wrong: the token of the wrong answer to each text.
        eps: the small number in the final norm.

    Returns:
        One number for each part and text. Summed over the parts they are the model's logit difference, up to rounding.
    """
    raise NotImplementedError


@exercise
def what_a_small_attribution_means() -> str:
    """A head has a direct logit attribution near zero. When its output at END is exchanged, the answer suffers a lot.

    Both numbers are right. What do they say together?

    a) The attribution lost the head's share: the final norm's scale was frozen.
    b) The head does not write the answer; it changes what later parts of the model write.
    c) The head is unimportant, and the ablation broke the model in some other way.
    d) Another part writes the exact opposite of the head, so that the head's share cancels.

    Returns:
        one letter.
    """
    raise NotImplementedError


# --- second half: transformers' heads


@exercise
def kv_head(head: int, n_heads: int, n_kv_heads: int) -> int:
    """Which key-value head does a query head use, when there are fewer of them than query heads?

    In grouped-query attention consecutive query heads share one pair of key and value matrices: the first
    n_heads / n_kv_heads query heads use key-value head 0, the next ones key-value head 1, and so on.

    Args:
        head: the query head, counted from 0.
        n_heads: the number of query heads in the layer; a multiple of n_kv_heads.
        n_kv_heads: the number of key-value heads in the layer.

    Returns:
        The index of the key-value head, counted from 0.

    Raises:
        ValueError: head is not the index of a query head (negative numbers do not count from the end).
    """
    raise NotImplementedError


@exercise
def qk_ov(
    w_q: Float[Tensor, "head d_model d_head"],
    w_k: Float[Tensor, "kv_head d_model d_head"],
    w_v: Float[Tensor, "kv_head d_model d_head"],
    w_o: Float[Tensor, "head d_head d_model"],
    head: int,
) -> tuple[Float[Tensor, "d_model d_model"], Float[Tensor, "d_model d_model"]]:
    """A head as two matrices: where it looks, up to rotary positions (QK), and what it moves (OV).

    Residual vectors are rows: a query is x_query @ w_q, and a head adds z @ w_o to the stream. With x_query and x_key
    the normalised vectors at two positions, the attention score is x_query @ QK @ x_key (before it is divided by the
    square root of d_head and before any rotary embedding), and attending fully to x_key adds x_key @ OV.

    Args:
        w_q, w_o: the weights of all query heads of one layer.
        w_k, w_v: the weights of all its key-value heads; consecutive query heads share one.
        head: the query head, counted from 0.

    Returns:
        (QK, OV), each d_model × d_model with rank at most d_head.
        Source: Elhage et al. 2021, "Splitting Attention Head terms into Query-Key and Output-Value Circuits" (there
        with column vectors).
    """
    raise NotImplementedError


@exercise
def copying_score(w_in: Float[Tensor, "d_vocab d_head"], w_out: Float[Tensor, "d_head d_vocab"]) -> float:
    """Does a head, on the whole, raise the logit of the token it looks at?

    The full OV circuit M = w_in @ w_out has one row for each token attended to and one column for each token whose
    logit changes. An eigenvector with a positive real eigenvalue is a mixture of tokens that raises its own logits;
    with a negative one it lowers them. The score weighs them against each other.

    Args:
        w_in: embedding, then value matrix.
        w_out: output matrix, then unembedding.

    Returns:
        (sum of the eigenvalues of M) / (sum of their absolute values). Eigenvalues may be complex; the absolute value
        is the complex one, and the sum of all is real. 1: all positive, -1: all negative. 0 where every eigenvalue
        is 0.
        M has d_vocab × d_vocab entries (9.7 GB for SmolLM2) and must never be formed. Its eigenvalues other than 0
        are those of a much smaller matrix.
        Source: Elhage et al. 2021, "Summarizing OV/QK matrices".
    """
    raise NotImplementedError


@exercise
def head_type_scores(pattern: Float[Tensor, "batch head pos pos"], n: int) -> dict[str, Float[Tensor, " head"]]:
    """Three scores that sort heads by where they look on repeated random tokens.

    Every row of the batch is a start mark at position 0, then n random tokens at positions 1 to n, then the same n
    tokens again at positions n + 1 to 2n. Only queries in the second copy count, all of them. The score of a head is
    its mean attention, over texts and these queries, from a query to one key position:
        "previous token"    the position just before the query
        "duplicate token"   the earlier place of the query's own token
        "induction"         the position just after the earlier place of the query's own token

    Args:
        pattern: attention from the last but one axis (query) to the last axis (key). pos is 2n + 1.
        n: how many tokens are repeated.

    Returns:
        The three scores under these names, each between 0 and 1, one number per head.
        Source: Olsson et al. 2022, "prefix matching" (here the induction score).
    """
    raise NotImplementedError


@exercise
def mean_ablation_hook(heads: list[int]) -> Callable:
    """A hook that takes from some heads all they say about the present text and position.

    What a head gathered at a position, z, is replaced by that head's average z over all texts and positions of the
    batch. The head still adds its usual vector, but always the same one.

    Args:
        heads: the heads of one layer to ablate, counted from 0.

    Returns:
        A function hook_fn(z, hook) for hook_z. z has shape batch x pos x head x d_head; hook is not needed. It
        returns the changed z, of the same shape. Other heads are untouched, and the input is left as it was.
    """

    raise NotImplementedError


@exercise
def control_heads(heads: list[tuple[int, int]], n_heads: int, seed: int) -> list[tuple[int, int]]:
    """A fair control for an ablation: as many other heads, at random, from the same layers.

    A head deep in the model does other things than an early one, whatever its type. So the control has, in every
    layer, as many heads as the set under test.

    Args:
        heads: the (layer, head) pairs under test, all different.
        n_heads: how many heads a layer has.
        seed: the same seed gives the same control; over the seeds, every fair control comes up. The global random
            state is left alone.

    Returns:
        As many pairs (layer, head) as were given, all different, none of them under test: in every layer the same
        number as under test. In any order.

    Raises:
        ValueError: a layer has fewer other heads than are needed.
    """
    generator = torch.Generator().manual_seed(seed)
    layers = range(max(layer for layer, _ in heads) + 1)
    others = [(layer, head) for layer in layers for head in range(n_heads) if (layer, head) not in heads]
    if len(others) < len(heads):
        raise ValueError("There are too few other heads for a control.")
    order = torch.randperm(len(others), generator=generator)[: len(heads)]
    return [others[i] for i in order.tolist()]


@exercise
def composition_scores(
    first_ov: Float[Tensor, "d_model d_model"],
    second_qk: Float[Tensor, "d_model d_model"],
    second_ov: Float[Tensor, "d_model d_model"],
) -> dict[str, float]:
    """How much of what an earlier head writes can a later head read: in its queries, its keys, its values?

    Residual vectors are rows, as in `qk_ov`: the earlier head adds x @ first_ov to the stream, the later head scores
    x_query @ second_qk @ x_key and adds x_key @ second_ov. Each score is the Frobenius norm of the product that lets
    the later head read what the earlier one wrote, divided by the product of the two matrices' Frobenius norms.

    Args:
        first_ov: the OV matrix of a head in an earlier layer.
        second_qk, second_ov: the QK and OV matrices of a head in a later layer.

    Returns:
        {"Q": ..., "K": ..., "V": ...}, each between 0 and 1. "Q": the earlier head's output becomes part of the
        query; "K": of the key; "V": of what is moved.
        Source: Elhage et al. 2021, "Analyzing a Two-Layer Model" (there with column vectors).
    """
    raise NotImplementedError


@exercise
def rotated_baseline(
    first: Float[Tensor, "d_model d_model"], second: Float[Tensor, "d_model d_model"], n: int, seed: int
) -> Float[Tensor, " instance"]:
    """What composition score do these two matrices have when they know nothing of each other?

    Two matrices always have some score. To see how much, the stream between them is turned: the first matrix's output
    is multiplied by a random rotation before the second reads it. Both matrices keep all their singular values; only
    the agreement between what one writes and the other reads is gone.

    Args:
        first: what writes, d_model × d_model, applied to rows: x @ first.
        second: what reads, applied to rows: y @ second.
        n: how many independent rotations to draw.
        seed: the same seed gives the same numbers. The global random state is left alone.

    Returns:
        n scores |first @ rotation @ second| / (|first| |second|) with Frobenius norms, one per random orthogonal
        matrix. The mean of their squares is close to 1 / d_model.
    """
    raise NotImplementedError


@exercise
def in_context_score(
    logits: Float[Tensor, "batch pos d_vocab"], ids: Int[Tensor, "batch pos"], early: list[int], late: list[int]
) -> float:
    """How much better does the model predict late in a text than early? Negative: the context helps.

    The loss of a token is minus the natural logarithm of the probability that the model gave it, before it saw it.

    Args:
        logits: the model's logits; those at a position are its prediction for the next position.
        ids: the tokens.
        early, late: positions of the tokens to be predicted, counted from 0.

    Returns:
        The mean loss of the tokens at the late positions minus the mean loss of those at the early positions, over
        all texts, in nats.
        Source: Olsson et al. 2022, where late is the 500th token and early the 50th.

    Raises:
        ValueError: position 0 is among the positions; nothing predicts the first token.
    """
    raise NotImplementedError


@exercise
def previous_token_head(
    spaces: Spaces, strength: float
) -> tuple[
    Float[Tensor, "d_model d_head"],
    Float[Tensor, "d_model d_head"],
    Float[Tensor, "d_model d_head"],
    Float[Tensor, "d_head d_model"],
]:
    """Write the weights of a head that looks one position back and notes which token stands there.

    The stream is cut into four subspaces. At every position p, `spaces.token` holds 1 on the axis of the token that
    stands there and 0 elsewhere, `spaces.position` holds 1 on axis p, and the other two are empty:
    `spaces.previous` is what this head fills, `spaces.next` is for the induction head. The four are slices of the
    d_model axis; `spaces.vocabulary` and `spaces.context` are their sizes.

    Args:
        spaces: the subspaces, with `spaces.d_model` and `spaces.d_head`. d_head is at least as large as each subspace.
        strength: the attention score of the position before, after scores were divided by sqrt(d_head).

    Returns:
        (W_Q, W_K, W_V, W_O) such that the query at position p scores position p - 1 with `strength` and every other
        position with 0, whatever the tokens are. At position 0, which has none before it, all scores are 0. Attending
        to a position adds 1 on the axis of its token in `spaces.previous`, and nothing elsewhere.
        Source: Elhage et al. 2021, "Induction heads", the head in the first layer.
    """
    W_Q, W_K = torch.zeros(spaces.d_model, spaces.d_head), torch.zeros(spaces.d_model, spaces.d_head)
    W_V, W_O = torch.zeros(spaces.d_model, spaces.d_head), torch.zeros(spaces.d_head, spaces.d_model)
    raise NotImplementedError


@exercise
def induction_head(
    spaces: Spaces, strength: float
) -> tuple[
    Float[Tensor, "d_model d_head"],
    Float[Tensor, "d_model d_head"],
    Float[Tensor, "d_model d_head"],
    Float[Tensor, "d_head d_model"],
]:
    """Write the weights of a head that finds what followed this token before, and predicts it again.

    It stands in the layer after the previous-token head. So at every position `spaces.token` holds the token that
    stands there and `spaces.previous` the token one position before, each as a 1 on its axis. `spaces.next` is empty;
    the unembedding reads the prediction from it.

    Args:
        spaces: the subspaces, see `previous_token_head`.
        strength: the attention score of a fitting position, after scores were divided by sqrt(d_head).

    Returns:
        (W_Q, W_K, W_V, W_O) such that a query scores a position with `strength` when the token *before* that position
        is the query's own token, and with 0 otherwise. Attending to a position adds 1 on the axis of its token in
        `spaces.next`, and nothing elsewhere.
        Source: Elhage et al. 2021, "Induction heads", the head in the second layer.
    """
    W_Q, W_K = torch.zeros(spaces.d_model, spaces.d_head), torch.zeros(spaces.d_model, spaces.d_head)
    W_V, W_O = torch.zeros(spaces.d_model, spaces.d_head), torch.zeros(spaces.d_head, spaces.d_model)
    raise NotImplementedError


@exercise
def which_conclusion() -> str:
    """Which statement do the two ablations (of head 16.0 and of head 11.1) support, and no more than support?

    a) Head 11.1 has no function in the model. It can be removed without loss.
    b) Head 11.1 is a backup: its work shows only when head 16.0 is gone.
    c) On these prompts the induction heads depend on head 16.0 and not on head 11.1, although both look at the
       previous token alike.
    d) Head 16.0 predicts the repeated tokens. The induction heads only look as if they did.

    Returns:
        The letter of the statement.
    """
    raise NotImplementedError
