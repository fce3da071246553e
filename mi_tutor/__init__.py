"""mi_tutor: a hands-on course in mechanistic interpretability."""
