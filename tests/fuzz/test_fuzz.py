"""A seeded part of ``make fuzz``: nothing crashes, hangs or raises anything but the named error."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import archives
import grading
import messages
import notebooks
from fuzzing import Kind, case, fuzz

SEED = 2027


@pytest.mark.parametrize(
    ("kind", "count"),
    [(messages.KIND, 300), (notebooks.KIND, 100), (archives.KIND, 100), (grading.KIND, 5)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_made_up_inputs_do_no_harm(kind, count, tmp_path):
    summary = fuzz(kind, SEED, range(count), tmp_path)
    assert not summary.failures, "\n".join(summary.lines())
    assert sum(summary.outcomes.values()) == count
    assert len(summary.outcomes) > (kind is not grading.KIND)


def digests():
    """What a seed makes of each kind."""
    notebook = archives.NOTEBOOK.decode()
    makers = {
        messages.KIND: messages.make,
        archives.KIND: archives.make,
        notebooks.KIND: lambda rng: notebooks.changed(rng, notebook),
    }
    return {
        kind.name: [sha256(case(kind, SEED, number, make)[0]).hexdigest() for number in range(40)]
        for kind, make in makers.items()
    }


def test_a_seed_makes_the_same_inputs_in_every_process():
    code = "import sys, json; sys.path.insert(0, sys.argv[1]); import test_fuzz as tests; "
    code += "print(json.dumps(tests.digests()))"
    other = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent)],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = digests()
    assert found == json.loads(other.stdout)
    assert all(len(set(inputs)) > 20 for inputs in found.values())


# --- the machinery: a check that cannot fail would be none ------------------------------------------


def raises():
    raise ValueError("not the named error")


def computes():
    started = time.process_time()
    while time.process_time() < started + 0.6:
        pass


# By what is said about them; a limit of CPU time allows twenty times as much by the clock.
LIMITS = {"takes longer than": 0.05, "of CPU time": 0.5}
MISDEEDS = {
    "not the named error": raises,
    "ended by SIGSEGV": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "takes longer than": lambda: time.sleep(60),
    "descriptors are left open": lambda: os.dup(0),
    "of CPU time": computes,
    "MemoryError": lambda: bytearray(1 << 31),
    "ended by exit code 3": lambda: os._exit(3),
}


@pytest.mark.parametrize("said", MISDEEDS)
def test_a_misdeed_is_a_failure_with_its_input_kept(said, tmp_path):
    def run(data, rng):
        MISDEEDS[said]()
        return "done"

    limit = LIMITS.get(said, 30.0)
    kind = Kind("misdeed", ".bin", lambda: (lambda rng: b"input", run), cpu_seconds=limit, memory=1 << 30)
    summary = fuzz(kind, 7, range(2), tmp_path)
    assert summary.outcomes == {"FAILED": 2}
    for number, failure in enumerate(summary.failures):
        assert said in failure
        assert f"python tests/fuzz --seed 7 --case misdeed:{number}" in failure
        assert (tmp_path / f"misdeed-7-{number}.bin").read_bytes() == b"input"


def test_a_limited_process_may_end_where_the_grader_knows_what_to_say(tmp_path):
    end = MISDEEDS["ended by SIGSEGV"]
    kind = Kind("ends", ".bin", lambda: (lambda rng: b"", lambda data, rng: end()), 30.0, 1 << 30, (11,))
    assert fuzz(kind, 7, range(3), tmp_path).outcomes == {"the limited process ended by SIGSEGV": 3}
