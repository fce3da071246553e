"""Chapter 08: activation patching. Where does the answer come from?

Two runs of the model: one on a clean prompt, one on a corrupted prompt. An activation of one run is put into the other.
The functions make the patch, the corruption, the metrics, and the arithmetic that turns runs into effects.
"""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mi_tutor import exercise


@exercise
def patching_hook(source: Float[Tensor, "batch pos d_model"], positions: Int[Tensor, "batch token"]) -> Callable:
    """A hook that puts the activation of another run in, at some positions of each prompt.

    Args:
        source: the activation of the other run at the same hook, for all positions.
        positions: for each prompt the positions to patch, counted from 0. The rows may name different positions. A
            table of batch x 0 names none; then nothing is patched.

    Returns:
        A function hook_fn(activation, hook). activation has the shape of source; hook is not needed. It returns the
        activation with the chosen positions replaced; the activation that came in and source are left as they were.
        Source: Vig et al. 2020; Meng et al. 2022.
    """

    # solution
    def hook_fn(activation: Tensor, hook: object) -> Tensor:
        patched = activation.clone()
        rows = torch.arange(len(positions))[:, None]
        patched[rows, positions] = source[rows, positions]
        return patched

    return hook_fn


@exercise
def patch_each_position(
    clean: Float[Tensor, "pos d_model"],
    corrupted: Float[Tensor, "pos d_model"],
    finish: Callable[[Tensor], Tensor],
) -> Float[Tensor, " pos"]:
    """Denoise one layer: the metric after the stream was made clean at one position, for each position in turn.

    Args:
        clean, corrupted: the residual stream that enters the layer, for one prompt and its corrupted partner.
        finish: runs the rest of the model. It takes residual streams, batch x pos x d_model, and gives the metric of
            each, a tensor of length batch. It is called once, with all patches in one batch.

    Returns:
        Entry p is the metric of the corrupted run in which position p, and no other, has the clean stream.
    """
    # solution
    streams = corrupted.repeat(len(corrupted), 1, 1)
    each = torch.arange(len(corrupted))
    streams[each, each] = clean
    return finish(streams)


@exercise
def normalised_effect(
    patched: Float[Tensor, "part batch"], corrupted: Float[Tensor, " batch"], clean: Float[Tensor, " batch"]
) -> Float[Tensor, " part"]:
    """How far does a denoising patch go from the corrupted run (0) to the clean run (1)?

    Single prompts can have almost the same metric in both runs. So the means over prompts are taken first, and the
    fraction is formed once for each patch.

    Args:
        patched: the metric of each patch on each prompt. Patches are made in the corrupted run.
        corrupted, clean: the metric of the two runs without a patch.

    Returns:
        For each patch the fraction of the way, of means over prompts. Values below 0 and above 1 are left.

    Raises:
        ValueError: the two means differ by less than 1e-6, in either direction and whatever their size. Then there is
            no way to take a fraction of.
    """
    # solution
    start, goal = corrupted.mean(), clean.mean()
    if (goal - start).abs() < 1e-6:
        raise ValueError("the clean and the corrupted run score the same; choose another corruption or metric")
    return (patched.mean(dim=1) - start) / (goal - start)


@exercise
def which_gate() -> str:
    """Two parts of a model, P and Q, were patched in both directions. What is between them?

    The metric is 1 in the clean run and 0 in the corrupted run. Other parts are not patched, and no part of the model
    works against the answer.

        denoising (into the corrupted run)  only P: 1  only Q: 1  both: 1
        noising (into the clean run)        only P: 1  only Q: 1  both: 0

    a) An AND: the answer needs both P and Q.
    b) A chain: P acts through Q and in no other way.
    c) An OR: either of P and Q is enough.
    d) Neither plays a part, because the answer survives without P and survives without Q.

    Returns:
        The letter of the statement.
    """
    # solution
    return "c"


@exercise
def noise_subject(
    embeddings: Float[Tensor, "batch pos d_model"],
    subject: Bool[Tensor, "batch pos"],
    reference: Float[Tensor, "sample d_model"],
    scale: float,
    seed: int,
) -> Float[Tensor, "batch pos d_model"]:
    """Gaussian noise on the embeddings of the subject's tokens: the corruption of causal tracing.

    Args:
        embeddings: the token embeddings of the prompts.
        subject: True at the tokens of the subject. All others stay exactly as they are.
        reference: embeddings of some tokens. All their numbers together, over samples and dimensions, have one standard
            deviation: sigma.
        scale: the noise has the standard deviation scale * sigma; Meng et al. use 3.
        seed: the same seed gives the same noise. The global random state is left alone.

    Returns:
        New embeddings. Every number of every subject token has its own draw of mean 0. embeddings is left as it was.
        Source: Meng et al. 2022, section 2.1.
    """
    generator = torch.Generator().manual_seed(seed)
    # solution
    noise = torch.randn(embeddings.shape, generator=generator) * scale * reference.std()
    return torch.where(subject[..., None], embeddings + noise, embeddings)


@exercise
def off_distribution(
    activations: Float[Tensor, "batch d_model"], natural: Float[Tensor, "sample d_model"]
) -> Float[Tensor, " batch"]:
    """How far out of the ordinary is an activation, in units of the natural spread?

    The natural spread is the root mean square distance of the natural activations from their mean. So natural
    activations lie about 1 away. Something many spreads away lies where the model has not been.

    Args:
        activations: to be judged.
        natural: activations at the same place of the model on ordinary prompts.

    Returns:
        For each activation its Euclidean distance from the mean of the natural ones, divided by the natural spread.
        Where all natural activations are equal the result is infinite or not a number; that is no error.

    Raises:
        ValueError: there are fewer than two natural activations; one has no spread.
    """
    # solution
    if len(natural) < 2:
        raise ValueError("the natural spread needs at least two natural activations")
    centre = natural.mean(dim=0)
    spread = (natural - centre).square().sum(dim=1).mean().sqrt()
    return (activations - centre).norm(dim=1) / spread


@exercise
def run_metrics(
    run_logits: Float[Tensor, "batch d_vocab"],
    clean_logits: Float[Tensor, "batch d_vocab"],
    answer: Int[Tensor, " batch"],
    wrong: Int[Tensor, " batch"],
) -> dict[str, Float[Tensor, " batch"]]:
    """Three scores of a run, prompt by prompt.

    Args:
        run_logits: logits at the last position of a run with a patch.
        clean_logits: those of the clean run of the same prompts.
        answer, wrong: two token ids for each prompt.

    Returns:
        A dictionary of three tensors of length batch:
        "logit difference": logit(answer) - logit(wrong) of the run;
        "probability": of the answer among all tokens of the vocabulary;
        "KL": KL(clean || run) in nats, sum over tokens of p_clean * (log p_clean - log p_run). The clean run weighs.
        Source: Zhang & Nanda 2024.
    """
    rows = torch.arange(len(answer))
    run, clean = run_logits.log_softmax(dim=-1), clean_logits.log_softmax(dim=-1)
    # solution
    return {
        "logit difference": run_logits[rows, answer] - run_logits[rows, wrong],
        "probability": run[rows, answer].exp(),
        "KL": (clean.exp() * (clean - run)).sum(dim=-1),
    }


@exercise
def end_logits(
    logits: Float[Tensor, "batch pos d_vocab"], mask: Bool[Tensor, "batch pos"]
) -> Float[Tensor, "batch d_vocab"]:
    """The logits at the last real token of each prompt, in a batch of prompts of different lengths.

    Args:
        logits: at every position.
        mask: True at real tokens, False at padding. Padding may stand before the prompt, behind it, or both.

    Returns:
        The row of logits at each prompt's last real token.

    Raises:
        ValueError: a prompt has no real token.
    """
    # solution
    if not bool(mask.any(dim=1).all()):
        raise ValueError("a prompt has no real token")
    last = (mask * torch.arange(mask.shape[1])).argmax(dim=1)
    return logits[torch.arange(len(logits)), last]


@exercise
def severed_hooks(
    layer: int,
    positions: Int[Tensor, " batch"],
    clean_stream: Float[Tensor, "batch pos d_model"],
    corrupted_mlp: Float[Tensor, "layer batch pos d_model"],
) -> dict[str, Callable]:
    """Restore the stream at one place, and keep the MLPs there from using it.

    The restored stream enters the layer and is read by this layer's MLP and all later ones at the same position. When
    their outputs are held at what they were in the corrupted run, only attention can bring the restored state to other
    positions. The difference to the restoration alone is what these MLPs contribute.

    Args:
        layer: the clean stream is put in where it enters this layer, counted from 0.
        positions: one position for each prompt.
        clean_stream: the residual stream that enters the layer, in the clean run.
        corrupted_mlp: the outputs of the MLPs of all layers, in the corrupted run.

    Returns:
        hook name -> hook function, for a corrupted run: "blocks.L.hook_resid_pre" of this layer, and
        "blocks.L.hook_mlp_out" of every MLP that can read the restored stream, and no others. L stands for the layer's
        number.
        Source: the severed traces of Meng et al. 2022, section 2.2.
    """

    def hook_for(source: Tensor) -> Callable:
        def hook_fn(activation: Tensor, hook: object) -> Tensor:
            patched, rows = activation.clone(), torch.arange(len(positions))
            patched[rows, positions] = source[rows, positions]
            return patched

        return hook_fn

    # solution
    hooks = {f"blocks.{layer}.hook_resid_pre": hook_for(clean_stream)}
    for later in range(layer, len(corrupted_mlp)):
        hooks[f"blocks.{later}.hook_mlp_out"] = hook_for(corrupted_mlp[later])
    return hooks


@exercise
def which_conclusion() -> str:
    """A causal trace has its largest effect at the last token of the city, in layer 8. What follows?

    The city's embeddings were noised, the residual stream entering layer 8 was restored at that token, nothing else was
    changed, and the probability of the right country came back.

    a) The fact is stored in or near the MLP of layer 8, where the effect is largest.
    b) After this corruption the clean stream at that place is enough to bring the answer back.
    c) No other place holds what the answer needs, so that the clean run would fail without this one.
    d) To change the fact in the model, the weights of layer 8 are the most promising place.
    e) The clean stream at that place is enough to bring the answer back after any corruption of this prompt.

    Returns:
        The letter of the statement.
    """
    # solution
    return "b"


@exercise
def window_layers(layer: int, window: int, n_layers: int) -> list[int]:
    """The layers that are patched together in a sliding window.

    Args:
        layer: the layer that the window is centred on, counted from 0.
        window: how many layers. With an even number one more lies below the centre than above.
        n_layers: of the model. What would lie outside is left out, so that windows at the ends are smaller.

    Returns:
        The layers, increasing. A window of 1 is the layer alone.
        Source: Meng et al. 2022; Zhang & Nanda 2024.

    Raises:
        ValueError: the layer is none of the model's, or the window is smaller than 1.
    """
    # solution
    if not 0 <= layer < n_layers or window < 1:
        raise ValueError(f"the layer must be one of 0 to {n_layers - 1}, the window at least 1")
    first = layer - window // 2
    return list(range(max(first, 0), min(first + window, n_layers)))


@exercise
def interaction(single: Float[Tensor, "part batch"], joint: Float[Tensor, " batch"]) -> float:
    """What do some parts do together, beyond what they do one by one?

    Args:
        single: the effect of patching each part alone, on each prompt. Effects are changes: patched minus unpatched.
        joint: the effect of patching all these parts at once.

    Returns:
        (joint effect) - (sum of the single effects), mean over prompts. 0: the effects add up. For a metric that is
        higher in the clean run, above 0 is an AND (they need each other), below 0 is an OR (they stand in for each
        other), in both directions. Two parts of an AND that carry 4: denoised each 0, both 4, so +4; noised each -4,
        both -4, so +4 again. A later part that reacts to them can give either sign.
    """
    # solution
    return float((joint - single.sum(dim=0)).mean())
