"""What changes from term to term: the number of features and the size of a leaf."""


def draw(rng, needed):
    """Choose the dimension of most checks and the leaf size that they ask for."""
    return {"dimension": int(rng.integers(2, 5)), "leaf_size": int(rng.choice([4, 8, 12]))}
