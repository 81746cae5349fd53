"""Large networks made cheaper to adapt, to store and to run.

* `lora`: fine-tuning by a correction of low rank.
* `pruning`: the smallest weights set to zero.
* `quantization`: weights in eight bits.
* `distillation`: a small network taught by a large one.
* `replacing`: layers of a finished network exchanged for others.
"""

from mlref.efficiency.distillation import distill_loss, distillation_loss
from mlref.efficiency.lora import LoRALinear, add_lora, lora_forward, lora_merge, merge_lora
from mlref.efficiency.pruning import prune_magnitude, pruning_mask
from mlref.efficiency.quantization import QuantizedLinear, dequantize, quantize_int8, quantize_layers
from mlref.efficiency.replacing import replace_layers

__all__ = [
    "LoRALinear",
    "QuantizedLinear",
    "add_lora",
    "dequantize",
    "distill_loss",
    "distillation_loss",
    "lora_forward",
    "lora_merge",
    "merge_lora",
    "prune_magnitude",
    "pruning_mask",
    "quantize_int8",
    "quantize_layers",
    "replace_layers",
]
