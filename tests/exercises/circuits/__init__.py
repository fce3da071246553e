"""Checks of chapter 03: circuits. Expected values come from hand, from torch's own layers, or from loops."""
