"""Checks of probing.chosen_k: A number of neurons that was chosen on the test rows."""

import pytest
import torch

from mi_tutor.exercises import probing
from mi_tutor.tutor.judge import same


def hits(rows: int, *right: int) -> torch.Tensor:
    """For each probe, that many right answers among so many rows."""
    return torch.stack([torch.arange(rows) < n for n in right])


@pytest.mark.exercise("probing.chosen_k")
def test_the_test_rows_do_not_choose():
    """The number is chosen on the validation rows, and its test accuracy is told as it is."""
    # best on validation: k = 4 with 90 of 100 (standard error 0.03); 2 neurons have 0.70. k = 2 was lucky in the test.
    validation, test = hits(100, 50, 70, 90, 89), hits(10, 5, 10, 8, 7)
    same(
        probing.chosen_k([1, 2, 4, 8], validation, test),
        (4, 0.8),
        given={
            "ks": [1, 2, 4, 8],
            "right of 100 on validation": [50, 70, 90, 89],
            "right of 10 on test": [5, 10, 8, 7],
        },
        teach="Whoever picks what the test rows like best reports their luck. They are looked at once, at the end.",
        what="(k, test accuracy)",
    )


@pytest.mark.exercise("probing.chosen_k")
def test_the_smallest_within_one_standard_error():
    """With 90, 92 and 93 of 100 right, 8 neurons are best and 2 are enough."""
    # 93 of 100 has a standard error of 0.0256, so 0.9044 is enough: 92 is, 90 is not
    validation, test = hits(100, 90, 92, 93), hits(10, 7, 6, 9)
    same(
        probing.chosen_k([1, 2, 8], validation, test),
        (2, 0.6),
        given={"ks": [1, 2, 8], "right of 100 on validation": [90, 92, 93], "right of 10 on test": [7, 6, 9]},
        teach="0.92 is within 0.0256 of 0.93; 0.90 is not.",
        what="(k, test accuracy)",
    )


@pytest.mark.exercise("probing.chosen_k")
def test_ks_in_any_order():
    """Among several that are enough the smallest number counts, wherever it is listed."""
    validation, test = hits(100, 93, 92, 60, 92), hits(10, 9, 8, 4, 6)
    same(
        probing.chosen_k([8, 16, 1, 4], validation, test),
        (4, 0.6),
        given={
            "ks": [8, 16, 1, 4],
            "right of 100 on validation": [93, 92, 60, 92],
            "right of 10 on test": [9, 8, 4, 6],
        },
        teach="8, 16 and 4 neurons are enough. The smallest of these is 4.",
        what="(k, test accuracy)",
    )


@pytest.mark.exercise("probing.chosen_k")
def test_whose_standard_error():
    """The standard error is that of the best accuracy, not of the smaller one."""
    # 37 of 40: standard error 0.0422, so 0.8828 is enough. 35 of 40 is 0.875; with its own 0.0530 it would be enough.
    validation, test = hits(40, 35, 37), hits(10, 9, 8)
    same(
        probing.chosen_k([3, 5], validation, test),
        (5, 0.8),
        given={"ks": [3, 5], "right of 40 on validation": [35, 37], "right of 10 on test": [9, 8]},
        teach="The line is drawn once, below the best.",
        what="(k, test accuracy)",
    )


@pytest.mark.exercise("probing.chosen_k")
def test_with_n_minus_1():
    """With 16 and 18 of 23 right the smaller number is just enough, by the sample standard deviation with n - 1."""
    # 18 of 23: with n - 1 the standard error is 2.023 / 23, with n 1.978 / 23; 16 is 2 / 23 below
    validation, test = hits(23, 16, 18), hits(5, 2, 4)
    same(
        probing.chosen_k([2, 6], validation, test),
        (2, 0.4),
        given={"ks": [2, 6], "right of 23 on validation": [16, 18], "right of 5 on test": [2, 4]},
        teach="The contract has the sample standard deviation, with n - 1, as torch's default.",
        what="(k, test accuracy)",
    )


@pytest.mark.exercise("probing.chosen_k")
def test_a_perfect_probe():
    """Where the best is right on every row its standard error is 0, and only the equally perfect ones are enough."""
    validation, test = hits(50, 50, 49, 50), hits(10, 7, 10, 9)
    same(
        probing.chosen_k([9, 1, 3], validation, test),
        (3, 0.9),
        given={"ks": [9, 1, 3], "right of 50 on validation": [50, 49, 50], "right of 10 on test": [7, 10, 9]},
        teach="Nothing varies in 50 right answers. Exactly as good as the best is good enough.",
        what="(k, test accuracy)",
    )
