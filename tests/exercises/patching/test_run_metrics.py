"""Checks of patching.run_metrics: Mend: three metrics, one of them backwards."""

import math

import pytest
import torch

from mi_tutor.exercises import patching
from mi_tutor.tutor.judge import same

# Probabilities, so that everything can be worked out on paper; logits are their logarithms plus a constant.
CLEAN = torch.tensor([[0.5, 0.25, 0.25]]).log() + 3
RUN = torch.tensor([[0.25, 0.5, 0.25]]).log() - 1
OTHER_CLEAN = torch.tensor([[0.7, 0.2, 0.1]]).log() + 3
UNEVEN = torch.tensor([[0.25, 0.25, 0.5]]).log() - 1


def metrics(run, clean=CLEAN, answer=0, wrong=1):
    return patching.run_metrics(run, clean, torch.tensor([answer]), torch.tensor([wrong]))


@pytest.mark.exercise("patching.run_metrics")
def test_the_logit_difference():
    """The logit difference is that of the patched run, answer minus wrong."""
    same(
        metrics(RUN)["logit difference"],
        torch.tensor([-math.log(2)]),
        given={"probabilities of the run": [0.25, 0.5, 0.25], "answer": 0, "wrong": 1},
        teach="log 0.25 - log 0.5, whatever constant is added to all logits.",
        what="logit difference",
    )


@pytest.mark.exercise("patching.run_metrics")
def test_the_probability():
    """The probability is the answer's among all tokens of the vocabulary."""
    same(
        metrics(UNEVEN, clean=OTHER_CLEAN)["probability"],
        torch.tensor([0.25]),
        given={
            "probabilities of the run": [0.25, 0.25, 0.5],
            "probabilities, clean": [0.7, 0.2, 0.1],
            "answer": 0,
            "wrong": 1,
        },
        teach="The run gives the answer 0.25, the clean run 0.7. Between the answer and the wrong token alone it would "
        "be 0.5; numbers over different sets of tokens cannot be compared.",
        what="probability",
    )


@pytest.mark.exercise("patching.run_metrics")
def test_the_direction_of_kl():
    """In KL the clean run weighs: a token that only the clean run finds likely costs most."""
    run = torch.tensor([[0.01, 0.495, 0.495]]).log()
    expected = 0.5 * math.log(0.5 / 0.01) + 2 * 0.25 * math.log(0.25 / 0.495)
    same(
        metrics(run)["KL"],
        torch.tensor([expected]),
        given={"probabilities, clean": [0.5, 0.25, 0.25], "probabilities, run": [0.01, 0.495, 0.495]},
        teach="0.5 log(0.5 / 0.01) + 2 * 0.25 log(0.25 / 0.495) = 1.61. The other direction gives 0.64.",
        what="KL",
    )


@pytest.mark.exercise("patching.run_metrics")
def test_kl_of_equal_runs():
    """KL is 0 where the run predicts what the clean run predicts, also when all logits are shifted."""
    same(metrics(CLEAN - 4)["KL"], torch.tensor([0.0]), given={"run": "the clean logits - 4"}, what="KL")


@pytest.mark.exercise("patching.run_metrics")
def test_each_prompt_by_itself(seed):
    """Each prompt has its own three scores, as computed by torch's own functions."""
    generator = torch.Generator().manual_seed(seed)
    run, clean = (3 * torch.randn(4, 7, generator=generator) for _ in range(2))
    answer, wrong = torch.tensor([0, 3, 6, 2]), torch.tensor([1, 2, 0, 5])
    got = patching.run_metrics(run, clean, answer, wrong)
    kl = torch.nn.functional.kl_div(run.log_softmax(-1), clean.softmax(-1), reduction="none").sum(dim=1)
    same(
        got,
        {
            "logit difference": (run.gather(1, answer[:, None]) - run.gather(1, wrong[:, None]))[:, 0],
            "probability": run.softmax(-1).gather(1, answer[:, None])[:, 0],
            "KL": kl,
        },
        rtol=1e-3,
        teach="Three tensors, one entry a prompt; nothing is averaged over prompts or vocabulary.",
    )
