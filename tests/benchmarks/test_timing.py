"""The harness of benchmarks/mlref: results before times, ratios, peak memory."""

import json
import time

import numpy as np
import pytest

import benchmarks.mlref.__main__ as command
from benchmarks.mlref import timing

RATES = {"float32": 2e9, "float64": 1e9}


@pytest.fixture(autouse=True)
def _short_blocks(monkeypatch):
    monkeypatch.setattr(timing, "BLOCK_SECONDS", 0.004)
    monkeypatch.setattr(timing, "PAUSE_SECONDS", 0.0)


def busy(seconds, result=1.0):
    def work():
        end = time.process_time() + seconds
        while time.process_time() < end:
            pass
        return result

    return work


def row(ours, peer, check=np.testing.assert_allclose, **others):
    return timing.Row(
        **{
            "task": "t",
            "size": "s",
            "peer": "p",
            "goal": 1.0,
            "prepare": lambda: (ours, peer, check),
            **others,
        }
    )


def test_half_the_work_is_half_the_ratio():
    measured = timing.measure(row(busy(0.002), busy(0.004)), RATES, rounds=5)
    assert 0.35 < measured.ratio < 0.7
    assert 1.5 < measured.ours_ms < 3


def test_results_that_differ_are_not_timed():
    with pytest.raises(AssertionError):
        timing.measure(row(busy(0.0, 1.0), busy(0.0, 2.0)), RATES)


def test_peak_memory_counts_what_a_call_holds_for_a_while():
    def work():
        return float(np.ones(2**20).sum())

    measured = timing.measure(row(work, work), RATES, rounds=5)
    assert 8 <= measured.peak_mib < 9


def test_the_share_of_the_gemm_rate_goes_by_the_named_dtype():
    shares = [
        timing.measure(row(busy(0.002), busy(0.002), size=size, flops=1e6), RATES, rounds=5).gemm_share
        for size in ("n, float32", "n, float64")
    ]
    assert 0.1 < shares[0] < 0.3
    assert shares[0] < shares[1] < 0.6


def test_a_restless_measurement_is_repeated_and_marked(monkeypatch):
    monkeypatch.setattr(timing, "quartile_ratio", lambda times: 1.5)
    measured = timing.measure(row(busy(0.0), busy(0.0)), RATES, rounds=5)
    assert measured.attempts == timing.ATTEMPTS
    assert not measured.valid


def test_a_calm_measurement_is_valid(monkeypatch):
    monkeypatch.setattr(timing, "quartile_ratio", lambda times: 1.1)
    measured = timing.measure(row(busy(0.0), busy(0.0)), RATES, rounds=5)
    assert measured.attempts == 1
    assert measured.valid


def test_spread_is_third_quartile_over_first():
    assert timing.quartile_ratio([1.0, 1.0, 2.0, 3.0, 9.0]) == 3.0


def test_both_run_in_turns_and_who_starts_changes():
    calls = []
    timing.timed(lambda: calls.append("o") or busy(0.01)(), lambda: calls.append("p") or busy(0.01)(), 4)
    assert "".join(calls[-8:]) == "oppooppo"


def test_gemm_rates_name_both_dtypes():
    rates = timing.gemm_rates(size=64, repeats=2)
    assert rates["float32"] > rates["float64"] * 0.5 > 0


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Runs the command on rows of ours; returns exit code and what was written."""

    def call(*rows):
        module = type("module", (), {"ROWS": rows})
        monkeypatch.setattr(command, "RESULTS", tmp_path)
        monkeypatch.setattr(command, "gemm_rates", lambda: RATES)
        monkeypatch.setattr(command.importlib, "import_module", lambda name: module)
        monkeypatch.setattr(command.sys, "argv", ["benchmarks.mlref", "made_up", "--rounds", "5"])
        code = command.main()
        return code, json.loads((tmp_path / "made_up.json").read_text())

    return call


def test_the_command_writes_figures_and_what_they_depend_on(results, capsys):
    code, written = results(row(busy(0.001), busy(0.002)))
    assert code == 0
    assert written["rows"][0]["met"]
    assert {"cpu", "versions", "threadpool_info", "environment"} <= set(written["machine"])
    assert " met " in capsys.readouterr().out


def test_a_missed_goal_and_a_different_result_fail_the_run(results, capsys):
    code, written = results(row(busy(0.004), busy(0.001)), row(busy(0.0, 1.0), busy(0.0, 2.0)))
    assert code == 1
    assert not written["rows"][0]["met"]
    assert "AssertionError" in written["rows"][1]["not_timed"]
    assert " MISSED " in capsys.readouterr().out
