"""Read SAEs of Gemma Scope (Lieberum et al. 2024): JumpReLU SAEs in NumPy's npz format, with `params.npz` as file name.

    W_enc [d_model feature], W_dec [feature d_model], threshold [feature], b_enc [feature], b_dec [d_model]

Some releases write w_enc and w_dec. The encoder reads x itself, without subtracting b_dec.
"""

from pathlib import Path

import torch

from mi_tutor.lab.saes.sae import SAE
from mi_tutor.lab.saes.saelens import fill
from mi_tutor.lab.saes.storing import make

NAMES = ("W_enc", "W_dec", "threshold", "b_enc", "b_dec")
REPOSITORY = "google/gemma-scope-2b-pt-res"


def read_gemma_scope(file: str | Path) -> SAE:
    """The SAE in a `params.npz`, frozen, in float32.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file lacks one of the five arrays.
    """
    import numpy as np

    file = Path(file)
    if not file.exists():
        raise FileNotFoundError(f"There is no file {file}: give the path of a params.npz of Gemma Scope.")
    with np.load(file) as archive:
        found = {"W_" + name[2:] if name.startswith("w_") else name: torch.tensor(archive[name]) for name in archive}
    missing = [name for name in NAMES if name not in found]
    if missing:
        raise ValueError(f"{file.name} lacks {', '.join(missing)}: it is not an SAE of Gemma Scope.")
    weights = {name: found[name].float() for name in NAMES}
    tiny = torch.finfo(torch.float32).tiny
    weights["log_threshold"] = weights.pop("threshold").clamp_min(tiny).log()
    weights["b_enc"] = weights["b_enc"] + weights["b_dec"] @ weights["W_enc"]
    d_model, feature = weights["W_enc"].shape
    return fill(make("jumprelu", d_model, feature), weights, {"from": f"Gemma Scope, {file.name}"})


def fetch_gemma_scope(folder: str, *, repository: str = REPOSITORY) -> SAE:
    """Download and read one SAE, where the model hub can be reached.

    Args:
        folder: for example "layer_20/width_16k/average_l0_71".
        repository: the release.

    Raises:
        ConnectionError: the hub cannot be reached, or has no such file.
    """
    from huggingface_hub import hf_hub_download

    try:
        return read_gemma_scope(hf_hub_download(repository, f"{folder}/params.npz"))
    except OSError as problem:  # what the hub's client raises for a missing file and for a missing network
        raise ConnectionError(
            f"{repository}/{folder} could not be fetched from the hub: check the network and the name, or download "
            f"params.npz by hand and call read_gemma_scope. ({type(problem).__name__})"
        ) from problem
