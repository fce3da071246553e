"""Checks of chapter 04. Expected values are worked out by hand, by numpy or by scikit-learn, never by the solutions."""
