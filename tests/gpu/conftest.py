"""The same tests on a processor and, where there is one, on a GPU.

On a machine with torch and pytest but without this project's other packages: put the wheel of
array-api-compat, which is pure Python, on PYTHONPATH, and run, in the root of the repository,
``python3 -m pytest -c /dev/null --rootdir=. --import-mode=importlib tests/gpu``; with array-api-strict and
scipy beside it ``tests/mlref -k cuda`` too.
"""

import pytest
import torch


def pytest_configure(config):
    config.addinivalue_line("markers", "gpu: needs a GPU")


@pytest.fixture(params=["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
def device(request):
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("no GPU is available: torch.cuda.is_available() is False")
    return torch.device(request.param)
