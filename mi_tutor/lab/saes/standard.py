"""The standard sparse autoencoder: ReLU latents and an L1 penalty (Bricken et al. 2023, Cunningham et al. 2023)."""

from jaxtyping import Float
from torch import Tensor

from mi_tutor.lab.saes.sae import SAE, Pass, weighted_l1


class Standard(SAE):
    """f = relu(pre); the penalty is the L1 norm of f. It is paid for every active latent in proportion to its size, so
    active latents come out too small (shrinkage)."""

    kind = "standard"

    def encode(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... feature"]:
        return self.pre(x).relu()

    def losses(self, x: Float[Tensor, "batch d_model"]) -> Pass:
        f = self.encode(x)
        return self.gather(x, self.decode(f), f, penalty=weighted_l1(f, self.W_dec))
