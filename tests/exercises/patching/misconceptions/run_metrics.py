"""Wrong answers to patching.run_metrics that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("patching.run_metrics")
def observe_run_metrics(run_metrics):
    """Two prompts over four tokens; the three scores in a fixed order."""
    run = torch.tensor([[1.0, 3.0, 0.0, 2.0], [0.0, -2.0, 4.0, 1.0]])
    clean = torch.tensor([[4.0, 1.0, 0.0, -3.0], [2.0, 2.0, 1.0, 0.0]])

    def scores():
        found = run_metrics(run, clean, torch.tensor([0, 3]), torch.tensor([1, 2]))
        return [found["logit difference"], found["probability"], found["KL"]]

    yield outcome(scores)


def scores(run_logits, answer, wrong, kl, probability=None):
    rows = torch.arange(len(answer))
    if probability is None:
        probability = run_logits.softmax(dim=-1)[rows, answer]
    return {
        "logit difference": run_logits[rows, answer] - run_logits[rows, wrong],
        "probability": probability,
        "KL": kl,
    }


def kl_of(run_logits, clean_logits):
    run, clean = run_logits.log_softmax(dim=-1), clean_logits.log_softmax(dim=-1)
    return (clean.exp() * (clean - run)).sum(dim=-1)


@misconception(
    "patching.run_metrics",
    says=(
        "Your KL is KL(run || clean): the patched run weighs. A token that only the clean run finds likely then "
        "costs next to nothing, although losing it is the damage."
    ),
)
def kl_backwards(run_logits, clean_logits, answer, wrong):
    rows = torch.arange(len(answer))
    run, clean = run_logits.log_softmax(dim=-1), clean_logits.log_softmax(dim=-1)
    return {
        "logit difference": run_logits[rows, answer] - run_logits[rows, wrong],
        "probability": run[rows, answer].exp(),
        "KL": (run.exp() * (run - clean)).sum(dim=-1),
    }


@misconception(
    "patching.run_metrics",
    says=(
        "Your probability is taken among the answer and the wrong token only. Over two tokens it is another number "
        "than over the vocabulary, and the two cannot be compared. It also says no more than the logit difference."
    ),
)
def probability_among_two(run_logits, clean_logits, answer, wrong):
    rows = torch.arange(len(answer))
    two = torch.stack([run_logits[rows, answer], run_logits[rows, wrong]], dim=1).softmax(dim=1)[:, 0]
    return scores(run_logits, answer, wrong, kl_of(run_logits, clean_logits), two)


@misconception(
    "patching.run_metrics",
    says=(
        "Your KL comes out below 0, and a divergence never does. The clean run weighs, as it should; the difference "
        "of the logs is the wrong way round."
    ),
)
def kl_half_mended(run_logits, clean_logits, answer, wrong):
    return scores(run_logits, answer, wrong, -kl_of(run_logits, clean_logits))


@misconception(
    "patching.run_metrics",
    says=(
        "Your KL comes out below 0, and a divergence never does. The difference of the logs is right; the wrong run "
        "weighs."
    ),
)
def kl_with_the_wrong_weight(run_logits, clean_logits, answer, wrong):
    run, clean = run_logits.log_softmax(dim=-1), clean_logits.log_softmax(dim=-1)
    return scores(run_logits, answer, wrong, (run.exp() * (clean - run)).sum(dim=-1))


@misconception(
    "patching.run_metrics",
    says="You turned the logit difference round. It was right: the answer's logit minus the wrong token's.",
)
def logit_difference_turned(run_logits, clean_logits, answer, wrong):
    found = scores(run_logits, answer, wrong, kl_of(run_logits, clean_logits))
    return found | {"logit difference": -found["logit difference"]}


@misconception(
    "patching.run_metrics",
    says=(
        "Your KL is a mean over the vocabulary. A divergence is a sum over tokens; with 49152 of them a mean is tiny."
    ),
)
def kl_mean_over_vocabulary(run_logits, clean_logits, answer, wrong):
    run, clean = run_logits.log_softmax(dim=-1), clean_logits.log_softmax(dim=-1)
    return scores(run_logits, answer, wrong, (clean.exp() * (clean - run)).mean(dim=-1))


@misconception(
    "patching.run_metrics",
    says="Your KL compares raw logits. A constant added to all logits must not count: take log-probabilities.",
)
def kl_of_raw_logits(run_logits, clean_logits, answer, wrong):
    kl = (clean_logits.softmax(dim=-1) * (clean_logits - run_logits)).sum(dim=-1)
    return scores(run_logits, answer, wrong, kl)


@misconception(
    "patching.run_metrics",
    says="You give the log-probability where the probability is asked for.",
)
def log_probability(run_logits, clean_logits, answer, wrong):
    rows = torch.arange(len(answer))
    logs = run_logits.log_softmax(dim=-1)[rows, answer]
    return scores(run_logits, answer, wrong, kl_of(run_logits, clean_logits), logs)


@misconception(
    "patching.run_metrics",
    says="Your logit difference and probability are those of the clean run. The patched run is to be scored.",
)
def scores_the_clean_run(run_logits, clean_logits, answer, wrong):
    return scores(clean_logits, answer, wrong, kl_of(run_logits, clean_logits))


@misconception(
    "patching.run_metrics",
    says="Your KL is one mean over the prompts. Keep one value a prompt: the spread between prompts is wanted later.",
)
def kl_mean_over_prompts(run_logits, clean_logits, answer, wrong):
    return scores(run_logits, answer, wrong, kl_of(run_logits, clean_logits).mean())


@misconception(
    "patching.run_metrics",
    says=(
        "Your probability is read from the clean run. The patched run is to be scored: what does it make of the answer?"
    ),
)
def probability_of_the_clean_run(run_logits, clean_logits, answer, wrong):
    clean = clean_logits.softmax(dim=-1)[torch.arange(len(answer)), answer]
    return scores(run_logits, answer, wrong, kl_of(run_logits, clean_logits), clean)


@misconception(
    "patching.run_metrics",
    says=(
        "Your probability is read from the clean run, and your KL still is KL(run || clean). The patched run is to be "
        "scored, and in the KL the clean run is to weigh."
    ),
)
def probability_of_the_clean_run_kl_backwards(run_logits, clean_logits, answer, wrong):
    clean = clean_logits.softmax(dim=-1)[torch.arange(len(answer)), answer]
    return scores(run_logits, answer, wrong, kl_of(clean_logits, run_logits), clean)
