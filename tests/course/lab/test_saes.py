"""Each kind of SAE against numbers worked out by hand, dense formulas and finite differences."""

import subprocess
import sys

import pytest
import torch

from mi_tutor.lab import saes
from mi_tutor.lab.saes import jumprelu, sparse

SETTINGS = {"topk": {"k": 3}, "batch_topk": {"k": 3}, "jumprelu": {"threshold": 0.3, "bandwidth": 0.4}}


def random_sae(kind: str, d_model: int = 8, feature: int = 20, **changes) -> saes.SAE:
    """An SAE with no parameter at zero, and decoder rows of different lengths."""
    sae = saes.make(kind, d_model, feature, **(SETTINGS.get(kind, {}) | changes))
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in sae.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))
    return sae


def rows(count: int = 30, d_model: int = 8, seed: int = 1) -> torch.Tensor:
    return 2 * torch.randn(count, d_model, generator=torch.Generator().manual_seed(seed)) + 0.5


@pytest.mark.parametrize("kind", saes.KINDS)
def test_the_common_face(kind):
    sae, x = random_sae(kind), rows()
    f = sae.encode(x)
    assert f.shape == (30, 20) and (f >= 0).all() and 0 < (f > 0).float().mean() < 1
    torch.testing.assert_close(sae.decode(f), f @ sae.W_dec + sae.b_dec)
    torch.testing.assert_close(sae(x), sae.decode(f))
    torch.testing.assert_close(sae.encode(x.view(5, 6, 8)), f.view(5, 6, 20))


@pytest.mark.parametrize("kind", saes.KINDS)
def test_a_pass_holds_the_reconstruction_and_the_counts_of_the_latents(kind):
    sae, x = random_sae(kind), rows()
    out = sae.losses(x)
    torch.testing.assert_close(out.error, (x - out.reconstruction).pow(2).sum(1).mean())
    if kind != "batch_topk":  # in training it looks at the whole batch
        f = sae.encode(x)
        torch.testing.assert_close(out.reconstruction, sae.decode(f))
        assert out.counts.tolist() == (f > 0).sum(0).tolist()


@pytest.mark.parametrize("kind", saes.KINDS)
def test_seeds_differ_and_repeat(kind):
    first, again, other = (saes.make(kind, 8, 20, seed=seed, **SETTINGS.get(kind, {})) for seed in (1, 1, 2))
    assert torch.equal(first.W_dec, again.W_dec) and not torch.equal(first.W_dec, other.W_dec)
    torch.testing.assert_close(first.W_dec.norm(dim=1), torch.ones(20))
    assert torch.equal(first.W_enc, first.W_dec.T)


@pytest.mark.parametrize("kind", saes.KINDS)
def test_the_encoder_starts_as_the_transpose_with_the_length_one_asks_for(kind):
    sae = saes.make(kind, 8, 20, encoder_norm=0.3, **SETTINGS.get(kind, {}))
    torch.testing.assert_close(sae.W_enc, 0.3 * sae.W_dec.T)
    with pytest.raises(ValueError, match="choose a length above 0"):
        saes.make(kind, 8, 20, encoder_norm=0, **SETTINGS.get(kind, {}))


def test_standard_by_hand():
    sae = saes.make("standard", 2, 3)
    with torch.no_grad():
        sae.W_enc.copy_(torch.tensor([[1.0, 0.0, -1.0], [0.0, 2.0, 0.0]]))
        sae.b_enc.copy_(torch.tensor([0.5, -1.0, 0.0]))
        sae.W_dec.copy_(torch.tensor([[3.0, 4.0], [0.0, 1.0], [1.0, 0.0]]))
        sae.b_dec.copy_(torch.tensor([1.0, 1.0]))
    x = torch.tensor([[2.0, 3.0]])
    assert sae.encode(x).tolist() == [[1.5, 3.0, 0.0]]  # x − b_dec = [1, 2]; pre = [1.5, 3, −1]
    assert sae(x).tolist() == [[5.5, 10.0]]
    out = sae.losses(x)
    assert out.error.item() == 3.5**2 + 7.0**2
    assert out.penalty.item() == 1.5 * 5 + 3.0 * 1  # each latent times the norm of its decoder row


def test_topk_keeps_the_largest_and_never_a_negative_one():
    pre = torch.tensor([[1.0, -5.0, 3.0, 2.0], [-1.0, -2.0, 4.0, -9.0]])
    assert sparse.plain_topk(pre, 2).tolist() == [[0.0, 0.0, 3.0, 2.0], [0.0, 0.0, 4.0, 0.0]]


def test_sums_by_latent_are_a_matrix_product():
    generator = torch.Generator().manual_seed(0)
    weights, x = torch.randn(6, 2, generator=generator), torch.randn(6, 3, generator=generator)
    chosen = torch.tensor([[0, 4], [4, 1], [0, 1], [4, 0], [1, 4], [0, 4]])  # latents 2 and 3 never, nor the last
    dense = torch.zeros(6, 6).scatter_(1, chosen, weights)
    torch.testing.assert_close(sparse.sums_by_latent(weights, chosen, x, 6), dense.T @ x)


@pytest.mark.parametrize("k", [1, 3, 15, 20])
def test_fast_topk_has_the_numbers_and_gradients_of_the_plain_one(k):
    plain, fast, x = random_sae("topk", k=k, fast=False), random_sae("topk", k=k, fast=True), rows(50)
    for sae in (plain, fast):
        sae.double()
        out = sae.losses(x.double())
        # Not only the error, so that the gradient of the reconstruction is no multiple of the residual.
        (out.error + (out.reconstruction * torch.arange(8)).sin().sum()).backward()
    assert plain.losses(x.double()).counts.tolist() == fast.losses(x.double()).counts.tolist()
    for (name, one), other in zip(plain.named_parameters(), fast.parameters(), strict=True):
        assert one.grad.abs().sum() > 0, name
        torch.testing.assert_close(one.grad, other.grad, msg=name)


def test_fast_encode_has_the_gradient_of_its_input():
    sae = random_sae("topk").double()
    inputs = [rows(5).double().requires_grad_() for _ in range(2)]
    sae.encode(inputs[0]).sum().backward()
    sae.active(inputs[1])[0].sum().backward()
    torch.testing.assert_close(inputs[1].grad, inputs[0].grad)


def test_batch_topk_keeps_the_largest_of_the_batch():
    sae = random_sae("batch_topk")
    x = torch.cat([0.1 * rows(20), 5 * rows(20, seed=2)])
    pre = sae.pre(x)
    kept = (pre >= pre.flatten().topk(3 * 40).values[-1]).sum(1)
    out = sae.losses(x)
    assert out.counts.sum() == 3 * 40
    assert kept[:20].sum() < kept[20:].sum()  # rows with more in them use more latents
    f = torch.where(pre >= pre.flatten().topk(3 * 40).values[-1], pre, 0)
    torch.testing.assert_close(out.reconstruction, f @ sae.W_dec + sae.b_dec)


def test_batch_topk_uses_in_encode_the_threshold_that_training_taught():
    sae = random_sae("batch_topk")
    batches = [rows(seed=seed) for seed in range(3)]
    smallest = [sae.pre(x).flatten().topk(3 * 30).values[-1].item() for x in batches]
    for x in batches:
        sae.losses(x)
    first, second, third = smallest
    expected = 0.99 * (0.99 * first + 0.01 * second) + 0.01 * third
    assert sae.threshold.item() == pytest.approx(expected, rel=1e-5)
    x = rows(seed=9)
    torch.testing.assert_close(sae.encode(x[:1]), sae.encode(x)[:1])  # a row does not depend on its batch
    assert ((sae.encode(x) > 0) == (sae.pre(x) > sae.threshold)).all()


def test_gated_multiplies_a_gate_with_a_size():
    sae, x = random_sae("gated"), rows()
    gate = (x - sae.b_dec) @ sae.W_enc + sae.b_enc
    size = (((x - sae.b_dec) @ (sae.W_enc * sae.r_mag.exp())) + sae.b_mag).relu()
    torch.testing.assert_close(sae.encode(x), (gate > 0) * size)
    out = sae.losses(x)
    by_gate = gate.relu() @ sae.W_dec + sae.b_dec
    torch.testing.assert_close(out.extra, (x - by_gate).pow(2).sum(1).mean())
    torch.testing.assert_close(out.penalty, (gate.relu() * sae.W_dec.norm(dim=1)).sum(1).mean())


def test_the_gates_terms_do_not_move_gateds_decoder():
    sae = random_sae("gated")
    out = sae.losses(rows())
    (out.penalty + out.extra).backward()
    assert sae.W_dec.grad is None
    assert sae.W_enc.grad.abs().sum() > 0 and sae.b_enc.grad.abs().sum() > 0


def test_jumprelu_by_hand():
    pre, threshold = torch.tensor([[0.2, 0.9, 1.4, -3.0]]), torch.tensor([0.5, 1.0, 1.0, 0.5])
    assert jumprelu.jump(pre, threshold, 0.5).tolist() == [[0.0, 0.0, pre[0, 2].item(), 0.0]]
    assert jumprelu.step(pre, threshold, 0.5).tolist() == [[0.0, 0.0, 1.0, 0.0]]


def test_jumprelu_thresholds_get_the_gradient_of_the_mean():
    """Over many rows the mean is smooth in the threshold, and finite differences show its derivative."""
    pre = torch.randn(200_000, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for function in (jumprelu.jump, jumprelu.step):
        threshold = torch.tensor([0.7], dtype=torch.float64, requires_grad=True)
        function(pre, threshold, 0.1).mean().backward()
        up, down = (function(pre, torch.tensor([0.7 + h]), 0.1).mean().item() for h in (0.05, -0.05))
        assert threshold.grad.item() == pytest.approx((up - down) / 0.1, rel=0.03)
        assert threshold.grad.item() < -0.1


def test_jumprelu_activations_pass_gradients_where_active():
    pre = torch.tensor([[0.2, 0.9, 1.4]], requires_grad=True)
    jumprelu.jump(pre, torch.tensor([0.5, 1.0, 1.0]), 0.5).sum().backward()
    assert pre.grad.tolist() == [[0.0, 0.0, 1.0]]


@pytest.mark.parametrize("kind", saes.KINDS)
def test_changed_units_give_the_same_reconstruction(kind):
    sae, z = random_sae(kind), rows()
    if kind == "batch_topk":
        sae.losses(z)
    f, out = sae.encode(z), sae(z)
    mean, scale = torch.randn(8, generator=torch.Generator().manual_seed(3)), 4.0
    sae.change_units(mean, scale)
    torch.testing.assert_close(sae(scale * z + mean), scale * out + mean, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(sae.encode(scale * z + mean), scale * f, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("kind", saes.KINDS)
def test_saved_and_loaded_it_computes_the_same(kind, tmp_path):
    sae, x = random_sae(kind), rows()
    sae.info = {"from": "a test"}
    if kind == "batch_topk":
        sae.losses(x)
    saes.save(sae, tmp_path / "one")
    again = saes.load(tmp_path / "one")
    assert type(again) is type(sae) and again.info == {"from": "a test"} and again.settings() == sae.settings()
    assert torch.equal(again(x), sae(x))
    assert not any(parameter.requires_grad for parameter in again.parameters())
    assert sorted(file.name for file in tmp_path.iterdir()) == ["one.json", "one.safetensors"]


def test_half_precision_rounds_the_weights(tmp_path):
    sae = random_sae("topk")
    saes.save(sae, tmp_path / "one", dtype=torch.float16)
    again = saes.load(tmp_path / "one")
    assert again.W_dec.dtype == torch.float32
    assert torch.equal(again.W_dec, sae.W_dec.half().float())


def test_wrong_use_is_answered_in_words(tmp_path):
    with pytest.raises(ValueError, match="choose one of standard, topk"):
        saes.make("relu", 8, 20)
    with pytest.raises(ValueError, match="choose 1 to 20"):
        saes.make("topk", 8, 20, k=21)
    with pytest.raises(FileNotFoundError, match="no SAE at"):
        saes.load(tmp_path / "nothing")


def test_importing_costs_no_more_than_torch():
    heavy = "transformer_lens transformers sklearn matplotlib pandas ipywidgets safetensors"
    code = f"import sys, mi_tutor.lab.saes; print([one for one in '{heavy}'.split() if one in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
