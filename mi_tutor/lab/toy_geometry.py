"""What shapes do trained feature directions form? Groups of features that interfere, and the names of their shapes."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

# (features, dimensions): the name in Elhage et al. 2022, "The Geometry of Superposition", and the cosines of all pairs.
# The square antiprism has a free height; here it is the one that training finds.
SHAPES: dict[tuple[int, int], tuple[str, list[float]]] = {
    (1, 1): ("own dimension", []),
    (2, 1): ("digon", [-1.0]),
    (3, 2): ("triangle", [-0.5] * 3),
    (4, 3): ("tetrahedron", [-1 / 3] * 6),
    (5, 2): ("pentagon", [-0.809] * 5 + [0.309] * 5),
    (8, 3): ("square antiprism", [-0.79] * 8 + [-0.44] * 4 + [0.23] * 8 + [0.28] * 8),
}
TOLERANCE = 0.1  # how far each of the sorted cosines may be from those of the shape


@dataclass(frozen=True)
class Group:
    """Features that share dimensions with each other and with no other feature."""

    features: tuple[int, ...]
    dimensions: int
    cosines: tuple[float, ...]  # of all pairs, ascending

    @property
    def name(self) -> str:
        name, ideal = SHAPES.get((len(self.features), self.dimensions), ("", None))
        if ideal is not None and all(abs(a - b) < TOLERANCE for a, b in zip(self.cosines, ideal, strict=True)):
            return name
        plural = "" if self.dimensions == 1 else "s"
        return f"{len(self.features)} features in {self.dimensions} dimension{plural}"


def groups(W: Float[Tensor, "hidden feature"], *, norm: float = 0.5, cosine: float = 0.15) -> list[Group]:
    """Split the represented features (‖Wᵢ‖ > norm) of one instance into groups that do not interfere.

    Two features are linked when |cos(Wᵢ, Wⱼ)| > cosine; a group is what links connect. Its dimensions are the number of
    singular values of its columns above a quarter of the largest.
    """
    represented = (W.norm(dim=0) > norm).nonzero().flatten().tolist()
    unit = torch.nn.functional.normalize(W, dim=0)
    linked = (unit.T @ unit).abs() > cosine
    found, left = [], set(represented)
    while left:
        members, frontier = set(), {min(left)}
        while frontier:
            members |= frontier
            left -= frontier
            frontier = {j for j in left if any(bool(linked[i, j]) for i in frontier)}
        features = tuple(sorted(members))
        values = torch.linalg.svdvals(W[:, list(features)])
        cosines = sorted(float(unit[:, i] @ unit[:, j]) for i in features for j in features if i < j)
        found.append(Group(features, int((values > values[0] / 4).sum()), tuple(cosines)))
    return found


def shape_names(W: Float[Tensor, "hidden feature"], **thresholds: float) -> str:
    """The groups of one instance in words: `2 × digon, 1 × own dimension`."""
    names = [group.name for group in groups(W, **thresholds)]
    return ", ".join(f"{names.count(name)} × {name}" for name in sorted(set(names))) or "nothing represented"


def random_rotation(d: int, seed: int = 0) -> Float[Tensor, "d d"]:
    """A uniformly random orthogonal matrix of determinant +1 or −1."""
    q, r = torch.linalg.qr(torch.randn(d, d, generator=torch.Generator().manual_seed(seed)))
    return q * r.diagonal().sign()
