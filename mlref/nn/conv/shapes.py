"""How large the result of a convolution is, how many parameters it has, and what it accepts."""

from mlref.errors import ShapeError, check_array, check_count

__all__ = ["check_convolution", "conv_output_shape", "conv_parameter_count", "pair"]


def pair(value, name):
    """One whole number for each of the two axes of an image.

    Parameters
    ----------
    value : int or pair of ints
        One number stands for both axes.
    name : str
        For the message.

    Returns
    -------
    numbers : tuple of two ints
        For the rows and for the columns.

    Raises
    ------
    ValueError
        If it is neither a whole number nor two of them.

    Examples
    --------
    >>> pair(3, "stride")
    (3, 3)
    """
    if isinstance(value, int):
        return value, value
    numbers = tuple(value)
    if len(numbers) != 2 or not all(isinstance(number, int) for number in numbers):
        raise ValueError(f"{name} is {value!r}; it must be a whole number, or two of them (rows, columns)")
    return numbers


def conv_output_shape(shape, kernel_size, stride=1, padding=0, dilation=1):
    """Lengths of the axes of what a convolution or a pooling computes.

    Parameters
    ----------
    shape : int or tuple of ints
        Lengths of the axes along which the kernel moves: (height, width), or the one of a sequence.
    kernel_size : int or tuple of ints
    stride : int or tuple of ints
        How far the kernel moves from one output to the next.
    padding : int or tuple of ints
        How many zeros are put before the first and after the last element.
    dilation : int or tuple of ints
        Distance in the input of two neighbouring entries of the kernel.

    Returns
    -------
    output_shape : tuple of ints

    Raises
    ------
    ShapeError
        If the kernel is longer than the padded input.
    ValueError
        If stride, dilation or kernel_size is below 1 or padding below 0.

    Notes
    -----
    A kernel with k entries covers ``d (k - 1) + 1`` elements. It can start at every s-th place as long as
    it still ends inside: ``floor((n + 2 p - d (k - 1) - 1) / s) + 1`` places. Elements that are left over
    at the end are not used.

    References
    ----------
    V. Dumoulin and F. Visin (2016), *A guide to convolution arithmetic for deep learning*, relationship 15.

    Examples
    --------
    >>> conv_output_shape((32, 28), kernel_size=3)
    (30, 26)
    >>> conv_output_shape((7, 8), kernel_size=2, stride=2)
    (3, 4)
    """
    lengths = (shape,) if isinstance(shape, int) else shape
    n_axes = len(lengths)
    output_shape = []
    for n, k, s, p, d in zip(
        lengths,
        _per_axis(kernel_size, n_axes, "kernel_size", 1),
        _per_axis(stride, n_axes, "stride", 1),
        _per_axis(padding, n_axes, "padding", 0),
        _per_axis(dilation, n_axes, "dilation", 1),
        strict=True,
    ):
        covered = d * (k - 1) + 1
        if covered > n + 2 * p:
            raise ShapeError(
                f"the kernel covers {covered} elements but an axis has {n} and {p} of padding on each side; "
                "make the kernel or the dilation smaller, or the padding larger"
            )
        output_shape.append((n + 2 * p - covered) // s + 1)
    return tuple(output_shape)


def conv_parameter_count(in_channels, out_channels, kernel_size, groups=1, bias=True):
    """Number of weights and biases of a convolution; it does not depend on the size of the input.

    Parameters
    ----------
    in_channels : int
    out_channels : int
    kernel_size : tuple of ints
        One length for each axis along which the kernel moves.
    groups : int
        Every output sees only ``in_channels / groups`` channels.
    bias : bool
        Whether each output channel has one.

    Returns
    -------
    count : int

    Raises
    ------
    ValueError
        If groups does not divide both numbers of channels.

    Examples
    --------
    >>> conv_parameter_count(3, 6, (3, 3))
    168
    """
    check_count(groups, "groups")
    if in_channels % groups or out_channels % groups:
        raise ValueError(f"groups is {groups}; it must divide {in_channels} and {out_channels} channels")
    count = in_channels // groups * out_channels
    for length in kernel_size:
        count *= length
    return count + out_channels if bias else count


def check_convolution(x, w, b, stride, padding, dilation, groups):
    """The images, the kernels and the biases belong together.

    Parameters
    ----------
    x : array of shape (n_images, in_channels, height, width)
    w : array of shape (out_channels, in_channels / groups, kernel_height, kernel_width)
    b : array of shape (out_channels,), or None
    stride, padding, dilation : int or pair of ints
    groups : int

    Returns
    -------
    shape : tuple of four ints
        Of the result of the convolution.

    Raises
    ------
    ShapeError
        If a number of axes or channels is wrong, or the kernels are larger than the padded images.
    ValueError
        If a setting is out of range.
    """
    x, w = check_array(x, "x"), check_array(w, "w")
    if x.ndim != 4:
        raise ShapeError(f"x has shape {tuple(x.shape)}; it must be (n_images, channels, height, width)")
    if w.ndim != 4:
        raise ShapeError(
            f"w has shape {tuple(w.shape)}; it must be (out_channels, in_channels / groups, height, width)"
        )
    if groups < 1:
        raise ValueError(f"groups is {groups}; it must be at least 1")
    if x.shape[1] != w.shape[1] * groups or w.shape[0] % groups:
        raise ShapeError(
            f"x has {x.shape[1]} channels but w has shape {tuple(w.shape)} with groups = {groups}; "
            "channels of x must be w.shape[1] * groups, and groups must divide w.shape[0]"
        )
    if b is not None and tuple(b.shape) != (w.shape[0],):
        raise ShapeError(f"b has shape {tuple(b.shape)}; it must be ({w.shape[0]},), one per output channel")
    return x.shape[0], w.shape[0], *conv_output_shape(x.shape[2:], w.shape[2:], stride, padding, dilation)


def _per_axis(value, n_axes, name, least):
    """One whole number for each axis, none below the least."""
    numbers = (value,) * n_axes if isinstance(value, int) else value
    if len(numbers) != n_axes or min(numbers) < least:
        raise ValueError(
            f"{name} is {value!r}; it must be a whole number of at least {least}, "
            f"or one for each of the {n_axes} axes"
        )
    return numbers
