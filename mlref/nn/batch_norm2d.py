"""Batch normalisation of images: the written-out formula, or torch's own kernels for torch arrays."""

from mlref.arrays import is_torch
from mlref.errors import ShapeError
from mlref.nn.joint import data_of, record_joint
from mlref.nn.normalization import BatchNorm1d

__all__ = ["BatchNorm2d"]


class BatchNorm2d(BatchNorm1d):
    """Batch normalisation of channels: all pixels of all images of a batch count alike.

    Parameters
    ----------
    n_features : int
        Channels.
    eps : float
    momentum : float
        How much the newest batch counts in the running averages.

    Attributes
    ----------
    weight : Tensor of shape (n_features,)
        Starts at 1.
    bias : Tensor of shape (n_features,)
        Starts at 0.
    running_mean : array of shape (n_features,)
    running_var : array of shape (n_features,)
        Of variances divided by n - 1, as in torch, though the batch itself is scaled with n.

    Notes
    -----
    Mean and variance are taken over the images, rows and columns, one of each for a channel: a kernel meets
    every place of an image, so its response is one quantity wherever it is measured. The formula is that of
    `mlref.nn.normalization.batch_norm`. Written out it reads and writes the images several times; torch
    arrays take one kernel forwards and one backwards.

    References
    ----------
    S. Ioffe, C. Szegedy (2015), *Batch normalization*, section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> from mlref.autodiff import Tensor
    >>> y = BatchNorm2d(3)(Tensor(np.random.default_rng(0).normal(5.0, 2.0, (10, 3, 8, 8))))
    >>> np.abs(y.data.mean(axis=(0, 2, 3))).max() < 1e-12
    np.True_
    """

    def forward(self, x):
        """Normalise images.

        Parameters
        ----------
        x : Tensor of shape (n_images, n_features, height, width)

        Returns
        -------
        y : Tensor of the shape of `x`

        Raises
        ------
        ShapeError
            If x is not such an array, or in training holds a single value of each channel.
        """
        n_features = self.running_mean.shape[0]
        if len(data_of(x, "x").shape) != 4 or x.shape[1] != n_features:
            raise ShapeError(
                f"x has shape {tuple(x.shape)}; it must be (n_images, {n_features}, height, width)"
            )
        n = x.shape[0] * x.shape[2] * x.shape[3]
        if self.training and n > 1 and is_torch(data_of(x, "x")):
            return self._primitive(x)
        return super().forward(x)

    def _primitive(self, x):
        """The same as the formula in training, running averages included, by torch's kernels."""
        import torch

        images, weight = data_of(x, "x"), self.weight.data
        running = (self.running_mean, self.running_var)
        y, mean, inverse_std, reserve = torch.ops.aten._batch_norm_with_update.default(
            images, weight, self.bias.data, *running, self.momentum, self.eps
        )

        def backward(gradient):
            return torch.ops.aten.batch_norm_backward.default(
                gradient,
                images,
                weight,
                *running,
                mean,
                inverse_std,
                True,  # by the statistics of the batch
                self.eps,
                [True, True, True],
                reserve,
            )

        return record_joint(y, (x, self.weight, self.bias), backward, fresh=True)
