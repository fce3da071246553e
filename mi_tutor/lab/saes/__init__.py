"""Sparse autoencoders: small classes with one face, a trainer that can be killed, and what is needed around them.

An SAE: `make(kind, d_model, feature, ...)`, of the kinds Standard, TopK, BatchTopK, Gated, JumpReLU. Each has `encode`,
`decode`, and called as a function reconstructs its input.
    pretrained(name)                        the trained SAEs that come with the course: "smollm2", "one_layer"
    train(saes, data, recipe, steps=...)    several SAEs on one pass; goes on after it was stopped
    save, load                              safetensors and JSON
    read_saelens, read_gemma_scope          files of others
    measure, splice                         L0, explained variance, dead latents; cross-entropy recovered
In modules of their own:
    texts, buffer, batches                  what is read; activations on disk; batches as a function of the step
    activity, feature_page, page_html       what a latent responds to and writes; as one file of pages
    unit_norm, dead, sparse                 the steps of training that have a story
    one_layer                               a transformer with 512 MLP neurons on mixed text (Bricken et al. 2023)
    train_smollm2, train_one_layer          how the trained SAEs were made

Importing this costs torch only.
"""

from mi_tutor.lab.saes.batch_topk import BatchTopK
from mi_tutor.lab.saes.gated import Gated
from mi_tutor.lab.saes.gemma_scope import fetch_gemma_scope, read_gemma_scope
from mi_tutor.lab.saes.jumprelu import JumpReLU
from mi_tutor.lab.saes.measuring import Measures, measure
from mi_tutor.lab.saes.recipe import Recipe
from mi_tutor.lab.saes.sae import SAE
from mi_tutor.lab.saes.saelens import read_saelens
from mi_tutor.lab.saes.shipped import pretrained
from mi_tutor.lab.saes.splicing import Spliced, splice
from mi_tutor.lab.saes.standard import Standard
from mi_tutor.lab.saes.storing import KINDS, load, make, save
from mi_tutor.lab.saes.topk import TopK
from mi_tutor.lab.saes.training import train

__all__ = [
    "KINDS",
    "SAE",
    "BatchTopK",
    "Gated",
    "JumpReLU",
    "Measures",
    "Recipe",
    "Spliced",
    "Standard",
    "TopK",
    "fetch_gemma_scope",
    "load",
    "make",
    "measure",
    "pretrained",
    "read_gemma_scope",
    "read_saelens",
    "save",
    "splice",
    "train",
]
