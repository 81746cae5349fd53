"""Generators of small images."""

import numpy as np

from mlref.errors import check_choice, check_count

__all__ = [
    "make_shapes",
]

SHAPES = ("horizontal", "vertical", "falling", "rising", "cross", "blob")


def make_shapes(n, rng, *, size=12, shapes=SHAPES, noise=0.1):
    """Images of bars, crosses and blobs, each at a place of its own.

    Parameters
    ----------
    n : int
        Number of images; class sizes differ by at most one.
    rng : numpy.random.Generator
    size : int
        Height and width in pixels, at least 8.
    shapes : sequence of {"horizontal", "vertical", "falling", "rising", "cross", "blob"}
        The classes. A bar is about half as long as the image; "falling" runs down to the right, "rising" up,
        a cross is both a horizontal and a vertical bar.
    noise : float
        Standard deviation of the normal errors of all pixels.

    Returns
    -------
    images : array of shape (n, 1, size, size)
        One channel; the shape is 1, the ground 0.
    y : array of shape (n,)
        Place in shapes; images come in random order.

    Raises
    ------
    ValueError
        If n is not a whole number of at least 1, size is below 8, or a shape is unknown.

    Examples
    --------
    >>> images, y = make_shapes(3, np.random.default_rng(0), shapes=("vertical",), noise=0.0)
    >>> images.shape, float(images[0].max())
    ((3, 1, 12, 12), 1.0)
    """
    check_count(n, "n")
    check_count(size, "size")
    if size < 8:
        raise ValueError(f"size is {size}; below 8 pixels the shapes cannot be told apart")
    for shape in shapes:
        check_choice(shape, SHAPES, "shape")
    y = rng.permutation(np.arange(n) % len(shapes))
    half = size // 4
    center = rng.integers(half, size - half, size=(n, 2))
    pixels = np.arange(size)
    down = pixels[None, :, None] - center[:, 0, None, None]
    right = pixels[None, None, :] - center[:, 1, None, None]
    inside = (np.abs(down) <= half) & (np.abs(right) <= half)
    drawn = {
        "horizontal": inside & (down == 0),
        "vertical": inside & (right == 0),
        "falling": inside & (down == right),
        "rising": inside & (down == -right),
        "cross": inside & ((down == 0) | (right == 0)),
        "blob": down**2 + right**2 <= half**2,
    }
    images = np.stack([drawn[shape] for shape in shapes])[y, np.arange(n)].astype(np.float64)
    return (images + noise * rng.normal(size=images.shape))[:, None], y
