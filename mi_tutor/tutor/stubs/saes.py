"""Chapter 05: sparse autoencoders. Can we find the features without labels?

A sparse autoencoder (SAE) writes an activation x as a bias plus a few directions out of many: x' = f W_dec + b_dec. The
numbers f are its latents, and `feature` is their axis. W_enc is `d_model feature`, b_enc is `feature`, W_dec is
`feature d_model` (row i is the direction that latent i writes), b_dec is `d_model`. A row of a batch is one activation
vector: one position of one text.
"""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mi_tutor import exercise


@exercise
def encode(
    x: Float[Tensor, "batch d_model"],
    W_enc: Float[Tensor, "d_model feature"],
    b_enc: Float[Tensor, " feature"],
    b_dec: Float[Tensor, " d_model"],
) -> Float[Tensor, "batch feature"]:
    """The latents of the standard SAE: f = ReLU((x − b_dec) W_enc + b_enc).

    b_dec is the activation from which the decoder starts. The encoder measures x from the same point.

    Args:
        x: activations, one a row.
        W_enc: column i is the direction that latent i reads.
        b_enc: one bias for each latent.
        b_dec: the bias of the decoder.

    Returns:
        f, the latents of each row, at least 0.

    Source: Bricken et al. 2023, the set-up of the autoencoder (its appendix on training).
    """
    raise NotImplementedError


@exercise
def standard_loss(
    x: Float[Tensor, "batch d_model"],
    pre: Float[Tensor, "batch feature"],
    W_dec: Float[Tensor, "feature d_model"],
    b_dec: Float[Tensor, " d_model"],
    coefficient: float,
) -> dict[str, Float[Tensor, ""]]:
    """Decode, and say what a standard SAE is trained to make small: the squared error and the L1 norm of its latents.

    The latents are f = ReLU(pre) and the reconstruction is x' = f W_dec + b_dec. Each latent is weighted in the L1 norm
    by the length of the direction it writes: Σᵢ fᵢ ‖W_dec[i]‖. So nothing is gained by making f small and W_dec long.

    Args:
        x: activations, one a row.
        pre: pre-activations of the latents: what the encoder computes before its ReLU.
        W_dec: row i is the direction that latent i writes, of any length.
        b_dec: the bias of the decoder.
        coefficient: λ, the weight of the sparsity term.

    Returns:
        three numbers through which gradients flow to pre, W_dec and b_dec:
        "error": ‖x − x'‖², summed over d_model, averaged over rows.
        "l1": Σᵢ fᵢ ‖W_dec[i]‖, summed over latents, averaged over rows.
        "loss": error + λ · l1.

    Source: Bricken et al. 2023 (error and L1, with directions of norm 1); the weighting by the norms is that of
        Templeton et al. 2024.
    """
    raise NotImplementedError


@exercise
def unit_norm_step(W_dec: Float[Tensor, "feature d_model"], optimizer: torch.optim.Optimizer) -> None:
    """One step of training that keeps every decoder direction at norm 1, and that does not pull against the norm.

    A direction of norm 1 lives on a sphere. Only the part of its gradient that lies along the sphere can be followed.
    The part along the direction itself asks for another length, which it cannot have. An optimizer that keeps running
    averages would still store that part and let it act on later steps. So it is taken out before the step, and the rest
    of the step's effect on the length is taken out after it.

    Args:
        W_dec: a parameter whose rows have norm 1. Its gradient of this batch stands in W_dec.grad.
        optimizer: any torch optimizer that holds W_dec, and possibly other parameters with gradients. They take the
            same step.

    Returns:
        nothing. W_dec itself (the same tensor, which the optimizer holds) has moved and has rows of norm 1. The caller
        clears the gradients before the next batch.

    Source: Bricken et al. 2023, the appendix on training the autoencoder.
    """
    optimizer.step()
    with torch.no_grad():
        W_dec /= W_dec.norm(dim=-1, keepdim=True)


@exercise
def mean_max_cosine(W_dec: Float[Tensor, "feature d_model"], known: Float[Tensor, "direction d_model"]) -> float:
    """How well a dictionary contains directions that are known to be there: the mean max cosine similarity.

    For each known direction: the largest cosine between it and any row of the dictionary. Then the mean over the known
    directions. Latents are at least 0, so a row that points the opposite way does not represent a direction: the cosine
    keeps its sign. Rows that represent nothing cost nothing, and one row may serve several known directions.

    Args:
        W_dec: the dictionary, one direction a row, of any length. A row of zeros has cosine 0 with everything.
        known: the true directions, one a row, of any length but not zero.

    Returns:
        the mean over known directions of the maximum over dictionary rows, between −1 and 1.

    Source: Sharkey et al. 2022 ("Taking features out of superposition with sparse autoencoders"), who call it MMCS.
    """
    raise NotImplementedError


@exercise
def dead_latents(counts: Int[Tensor, "step feature"], rows: int, window: int) -> Bool[Tensor, " feature"]:
    """Which latents are dead: not active on any row of a window at the end of training so far?

    A latent that answers to something rare is silent on most batches and alive all the same. So the window is given in
    rows and should be long. Steps are not divided: the window is made of the fewest last steps that hold at least
    `window` rows together.

    Args:
        counts: for each training step, on how many rows of its batch each latent was active; the newest step is last.
        rows: the number of rows of each batch.
        window: the length of the window in rows, at least 1.

    Returns:
        True for each latent that was active on no row of the window. As long as the steps seen hold fewer rows than
        the window, no latent is called dead.

    Source: Bricken et al. 2023 resample latents that were silent for 12,500 steps; Gao et al. 2024 call a latent dead
        after 10 million tokens.
    """
    return counts[-1] == 0


@exercise
def resampled(
    W_enc: Float[Tensor, "d_model feature"],
    b_enc: Float[Tensor, " feature"],
    W_dec: Float[Tensor, "feature d_model"],
    dead: Bool[Tensor, " feature"],
    inputs: Float[Tensor, "batch d_model"],
    losses: Float[Tensor, " batch"],
    generator: torch.Generator,
) -> tuple[Float[Tensor, "d_model feature"], Float[Tensor, " feature"], Float[Tensor, "feature d_model"]]:
    """Give every dead latent a new start at an input that the SAE reconstructs badly.

    For each dead latent, independently of the others, one row is drawn with a probability proportional to the square of
    its loss. Of this row's input v the latent gets
    - as its decoder row: v / ‖v‖;
    - as its encoder column: v / ‖v‖ times 0.2 times the mean norm of the encoder columns of the living latents;
    - as its encoder bias: 0.
    Everything that belongs to living latents stays as it is.

    Args:
        W_enc, b_enc, W_dec: the SAE's weights. They are left as they were.
        dead: which latents are dead. At least one is not; perhaps none is.
        inputs: what the encoder multiplies, x − b_dec, one a row. No row is zero.
        losses: the SAE's loss on each of these rows, at least 0 and not all 0.
        generator: the source of all randomness.

    Returns:
        new (W_enc, b_enc, W_dec).

    Source: Bricken et al. 2023, "Neuron resampling" in the appendix on training the autoencoder. (The optimizer's
        averages for the changed entries are reset too; that is the caller's part here.)
    """
    W_enc, b_enc, W_dec = W_enc.clone(), b_enc.clone(), W_dec.clone()
    raise NotImplementedError


@exercise
def topk_latents(pre: Float[Tensor, "batch feature"], k: int) -> Float[Tensor, "batch feature"]:
    """The latents of a TopK SAE: of each row the k largest pre-activations, and of these the positive ones.

    Args:
        pre: pre-activations, of any sign.
        k: how many latents a row may have, from 1 to the number of latents.

    Returns:
        f, of the shape of pre: the pre-activation where it is among the k largest of its row and above 0, else 0. Where
        pre-activations tie for the last place any of them may be taken, but never more than k in all. The gradient of a
        kept entry is 1 with respect to its pre-activation, that of all others 0.

    Source: Makhzani and Frey 2013; Gao et al. 2024, section 2.3.
    """
    raise NotImplementedError


@exercise
def relu_and_topk() -> str:
    """One SAE keeps the k largest pre-activations and then applies ReLU. Another applies ReLU first and then keeps k.

    The rest is the same, and no two pre-activations of a row are equal. One row has the pre-activations 3, 1, −1, −5,
    and k is 3. What is true?

    a) The latents are the same in both, here and for every row: a negative entry is 0 in the end, and a positive one is
       kept or not by how many entries are larger than it.
    b) ReLU must come last. If it comes first, zeros fill the places of the k and push out positive entries.
    c) ReLU must come first. If TopK comes first, −1 takes a place that a positive entry would have had.
    d) In both orders exactly k latents of every row are above zero, so L0 is k and need not be measured.

    Returns:
        one letter.
    """
    raise NotImplementedError


@exercise
def auxiliary_loss(
    residual: Float[Tensor, "batch d_model"],
    pre: Float[Tensor, "batch feature"],
    dead: Bool[Tensor, " feature"],
    W_dec: Float[Tensor, "feature d_model"],
    k: int,
) -> Float[Tensor, ""]:
    """A loss that gives dead latents something to learn: reconstruct what the living ones leave over.

    In each row the k largest pre-activations among the dead latents are taken, of these the positive ones, and decoded
    without any bias: e' = f_dead W_dec. They are to match the residual e = x − x' of the main reconstruction.

    Args:
        residual: e, what the main reconstruction misses. It is a target: no gradient flows back through it.
        pre: pre-activations of all latents.
        dead: which latents are dead.
        W_dec: the decoder.
        k: how many dead latents a row may use. Where fewer are dead, all of them are used.

    Returns:
        ‖e − e'‖², summed over d_model, averaged over rows. Its gradient reaches no living latent. 0 when none is dead.

    Source: Gao et al. 2024, section 2.4 and its appendix on auxiliary losses (AuxK).
    """
    raise NotImplementedError


@exercise
def batch_topk(pre: Float[Tensor, "batch feature"], k: int) -> Float[Tensor, "batch feature"]:
    """The latents of a BatchTopK SAE in training: k a row on average, shared out over the whole batch.

    Of all entries of the batch together the (rows · k) largest are kept, and of these the positive ones. A row that
    needs many latents gets more than k, an easy one fewer.

    Args:
        pre: pre-activations, of any sign.
        k: the mean number of latents a row may have, from 1 to the number of latents.

    Returns:
        f, of the shape of pre: the pre-activation where it is among the (rows · k) largest of the batch and above 0,
        else 0. Where pre-activations tie for the last place any of them may be taken, but never more than rows · k in
        all. The gradient of a kept entry is 1 with respect to its pre-activation, that of all others 0.

    Source: Bussmann et al. 2024, "BatchTopK Sparse Autoencoders".
    """
    raise NotImplementedError


@exercise
def batch_topk_threshold(latents: Float[Tensor, "step batch feature"]) -> float:
    """The threshold that takes the place of BatchTopK after training.

    In training a latent's fate hangs on the other rows of its batch. A feature of one token must not depend on which
    texts it is looked at with. So after training a latent is active where its pre-activation is above one fixed number:
    the smallest latent that was kept in a batch, on average over batches.

    Args:
        latents: the latents of several training batches. In some batch at least one is active.

    Returns:
        the mean over batches of the smallest latent above 0. A batch without any active latent is left out.

    Source: Bussmann et al. 2024, the section on inference.
    """
    raise NotImplementedError


@exercise
def jumprelu(
    pre: Float[Tensor, "batch feature"], threshold: Float[Tensor, " feature"], bandwidth: float
) -> Float[Tensor, "batch feature"]:
    """JumpReLU: a latent is its pre-activation where that is above the latent's own threshold, and 0 elsewhere.

    fᵢ = zᵢ where zᵢ > θᵢ, else 0. Nothing is subtracted. Moving θᵢ a little changes no latent almost everywhere, so the
    true gradient for θᵢ is 0 and it would never learn. A straight-through estimator is used in its place in the
    backward pass. For each entry:
    - with respect to zᵢ the true derivative: 1 where zᵢ > θᵢ, else 0;
    - with respect to θᵢ: −θᵢ / ε where |zᵢ − θᵢ| < ε/2, else 0.
    The derivatives with respect to θᵢ add up over rows, as torch does by itself. What happens exactly at the two ends
    of the window is left open.

    Args:
        pre: z, the pre-activations.
        threshold: θ, one for each latent, above 0. It may require a gradient.
        bandwidth: ε, the width of the window around the threshold, above 0.

    Returns:
        f, of the shape of pre, exactly as the first formula says; torch's autograd finds the derivatives above.

    Source: Rajamanoharan et al. 2024, "Jumping Ahead", the JumpReLU function and its pseudo-derivatives with the
        rectangular kernel; used by Lieberum et al. 2024 (Gemma Scope).
    """
    raise NotImplementedError


@exercise
def jumprelu_l0(
    pre: Float[Tensor, "batch feature"], threshold: Float[Tensor, " feature"], bandwidth: float
) -> Float[Tensor, ""]:
    """The sparsity term of a JumpReLU SAE: L0 itself, with a gradient for the thresholds.

    L0 counts. It does not ask for small latents, as L1 does. Its true gradient is 0 almost everywhere, so a
    straight-through estimator stands in for it in the backward pass. For each entry the step H, which is 1 where
    zᵢ > θᵢ and else 0, has
    - with respect to zᵢ the derivative 0;
    - with respect to θᵢ: −1 / ε where |zᵢ − θᵢ| < ε/2, else 0.

    Args:
        pre: z, the pre-activations.
        threshold: θ, one for each latent, above 0. It may require a gradient.
        bandwidth: ε, the width of the window around the threshold, above 0.

    Returns:
        the number of latents above their threshold in a row, averaged over rows. torch's autograd finds the derivatives
        above, divided by the number of rows. What happens exactly at the two ends of the window is left open.

    Source: Rajamanoharan et al. 2024, "Jumping Ahead", the loss and the pseudo-derivative of the step.
    """
    raise NotImplementedError


@exercise
def gated_encode(
    x: Float[Tensor, "batch d_model"],
    W_gate: Float[Tensor, "d_model feature"],
    b_gate: Float[Tensor, " feature"],
    r_mag: Float[Tensor, " feature"],
    b_mag: Float[Tensor, " feature"],
    b_dec: Float[Tensor, " d_model"],
) -> tuple[Float[Tensor, "batch feature"], Float[Tensor, "batch feature"]]:
    """The latents of a Gated SAE: one path decides whether a latent is active, another how strongly.

    The gate's pre-activation is π = (x − b_dec) W_gate + b_gate. Where π > 0 the gate is open. The magnitude is
    ReLU((x − b_dec) W_mag + b_mag). Both paths read the same directions: column i of W_mag is exp(r_mag[i]) times
    column i of W_gate. A latent is its magnitude where its gate is open, and 0 elsewhere.

    Args:
        x: activations, one a row.
        W_gate, b_gate: weights and bias of the gate.
        r_mag: one number for each latent, of any sign.
        b_mag: bias of the magnitude.
        b_dec: the bias of the decoder.

    Returns:
        (latents, π). Both have one entry for each row and latent.

    Source: Rajamanoharan et al. 2024, "Improving Dictionary Learning with Gated Sparse Autoencoders", the gated encoder
        and its weight tying.
    """
    raise NotImplementedError


@exercise
def gated_losses(
    x: Float[Tensor, "batch d_model"],
    latents: Float[Tensor, "batch feature"],
    gate: Float[Tensor, "batch feature"],
    W_dec: Float[Tensor, "feature d_model"],
    b_dec: Float[Tensor, " d_model"],
) -> tuple[Float[Tensor, ""], Float[Tensor, ""], Float[Tensor, ""]]:
    """The three terms of a Gated SAE's loss.

    The step of the gate passes no gradient on, so the error alone would not train the gate. Two terms do: the L1 norm
    of the open gates, and an auxiliary error for which the open gates themselves serve as latents. The auxiliary error
    is to teach the gate and nothing else: it counts the decoder as fixed.

    Args:
        x: activations, one a row.
        latents: the SAE's latents.
        gate: π, the gate's pre-activations.
        W_dec, b_dec: the decoder; the rows of W_dec have norm 1.

    Returns:
        (error, sparsity, auxiliary), each summed within a row and averaged over rows; gradients flow through them.
        error: ‖x − (latents W_dec + b_dec)‖².
        sparsity: Σᵢ ReLU(πᵢ).
        auxiliary: ‖x − (ReLU(π) W_dec + b_dec)‖², from which no gradient reaches W_dec and b_dec.
        The loss is error + λ · sparsity + auxiliary.

    Source: Rajamanoharan et al. 2024, "Improving Dictionary Learning with Gated Sparse Autoencoders", the loss.
    """
    raise NotImplementedError


@exercise
def shrinkage(
    x: Float[Tensor, "batch d_model"], x_hat: Float[Tensor, "batch d_model"], b_dec: Float[Tensor, " d_model"]
) -> float:
    """By which factor are reconstructions too short? The relative reconstruction bias γ.

    What the latents write is r' = x' − b_dec, and they are to write r = x − b_dec. γ is the number for which r' / γ is
    as close to r as it can be: the mean over rows of ‖r' / γ − r‖² is smallest. All rows share one γ. An SAE can miss
    whole features and still have γ = 1: what it misses does not make the rest too short.

    Args:
        x: activations, one a row.
        x_hat: their reconstructions, x'.
        b_dec: the bias of the decoder.

    Returns:
        γ: 1 is unbiased, below 1 the reconstructions are too short, above 1 too long.

    Source: Rajamanoharan et al. 2024, "Improving Dictionary Learning with Gated Sparse Autoencoders", relative
        reconstruction bias; they do not take off b_dec.
    """
    raise NotImplementedError


@exercise
def l0_and_density(latents: Float[Tensor, "batch feature"]) -> tuple[float, Float[Tensor, " feature"]]:
    """How sparse are the latents, seen from a row and seen from a latent?

    Args:
        latents: at least 0; a latent is active where it is above 0.

    Returns:
        (L0, density). L0: how many latents are active in a row, averaged over rows. density: for each latent, the
        fraction of rows on which it is active.
    """
    raise NotImplementedError


@exercise
def explained_variance(x: Float[Tensor, "batch d_model"], x_hat: Float[Tensor, "batch d_model"]) -> float:
    """The fraction of the activations' variance that the reconstruction explains.

    1 minus (the squared errors, summed over rows and d_model) / (the squared distances of x from its mean, summed
    likewise). The mean is a vector: the mean row of this x.

    Args:
        x: activations, one a row; not all rows are equal.
        x_hat: their reconstructions.

    Returns:
        1 for a perfect reconstruction, 0 for one that always says the mean row, below 0 for a worse one.
    """
    return float(1 - (x - x_hat).square().sum() / x.square().sum())


@exercise
def splicing_hook(reconstruct: Callable, keep: Bool[Tensor, "batch pos"]) -> Callable:
    """A hook that puts reconstructions in the place of activations, except at positions that are kept.

    Some positions are not the SAE's business: padding is no text, and in many models the first token has a huge
    activation that the SAE was not trained on.

    Args:
        reconstruct: a function from activations (one a row, rows x d_model) to their reconstructions, row by row.
        keep: True where the activation stays as it is.

    Returns:
        A function hook_fn(resid, hook). resid has shape batch x pos x d_model; hook is not needed. It returns the
        activations with every row that is not kept replaced by its reconstruction; resid itself is left as it was.
    """

    raise NotImplementedError


@exercise
def loss_recovered(
    clean: Float[Tensor, " batch"], spliced: Float[Tensor, " batch"], baseline: Float[Tensor, " batch"]
) -> float:
    """How much of what the activations do for the prediction do their reconstructions still do?

    Three runs on the same tokens: as it is; with reconstructions put in; with the activations gone (replaced by their
    mean, or by zero: say which, the number depends on it).

    Args:
        clean: the cross-entropy of each predicted token, in nats, in the model as it is.
        spliced: the same with the reconstructions in place.
        baseline: the same with the activations ablated.

    Returns:
        (CE_baseline − CE_spliced) / (CE_baseline − CE_clean), where each CE is a mean over all tokens. 1: nothing is
        lost. 0: as bad as without the activations.

    Raises:
        ValueError: the mean of baseline is not above that of clean, so there is nothing to recover.

    Source: Bricken et al. 2023 and Cunningham et al. 2023 splice reconstructions in; the ratio with zero ablation is
        that of Bricken et al. and of Rajamanoharan et al. 2024.
    """
    raise NotImplementedError


@exercise
def log_likelihood_ratio(
    tokens: Int[Tensor, " pos"], context: Bool[Tensor, " pos"], d_vocab: int, alpha: float
) -> Float[Tensor, " d_vocab"]:
    """A proxy for a hypothesis: how much more likely is each token in the context than in all text? log P(t|c) / P(t).

    To test "this latent is for Hebrew" one needs a number that says, token by token, how much it speaks for Hebrew.
    The text of all kinds together is what it is compared with, the context among it. Rare tokens would give
    extreme numbers from one or two occurrences, so `alpha` is added to every count.

    Args:
        tokens: the tokens of a corpus, each from 0 to d_vocab − 1.
        context: True where the token stands in text of the context in question.
        d_vocab: the size of the vocabulary.
        alpha: what is added to the count of each token of the vocabulary, above 0. Both distributions get it, and both
            sum to 1 over the vocabulary afterwards.

    Returns:
        ln(P(t | context) / P(t)) in nats, for each token t.

    Source: Bricken et al. 2023, the proxies in the detailed studies of single features; smoothing is ours.
    """
    raise NotImplementedError


@exercise
def specificity_and_sensitivity(
    latent: Float[Tensor, " batch"], context: Bool[Tensor, " batch"], threshold: float
) -> tuple[float, float]:
    """Does the latent answer only to the context, and to all of it?

    The words are those of Bricken et al. Elsewhere their specificity is called precision and their sensitivity recall,
    and "specificity" is the share of rows outside the context on which a detector is silent. That other number is near
    1 for any rare latent and says little.

    Args:
        latent: activations of one latent, at least 0, one a row.
        context: True where the row is in the context.
        threshold: the latent counts as active where it is above this, at least 0.

    Returns:
        (specificity, sensitivity). specificity: of the rows on which the latent is active, the fraction in the context.
        sensitivity: of the rows in the context, the fraction on which the latent is active. A fraction of no rows at
        all is nan.

    Source: Bricken et al. 2023, "activation specificity" and "activation sensitivity".
    """
    raise NotImplementedError


@exercise
def detection_score(
    tokens: Int[Tensor, "text pos"], active: Bool[Tensor, "text pos"], train: Bool[Tensor, " text"]
) -> float:
    """Write a rule for a latent from some texts, and score it on the others.

    The rule is a set of tokens: those on which, in the training texts, the latent is active in more than half of their
    occurrences. It predicts that the latent is active wherever such a token stands, and nowhere else.

    Args:
        tokens: the tokens of each text.
        active: where the latent is active.
        train: which texts the rule is written from. At least one text is not among them.

    Returns:
        F1 of the rule on all positions of the other texts: 2 TP / (2 TP + FP + FN), with TP the positions where the
        latent is active as predicted, FP where it is silent against the prediction, FN where it is active unpredicted.
        nan where the latent is never active there and the rule never says so.

    Source: detection scoring in the manner of Paulo et al. 2024, with a rule in the place of a language model.
    """
    size = int(tokens.max()) + 1
    occurs = tokens.flatten().bincount(minlength=size)
    fires = tokens[active].bincount(minlength=size)
    rule = fires > occurs / 2
    predicted, real = rule[tokens[~train]], active[~train]
    return float(2 * (predicted & real).sum() / (predicted.sum() + real.sum()))


@exercise
def simulated_latent(
    tokens: Int[Tensor, "text pos"], latent: Float[Tensor, "text pos"], train: Bool[Tensor, " text"]
) -> float:
    """Simulate a latent from the token alone, and score the simulation on texts that it was not made from.

    The simulation of a token is the latent's mean over all its occurrences in the training texts, silent ones too; 0
    for a token that does not occur there.

    Args:
        tokens: the tokens of each text.
        latent: the latent at each position, at least 0.
        train: which texts the simulation is made from. At least one text is not among them.

    Returns:
        the correlation (Pearson) between simulation and latent over all positions of the other texts. nan where one of
        the two is constant there.

    Source: simulation scoring of Bills et al. 2023, with a table of tokens in the place of a language model.
    """
    raise NotImplementedError


@exercise
def clamp_latent(
    x: Float[Tensor, "batch d_model"],
    latents: Float[Tensor, "batch feature"],
    W_dec: Float[Tensor, "feature d_model"],
    latent: int,
    value: float,
) -> Float[Tensor, "batch d_model"]:
    """Steer with a feature: the activation as it would be if one latent had another value.

    The SAE does not reconstruct x perfectly. What it misses stays in: only the chosen latent's share of x changes.

    Args:
        x: activations, one a row.
        latents: the SAE's latents on them.
        W_dec: the decoder; row i is the direction that latent i writes.
        latent: the number of the latent to be set.
        value: what it is set to in every row, whatever it was before.

    Returns:
        the changed activations. x itself is left as it was.

    Source: Templeton et al. 2024 ("Scaling Monosemanticity"), the appendix on feature steering.
    """
    raise NotImplementedError


@exercise
def absorption_rate(
    present: Bool[Tensor, " batch"],
    latents: Float[Tensor, "batch feature"],
    W_dec: Float[Tensor, "feature d_model"],
    parent: Float[Tensor, " d_model"],
    main: int,
    cosine: float,
) -> float:
    """How often does another latent stand in for a general feature that should have been active?

    A sparse code pays for each active latent. Where a special feature implies a general one, one latent that writes
    both directions is cheaper than two. Here the truth is known: which rows have the general feature (the parent), and
    in which direction it is written.

    A row is absorbed when the parent is present, its main latent is silent, and among the active latents of the row
    there is one whose decoder row has a cosine with the parent's direction above `cosine`. A row where the main latent
    is silent and no active latent writes the parent is a plain miss.

    Args:
        present: True where the parent feature is present.
        latents: at least 0; a latent is active where it is above 0.
        W_dec: the decoder, its rows of any length but not zero.
        parent: the parent's true direction, of any length but not zero.
        main: the number of the latent that stands for the parent.
        cosine: how much of the parent a decoder row must write.

    Returns:
        the fraction of the rows with the parent that are absorbed; nan where the parent is never present.

    Source: after Chanin et al. 2024, "A is for Absorption"; their measure finds the main latent with a probe and asks
        for a causal effect too.
    """
    raise NotImplementedError


@exercise
def three_strange_latents() -> str:
    """Suppose an SAE was run over 100,000 fresh rows. Which statement about three latents do the numbers support?

    - Latent 7 was active on 63% of the rows. Its value has a correlation of 0.97 with the first principal component.
    - Latent 8 was active on no row. In training it had been active until half-way, and never since.
    - Latent 9 was active on 4 rows, each time on the same rare word; all 4 occurrences of this word are among them.

    a) All three are failures of training, and a better SAE would have none of them: a feature is active on roughly the
       same small share of rows as any other.
    b) Latent 7 is the most important feature, because it is used most; 8 and 9 are dead and can be cut off.
    c) Latent 9 may well be a feature, of something rare. Latent 8 is dead. Latent 7 is dense: it helps to
       reconstruct, but "active" says little about a row, and it need not stand for one concept.
    d) Latent 8 shows that the feature it had learned left the model's activations half-way through the training.

    Returns:
        one letter.
    """
    raise NotImplementedError


@exercise
def one_latent_or_three() -> str:
    """Suppose an SAE with 512 latents has one for base64 text, and one with 4,096, on the same activations, has three.

    The three together are active where the one is. One of them prefers digits, one prefers letters, one prefers base64
    that encodes English text. Which statement do these facts support?

    a) The wide SAE found the three true features. The narrow one had mixed them up, and was wrong.
    b) The model represents one feature, base64. The wide SAE broke it into pieces that mean nothing.
    c) Two SAEs describe the same activations at a finer and a coarser grain. How many features there are was partly
       chosen with the width, and not only read off the model.
    d) This is absorption: the latent for base64 has holes where more special latents took its place.

    Returns:
        one letter.

    Source: Bricken et al. 2023, "Feature splitting".
    """
    raise NotImplementedError
