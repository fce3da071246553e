"""Wrong answers to saes.simulated_latent that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.simulated_latent")
def observe_simulated_latent(simulated_latent):
    """Silent and active occurrences, an unseen token, texts that differ; then a constant simulation."""
    tokens = torch.tensor([[0, 1, 2, 0], [0, 1, 3, 2], [0, 2, 3, 4], [1, 4, 0, 2], [3, 0, 1, 1]])
    latent = torch.tensor(
        [[2.0, 0.0, 3.0, 0.0], [4.0, 0.5, 0.0, 0.0], [3.0, 1.0, 0.0, 0.2], [0.0, 2.0, 1.0, 5.0], [0.7, 1.0, 0.0, 0.3]]
    )
    for train in ([1, 1, 0, 0, 0], [0, 1, 1, 0, 1]):
        yield simulated_latent(tokens, latent, torch.tensor(train).bool())
    got = simulated_latent(
        torch.tensor([[0, 1], [2, 3]]), torch.tensor([[1.0, 2.0], [0.0, 3.0]]), torch.tensor([1, 0]).bool()
    )
    yield "nan" if got != got else float(got)


def _table(tokens, latent, size, unseen=0.0):
    values = [latent[tokens == t] for t in range(size)]
    return torch.stack([v.mean() if len(v) else torch.tensor(unseen) for v in values])


def _correlation(a, b):
    a, b = (a - a.mean()).double(), (b - b.mean()).double()
    return float((a * b).sum() / (a.square().sum() * b.square().sum()).sqrt())


@misconception(
    "saes.simulated_latent",
    says="Your table is made from all texts, those it is scored on among them. It may know their values by heart.",
)
def makes_the_table_from_all(tokens, latent, train):
    table = _table(tokens, latent, int(tokens.max()) + 1)
    return _correlation(table[tokens[~train]], latent[~train])


@misconception(
    "saes.simulated_latent",
    says="You score the simulation on the texts that it was made from.",
)
def scores_on_the_training_texts(tokens, latent, train):
    table = _table(tokens[train], latent[train], int(tokens.max()) + 1)
    return _correlation(table[tokens[train]], latent[train])


@misconception(
    "saes.simulated_latent",
    says=(
        "Your means leave out the occurrences on which the latent is silent. A token on which it is active once in a "
        "hundred times then looks like a sure sign."
    ),
)
def leaves_out_the_silent(tokens, latent, train):
    size, used = int(tokens.max()) + 1, latent > 0
    train_tokens, train_latent, used = tokens[train], latent[train], used[train]
    table = _table(train_tokens[used], train_latent[used], size)
    return _correlation(table[tokens[~train]], latent[~train])


@misconception(
    "saes.simulated_latent",
    says="A token that was not seen gets the mean of all others with you. It is to be simulated as silent.",
)
def guesses_the_mean_for_unseen(tokens, latent, train):
    table = _table(tokens[train], latent[train], int(tokens.max()) + 1, unseen=float(latent[train].mean()))
    return _correlation(table[tokens[~train]], latent[~train])


@misconception(
    "saes.simulated_latent",
    says=(
        "You do not take off the means. Two lists of positive numbers then look alike whatever they say; that is a "
        "cosine, not a correlation."
    ),
)
def takes_the_cosine(tokens, latent, train):
    table = _table(tokens[train], latent[train], int(tokens.max()) + 1)
    a, b = table[tokens[~train]], latent[~train]
    return float((a * b).sum() / (a.norm() * b.norm()))


@misconception(
    "saes.simulated_latent",
    says="You square the correlation. Its sign is lost: a simulation that falls where the latent rises looks good.",
)
def squares_the_correlation(tokens, latent, train):
    table = _table(tokens[train], latent[train], int(tokens.max()) + 1)
    return _correlation(table[tokens[~train]], latent[~train]) ** 2


@misconception(
    "saes.simulated_latent",
    says=(
        "You return explained variance. It punishes a wrong level and scale; the score asked for is the correlation, "
        "which does not."
    ),
)
def returns_explained_variance(tokens, latent, train):
    table = _table(tokens[train], latent[train], int(tokens.max()) + 1)
    a, b = table[tokens[~train]], latent[~train]
    return float(1 - (a - b).square().sum() / (b - b.mean()).square().sum())


@misconception(
    "saes.simulated_latent",
    says=(
        "A token that was not seen is divided by its 0 occurrences, and the nan spoils the whole correlation. It is to "
        "be simulated as 0."
    ),
)
def divides_by_no_occurrence(tokens, latent, train):
    table = _table(tokens[train], latent[train], int(tokens.max()) + 1, unseen=float("nan"))
    return _correlation(table[tokens[~train]], latent[~train])
