"""Every instrument agrees with the plain run of the model, and leaves no hook behind."""

import pytest
import torch
from torch.nn import functional as F

from mi_tutor.lab import activations as lab
from mi_tutor.lab import models

NAMES = [
    "hook_embed",
    "blocks.0.hook_resid_pre",
    "blocks.3.attn.hook_pattern",
    "blocks.3.attn.hook_z",
    "blocks.4.hook_resid_mid",
    "blocks.5.mlp.hook_post",
    "blocks.5.hook_resid_post",
]


def hooks_on(model) -> int:
    return sum(len(point.fwd_hooks) for point in model.hook_dict.values())


def test_run_with_equals_run_with_cache(model, batch):
    _, cache = model.run_with_cache(batch.ids, names_filter=NAMES)
    found = lab.run_with(model, batch, NAMES)
    assert list(found) and set(found) == set(NAMES)
    for name in NAMES:
        torch.testing.assert_close(found[name], cache[name], atol=0, rtol=0, msg=name)


def test_run_with_stops_after_the_last_name(model, batch):
    reached = []
    with lab.replace(
        model, {f"blocks.{layer}.hook_resid_pre": lambda x, hook: reached.append(hook.name) for layer in (5, 6)}
    ):
        lab.run_with(model, batch, lab.neuron_name(5))
    assert [name.split(".")[1] for name in reached] == ["5"]


def test_run_with_gives_logits_when_asked(model, batch, full_logits):
    found = lab.run_with(model, batch, "blocks.2.hook_resid_pre", logits=True)
    torch.testing.assert_close(found["logits"], full_logits, atol=0, rtol=0)


def test_unknown_names_are_answered_with_near_ones(model, batch):
    with pytest.raises(ValueError, match=r"Near: .*blocks\.5\.mlp\.hook_post"):
        lab.run_with(model, batch, "blocks.5.mlp.hook_pst")
    with pytest.raises(ValueError, match="at least one"):
        lab.run_with(model, batch, [])


def test_neurons_are_silu_of_gate_times_up(model, batch):
    layer = 11
    found = lab.run_with(model, batch, [f"blocks.{layer}.ln2.hook_out", lab.neuron_name(layer)])
    normed, mlp = found[f"blocks.{layer}.ln2.hook_out"], model.blocks[layer].mlp.original_component
    weight = {name: getattr(mlp, name).weight for name in ("gate_proj", "up_proj", "down_proj")}
    by_hand = F.silu(normed @ weight["gate_proj"].T) * (normed @ weight["up_proj"].T)
    assert by_hand.shape[-1] == 1536
    torch.testing.assert_close(found[lab.neuron_name(layer)], by_hand, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    "positions, pick",
    [
        (-1, lambda full, ends: torch.stack([full[0, ends[0] - 1], full[1, ends[1] - 1]])),
        (2, lambda full, ends: full[:, 2]),
        ([0, -2], lambda full, ends: torch.stack([full[row, [0, ends[row] - 2]] for row in (0, 1)])),
        (torch.tensor([3, 1]), lambda full, ends: torch.stack([full[0, 3], full[1, 1]])),
        (torch.tensor([[3, -1], [1, 0]]), lambda full, ends: torch.stack([full[0, [3, ends[0] - 1]], full[1, [1, 0]]])),
    ],
)
def test_logits_at_chosen_positions_equal_the_full_logits(model, batch, full_logits, positions, pick):
    expected = pick(full_logits, batch.lengths)
    got = lab.logits_at(model, batch, positions)
    assert got.shape == expected.shape
    torch.testing.assert_close(got, expected, atol=2e-4, rtol=1e-4)


def test_positions_outside_a_row_are_refused(model, batch):
    with pytest.raises(ValueError, match="outside row 0, which has 6 positions"):
        lab.logits_at(model, batch, 6)  # row 0 is padded beyond
    with pytest.raises(ValueError, match=r"shape \(3,\) for a batch of 2"):
        lab.logits_at(model, batch, torch.tensor([0, 1, 2]))


def test_next_token_probabilities(model):
    got = lab.next_token_probabilities(
        model, ["The capital of France is", "The capital of Italy is"], [" Paris", " Rome"]
    )
    assert got.shape == (2, 2)
    assert got.argmax(dim=1).tolist() == [0, 1] and got.diag().min() > 0.4  # measured: 0.75 and 0.48


def test_replace_changes_the_run_inside_the_block_only(model, batch):
    before = lab.logits_at(model, batch)
    with lab.replace(model, lab.residual_name(10), lambda resid, hook: torch.zeros_like(resid)):
        inside = lab.logits_at(model, batch)
        read = lab.run_with(model, batch, lab.residual_name(10))[lab.residual_name(10)]
    assert (inside - before).abs().max() > 1
    assert read.abs().max() == 0  # an activation is read after it was replaced
    torch.testing.assert_close(lab.logits_at(model, batch), before, atol=0, rtol=0)


def test_replace_in_place_and_none(model, batch):
    def double(resid, hook):
        resid[:, 1:] *= 2

    with lab.replace(
        model, lab.residual_name(3), lambda resid, hook: torch.cat([resid[:, :1], resid[:, 1:] * 2], dim=1)
    ):
        returned = lab.logits_at(model, batch)
    with lab.replace(model, lab.residual_name(3), double):
        in_place = lab.logits_at(model, batch)
    torch.testing.assert_close(returned, in_place)


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_hooks_are_removed_after_an_error(model, batch, error):
    def fail(resid, hook):
        raise error

    before = hooks_on(model)
    with pytest.raises(error), lab.replace(model, lab.residual_name(2), fail):
        lab.run_with(model, batch, lab.neuron_name(4))
    assert hooks_on(model) == before


def test_hooks_that_were_there_before_stay(model, batch):
    with lab.replace(model, lab.residual_name(1), lambda resid, hook: resid * 0):
        outer = hooks_on(model)
        with lab.replace(model, lab.residual_name(2), lambda resid, hook: None):
            pass
        lab.run_with(model, batch, lab.neuron_name(2))
        assert hooks_on(model) == outer


def test_replace_answers_mistakes_in_words(model, batch):
    with (
        pytest.raises(ValueError, match="no activation"),
        lab.replace(model, "blocks.99.hook_resid_pre", lambda x, hook: x),
    ):
        pass
    with pytest.raises(TypeError, match="needs a function"), lab.replace(model, lab.residual_name(1)):
        pass
    with (
        pytest.raises(ValueError, match=r"shape \(576,\)"),
        lab.replace(model, lab.residual_name(1), lambda x, hook: x[0, 0]),
    ):
        lab.run_with(model, batch, lab.residual_name(2))
    with (
        pytest.raises(TypeError, match="returned float"),
        lab.replace(model, lab.residual_name(1), lambda x, hook: 1.0),
    ):
        lab.run_with(model, batch, lab.residual_name(2))


def test_gradients_with_respect_to_an_activation_still_work(model, batch):
    """The parameters are frozen; attribution methods need the gradient of an activation."""
    kept = {}

    def track(resid, hook):
        kept["resid"] = resid.detach().requires_grad_(True)
        return kept["resid"]

    with lab.replace(model, lab.residual_name(28), track):
        lab.logits_at(model, batch)[:, models.single_token(model, " Mary")].sum().backward()
    assert kept["resid"].grad.abs().max() > 0


def test_logits_of_small_models_of_our_own(native, native_ids):
    torch.testing.assert_close(lab.logits_at(native, native_ids, -2), native(native_ids)[:, -2])


def test_neurons_of_small_models_of_our_own(native, native_ids):
    if native.cfg.attn_only:
        with pytest.raises(ValueError, match="no activation"):
            lab.run_with(native, native_ids, lab.neuron_name(1))
        return
    found = lab.run_with(native, native_ids, [lab.neuron_name(1), "blocks.1.hook_mlp_out"])
    neurons = found[lab.neuron_name(1)]
    assert neurons.shape == (3, 7, 32)
    rebuilt = neurons @ models.neuron_outputs(native, 1)  # the biases of a new model are zero
    torch.testing.assert_close(rebuilt, found["blocks.1.hook_mlp_out"])


def test_harvest_and_replace_on_small_models_of_our_own(native, native_ids):
    name = lab.residual_name(1)
    read = lab.harvest(native, models.Tokens(native_ids, torch.ones_like(native_ids).bool()), name)
    _, cache = native.run_with_cache(native_ids, names_filter=[name])
    torch.testing.assert_close(read[name], cache[name].flatten(0, 1))
    with lab.replace(native, name, lambda resid, hook: resid * 0):
        inside = native(native_ids)
    assert (inside - native(native_ids)).abs().max() > 0.001
