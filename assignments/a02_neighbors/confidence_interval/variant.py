"""What changes from term to term: the confidence level and the distribution of the quantile."""


def draw(rng, needed):
    """Choose the level of most checks and the only method that they use."""
    return {
        "level": float(rng.choice([0.8, 0.9, 0.98, 0.99])),
        "method": str(rng.choice(["normal", "t"])),
    }
