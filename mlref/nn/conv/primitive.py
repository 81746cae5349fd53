"""Convolution by torch's own kernels: cuDNN on a GPU, oneDNN on a processor."""

from mlref.nn.conv.shapes import pair

__all__ = ["conv2d_backward_torch", "conv2d_torch"]


def conv2d_torch(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """The same as `conv2d`, for torch arrays.

    Parameters
    ----------
    x : array of shape (n_images, in_channels, height, width)
    w : array of shape (out_channels, in_channels / groups, kernel_height, kernel_width)
    b : array of shape (out_channels,), optional
    stride, padding, dilation : int or pair of ints
    groups : int

    Returns
    -------
    y : array of shape (n_images, out_channels, out_height, out_width)

    Examples
    --------
    >>> import torch
    >>> conv2d_torch(torch.ones(1, 1, 2, 3), torch.ones(1, 1, 2, 2))
    tensor([[[[4., 4.]]]])
    """
    import torch

    return torch.conv2d(x, w, b, stride, padding, dilation, groups)


def conv2d_backward_torch(
    gradient, x, w, stride=1, padding=0, dilation=1, groups=1, *, wanted=(True, True, True)
):
    """The same as `conv2d_backward`, for torch arrays.

    Parameters
    ----------
    gradient : array of shape (n_images, out_channels, out_height, out_width)
    x : array of shape (n_images, in_channels, height, width)
    w : array of shape (out_channels, in_channels / groups, kernel_height, kernel_width)
    stride, padding, dilation : int or pair of ints
    groups : int
    wanted : tuple of three bools
        Which of the three gradients are computed; the others are None.

    Returns
    -------
    dx : array of shape (n_images, in_channels, height, width), or None
    dw : array of shape (out_channels, in_channels / groups, kernel_height, kernel_width), or None
    db : array of shape (out_channels,), or None

    Examples
    --------
    >>> import torch
    >>> x, w = torch.tensor([[[[1.0, 2.0]]]]), torch.tensor([[[[3.0]]]])
    >>> conv2d_backward_torch(torch.ones(1, 1, 1, 2), x, w)
    (tensor([[[[3., 3.]]]]), tensor([[[[3.]]]]), tensor([2.]))
    """
    import torch

    return torch.ops.aten.convolution_backward.default(
        gradient,
        x,
        w,
        (w.shape[0],),
        pair(stride, "stride"),
        pair(padding, "padding"),
        pair(dilation, "dilation"),
        False,  # not a transposed convolution
        (0, 0),
        groups,
        wanted,
    )
