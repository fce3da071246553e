"""Wrong answers to features.context_window that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("features.context_window")
def observe_context_window(context_window):
    """Middle, both ends, outside."""
    tokens = list("abcdefgh")
    for pos, radius in [(4, 2), (1, 3), (7, 2), (0, 1), (3, 0)]:
        yield list(context_window(tokens, pos, radius))
    for pos in (8, -1):
        try:
            context_window(tokens, pos, 2)
            yield "accepted"
        except ValueError:
            yield "refused"
        except IndexError:
            yield "index error"


@misconception(
    "features.context_window",
    says=(
        "At the start of a text your window begins at a negative index. Python counts that from the end, so the "
        "left side comes out empty or wrong."
    ),
)
def wraps_at_the_start(tokens, pos, radius):
    if not 0 <= pos < len(tokens):
        raise ValueError("outside")
    return "".join(tokens[pos - radius : pos]), tokens[pos], "".join(tokens[pos + 1 : pos + 1 + radius])


@misconception(
    "features.context_window",
    says=(
        "Your right side is one token short. The end of a Python slice is not included; where does the right side "
        "start, and how many tokens from there?"
    ),
)
def right_side_one_short(tokens, pos, radius):
    if not 0 <= pos < len(tokens):
        raise ValueError("outside")
    return "".join(tokens[max(0, pos - radius) : pos]), tokens[pos], "".join(tokens[pos + 1 : pos + radius])


@misconception(
    "features.context_window",
    says="The token itself appears twice: in the middle and again at the beginning of the right side.",
)
def repeats_the_token(tokens, pos, radius):
    if not 0 <= pos < len(tokens):
        raise ValueError("outside")
    return "".join(tokens[max(0, pos - radius) : pos]), tokens[pos], "".join(tokens[pos : pos + 1 + radius])


@misconception(
    "features.context_window",
    says=(
        "You put spaces between the tokens. A token of this model carries its own space where it has one, so the "
        "text would no longer be the text."
    ),
)
def joins_with_spaces(tokens, pos, radius):
    if not 0 <= pos < len(tokens):
        raise ValueError("outside")
    return " ".join(tokens[max(0, pos - radius) : pos]), tokens[pos], " ".join(tokens[pos + 1 : pos + 1 + radius])


@misconception(
    "features.context_window",
    says=(
        "A position outside the text is not refused with a ValueError. A negative one quietly shows a token from "
        "the end."
    ),
)
def accepts_any_position(tokens, pos, radius):
    return "".join(tokens[max(0, pos - radius) : pos]), tokens[pos], "".join(tokens[pos + 1 : pos + 1 + radius])
