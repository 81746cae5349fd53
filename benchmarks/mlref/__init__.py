"""mlref beside the field's libraries, a file a module, each with its rows; ``python -m benchmarks.mlref``."""

import os

# Before numpy loads: two pools in one process fight, and the ratio would say who won.
for pool in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{pool}_NUM_THREADS"] = "1"
