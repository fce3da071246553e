"""What the functions of the small chapter promise."""
