"""The rest of the model as a function of one vector is the model itself."""

import pytest
import torch

from mi_tutor.lab import activations, models
from mi_tutor.lab.judging.site import Site

TEXTS = ["The city of Paris is located in the country of", "The city of Cairo is located on the continent of"]
ANSWERS = torch.tensor([260, 1000, 4096])


@pytest.fixture(scope="module")
def site(model):
    return Site(model, models.tokens(model, TEXTS), layer=10, position=4, answers=ANSWERS)


def test_nothing_changed_gives_the_models_own_logits(model, site):
    own = activations.logits_at(model, models.tokens(model, TEXTS))[:, ANSWERS]
    assert (site.answers(site.x, torch.arange(2)) - own).abs().max() < 1e-3


def test_a_changed_vector_gives_what_a_hook_gives(model, site):
    new = site.x.flip(0) * 1.5

    def put(x, hook):
        x = x.clone()
        x[:, 4] = new
        return x

    with activations.replace(model, "blocks.10.hook_resid_pre", put):
        own = activations.logits_at(model, models.tokens(model, TEXTS))[:, ANSWERS]
    assert (site.answers(new, torch.arange(2)) - own).abs().max() < 1e-3


def test_gradients_flow_to_the_vector(site):
    x = site.x[:1].clone().requires_grad_()
    with torch.enable_grad():
        site.readout([1])(x).sum().backward()
    assert x.grad.abs().sum() > 0


def test_prompts_that_do_not_begin_alike_are_refused(model):
    with pytest.raises(ValueError, match="begin alike"):
        Site(model, models.tokens(model, ["One city is", "The city is"]), layer=10, position=3, answers=ANSWERS)
    with pytest.raises(ValueError, match="one length"):
        Site(model, models.tokens(model, ["The city", "The city is"]), layer=10, position=2, answers=ANSWERS)
    with pytest.raises(ValueError, match="Position 9"):
        Site(model, models.tokens(model, ["The city is"]), layer=10, position=9, answers=ANSWERS)
