"""Wrong answers to judging_saes.subspace_interchange that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("judging_saes.subspace_interchange")
def observe_subspace_interchange(subspace_interchange):
    """A plane in three dimensions, then a line."""
    base, source = torch.tensor([[3.0, 4.0, -1.0], [0.5, 1.0, 2.0]]), torch.tensor([[14.0, 2.0, 5.0], [-2.0, 0.3, 1.0]])
    basis = torch.tensor([[0.6, 0.0], [0.8, 0.0], [0.0, 1.0]])
    yield subspace_interchange(base, source, basis)
    yield subspace_interchange(base, source, basis[:, :1])


@misconception(
    "judging_saes.subspace_interchange",
    says="The part in the subspace stays the base's, and all else comes from the source. It is to be the other way.",
)
def exchanges_the_complement(base, source, basis):
    return source + (base - source) @ basis @ basis.T


@misconception(
    "judging_saes.subspace_interchange",
    says="You add the source's part to the base. The base's own part has to be taken out first.",
)
def adds_the_source(base, source, basis):
    return base + source @ basis @ basis.T


@misconception(
    "judging_saes.subspace_interchange",
    says="You return only the part in the subspace. What lies at right angles to it is lost.",
)
def keeps_only_the_subspace(base, source, basis):
    return source @ basis @ basis.T


@misconception(
    "judging_saes.subspace_interchange",
    says="You take the base's part out and put nothing in. That is an ablation of the subspace.",
)
def ablates_the_subspace(base, source, basis):
    return base - base @ basis @ basis.T


@misconception(
    "judging_saes.subspace_interchange",
    says="You replace the first coordinates of the activation. The subspace is given by the basis, not by the axes.",
)
def exchanges_coordinates(base, source, basis):
    n = basis.shape[1]
    return torch.cat([source[:, :n], base[:, n:]], dim=1)
