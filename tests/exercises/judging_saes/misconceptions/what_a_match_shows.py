"""Wrong answers to judging_saes.what_a_match_shows that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("judging_saes.what_a_match_shows")
def observe_what_a_match_shows(what_a_match_shows):
    yield what_a_match_shows().strip().lower()


@misconception(
    "judging_saes.what_a_match_shows",
    says=(
        "0.71 is a mean correlation and no share of latents. And both SAEs were trained on one model: nothing was "
        "measured about others."
    ),
)
def reads_a_share() -> str:
    return "a"


@misconception(
    "judging_saes.what_a_match_shows",
    says=(
        "Both SAEs saw the same activations through the same kind of net, so they may share what the method likes. "
        "Whether the model uses a direction shows when the direction is changed."
    ),
)
def reads_use() -> str:
    return "b"


@misconception(
    "judging_saes.what_a_match_shows",
    says=(
        "How much chance gives was measured too: 0.01 with shuffled rows, and the 0.71 is on held-out rows. Luck "
        "explains a small part of it."
    ),
)
def only_luck() -> str:
    return "c"
