"""Wrong answers to saes.mean_max_cosine that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.mean_max_cosine")
def observe_mean_max_cosine(mean_max_cosine):
    """Lengths, opposite rows, copies, a row of zeros, more rows than features and fewer."""
    known = torch.tensor([[2.0, 0.0, 0.5], [0.0, 3.0, 1.0], [-1.0, 0.4, 0.2]])
    W_dec = torch.tensor([[3.0, 4.0, 0.0], [0.1, -5.0, 0.3], [0.9, 0.1, 0.0], [1.0, 0.0, -0.6], [2.0, -0.1, 0.7]])
    yield mean_max_cosine(W_dec, known)
    yield mean_max_cosine(W_dec[:2], known)
    got = mean_max_cosine(torch.cat([W_dec, torch.zeros(1, 3)]), known)
    yield "nan" if got != got else float(got)


def _cosines(W_dec, known):
    unit = torch.nn.functional.normalize
    return unit(known, dim=-1) @ unit(W_dec, dim=-1).T


@misconception(
    "saes.mean_max_cosine",
    says=(
        "You ask each row of the dictionary which known feature it resembles. Then a dictionary full of copies of one "
        "feature scores 1, and a good one is punished for its idle rows. Ask each known feature whether it was found."
    ),
)
def best_truth_for_each_row(W_dec, known):
    return float(_cosines(W_dec, known).amax(dim=0).mean())


@misconception(
    "saes.mean_max_cosine",
    says=(
        "You take absolute values. A row that points the opposite way does not represent the feature: latents are "
        "never negative."
    ),
)
def forgets_the_sign(W_dec, known):
    return float(_cosines(W_dec, known).abs().amax(dim=-1).mean())


@misconception(
    "saes.mean_max_cosine",
    says="You take dot products. They grow with the lengths of both vectors; a cosine compares directions only.",
)
def takes_dot_products(W_dec, known):
    return float((known @ W_dec.T).amax(dim=-1).mean())


@misconception(
    "saes.mean_max_cosine",
    says="Your result grows with the length of the known directions. Only the rows of the dictionary are normalised.",
)
def normalises_only_the_dictionary(W_dec, known):
    return float((known @ torch.nn.functional.normalize(W_dec, dim=-1).T).amax(dim=-1).mean())


@misconception(
    "saes.mean_max_cosine",
    says="Your result grows with the length of the dictionary's rows. Only the known directions are normalised.",
)
def normalises_only_the_known(W_dec, known):
    return float((torch.nn.functional.normalize(known, dim=-1) @ W_dec.T).amax(dim=-1).mean())


@misconception(
    "saes.mean_max_cosine",
    says="You take the single best pair of all. One feature found would then be enough for a perfect score.",
)
def best_pair_of_all(W_dec, known):
    return float(_cosines(W_dec, known).max())


@misconception(
    "saes.mean_max_cosine",
    says="You average over all pairs. A feature needs one row that matches it; the others should differ from it.",
)
def averages_all_pairs(W_dec, known):
    return float(_cosines(W_dec, known).mean())


@misconception(
    "saes.mean_max_cosine",
    says="A row of zeros turns your result into nan: you divide by its norm. Its cosine counts as 0.",
)
def stumbles_over_zero_rows(W_dec, known):
    cosine = (known / known.norm(dim=-1, keepdim=True)) @ (W_dec / W_dec.norm(dim=-1, keepdim=True)).T
    return float(cosine.amax(dim=-1).mean())
