"""Stored outputs do not hang on the CPU's vector extensions: nbval is run as on a CPU without them, and with AVX2 only.

Nearly the same, as `mi_tutor.tutor.notebook_numbers` compares them, here and in every proof. torch chooses its own
kernels by ATEN_CPU_CAPABILITY. Matrix products are MKL's, and MKL_CBWR=COMPATIBLE is the only setting that it obeys on
every maker's CPU: SSE2 and nothing more. oneDNN's setting is there for what torch gives to it.
"""

import itertools
import os
import re
import subprocess
import sys

import pytest

from mi_tutor.lab import weights
from mi_tutor.tutor import catalogue, workspace

KINDS = {
    "default": {"ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "COMPATIBLE", "ONEDNN_MAX_CPU_ISA": "SSE41"},
    "avx2": {"ATEN_CPU_CAPABILITY": "avx2", "MKL_ENABLE_INSTRUCTIONS": "AVX2", "ONEDNN_MAX_CPU_ISA": "AVX2"},
}
# The first chapter as on a CPU without extensions is a part of every proof; all of them take two hours.
RUNS = [
    pytest.param(chapter, kind, id=f"{chapter.name}-{kind}", marks=[pytest.mark.complete] * (number > 0))
    for number, (chapter, kind) in enumerate(itertools.product(catalogue.written_chapters(), KINDS))
]
LIKE_BUILD = {"MI_TUTOR_ANSWERS": "reference", "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}
KERNELS = """
import torch
torch.manual_seed(0)
product = torch.randn(40, 576) @ torch.randn(576, 200)
print(torch.backends.cpu.get_cpu_capability(), product.numpy().tobytes().hex())
"""


def kernels(**more: str) -> list[str]:
    """Which kernels torch uses, and the exact bits of a matrix product."""
    command, surroundings = [sys.executable, "-c", KERNELS], {**os.environ, **more}
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True).stdout.split()


def test_the_settings_bind():
    """Without vector extensions sums are taken in another order; else the runs below would prove nothing."""
    ours, plain = kernels(), kernels(**KINDS["default"])
    assert plain[0] == "DEFAULT"
    if ours[0] == "DEFAULT":
        pytest.skip("this CPU has no vector extensions that torch knows")
    assert plain[1] != ours[1]


@pytest.fixture
def own_cache(tmp_path):
    """The weights, and no readings that another run made with other kernels (nor are this run's kept for others)."""
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / weights.NAME).symlink_to(weights.folder())
    return {"MI_TUTOR_CACHE": str(cache)}


def differences(printed: str) -> str:
    """Of nbval's long report: the cells and lines that differ (+ stored, - of this run), without HTML tags."""
    told = re.compile(r"_+ chapters/.*Cell \d+|FAILED| ?mismatch| {0,2}[-+] |.*(Error|Timeout)\b")
    lines = (re.sub(r"(<[^<>]*>)+", " ", line) for line in printed.splitlines() if told.match(line))
    return "\n".join(line[:3000] for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize(("chapter", "kind"), RUNS)
def test_the_outputs_are_the_same(chapter, kind, own_cache):
    book = workspace.notebook_file(chapter.number, chapter.name)
    command = [sys.executable, "-m", "pytest", "-q", "-vv", "-p", "no:cacheprovider", "--color=no", "--tb=short"]
    command += ["--nbval", "--nbval-current-env", "--nbval-cell-timeout", "900"]
    command += ["-p", "mi_tutor.tutor.notebook_numbers"]
    command += ["--nbval-sanitize-with", "tests/course/nbval.ini"]
    done = subprocess.run(
        [*command, str(book)], cwd=workspace.PACKAGE.parent,
        env={**os.environ, **LIKE_BUILD, **KINDS[kind], **own_cache}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, differences(done.stdout) or done.stdout[-3000:] + done.stderr[-1000:]
