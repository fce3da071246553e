"""Checks of chapter 06: judging SAEs. Expected values come from hand, loops over numbers, numpy or scikit-learn."""
