"""Checks of path_patching.path_effect: Four runs."""

import pytest
import torch

from mi_tutor.exercises import path_patching
from mi_tutor.lab.named_nodes import HEADS, run
from mi_tutor.tutor.judge import same, seeded

INTO, SOURCE = torch.tensor([[1.0, 1.0]]), torch.tensor([[0.0, 1.0]])


@pytest.mark.exercise("path_patching.path_effect")
@pytest.mark.parametrize("receivers, effect", [(["q b"], -44.0), (["v b"], -44.0), (["q b", "v b"], -60.0)])
def test_a_neighbour(receivers, effect):
    """Head b reads 1 instead of 2 through its query, its value, or both; behind b everything reacts."""
    same(
        path_patching.path_effect(run, INTO, SOURCE, "a", receivers, HEADS),
        torch.tensor([effect]),
        given={"into": INTO, "source": SOURCE, "sender": "a", "receivers": receivers},
        teach="In the last run only the receivers are held; head c, d and the MLP answer to what b now writes.",
    )


@pytest.mark.exercise("path_patching.path_effect")
@pytest.mark.parametrize(
    "sender, receivers, effect", [("a", ["q c"], -12.0), ("a", ["v c"], -13.0), ("b", ["q c"], -36.0)]
)
def test_a_receiver_farther_away(sender, receivers, effect):
    """Between sender and receiver the other heads are held and the MLP answers."""
    same(
        path_patching.path_effect(run, INTO, SOURCE, sender, receivers, HEADS),
        torch.tensor([effect]),
        given={"into": INTO, "source": SOURCE, "sender": sender, "receivers": receivers},
        teach="From a: the stream in front of c is (1 + 4) * 2 = 10 instead of 12, with b held at 4 and the MLP "
        "computed. In the last run a itself writes what it always does.",
    )


@pytest.mark.exercise("path_patching.path_effect")
def test_two_receivers_together():
    """Receivers of different layers are patched together, each with what came to it directly from the sender."""
    same(
        path_patching.path_effect(run, INTO, SOURCE, "b", ["q c", "v d"], HEADS),
        torch.tensor([-69.0]),
        given={"into": INTO, "source": SOURCE, "sender": "b", "receivers": ["q c", "v d"]},
        teach="c reads q = 6 and writes 84; d reads v = 6 + 156 with c held on the way, and writes -81.",
    )


@pytest.mark.exercise("path_patching.path_effect")
def test_the_output_as_receiver():
    """With the output as receiver it is the direct effect: head a gives -2."""
    same(
        path_patching.path_effect(run, INTO, SOURCE, "a", ["output"], HEADS),
        torch.tensor([-2.0]),
        given={"into": INTO, "source": SOURCE, "sender": "a", "receivers": ["output"]},
        teach="The output is a node like others.",
    )


@pytest.mark.exercise("path_patching.path_effect")
def test_each_prompt_by_itself():
    """Two prompts, two effects: the query of b falls by 1 in the first and rises by 1 in the second."""
    into, source = torch.cat([INTO, SOURCE]), torch.cat([SOURCE, INTO])
    same(
        path_patching.path_effect(run, into, source, "a", ["q b"], HEADS),
        torch.tensor([-44.0, 12.0]),
        given={"into": into, "source": source, "sender": "a", "receivers": ["q b"]},
        teach="The first output falls from 84 to 40, the second rises from 12 to 24. No mean is taken over prompts.",
    )


@pytest.mark.exercise("path_patching.path_effect")
def test_no_path_backwards(seed):
    """From a late head to an early one there is no path, on whatever prompts."""
    g = seeded(seed)
    into, source = torch.randn(4, 2, generator=g), torch.randn(4, 2, generator=g)
    same(
        path_patching.path_effect(run, into, source, "c", ["q b", "v b"], HEADS),
        torch.zeros(4),
        given={"into": into, "source": source, "sender": "c", "receivers": ["q b", "v b"]},
        teach="What b reads is computed before c writes.",
        atol=1e-4,
    )
