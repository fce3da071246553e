"""Mutants: the references with one small mistake each. Checks that accept one are too weak.

`making` lists the kinds of mistakes and makes the mutants, `judging` runs the checks on each of them, `equivalent`
knows those that no check can tell from the reference, and `score` prints what came out.
"""
