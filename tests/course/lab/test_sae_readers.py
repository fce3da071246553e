"""Files of others compute here what they compute there."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from mi_tutor.lab.saes.gemma_scope import fetch_gemma_scope, read_gemma_scope
from mi_tutor.lab.saes.saelens import read_saelens

FILES = Path(__file__).parent / "saelens_files"
NAMES = sorted(folder.name for folder in FILES.iterdir() if folder.is_dir() and folder.name != "__pycache__")


def test_there_are_files_of_every_kind():
    kinds = {json.loads((FILES / name / "cfg.json").read_text())["architecture"] for name in NAMES}
    assert kinds == {"standard", "topk", "gated", "jumprelu"}


@pytest.mark.parametrize("name", NAMES)
def test_an_sae_written_by_saelens_computes_what_saelens_computes(name):
    sae = read_saelens(FILES / name)
    computed = load_file(FILES / name / "computed.safetensors")
    f = sae.encode(computed["x"])
    torch.testing.assert_close(sae.decode(f), computed["out"], atol=1e-5, rtol=1e-5)
    assert 0.05 < (f > 0).float().mean() < 0.95
    if name == "topk_rescaled":  # there latents are measured in lengths of decoder rows
        torch.testing.assert_close(f > 0, computed["f"] > 0)
    else:
        torch.testing.assert_close(f, computed["f"], atol=1e-5, rtol=1e-5)


def changed(folder: Path, target: Path, **changes) -> Path:
    shutil.copytree(folder, target)
    config = json.loads((target / "cfg.json").read_text())
    (target / "cfg.json").write_text(json.dumps(config | changes))
    return target


def test_topk_as_it_was_written_before_version_6(tmp_path):
    old = {"architecture": "standard", "activation_fn_str": "topk", "activation_fn_kwargs": {"k": 3}}
    sae = read_saelens(changed(FILES / "topk", tmp_path / "old", **old))
    computed = load_file(FILES / "topk" / "computed.safetensors")
    torch.testing.assert_close(sae.encode(computed["x"]), computed["f"], atol=1e-5, rtol=1e-5)


def test_what_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(ValueError, match='"layer_norm"'):
        read_saelens(changed(FILES / "topk", tmp_path / "normalised", normalize_activations="layer_norm"))
    with pytest.raises(ValueError, match='kind "temporal"'):
        read_saelens(changed(FILES / "topk", tmp_path / "kind", architecture="temporal"))
    with pytest.raises(ValueError, match="do not fit"):
        read_saelens(changed(FILES / "topk", tmp_path / "size", d_sae=15))
    scaled = changed(FILES / "standard", tmp_path / "scaled")
    tensors = load_file(scaled / "sae_weights.safetensors") | {"finetuning_scaling_factor": torch.full((14,), 1.5)}
    save_file(tensors, scaled / "sae_weights.safetensors")
    with pytest.raises(ValueError, match="fine-tuning"):
        read_saelens(scaled)
    (tmp_path / "scaled" / "cfg.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"no cfg\.json"):
        read_saelens(tmp_path / "scaled")


@pytest.mark.parametrize("upper", [True, False])
def test_gemma_scopes_layout(tmp_path, upper):
    generator = np.random.default_rng(0)
    W = "W" if upper else "w"
    arrays = {
        f"{W}_enc": generator.normal(size=(6, 14)),
        f"{W}_dec": generator.normal(size=(14, 6)),
        "threshold": generator.uniform(0, 2, size=14),
        "b_enc": generator.normal(size=14),
        "b_dec": generator.normal(size=6),
    }
    np.savez(tmp_path / "params.npz", **{name: array.astype(np.float32) for name, array in arrays.items()})
    x = generator.normal(size=(20, 6)) * 2
    # The formula of Gemma Scope's own tutorial: the encoder does not subtract b_dec.
    pre = x @ arrays[f"{W}_enc"] + arrays["b_enc"]
    f = (pre > arrays["threshold"]) * np.maximum(pre, 0)
    sae = read_gemma_scope(tmp_path / "params.npz")
    given = torch.tensor(x, dtype=torch.float32)
    torch.testing.assert_close(sae.encode(given), torch.tensor(f, dtype=torch.float32), atol=1e-5, rtol=1e-5)
    expected = torch.tensor(f @ arrays[f"{W}_dec"] + arrays["b_dec"], dtype=torch.float32)
    torch.testing.assert_close(sae(given), expected, atol=1e-5, rtol=1e-5)


def test_a_threshold_of_zero_is_a_relu(tmp_path):
    arrays = {
        "W_enc": np.eye(3),
        "W_dec": np.eye(3),
        "threshold": np.zeros(3),
        "b_enc": np.zeros(3),
        "b_dec": np.zeros(3),
    }
    np.savez(tmp_path / "params.npz", **arrays)
    sae = read_gemma_scope(tmp_path / "params.npz")
    assert sae.encode(torch.tensor([[1e-6, -1.0, 2.0]])).tolist() == [[pytest.approx(1e-6), 0.0, 2.0]]


def test_gemma_scope_wrong_use(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"params\.npz"):
        read_gemma_scope(tmp_path / "params.npz")
    np.savez(tmp_path / "params.npz", W_enc=np.eye(3))
    with pytest.raises(ValueError, match="lacks W_dec, threshold"):
        read_gemma_scope(tmp_path / "params.npz")

    def unreachable(*_):
        raise OSError("no route")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", unreachable)
    with pytest.raises(ConnectionError, match="by hand"):
        fetch_gemma_scope("layer_20/width_16k/average_l0_71")
