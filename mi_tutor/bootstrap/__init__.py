"""Set-up: from a fresh clone and a bare Python to a ready `.venv`.

Everything here uses the standard library only and also runs on Pythons older than the course supports (3.8 and up),
because its first task is to find a newer one.
"""
