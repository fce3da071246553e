"""Checks of chapter 00. Each docstring is the claim that a learner reads."""
