"""What changes from term to term: the metric; the kernel is the one of ``kernel_weights``."""


def draw(rng, needed):
    """Choose the metric of all checks and take over the kernel."""
    return {
        "metric": str(rng.choice(["euclidean", "manhattan", "chebyshev"])),
        "kernel": needed["kernel_weights"]["kernel"],
    }
