"""How an SAE is trained: every number of it, in one place."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Recipe:
    """Settings of one training run. Activations are expected with a mean norm of about √d_model.

    lr: learning rate of Adam, after the warm-up.
    lr_warm_up: steps over which the learning rate rises from zero.
    lr_decay: share of all steps, at the end, over which it falls to zero.
    betas: of Adam.
    sparsity: what the penalty is multiplied with. TopK and BatchTopK have no penalty.
    sparsity_warm_up: steps over which it rises from zero; rising slowly, it kills fewer latents.
    unit_norm: keep the decoder's rows at length one.
    project: take the gradient's part along those rows out before Adam sees it.
    revive: "none", "auxiliary" or "resample", see `dead`.
    dead_after: rows without activity after which a latent counts as dead.
    auxiliary, auxiliary_k: weight of the auxiliary error, and how many dead latents a row may use.
    resample_every: steps between two resamplings; none happens in the last fifth of the training.
    resample_batches: batches from which new directions are drawn.
    """

    lr: float = 1e-3
    lr_warm_up: int = 50
    lr_decay: float = 0.2
    betas: tuple[float, float] = (0.9, 0.999)
    sparsity: float = 0.0
    sparsity_warm_up: int = 0
    unit_norm: bool = True
    project: bool = True
    revive: str = "none"
    dead_after: int = 20_000
    auxiliary: float = 1 / 32
    auxiliary_k: int = 64
    resample_every: int = 500
    resample_batches: int = 4

    def __post_init__(self):
        if self.revive not in ("none", "auxiliary", "resample"):
            raise ValueError(f'revive is "{self.revive}": choose "none", "auxiliary" or "resample".')

    def rate(self, step: int, steps: int) -> float:
        """The learning rate of a step, counted from 0."""
        rise = (step + 1) / max(1, self.lr_warm_up)
        fall = (steps - step) / max(1.0, self.lr_decay * steps)
        return self.lr * min(1.0, rise, fall)

    def weight(self, step: int) -> float:
        """The sparsity weight of a step."""
        return self.sparsity * min(1.0, (step + 1) / max(1, self.sparsity_warm_up))

    def resamples(self, step: int, steps: int) -> bool:
        """Whether dead latents are resampled after this step."""
        return self.revive == "resample" and (step + 1) % self.resample_every == 0 and step + 1 <= 0.8 * steps

    def as_json(self) -> dict:
        return asdict(self) | {"betas": list(self.betas)}
