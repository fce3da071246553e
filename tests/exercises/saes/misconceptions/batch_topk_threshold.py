"""Wrong answers to saes.batch_topk_threshold that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.batch_topk_threshold")
def observe_batch_topk_threshold(batch_topk_threshold):
    """Batches of different levels, rows without latents, then a silent batch."""
    latents = torch.tensor(
        [[[5.0, 4.0, 0.0], [0.0, 0.0, 0.0]], [[1.0, 0.0, 0.0], [2.0, 3.0, 0.0]], [[0.0, 9.0, 7.5], [8.0, 0.0, 0.0]]]
    )
    yield batch_topk_threshold(latents)
    got = batch_topk_threshold(torch.cat([torch.zeros(1, 2, 3), latents]))
    yield "no number" if got != got or abs(got) == float("inf") else float(got)


def _kept(latents):
    return [batch[batch > 0] for batch in latents if (batch > 0).any()]


@misconception(
    "saes.batch_topk_threshold",
    says=(
        "You take the smallest latent of all batches. One odd batch then decides, and the threshold sinks the more "
        "batches are looked at. It is a mean over batches."
    ),
)
def smallest_of_all(latents):
    return float(latents[latents > 0].min())


@misconception(
    "saes.batch_topk_threshold",
    says="Your smallest values are zeros. An entry of 0 was not kept, so it says nothing about what a kept one needs.",
)
def counts_zeros(latents):
    return float(latents.flatten(1).amin(-1).mean())


@misconception(
    "saes.batch_topk_threshold",
    says="You average all latents that were kept. The threshold lies where the weakest of them were, not the usual.",
)
def averages_what_was_kept(latents):
    return float(latents[latents > 0].mean())


@misconception(
    "saes.batch_topk_threshold",
    says="You take the smallest latent of each row. BatchTopK draws its line through a whole batch.",
)
def smallest_of_each_row(latents):
    rows = latents.flatten(0, 1)
    return float(torch.stack([row[row > 0].min() for row in rows if (row > 0).any()]).mean())


@misconception(
    "saes.batch_topk_threshold",
    says="You count a batch without active latents as 0. It has no smallest latent, and is to be left out.",
)
def silence_counts_as_zero(latents):
    return float(sum(batch.min() for batch in _kept(latents)) / len(latents))


@misconception(
    "saes.batch_topk_threshold",
    says="A batch without any active latent makes your threshold infinite or nan. Leave such a batch out.",
)
def stumbles_over_silence(latents):
    return float(latents.masked_fill(latents <= 0, float("inf")).flatten(1).amin(-1).mean())


@misconception(
    "saes.batch_topk_threshold",
    says="You take the largest latents. A latent has to be above the smallest that was kept.",
)
def takes_the_largest(latents):
    return float(torch.stack([batch.max() for batch in _kept(latents)]).mean())
