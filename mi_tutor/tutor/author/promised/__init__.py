"""The promises, one small function each, grouped by what they are about. `author/promises.py` lists them."""
