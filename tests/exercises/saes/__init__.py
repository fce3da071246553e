"""Checks of chapter 05: sparse autoencoders. Expected values come from hand, loops over numbers, or torch."""
