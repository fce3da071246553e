"""END alone behind stored keys and values gives what a run of all positions gives."""

import pytest
import torch

from mi_tutor.lab import activations, tasks
from mi_tutor.lab.last_position import LastPosition

PATTERN, STREAM = "blocks.24.attn.hook_pattern", "blocks.29.hook_resid_post"


@pytest.fixture(scope="module")
def task(model):
    return tasks.ioi(model, n=3, seed=0)


@pytest.fixture(scope="module")
def end(model, task):
    return LastPosition(model, task.clean)


def halve(z, hook):
    z = z.clone()
    z[:, -1, 0] *= 0.5
    return z


HOOKS = [("blocks.3.attn.hook_z", halve), ("blocks.20.attn.hook_z", halve)]


def test_plain_logits(model, task, end):
    torch.testing.assert_close(end.logits(), activations.logits_at(model, task.clean), atol=1e-3, rtol=1e-4)


def test_an_intervention_at_end(model, task, end):
    with activations.replace(model, dict(HOOKS)):
        whole = activations.logits_at(model, task.clean)
    changed = end.logits(HOOKS)
    torch.testing.assert_close(changed, whole, atol=1e-3, rtol=1e-4)
    assert (changed - end.logits()).abs().max() > 0.1


def test_runs_leave_nothing_behind(end):
    before = end.logits()
    end.logits(HOOKS)
    assert torch.equal(end.logits(), before)


def test_a_run_that_fails_leaves_nothing_behind(end):
    def fail(z, hook):
        raise ZeroDivisionError

    before = end.logits()
    with pytest.raises(ZeroDivisionError):
        end.logits([("blocks.20.attn.hook_z", fail)])
    assert torch.equal(end.logits(), before)


def test_what_hooks_see(model, task, end):
    seen = {}
    end.logits([(name, lambda x, hook, name=name: seen.update({name: x.clone()})) for name in (PATTERN, STREAM)])
    whole = activations.run_with(model, task.clean, [PATTERN, STREAM])
    assert seen[PATTERN].shape[2] == seen[STREAM].shape[1] == 1
    torch.testing.assert_close(seen[PATTERN][:, :, 0], whole[PATTERN][:, :, -1], atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(seen[STREAM][:, 0], whole[STREAM][:, -1], atol=1e-2, rtol=1e-3)


@pytest.mark.parametrize(
    ("texts", "words"), [(["One", "One and two"], "one length"), (torch.tensor([[5]]), "nothing before END")]
)
def test_wrong_use_is_told(model, texts, words):
    with pytest.raises(ValueError, match=words):
        LastPosition(model, texts)


def test_models_of_our_own_are_not_served(native, native_ids):
    with pytest.raises(ValueError, match="run as a whole"):
        LastPosition(native, native_ids)
