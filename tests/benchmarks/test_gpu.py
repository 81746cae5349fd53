"""The GPU benchmark: it says when it skips, and its harness works where figures mean nothing."""

import pytest
import torch

from benchmarks import gpu


@pytest.fixture(autouse=True)
def _flags_as_before():
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32, cudnn.benchmark
    yield
    matmul.allow_tf32, cudnn.allow_tf32, cudnn.benchmark = before


def test_without_a_gpu_it_says_that_it_skips(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(gpu, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert gpu.main([]) == 0
    assert "skipped, nothing was measured" in capsys.readouterr().out
    assert not gpu.RESULTS.exists()


def test_every_way_to_run_a_step_is_timed_beside_torch(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(gpu, "RESULTS", tmp_path / "results.json")
    options = ["--device", "cpu", "--batch", "2", "--rounds", "2", "--seconds", "0.001"]
    assert gpu.main(["LeNet", *options]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if " ms  ratio " in line]
    names = [row.split("batch 2, ")[1].split("  ")[0].strip() for row in rows]
    assert names == ["torch eager", "ours", "ours, CUDA graph", "torch, CUDA graph"]
    # Figures of a processor are not written down.
    assert not gpu.RESULTS.exists()


def test_another_result_than_torch_is_an_error(monkeypatch):
    def no_step(network, lr=0.05):
        return lambda x, target: torch.zeros(())

    monkeypatch.setattr(gpu, "our_step", no_step)
    with pytest.raises(AssertionError):
        gpu.main(["LeNet", "--device", "cpu", "--batch", "2"])
