"""Pooling by torch's own kernels."""

__all__ = [
    "avg_pool2d_backward_torch",
    "avg_pool2d_torch",
    "max_pool2d_backward_torch",
    "max_pool2d_torch",
]


def max_pool2d_torch(x, kernel_size, stride, padding):
    """The largest number of every window, and where it is.

    Parameters
    ----------
    x : array of shape (n_images, channels, height, width)
    kernel_size, stride, padding : pair of ints

    Returns
    -------
    y : array of shape (n_images, channels, out_height, out_width)
    places : array of the same shape as y
        Positions in the flattened image, for `max_pool2d_backward_torch`.
    """
    import torch

    return torch.nn.functional.max_pool2d(x, kernel_size, stride, padding, return_indices=True)


def max_pool2d_backward_torch(gradient, x, places, kernel_size, stride, padding):
    """The gradient of `max_pool2d_torch`.

    Parameters
    ----------
    gradient : array of shape (n_images, channels, out_height, out_width)
    x : array of shape (n_images, channels, height, width)
    places : array of the same shape as `gradient`
        From `max_pool2d_torch`.
    kernel_size, stride, padding : pair of ints

    Returns
    -------
    dx : array of shape (n_images, channels, height, width)
    """
    import torch

    backward = torch.ops.aten.max_pool2d_with_indices_backward.default
    # No dilation, and sizes rounded down.
    return backward(gradient, x, kernel_size, stride, padding, (1, 1), False, places)


def avg_pool2d_torch(x, kernel_size, stride, padding):
    """The mean of every window.

    Parameters
    ----------
    x : array of shape (n_images, channels, height, width)
    kernel_size, stride, padding : pair of ints

    Returns
    -------
    y : array of shape (n_images, channels, out_height, out_width)
    """
    import torch

    return torch.nn.functional.avg_pool2d(x, kernel_size, stride, padding)


def avg_pool2d_backward_torch(gradient, x, kernel_size, stride, padding):
    """The gradient of `avg_pool2d_torch`.

    Parameters
    ----------
    gradient : array of shape (n_images, channels, out_height, out_width)
    x : array of shape (n_images, channels, height, width)
    kernel_size, stride, padding : pair of ints

    Returns
    -------
    dx : array of shape (n_images, channels, height, width)
    """
    import torch

    backward = torch.ops.aten.avg_pool2d_backward.default
    # Sizes rounded down, padding counted, divided by the size of the window.
    return backward(gradient, x, kernel_size, stride, padding, False, True, None)
