"""Ready-made networks for images."""

from mlref.nn.activation_layers import ReLU
from mlref.nn.activations import relu
from mlref.nn.batch_norm2d import BatchNorm2d
from mlref.nn.conv import Conv2d
from mlref.nn.linear import Linear
from mlref.nn.module import Module, Sequential
from mlref.nn.pooling import Flatten, GlobalAvgPool2d, MaxPool2d

__all__ = ["LeNet", "ResNet", "ResidualBlock"]


class LeNet(Sequential):
    """Two convolutions with pooling, then three fully connected layers; for images of 28 by 28.

    Parameters
    ----------
    n_classes : int
    in_channels : int
    rng : numpy.random.Generator
        Draws the parameters.

    Notes
    -----
    The network of 1998 with today's maximum and relu in place of means and tanh. Both never decrease, so
    relu may come after the maximum, where it has a quarter of the work.

    References
    ----------
    Y. LeCun et al. (1998), *Gradient-based learning applied to document recognition*, section II.B.

    Examples
    --------
    >>> import numpy as np
    >>> from mlref.nn import count_parameters
    >>> network = LeNet(rng=np.random.default_rng(0))
    >>> count_parameters(network)
    61706
    >>> network(np.zeros((5, 1, 28, 28))).shape
    (5, 10)
    """

    def __init__(self, n_classes=10, in_channels=1, *, rng):
        super().__init__(
            Conv2d(in_channels, 6, 5, padding=2, rng=rng),
            MaxPool2d(2),
            ReLU(),
            Conv2d(6, 16, 5, rng=rng),
            MaxPool2d(2),
            ReLU(),
            Flatten(),
            Linear(16 * 5 * 5, 120, rng=rng),
            ReLU(),
            Linear(120, 84, rng=rng),
            ReLU(),
            Linear(84, n_classes, rng=rng),
        )


class ResidualBlock(Module):
    """Two convolutions whose result is added to what went in.

    Parameters
    ----------
    in_channels : int
    out_channels : int
    stride : int
        Of the first convolution: 2 halves height and width.
    rng : numpy.random.Generator
        Draws the parameters.

    Notes
    -----
    ``y = relu(x + f(x))``: the gradient reaches x unchanged along the sum, whatever f does to it. Where
    shapes change, x goes through a convolution with kernels of one pixel.

    References
    ----------
    K. He et al. (2016), *Deep residual learning for image recognition*, figure 2 and option B.

    Examples
    --------
    >>> import numpy as np
    >>> from mlref.autodiff import Tensor
    >>> block = ResidualBlock(16, 32, stride=2, rng=np.random.default_rng(0))
    >>> block(Tensor(np.ones((5, 16, 8, 8)))).shape
    (5, 32, 4, 4)
    """

    def __init__(self, in_channels, out_channels, stride=1, *, rng):
        self.residual = Sequential(
            Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False, rng=rng),
            BatchNorm2d(out_channels),
            ReLU(),
            Conv2d(out_channels, out_channels, 3, padding=1, bias=False, rng=rng),
            BatchNorm2d(out_channels),
        )
        self.shortcut = Sequential()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = Sequential(
                Conv2d(in_channels, out_channels, 1, stride, bias=False, rng=rng),
                BatchNorm2d(out_channels),
            )

    def forward(self, x):
        """Add the residual and cut off what is negative.

        Parameters
        ----------
        x : Tensor of shape (n_images, in_channels, height, width)

        Returns
        -------
        y : Tensor of shape (n_images, out_channels, height / stride, width / stride)
        """
        return relu(self.shortcut(x) + self.residual(x))


class ResNet(Sequential):
    """Residual network for small images.

    Parameters
    ----------
    blocks : sequence of ints
        Residual blocks in each stage; every stage after the first halves height and width and doubles the
        channels.
    width : int
        Channels of the first stage.
    n_classes : int
    in_channels : int
    rng : numpy.random.Generator
        Draws the parameters.

    Notes
    -----
    ``ResNet((1, 1, 1), 16)`` is ResNet-8: one convolution, three blocks of two, one fully connected layer.
    ``ResNet((2, 2, 2, 2), 64)`` is ResNet-18 in its form for images of 32 by 32.

    References
    ----------
    K. He et al. (2016), *Deep residual learning for image recognition*, section 4.2.

    Examples
    --------
    >>> import numpy as np
    >>> from mlref.nn import count_parameters
    >>> network = ResNet(rng=np.random.default_rng(0))
    >>> count_parameters(network)
    78042
    """

    def __init__(self, blocks=(1, 1, 1), width=16, n_classes=10, in_channels=3, *, rng):
        layers = [
            Conv2d(in_channels, width, 3, padding=1, bias=False, rng=rng),
            BatchNorm2d(width),
            ReLU(),
        ]
        channels = width
        for stage, n_blocks in enumerate(blocks):
            for i in range(n_blocks):
                out_channels = width * 2**stage
                stride = 2 if stage > 0 and i == 0 else 1
                layers.append(ResidualBlock(channels, out_channels, stride, rng=rng))
                channels = out_channels
        super().__init__(*layers, GlobalAvgPool2d(), Linear(channels, n_classes, rng=rng))
