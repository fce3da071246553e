"""What the chapter on judging SAEs needs: a place in the model with the rest of the model as a function of it."""
