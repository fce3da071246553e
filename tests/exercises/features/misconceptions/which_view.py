"""Wrong answers to features.which_view that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("features.which_view")
def observe_which_view(which_view):
    """The letter."""
    yield which_view().strip().lower()


@misconception(
    "features.which_view",
    says=(
        "The peaks are ten positions out of thousands. Look at where most Python positions lie, and at the AUROC. A "
        "neuron that stood for Python would be higher at most Python positions than elsewhere. One that stands for "
        "something inside Python need not be, but then that is its meaning, not Python."
    ),
)
def trusts_the_peaks():
    return "a"


@misconception(
    "features.which_view",
    says=(
        "An AUROC far below one half is not 'nothing': one half is. The neuron separates Python from the rest well, "
        "the other way round. And chance does not put ten Python texts at the top."
    ),
)
def reads_low_as_unrelated():
    return "b"


@misconception(
    "features.which_view",
    says=(
        "All three can be right at once. Peaks look at the far end of a distribution, the AUROC compares means of "
        "whole texts. What shape of distribution has high peaks and a low mean?"
    ),
)
def suspects_an_error():
    return "d"
