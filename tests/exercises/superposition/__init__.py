"""Checks of chapter 02: superposition. Expected values come from hand, quadrature, or loops over plain numbers."""
