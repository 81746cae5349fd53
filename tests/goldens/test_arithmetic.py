"""Golden numbers that no function makes, G36 and G44; and whether every number has its test."""

import re
from pathlib import Path

import pytest

GOLDENS = "\n".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
NUMBERS = {int(number) for number in re.findall(r"\b(?:def test_g|G)(\d\d)", GOLDENS)}


def test_g36_speed_up_of_a_gpu():
    """36.9 s and 2.6 s; the reciprocal would be 0.07."""
    assert pytest.approx(14.19, abs=0.005) == 36.9 / 2.6


def test_g44_steps_of_a_scene():
    """A scene in 0.1 s, a neuron's step in 0.001 s."""
    assert round(0.1 / 0.001) == 100


@pytest.mark.parametrize("number", range(1, 45))
def test_a_golden_number_has_a_test(number):
    assert number in NUMBERS
