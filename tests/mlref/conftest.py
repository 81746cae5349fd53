"""Every array library on which mlref promises to run."""

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import array_api_strict
import numpy as np
import pytest
import torch
from hypothesis import settings

from mlref.arrays import to_numpy

# On a shared machine an example takes as long as the neighbours let it.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@dataclass(frozen=True)
class Backend:
    """An array library and one of its devices."""

    xp: ModuleType
    device: Any

    def asarray(self, values):
        """Numpy's values as an array of this library, on this device."""
        return self.xp.asarray(np.asarray(values), device=self.device)

    def check(self, result, expected, *, rtol=1e-12, atol=1e-12):
        """The result belongs to this library and device and has the expected values."""
        assert type(result) is type(self.asarray(0.0))
        assert result.device == self.device
        np.testing.assert_allclose(to_numpy(result), expected, rtol=rtol, atol=atol)


BACKENDS = {
    "numpy": Backend(np, "cpu"),
    "array-api-strict": Backend(array_api_strict, array_api_strict.Device("CPU_DEVICE")),
    # A device that numpy cannot read: catches arrays made on the default device, and hidden copies.
    "array-api-strict-device1": Backend(array_api_strict, array_api_strict.Device("device1")),
    "torch-cpu": Backend(torch, torch.device("cpu")),
}
if torch.cuda.is_available():
    BACKENDS["torch-cuda"] = Backend(torch, torch.device("cuda", 0))


@pytest.fixture(params=BACKENDS.values(), ids=BACKENDS.keys())
def xp_backend(request):
    return request.param
