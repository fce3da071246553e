"""Checks of saes.specificity_and_sensitivity: Only this context, and all of it?"""

import math

import pytest
import torch

from mi_tutor.exercises import saes
from mi_tutor.tutor.judge import same, seeded

from .on_copies import on_copies

LATENT = torch.tensor([3.0, 0.0, 0.5, 2.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0])
CONTEXT = torch.tensor([True, True, True, False, False, True, False, False, True, False])
GIVEN = {"latent": LATENT, "context": CONTEXT}


@pytest.mark.exercise("saes.specificity_and_sensitivity")
def test_both_by_hand():
    """Active on 4 rows, 3 of them in the context, which has 5: specificity 3/4, sensitivity 3/5."""
    same(
        on_copies(saes.specificity_and_sensitivity)(LATENT, CONTEXT, 0.0),
        (0.75, 0.6),
        given={**GIVEN, "threshold": 0.0},
        teach="Specificity looks at the active rows, sensitivity at the rows of the context.",
        what="(specificity, sensitivity)",
    )


@pytest.mark.exercise("saes.specificity_and_sensitivity")
def test_a_higher_threshold():
    """Above 1 the latent is active on 2 rows, one of them in the context: 1/2 and 1/5."""
    same(
        on_copies(saes.specificity_and_sensitivity)(LATENT, CONTEXT, 1.0),
        (0.5, 0.2),
        given={**GIVEN, "threshold": 1.0},
        teach="Exactly 1 is not above 1.",
        what="(specificity, sensitivity)",
    )


@pytest.mark.exercise("saes.specificity_and_sensitivity")
def test_text_outside_the_context_changes_nothing():
    """A thousand more silent rows outside the context leave both numbers as they are."""
    latent = torch.cat([LATENT, torch.zeros(1000)])
    context = torch.cat([CONTEXT, torch.zeros(1000, dtype=torch.bool)])
    same(
        on_copies(saes.specificity_and_sensitivity)(latent, context, 0.0),
        (0.75, 0.6),
        given={"latent": "the ten rows and 1,000 zeros", "threshold": 0.0},
        teach="Being silent on text that has nothing to do with it is easy for a rare latent and should earn nothing.",
        what="(specificity, sensitivity)",
    )


@pytest.mark.exercise("saes.specificity_and_sensitivity")
def test_fractions_of_nothing_are_nan():
    """Without active rows the specificity is nan, without a context the sensitivity."""
    same(
        on_copies(saes.specificity_and_sensitivity)(LATENT, CONTEXT, 5.0),
        (math.nan, 0.0),
        given={**GIVEN, "threshold": 5.0},
        teach="Nothing is known about what the latent answers to; 0 or 1 would be a claim.",
        what="(specificity, sensitivity)",
    )
    same(
        on_copies(saes.specificity_and_sensitivity)(LATENT, CONTEXT & False, 0.0),
        (0.0, math.nan),
        given={**GIVEN, "context": CONTEXT & False, "threshold": 0.0},
        what="(specificity, sensitivity)",
    )


@pytest.mark.exercise("saes.specificity_and_sensitivity")
def test_both_agree_with_scikit_learn(seed):
    """On random rows they agree with scikit-learn's precision and recall."""
    from sklearn.metrics import precision_score, recall_score

    g = seeded(seed)
    latent, context = torch.randn(60, generator=g).relu(), torch.rand(60, generator=g) < 0.3
    context[0], latent[0] = True, 2.0
    active = (latent > 0.4).numpy()
    same(
        on_copies(saes.specificity_and_sensitivity)(latent, context, 0.4),
        (precision_score(context.numpy(), active), recall_score(context.numpy(), active)),
        given={"latent": latent, "context": context, "threshold": 0.4},
        what="(specificity, sensitivity)",
    )
