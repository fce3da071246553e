"""Write the files of this folder with SAELens (6.54), in an environment that has it; the course does not need it.

    python write.py

Small SAEs of each published kind with random parameters, saved by SAELens, and beside each what it computes.
"""

from pathlib import Path

import torch
from sae_lens import (
    BatchTopKTrainingSAE,
    BatchTopKTrainingSAEConfig,
    GatedSAE,
    GatedSAEConfig,
    JumpReLUSAE,
    JumpReLUSAEConfig,
    StandardSAE,
    StandardSAEConfig,
    TopKSAE,
    TopKSAEConfig,
)
from safetensors.torch import save_file

SIZE = {"d_in": 6, "d_sae": 14}
SAES = {
    "standard": StandardSAE(StandardSAEConfig(**SIZE)),
    "standard_without_b_dec": StandardSAE(StandardSAEConfig(**SIZE, apply_b_dec_to_input=False)),
    "topk": TopKSAE(TopKSAEConfig(**SIZE, k=3)),
    "topk_rescaled": TopKSAE(TopKSAEConfig(**SIZE, k=3, rescale_acts_by_decoder_norm=True)),
    "gated": GatedSAE(GatedSAEConfig(**SIZE)),
    "gated_without_b_dec": GatedSAE(GatedSAEConfig(**SIZE, apply_b_dec_to_input=False)),
    "jumprelu": JumpReLUSAE(JumpReLUSAEConfig(**SIZE)),
    "jumprelu_without_b_dec": JumpReLUSAE(JumpReLUSAEConfig(**SIZE, apply_b_dec_to_input=False)),
    "batch_topk": BatchTopKTrainingSAE(BatchTopKTrainingSAEConfig(**SIZE, k=3)),
}


def main() -> None:
    generator = torch.Generator().manual_seed(0)
    here = Path(__file__).parent
    x = 2 * torch.randn(20, 6, generator=generator)
    for name, sae in SAES.items():
        with torch.no_grad():
            for key, parameter in sae.named_parameters():
                drawn = torch.randn(parameter.shape, generator=generator)
                parameter.copy_(drawn.abs() if key == "threshold" else 0.7 * drawn)
            if name == "batch_topk":
                sae.topk_threshold.fill_(0.8)
                sae.save_inference_model(here / name)
                sae = JumpReLUSAE.load_from_disk(here / name)
            else:
                sae.save_model(here / name)
            save_file({"x": x, "f": sae.encode(x), "out": sae(x)}, here / name / "computed.safetensors")


if __name__ == "__main__":
    main()
