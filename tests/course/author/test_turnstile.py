"""Tests beside each other, a benchmark alone: across processes, and when one of them is killed."""

import os
import subprocess
import sys
import time

from mi_tutor.tutor import proof_turnstile

VISIT = """
import sys, time
from mi_tutor.tutor.proof_turnstile import passed
alone, stay, times = sys.argv[1] == "alone", float(sys.argv[2]), int(sys.argv[3])
for _ in range(times):
    with passed(alone=alone):
        came = time.monotonic()
        print("in", flush=True)
        time.sleep(stay)
        print(came, time.monotonic(), flush=True)
"""


def visit(folder, kind: str, stay: float, times: int = 1) -> subprocess.Popen:
    command = [sys.executable, "-c", VISIT, kind, str(stay), str(times)]
    environment = os.environ | {proof_turnstile.FOLDER: str(folder)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def stays(process: subprocess.Popen) -> list[tuple[float, ...]]:
    lines = process.communicate(timeout=60)[0].splitlines()
    return [tuple(map(float, line.split())) for line in lines if line != "in"]


def overlap(one, other) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def test_a_benchmark_is_alone_and_is_not_kept_waiting_for_ever(tmp_path):
    others = [visit(tmp_path, "beside", 0.1, 15) for _ in range(2)]
    others[0].stdout.readline()  # has begun
    benchmark = stays(visit(tmp_path, "alone", 0.3))
    first, second = map(stays, others)
    assert not any(overlap(benchmark[0], other) for other in [*first, *second])
    assert any(overlap(one, other) for one in first for other in second)
    assert first[-1][0] > benchmark[0][1]  # it came in between, not after everything


def test_a_killed_benchmark_lets_the_others_in(tmp_path):
    benchmark = visit(tmp_path, "alone", 60)
    benchmark.stdout.readline()
    waiting = visit(tmp_path, "beside", 0.0)
    time.sleep(0.3)
    assert waiting.poll() is None
    benchmark.kill()
    benchmark.communicate()
    assert len(stays(waiting)) == 1


def test_without_a_folder_nobody_waits(monkeypatch):
    monkeypatch.delenv(proof_turnstile.FOLDER, raising=False)
    with proof_turnstile.passed(alone=True), proof_turnstile.passed(alone=True):
        pass
