"""Metrics against numbers worked out by hand, and splicing on a small model."""

import pytest
import torch
import torch.nn.functional as F

from mi_tutor.lab import saes
from mi_tutor.lab.running import run_with
from mi_tutor.lab.saes.measuring import measure
from mi_tutor.lab.saes.splicing import Spliced, edit, splice

NAME = "blocks.1.hook_resid_pre"


def axis_sae() -> saes.Standard:
    """Latents read the first two of three axes; b_dec holds the third at 1."""
    sae = saes.make("standard", 3, 3)
    with torch.no_grad():
        sae.W_enc.copy_(torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]))
        sae.b_enc.copy_(torch.tensor([0.0, 0.0, -1.0]))  # the third latent never fires
        sae.W_dec.copy_(torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 1.0]]))
        sae.b_dec.copy_(torch.tensor([0.0, 0.0, 1.0]))
    return sae


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_measures_by_hand(batch_size):
    x = torch.tensor([[2.0, 0.0, 1.0], [0.0, 4.0, 1.0], [1.0, 2.0, 3.0], [5.0, -6.0, 3.0]])
    found = measure(axis_sae(), x, batch_size=batch_size)
    # Latents: [2 0], [0 4], [1 2], [5 0]; x̂ = [2 0 1], [0 2 1], [1 1 1], [5 0 1].
    assert found.l0 == 5 / 4
    assert found.counts.tolist() == [3, 2, 0]
    residual = 0 + 4 + (1 + 4) + (36 + 4)
    about_mean = (0 + 4 + 1 + 9) + (0 + 16 + 4 + 36) + 4  # means: 2, 0, 2
    assert found.error == pytest.approx(residual / 4)
    assert found.fve == pytest.approx(1 - residual / about_mean)
    assert found.dead == pytest.approx(1 / 3) and found.dense == pytest.approx(2 / 3)
    assert found.l1 == pytest.approx((2 + 4 + 3 + 5) / 4)


def test_half_sized_reconstructions_have_a_norm_ratio_of_one_half():
    x = torch.randn(500, 3, generator=torch.Generator().manual_seed(0))
    x -= x.mean(0)

    class Half(saes.Standard):
        def decode(self, f):
            return 0.5 * f

        def encode(self, x):
            return x

    found = measure(Half(3, 3), x)
    assert found.norm_ratio == pytest.approx(0.5, abs=1e-4) and found.cosine == pytest.approx(1, abs=1e-4)


def test_rows_without_variance_are_refused():
    with pytest.raises(ValueError, match="different rows"):
        measure(axis_sae(), torch.ones(5, 3))


def test_recovered_is_one_for_the_model_and_zero_for_the_baseline():
    assert Spliced(clean=2.0, sae=3.0, zero=12.0, mean=7.0).recovered() == pytest.approx(0.9)
    assert Spliced(clean=2.0, sae=3.0, zero=12.0, mean=7.0).recovered("mean") == pytest.approx(0.8)


@pytest.fixture(scope="module")
def tiny():
    from test_sae_buffer import small_model

    return small_model()


@pytest.fixture(scope="module")
def ids():
    drawn = torch.randint(1, 19, (5, 9), generator=torch.Generator().manual_seed(0))
    return torch.cat([torch.zeros(5, 1, dtype=torch.long), drawn], dim=1)


def plain_loss(model, ids, replaced=None) -> float:
    """The cross-entropy of tokens 2 onward, from a full forward pass."""
    hooks = [] if replaced is None else [(NAME, lambda activation, hook: replaced)]
    logits = model.run_with_hooks(ids, fwd_hooks=hooks)
    return F.cross_entropy(logits[:, 1:-1].flatten(0, 1), ids[:, 2:].flatten()).item()


class Scaled(saes.Standard):
    """Reconstructs x as a constant times x."""

    def forward(self, x):
        return self.factor * x


@pytest.mark.parametrize("batch_size", [2, 5])
def test_splicing_replaces_all_but_bos(tiny, ids, batch_size):
    sae = Scaled(16, 4)
    sae.factor, mean = 0.3, torch.linspace(-1, 1, 16)
    found = splice(tiny, sae, ids, NAME, mean=mean, batch_size=batch_size)
    resid = run_with(tiny, ids, NAME)[NAME]
    inside = torch.ones(1, 10, 1).index_fill_(1, torch.tensor([0]), 0.0).bool()
    assert found.clean == pytest.approx(plain_loss(tiny, ids), abs=1e-5)
    assert found.sae == pytest.approx(plain_loss(tiny, ids, torch.where(inside, 0.3 * resid, resid)), abs=1e-5)
    assert found.zero == pytest.approx(plain_loss(tiny, ids, torch.where(inside, 0.0, resid)), abs=1e-5)
    assert found.mean == pytest.approx(plain_loss(tiny, ids, torch.where(inside, mean, resid)), abs=1e-5)
    assert len({round(value, 4) for value in vars(found).values()}) == 4
    sae.factor = 1.0
    assert splice(tiny, sae, ids, NAME, mean=mean).recovered() == pytest.approx(1.0, abs=1e-5)


def test_huge_rows_pass_unchanged(tiny):
    sae = Scaled(16, 4)
    sae.factor = 0.0
    activation = torch.ones(1, 3, 16)
    activation[0, 2] = 100.0
    changed = edit(sae, norm_limit=10.0)(activation)
    assert changed[0].mean(1).tolist() == [1.0, 0.0, 100.0]  # BOS, an ordinary row, a huge row
