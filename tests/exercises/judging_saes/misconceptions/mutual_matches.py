"""Wrong answers to judging_saes.mutual_matches that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("judging_saes.mutual_matches")
def observe_mutual_matches(mutual_matches):
    """Rivals, negative similarities, more latents than partners and fewer."""
    yield mutual_matches(torch.tensor([[0.99, 0.0, 0.5], [0.98, 0.97, 0.96], [-0.2, -0.3, -0.1]])).long()
    yield mutual_matches(torch.tensor([[0.1, 0.9, 0.2], [0.3, 0.0, 0.8], [0.7, 0.4, 0.5]])).long()
    yield outcome(lambda: mutual_matches(torch.randn(9, 4, generator=seeded(2))).long())
    yield outcome(lambda: mutual_matches(torch.randn(4, 9, generator=seeded(5))).long())


@misconception(
    "judging_saes.mutual_matches",
    says="You ask whether a latent is chosen by anybody. It has to be chosen by the one that it chooses itself.",
)
def chosen_by_anybody(similarity):
    chosen = torch.zeros(len(similarity), dtype=torch.bool)
    chosen[similarity.argmax(0)] = True
    return chosen


@misconception(
    "judging_saes.mutual_matches",
    says="Every latent with a similarity above a limit passes. How alike two are is one question, who is best another.",
)
def passes_a_limit(similarity):
    return similarity.amax(1) > 0.5


@misconception(
    "judging_saes.mutual_matches",
    says="You say which latents are no mutual match.",
)
def says_who_is_not(similarity):
    partner, back = similarity.argmax(1), similarity.argmax(0)
    return back[partner] != torch.arange(len(similarity))


@misconception(
    "judging_saes.mutual_matches",
    says="You ask whether nobody else chooses the same partner. The partner's own choice is what counts.",
)
def has_no_rival(similarity):
    partner = similarity.argmax(1)
    return (partner[:, None] == partner[None]).sum(1) == 1


@misconception(
    "judging_saes.mutual_matches",
    says=(
        "You compare the two lists of choices number by number. The second is in the order of the other SAE: look up "
        "what the partner of latent i chose, and compare that with i."
    ),
)
def compares_the_two_lists(similarity):
    return similarity.argmax(1) == similarity.argmax(0)
