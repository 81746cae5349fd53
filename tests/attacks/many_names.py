"""Defines fifteen thousand names, most of them almost the ones that are asked for."""

ANSWER = (
    "\n".join(f"mean{k} = larges{k} = Centerin{k} = {k}" for k in range(5_000))
    + "\n\n\ndef meam(values):\n    return 0.0\n\n\ndef largest(values):\n    return meam(values)\n"
)
