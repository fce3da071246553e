"""Several edges cut at once: one is path patching, and later receivers hear what earlier ones say after their cut."""

import path_models as slow
import pytest
import torch

from mi_tutor.lab import organisms, paths, tasks
from mi_tutor.lab.paths import Edge, cut


@pytest.fixture(scope="module")
def ioi(model):
    return tasks.ioi(model, n=2)


@pytest.mark.parametrize(
    "sender, receivers, through, place",
    [
        ("20.0", ["23.0", "23.2"], "q", "END"),
        ("17.4", ["20.0"], "v", "S2"),
        ("16.0", ["17.4"], "k", "S1+1"),
        ("23.3", "logits", "", "END"),
    ],
)
def test_one_sender_is_path_patching(model, ioi, sender, receivers, through, place):
    metric = ioi.metrics["logit difference"]
    edges = [Edge(sender, receiver, through, place) for receiver in (["logits"] if through == "" else receivers)]
    got = metric(cut(model, ioi.clean.ids, ioi.corrupted.ids, edges, ioi.positions))
    named = receivers if through == "" else [slow.node(receiver) for receiver in receivers]
    # Positions are the same in both prompts only for END; elsewhere one prompt at a time.
    expected = torch.cat(
        [
            paths.patch_path(
                model,
                ioi.clean.ids[[row]],
                ioi.corrupted.ids[[row]],
                slow.node(sender),
                named,
                metric[row : row + 1],
                through=through or "qkv",
                positions=[int(ioi.positions[place][row])],
            )
            for row in range(2)
        ]
    )
    assert (got - expected).abs().max() < 1e-4
    assert (expected - ioi.measure(model, ioi.clean)["logit difference"]).abs().max() > 1e-3


def test_a_later_receiver_hears_the_cut(model, ioi):
    """16.0 → 17.4 → 20.0: cut the first edge alone, and what reaches 20.0 over the second changes with it."""
    metric, ids = ioi.metrics["logit difference"], (ioi.clean.ids, ioi.corrupted.ids)
    first, second = Edge("16.0", "17.4", "k", "S1+1"), Edge("17.4", "20.0", "v", "S2")
    alone, after, both = (
        metric(cut(model, *ids, edges, ioi.positions)) for edges in ([first], [second], [second, first])
    )
    assert (both - alone).abs().max() > 1e-3 and (both - after).abs().max() > 1e-3


def test_nothing_cut_is_the_plain_run(model, ioi):
    got = cut(model, ioi.clean.ids, ioi.corrupted.ids, [], ioi.positions)
    expected = ioi.measure(model, ioi.clean)["logit difference"]
    assert (ioi.metrics["logit difference"](got) - expected).abs().max() < 1e-4


@pytest.fixture(scope="module")
def hand_wired():
    model = organisms.hand_wired()
    clean, corrupted = (organisms.repeated(4, 12, seed=seed, vocabulary=26)[:, :19] for seed in (1, 2))
    places = {"first": torch.full((4,), 7), "END": torch.full((4,), 18)}
    return model, clean, corrupted, places, clean[:, 7]


def test_on_the_hand_wired_model_the_wired_edge_is_the_one_that_counts(hand_wired):
    model, clean, corrupted, places, answer = hand_wired

    def says_it(*edges):
        return (cut(model, clean, corrupted, edges, places).argmax(dim=1) == answer).float().mean()

    assert says_it() == 1
    assert says_it(Edge("0.0", "1.0", "k", "first")) == 0  # the previous-token message is its key
    assert says_it(Edge("0.0", "1.0", "q", "END"), Edge("0.0", "1.0", "v", "first")) == 1  # nothing was wired there
    assert says_it(Edge("1.0", "logits", "", "END")) == 0


def test_what_no_longer_speaks_cannot_be_changed(hand_wired):
    """Head 1.0 speaks to the logits alone: with that edge cut, its own inputs no longer matter."""
    model, clean, corrupted, places, _ = hand_wired
    out, key = Edge("1.0", "logits", "", "END"), Edge("0.0", "1.0", "k", "first")
    both, one = (cut(model, clean, corrupted, edges, places) for edges in ([key, out], [out]))
    assert (both - one).abs().max() < 1e-4


@pytest.mark.parametrize(
    "edge, words",
    [
        (Edge("17.4", "16.0", "k", "S2"), "before the receiver's"),
        (Edge("16.0", "17.4", "k", "S3"), 'no place "S3"'),
        (Edge("16.0", "17.4", "", "S2"), 'through "q", "k" or "v"'),
    ],
)
def test_wrong_edges_are_told(model, ioi, edge, words):
    with pytest.raises(ValueError, match=words):
        cut(model, ioi.clean.ids, ioi.corrupted.ids, [edge], ioi.positions)
