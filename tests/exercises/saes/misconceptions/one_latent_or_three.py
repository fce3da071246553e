"""Wrong answers to saes.one_latent_or_three that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.one_latent_or_three")
def observe_one_latent_or_three(one_latent_or_three):
    yield one_latent_or_three().strip().lower()


@misconception(
    "saes.one_latent_or_three",
    says=(
        "A still wider SAE may have seven. By the same argument three would then be wrong. And the one latent was "
        "right about something: all of it is base64."
    ),
)
def the_wide_one_is_right() -> str:
    return "a"


@misconception(
    "saes.one_latent_or_three",
    says=(
        "The three pieces differ in something that can be named: digits, letters, encoded English. That does not look "
        "like pieces without meaning."
    ),
)
def the_narrow_one_is_right() -> str:
    return "b"


@misconception(
    "saes.one_latent_or_three",
    says=(
        "Absorption leaves a hole in a general latent of the same SAE. Here the one latent and the three belong to two "
        "SAEs, and together the three are active just where the one is."
    ),
)
def it_is_absorption() -> str:
    return "d"
