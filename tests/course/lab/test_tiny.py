"""The model that is small enough to compute by hand, and its likeness to a TransformerBridge."""

import pytest
import torch

from mi_tutor.lab.tiny import TinyModel

IDS = torch.tensor([[1, 2, 3]])


def test_values_worked_out_by_hand():
    # Embeddings [t, t*t, 1]; layer 0 adds the position before once, layer 1 adds it twice.
    logits, cache = TinyModel().run_with_cache(IDS)
    assert cache["hook_embed"][0].tolist() == [[1, 1, 1], [2, 4, 1], [3, 9, 1]]
    assert cache["blocks.0.hook_resid_post"][0].tolist() == [[1, 1, 1], [3, 5, 2], [5, 13, 2]]
    assert cache["blocks.1.hook_resid_post"][0].tolist() == [[1, 1, 1], [5, 7, 4], [11, 23, 6]]
    assert logits[0, 0].tolist() == [1 * v + 1 - v * v for v in range(6)]


def test_hooks_are_taken_off_after_the_run_and_after_an_error():
    model = TinyModel()

    def fail(activation, hook):
        raise RuntimeError("stop")

    model.run_with_hooks(IDS, fwd_hooks=[("hook_embed", lambda activation, hook: None)])
    with pytest.raises(RuntimeError):
        model.run_with_hooks(IDS, fwd_hooks=[("hook_embed", fail)])
    assert model.hooks_left() == 0


def test_unfit_hooks_are_refused_in_words():
    model = TinyModel()
    with pytest.raises(TypeError, match="second named `hook`"):
        model.run_with_hooks(IDS, fwd_hooks=[("hook_embed", lambda activation, h: None)])
    with pytest.raises(TypeError, match="list of pairs"):
        model.run_with_hooks(IDS, fwd_hooks=("hook_embed", print))
    with pytest.raises(KeyError, match="hook_resid_pre"):
        model.run_with_hooks(IDS, fwd_hooks=[("blocks.9.hook_resid_pre", lambda activation, hook: None)])


def test_hooks_work_as_in_transformer_lens(model):
    """Called by keyword; None leaves the run alone, a tensor replaces; the same code serves both models."""
    for one, name in ((TinyModel(), "blocks.1.hook_resid_pre"), (model, "blocks.29.hook_resid_pre")):
        seen = []

        def look(activation, *, hook, seen=seen):
            seen.append(activation)

        plain = one(IDS)
        assert torch.equal(one.run_with_hooks(IDS, fwd_hooks=[(name, look)]), plain)
        changed = one.run_with_hooks(IDS, fwd_hooks=[(name, lambda activation, hook: activation.flip(1))])
        assert seen[0].shape[:2] == IDS.shape and not torch.equal(changed, plain)
