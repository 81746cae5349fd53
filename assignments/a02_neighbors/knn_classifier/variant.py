"""What changes from term to term: who wins a tied vote; the kernel is the one of ``kernel_weights``."""


def draw(rng, needed):
    """Choose the tie rule of all checks and take over the kernel."""
    return {
        "ties": str(rng.choice(["distance", "nearest", "label"])),
        "kernel": needed["kernel_weights"]["kernel"],
    }
