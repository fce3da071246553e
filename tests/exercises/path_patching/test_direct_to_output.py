"""Checks of path_patching.direct_to_output: Mend: a direct effect that is not direct."""

import pytest
import torch

from mi_tutor.exercises import path_patching
from mi_tutor.lab.named_nodes import HEADS, run
from mi_tutor.tutor.judge import same, seeded

INTO, SOURCE = torch.tensor([[1.0, 1.0]]), torch.tensor([[0.0, 1.0]])


@pytest.mark.exercise("path_patching.direct_to_output")
@pytest.mark.parametrize("sender, effect", [("c", -136.0), ("d", 72.0)])
def test_what_the_last_heads_write(sender, effect):
    """A late head's own change reaches the output as it is: c writes 20 instead of 156, d writes -12 instead of -84."""
    same(
        path_patching.direct_to_output(run, INTO, SOURCE, sender, HEADS),
        torch.tensor([effect]),
        given={"into": INTO, "source": SOURCE, "sender": sender},
        teach="No other head may pass the change on. Head d reads the stream after c and would react to c.",
    )


@pytest.mark.exercise("path_patching.direct_to_output")
@pytest.mark.parametrize("sender, effect", [("a", -2.0), ("b", -6.0)])
def test_mlps_answer(sender, effect):
    """An early head's change arrives twice: as it was written, and in the answer of the MLP on the way."""
    same(
        path_patching.direct_to_output(run, INTO, SOURCE, sender, HEADS),
        torch.tensor([effect]),
        given={"into": INTO, "source": SOURCE, "sender": sender},
        teach="a writes 0 instead of 1 and b writes 1 instead of 4. The MLP is not held: it doubles the change. Every "
        "other head writes what it wrote in the plain run.",
    )


@pytest.mark.exercise("path_patching.direct_to_output")
def test_the_other_direction():
    """With the two runs exchanged, head a writes 1 instead of 0, and the output rises by 2."""
    same(
        path_patching.direct_to_output(run, SOURCE, INTO, "a", HEADS),
        torch.tensor([2.0]),
        given={"into": SOURCE, "source": INTO, "sender": "a"},
        teach="The held values come from the run of `into`, the sender's from the source run, also this way round.",
    )


@pytest.mark.exercise("path_patching.direct_to_output")
def test_nothing_to_send():
    """Where sender and prompts agree in both runs, the effect is 0, prompt by prompt."""
    into, source = torch.tensor([[1.0, 1.0], [1.0, -2.0]]), torch.tensor([[1.0, 1.0], [1.0, 5.0]])
    same(
        path_patching.direct_to_output(run, into, source, "a", HEADS),
        torch.zeros(2),
        given={"into": into, "source": source, "sender": "a"},
        teach="Head a writes 1 in both runs, so nothing changes, although the rest of the source run is another.",
    )


@pytest.mark.exercise("path_patching.direct_to_output")
def test_against_the_sum_of_the_stream(seed):
    """On random prompts the direct effect of c, and that of d, is the change of what the head writes."""
    g = seeded(seed)
    into, source = torch.randn(5, 2, generator=g), torch.randn(5, 2, generator=g)
    for sender in ("c", "d"):
        change = run(source, {})[f"z {sender}"] - run(into, {})[f"z {sender}"]
        same(
            path_patching.direct_to_output(run, into, source, sender, HEADS),
            change,
            given={"into": into, "source": source, "sender": sender},
            teach="After c and d no MLP is left, so their change arrives as it was written.",
            atol=1e-4,
        )


@pytest.mark.exercise("path_patching.direct_to_output")
def test_a_head_that_is_one_node():
    """In a model whose heads have no other node than z, they are held all the same."""

    def two_heads(prompts, fixed):
        first = fixed.get("z e", prompts[:, 0])
        second = fixed.get("z f", 2 * (prompts[:, 1] + first))
        return {"z e": first, "z f": second, "output": prompts[:, 1] + first + second}

    same(
        path_patching.direct_to_output(two_heads, INTO, SOURCE, "e", ["e", "f"]),
        torch.tensor([-1.0]),
        given={"model": "z e = x0, z f = 2 (x1 + z e), output = x1 + z e + z f", "into": INTO, "source": SOURCE},
        teach="e writes 0 instead of 1, and f writes 4 as before. Some heads have neither a pattern nor values to "
        "hold; which node does every head have?",
    )
