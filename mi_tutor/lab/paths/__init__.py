"""Exact path patching: what does one component tell another one directly, and what does the answer owe to it?

    from mi_tutor.lab import paths
    to_logits = paths.noise(model, task.clean, task.corrupted, "logits", task.metrics["logit difference"])
    to_queries = paths.noise(model, task.clean, task.corrupted, ["23.0", "23.1", "23.2"], metric, through="q")
    to_queries.top(5)

A path leads from a sender to receivers. The sender takes its value from another run; the receivers see that change,
every other head sees none; then the network goes on from what the receivers make of it (Wang et al. 2022, section 3.1
and appendix B). One call measures all senders into one set of receivers.

What lies between sender and receivers: attention patterns and outputs of all heads are frozen at the run that is
patched. Papers differ in what they do with the MLPs in between, so it is an option:

    mlps="recomputed"   Wang et al. 2022: a direct path leads "through residual connections and MLPs (but not through
                        other attention heads)". Each MLP in between answers to the change, and the answer is part of
                        what reaches the receiver. The default.
    mlps="frozen"       Goldowsky-Dill et al. 2023 name every node of a path, MLPs included, so a path without an MLP
                        in its name is the residual connection alone. So does TransformerLens.

Norms are computed anew on every path, and everything behind a receiver is computed as in an ordinary run.

Read in this order: `plain` (the idea, with hooks, one path at a time), `nodes` (what a path can lead from and to),
`streams` (the two runs), `carrying` (sender to receiver), `receiving` (receiver to END), `engine`, `patching`.
`cutting` stands alone: several edges of a circuit cut at once, with hooks.

    speed from                                          exact because
    no run for the sender: one added vector             attention between is frozen, so positions do not meet
    MLPs between on the changed positions only          an MLP reads one position
    direct paths to the logits at END only              END is all that is read
    the run goes on at the receivers' layer             no earlier layer sees the change
    many senders in one matrix multiplication           rows do not depend on each other
"""

from mi_tutor.lab.paths.cutting import Edge, cut
from mi_tutor.lab.paths.patching import denoise, noise, patch
from mi_tutor.lab.paths.plain import patch_path
from mi_tutor.lab.paths.result import PathSweep
from mi_tutor.lab.sweeps.support import NotServed

__all__ = ["Edge", "NotServed", "PathSweep", "cut", "denoise", "noise", "patch", "patch_path"]
