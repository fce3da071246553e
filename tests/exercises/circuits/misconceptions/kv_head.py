"""Wrong answers to circuits.kv_head that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("circuits.kv_head")
def observe_kv_head(kv_head):
    """Groups of different number and size, and heads that do not exist."""
    for n_heads, n_kv in ((8, 2), (9, 3), (12, 4), (4, 4), (6, 1)):
        yield [kv_head(head, n_heads, n_kv) for head in range(n_heads)]
    for head in (9, -1):
        try:
            kv_head(head, 9, 3)
            yield "accepted"
        except ValueError:
            yield "refused"


@misconception(
    "circuits.kv_head",
    says=(
        "You deal the key-value heads out in turn, as cards: head 0 the first, head 1 the second, and round again. "
        "Here neighbours sit together and share one."
    ),
)
def deals_in_turn(head, n_heads, n_kv_heads):
    if not 0 <= head < n_heads:
        raise ValueError("no such head")
    return head % n_kv_heads


@misconception(
    "circuits.kv_head",
    says=(
        "You divide by the number of key-value heads. That is right for SmolLM2 by accident, because 9 heads make 3 "
        "groups of 3. What you need is the size of a group."
    ),
)
def divides_by_the_number_of_groups(head, n_heads, n_kv_heads):
    if not 0 <= head < n_heads:
        raise ValueError("no such head")
    return head // n_kv_heads


@misconception(
    "circuits.kv_head",
    says="You number the members within a group. Asked for is the number of the group.",
)
def place_within_the_group(head, n_heads, n_kv_heads):
    if not 0 <= head < n_heads:
        raise ValueError("no such head")
    return head % (n_heads // n_kv_heads)


@misconception(
    "circuits.kv_head",
    says=(
        "You answer for a head that does not exist. Python would use -1 as an index without complaint, and you would "
        "read the weights of another head."
    ),
)
def answers_for_any_number(head, n_heads, n_kv_heads):
    return head // (n_heads // n_kv_heads)


@misconception(
    "circuits.kv_head",
    says=(
        "You refuse heads that are too large, and answer for negative ones. Head -1 does not exist either; as an "
        "index, your answer would read the weights of another head."
    ),
)
def lets_negative_heads_through(head, n_heads, n_kv_heads):
    if head >= n_heads:
        raise ValueError("no such head")
    return head // (n_heads // n_kv_heads)
