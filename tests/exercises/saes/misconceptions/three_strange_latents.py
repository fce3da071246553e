"""Wrong answers to saes.three_strange_latents that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.three_strange_latents")
def observe_three_strange_latents(three_strange_latents):
    yield three_strange_latents().strip().lower()


@misconception(
    "saes.three_strange_latents",
    says=(
        "A rare thing in the text needs a rare latent: latent 9 found every occurrence of its word and nothing else. "
        "Its small number of rows is no failure."
    ),
)
def all_are_failures() -> str:
    return "a"


@misconception(
    "saes.three_strange_latents",
    says=(
        "How often a latent is active does not say how much it means, and latent 9 was active: it is rare, not dead. "
        "What would be lost by cutting it off is its word."
    ),
)
def use_is_importance() -> str:
    return "b"


@misconception(
    "saes.three_strange_latents",
    says=(
        "The model was not trained further, only the SAE was. What a latent does in the course of the SAE's training "
        "says nothing about a change in the model's activations."
    ),
)
def the_model_changed() -> str:
    return "d"
