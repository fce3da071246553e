"""Wrong answers to path_patching.two_directions that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("path_patching.two_directions")
def observe_two_directions(two_directions):
    """Tables of the metric by (into, source), a negative distance and none among them; then prompts that differ."""
    ones, zeros = torch.ones(2, 2), torch.zeros(2, 2)
    for table in ((5.0, 1.0, 2.0, 1.25), (4.0, -4.0, 4.5, 2.0), (-5.0, -1.0, -2.0, -1.5), (2.0, 2.0, 1.0, 3.5)):

        def patched(into, source, table=table):
            place = {(True, True): 0, (False, False): 1, (True, False): 2, (False, True): 3}
            return torch.tensor([-1.0, 1.0]) + table[place[bool(into.any()), bool(source.any())]]

        yield outcome(lambda patched=patched: list(two_directions(patched, ones, zeros)))

    def uneven(into, source):  # prompts of different distances
        rows = {(True, True): (5, 3), (False, False): (1, 2), (True, False): (3, 2), (False, True): (2, 3)}
        return torch.tensor(rows[bool(into.any()), bool(source.any())]).float()

    yield outcome(lambda: list(two_directions(uneven, ones, zeros)))


def plain(patched, clean, corrupted):
    top, bottom = float(patched(clean, clean).mean()), float(patched(corrupted, corrupted).mean())
    if top == bottom:
        raise ValueError("both runs score the same")
    return top, bottom


@misconception(
    "path_patching.two_directions",
    says=(
        "One direction only: you run the noising experiment and take what the path is needed for as what it is enough "
        "for. Another path can do the same job, or the path can need company. Denoising is an experiment of its own."
    ),
)
def one_direction_for_both(patched, clean, corrupted):
    top, bottom = float(patched(clean, clean).mean()), float(patched(corrupted, corrupted).mean())
    if top == bottom:
        raise ValueError("both runs score the same; choose another corruption or metric")
    needed = (top - float(patched(clean, corrupted).mean())) / (top - bottom)
    return needed, needed


@misconception(
    "path_patching.two_directions",
    says=(
        "Your `enough` is always 1 minus `needed`. Do you run the corrupted prompts with the clean path? That is an "
        "experiment of its own."
    ),
)
def the_rest_is_enough(patched, clean, corrupted):
    top, bottom = plain(patched, clean, corrupted)
    needed = (top - float(patched(clean, corrupted).mean())) / (top - bottom)
    return needed, 1 - needed


@misconception(
    "path_patching.two_directions",
    says=(
        "You patched from the wrong run: the corrupted prompts run where the clean ones should, and the other way "
        "round. The two shares come out exchanged and turned."
    ),
)
def exchanges_the_runs(patched, clean, corrupted):
    top, bottom = plain(patched, clean, corrupted)
    needed = (top - float(patched(corrupted, clean).mean())) / (top - bottom)
    return needed, (float(patched(clean, corrupted).mean()) - bottom) / (top - bottom)


@misconception(
    "path_patching.two_directions",
    says=(
        "The share of the corrupted run is measured from the clean run's metric. What it wins starts at its own "
        "plain run."
    ),
)
def measures_both_from_the_top(patched, clean, corrupted):
    top, bottom = plain(patched, clean, corrupted)
    return tuple(
        (top - float(patched(*pair).mean())) / (top - bottom) for pair in ((clean, corrupted), (corrupted, clean))
    )


@misconception(
    "path_patching.two_directions",
    says="You give differences of the metric. A share is taken of the distance between the two plain runs.",
)
def gives_logits(patched, clean, corrupted):
    top, bottom = plain(patched, clean, corrupted)
    return top - float(patched(clean, corrupted).mean()), float(patched(corrupted, clean).mean()) - bottom


@misconception(
    "path_patching.two_directions",
    says=(
        "Where both plain runs score the same you answer with 0. There is no distance to take a share of, and the "
        "reader should be told."
    ),
)
def zero_without_a_distance(patched, clean, corrupted):
    try:
        top, bottom = plain(patched, clean, corrupted)
    except ValueError:
        return 0.0, 0.0
    needed = (top - float(patched(clean, corrupted).mean())) / (top - bottom)
    return needed, (float(patched(corrupted, clean).mean()) - bottom) / (top - bottom)


@misconception(
    "path_patching.two_directions",
    says=(
        "You take a share for each prompt and average the shares. A prompt with a small distance then decides. Means "
        "come first."
    ),
)
def averages_the_shares(patched, clean, corrupted):
    plain(patched, clean, corrupted)
    top, bottom = patched(clean, clean), patched(corrupted, corrupted)
    needed, enough = top - patched(clean, corrupted), patched(corrupted, clean) - bottom
    return float((needed / (top - bottom)).mean()), float((enough / (top - bottom)).mean())


@misconception(
    "path_patching.two_directions",
    says="You take the size of the distance. Where it is negative, both shares come out with the wrong sign.",
)
def takes_the_size_of_the_distance(patched, clean, corrupted):
    top, bottom = plain(patched, clean, corrupted)
    lost, won = top - float(patched(clean, corrupted).mean()), float(patched(corrupted, clean).mean()) - bottom
    return lost / abs(top - bottom), won / abs(top - bottom)


@misconception(
    "path_patching.two_directions",
    says="You refuse where the corrupted run scores higher. That is a distance, too; only none at all is refused.",
)
def refuses_a_negative_distance(patched, clean, corrupted):
    top, bottom = plain(patched, clean, corrupted)
    if top < bottom:
        raise ValueError("the corrupted run scores higher")
    needed = (top - float(patched(clean, corrupted).mean())) / (top - bottom)
    return needed, (float(patched(corrupted, clean).mean()) - bottom) / (top - bottom)


@misconception(
    "path_patching.two_directions",
    says="What is left of the metric after noising is no share lost. Needed is the share that the clean run loses.",
)
def gives_what_is_left(patched, clean, corrupted):
    top, bottom = plain(patched, clean, corrupted)
    left = (float(patched(clean, corrupted).mean()) - bottom) / (top - bottom)
    return left, (float(patched(corrupted, clean).mean()) - bottom) / (top - bottom)
