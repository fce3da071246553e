"""Convert the GGUF to a folder that transformers loads: `python -m mi_tutor.lab.weights_convert GGUF FOLDER`."""

import os
import sys
from pathlib import Path


def convert(gguf: Path, folder: Path) -> None:
    """Write config, safetensors (float32, exact) and tokenizer of the GGUF file into `folder`.

    transformers refuses to save a model that it read from a GGUF, so the tensors are written directly and the config
    is made without its quantisation entry. The unembedding is tied to the embedding and stored once.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TQDM_DISABLE", "1")
    import torch
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig

    model = AutoModelForCausalLM.from_pretrained(str(gguf.parent), gguf_file=gguf.name, dtype=torch.float32)
    tensors = {name: value for name, value in model.state_dict().items() if name != "lm_head.weight"}
    save_file(tensors, str(folder / "model.safetensors"), metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)
    settings = model.config.to_dict()
    for entry in ("quantization_config", "_name_or_path", "transformers_version"):
        settings.pop(entry, None)
    settings["architectures"] = ["LlamaForCausalLM"]
    LlamaConfig.from_dict(settings).save_pretrained(str(folder))
    AutoTokenizer.from_pretrained(str(gguf.parent), gguf_file=gguf.name).save_pretrained(str(folder))


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
