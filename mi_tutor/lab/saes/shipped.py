"""The trained SAEs that come with the course; `train_smollm2` and `train_one_layer` made them."""

from pathlib import Path

from mi_tutor.lab.saes.sae import SAE
from mi_tutor.lab.saes.storing import load

FOLDER = Path(__file__).parent / "weights"


def pretrained(name: str = "smollm2") -> SAE:
    """A trained SAE, frozen, in the units of the model's activations.

    "smollm2": TopK, 4096 latents, k 32, on the residual stream that enters layer 10 of SmolLM2.
    "one_layer": standard (L1), on the 512 MLP neurons of the one-layer model.

    `info` says where it reads ("name"), what it was trained on, and what was measured on held-out text.

    Raises:
        ValueError: an unknown name.
    """
    known = sorted(file.stem.removeprefix("sae_") for file in FOLDER.glob("sae_*.safetensors"))
    if name not in known:
        raise ValueError(f'There is no trained SAE "{name}"; there are {", ".join(known)}.')
    return load(FOLDER / f"sae_{name}")
