"""Wrong answers to patching.which_conclusion that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("patching.which_conclusion")
def observe_which_conclusion(which_conclusion):
    yield which_conclusion().strip().lower()


@misconception(
    "patching.which_conclusion",
    says=(
        "The stream that enters layer 8 was restored, and it holds what the embedding and layers 0 to 7 wrote. The "
        "MLP of layer 8 was not touched. Where a thing passes is not where it is stored."
    ),
)
def conclusion_a() -> str:
    return "a"


@misconception(
    "patching.which_conclusion",
    says=(
        "Restoring shows what is enough. Whether something is needed is asked by taking it out of the clean run; "
        "this trace does not do that. And it says nothing about other places."
    ),
)
def conclusion_c() -> str:
    return "c"


@misconception(
    "patching.which_conclusion",
    says=(
        "No weight was changed here. Hase et al. 2023 tested this step and report that the tracing effect hardly "
        "predicts which layer is the best to edit."
    ),
)
def conclusion_d() -> str:
    return "d"


@misconception(
    "patching.which_conclusion",
    says=(
        "One corruption was tried, and this speaks of all. Only the city was noised: END and the other words were "
        "clean. Where these are corrupted too, the later layers may lack what they read beside the city."
    ),
)
def conclusion_e() -> str:
    return "e"
