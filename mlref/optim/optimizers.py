"""Update rules of gradient methods, in torch's names and forms.

In the formulas w are the parameters, g their gradient, t the number of the step, from 1 on. All operations
are element by element.
"""

from mlref.optim.optimizer import Optimizer

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "Adamax", "NAdam", "RMSprop"]


class SGD(Optimizer):
    """Gradient descent, plain or with momentum.

    Parameters
    ----------
    params : list of Tensor, or dict of arrays
    lr : float
    momentum : float
        The share of the last velocity that is kept.
    weight_decay : float
    nesterov : bool
        Whether the step looks one velocity ahead.

    Notes
    -----
    ``v = momentum v + g``, ``w -= lr v``; Nesterov: ``w -= lr (g + momentum v)``. It is stochastic by the
    batches that the gradient comes from.

    References
    ----------
    I. Sutskever et al. (2013), *On the importance of initialization and momentum in deep learning*.

    Examples
    --------
    >>> import numpy as np
    >>> params = {"w": np.array([1.0, -2.0])}
    >>> SGD(params, lr=0.1).step({"w": 2 * params["w"]})
    >>> params["w"]
    array([ 0.8, -1.6])
    """

    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0, nesterov=False):
        super().__init__(params, lr, weight_decay)
        if nesterov and not momentum:
            raise ValueError("nesterov=True looks ahead along the momentum; give one, as momentum=0.9")
        self.momentum = momentum
        self.nesterov = nesterov

    def update(self, w, g, remembered):
        """``w -= lr v``; see the class."""
        if self.momentum:
            v = remembered("velocity")
            v *= self.momentum
            v += g
            g = g + self.momentum * v if self.nesterov else v
        w.add(g, scale=-self.lr)


class Adagrad(Optimizer):
    """Steps that shrink with the root of all squared gradients so far.

    Parameters
    ----------
    params : list of Tensor, or dict of arrays
    lr : float
    weight_decay : float
    eps : float

    Notes
    -----
    ``s += g**2``, ``w -= lr g / (sqrt(s) + eps)``.

    References
    ----------
    J. Duchi, E. Hazan, Y. Singer (2011), *Adaptive subgradient methods for online learning*.
    """

    def __init__(self, params, lr=1e-2, weight_decay=0.0, eps=1e-10):
        super().__init__(params, lr, weight_decay)
        self.eps = eps

    def update(self, w, g, remembered):
        """``w -= lr g / (sqrt(s) + eps)``; see the class."""
        s = remembered("sum of squares")
        s += g * g
        w.add(g / (s.sqrt() + self.eps), scale=-self.lr)


class RMSprop(Optimizer):
    """Steps divided by the root of a running mean of squared gradients.

    Parameters
    ----------
    params : list of Tensor, or dict of arrays
    lr : float
    alpha : float
        The share of the last mean that is kept.
    eps : float
    weight_decay : float

    Notes
    -----
    ``s = alpha s + (1 - alpha) g**2``, ``w -= lr g / (sqrt(s) + eps)``.

    References
    ----------
    T. Tieleman, G. Hinton (2012), lecture 6.5 of *Neural networks for machine learning*.
    """

    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0):
        super().__init__(params, lr, weight_decay)
        self.alpha = alpha
        self.eps = eps

    def update(self, w, g, remembered):
        """``w -= lr g / (sqrt(s) + eps)``; see the class."""
        s = remembered("mean square")
        s *= self.alpha
        s.add(g * g, scale=1 - self.alpha)
        w.add(g / (s.sqrt() + self.eps), scale=-self.lr)


class Adam(Optimizer):
    """Momentum divided by the root of a running mean of squared gradients, both corrected for their start.

    Parameters
    ----------
    params : list of Tensor, or dict of arrays
    lr : float
    betas : pair of floats
        The shares of the last means that are kept: of gradients and of their squares.
    eps : float
    weight_decay : float
        Part of the gradient here; `AdamW` keeps it out of the means.
    amsgrad : bool
        Whether the largest mean square so far divides, so that steps never grow again (AMSGrad).

    Notes
    -----
    ``m = beta1 m + (1 - beta1) g``, ``s = beta2 s + (1 - beta2) g**2``. Both start at zero, too small by the
    factors ``1 - beta1**t`` and ``1 - beta2**t``; with these divided out,
    ``w -= lr m / (sqrt(s) + eps)``. The first step is `lr` long in each coordinate.

    References
    ----------
    D. P. Kingma, J. Ba (2015), *Adam: a method for stochastic optimization*; S. J. Reddi, S. Kale, S. Kumar
    (2018), *On the convergence of Adam and beyond*.

    Examples
    --------
    >>> import numpy as np
    >>> params = {"w": np.array([1.0, -2.0])}
    >>> Adam(params, lr=0.001).step({"w": np.array([100.0, -0.5])})
    >>> params["w"].round(6)
    array([ 0.999, -1.999])
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, amsgrad=False):
        super().__init__(params, lr, weight_decay)
        self.betas = betas
        self.eps = eps
        self.amsgrad = amsgrad

    def update(self, w, g, remembered):
        """``w -= lr m / (sqrt(s) + eps)``, with both means corrected; see the class."""
        m, s = self._means(g, remembered)
        if self.amsgrad:
            largest = remembered("largest mean square")
            largest.assign(largest.maximum(s))
            s = largest
        beta1, beta2 = self.betas
        root = s.sqrt() * (1 - beta2**self.t) ** -0.5
        w.add(m / (root + self.eps), scale=-self.lr / (1 - beta1**self.t))

    def _means(self, g, remembered):
        """The running means of the gradients and of their squares, after this gradient."""
        beta1, beta2 = self.betas
        m, s = remembered("mean"), remembered("mean square")
        m *= beta1
        m.add(g, scale=1 - beta1)
        s *= beta2
        s.add(g * g, scale=1 - beta2)
        return m, s


class AdamW(Adam):
    """Adam with weight decay apart from the gradient.

    Parameters
    ----------
    params : list of Tensor, or dict of arrays
    lr : float
    betas : pair of floats
    eps : float
    weight_decay : float
    amsgrad : bool

    Notes
    -----
    ``w *= 1 - lr weight_decay`` before Adam's step: all weights shrink by the same share, however large their
    gradients were.

    References
    ----------
    I. Loshchilov, F. Hutter (2019), *Decoupled weight decay regularization*.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False):
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad)

    def decayed(self, w, g):
        """Shrink the parameters; the gradient `g` stays as it is."""
        w *= 1 - self.lr * self.weight_decay
        return g


class Adamax(Adam):
    """Adam with the largest recent gradient in place of the root of the mean square.

    Parameters
    ----------
    params : list of Tensor, or dict of arrays
    lr : float
    betas : pair of floats
    eps : float
    weight_decay : float

    Notes
    -----
    ``u = max(beta2 u, |g| + eps)``, ``w -= lr / (1 - beta1**t) m / u``: the limit of Adam when the squares
    become ever higher powers. A maximum needs no correction for its start.

    References
    ----------
    D. P. Kingma, J. Ba (2015), *Adam*, section 7.1.
    """

    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        super().__init__(params, lr, betas, eps, weight_decay)

    def update(self, w, g, remembered):
        """``w -= lr / (1 - beta1**t) m / u``; see the class."""
        beta1, beta2 = self.betas
        m, u = remembered("mean"), remembered("largest")
        m *= beta1
        m.add(g, scale=1 - beta1)
        u.assign((beta2 * u).maximum(g.abs() + self.eps))
        w.add(m / u, scale=-self.lr / (1 - beta1**self.t))


class NAdam(Adam):
    """Adam that looks one step of its momentum ahead, as Nesterov's.

    Parameters
    ----------
    params : list of Tensor, or dict of arrays
    lr : float
    betas : pair of floats
    eps : float
    weight_decay : float
    momentum_decay : float
        How fast the momentum rises to `betas[0]`.

    Notes
    -----
    ``mu_t = beta1 (1 - 0.96**(t momentum_decay) / 2)``; the step is ``lr`` times
    ``(1 - mu_t) g / (1 - mu_1...mu_t) + mu_{t+1} m / (1 - mu_1...mu_{t+1})`` over Adam's root.

    References
    ----------
    T. Dozat (2016), *Incorporating Nesterov momentum into Adam*.
    """

    numbers = ("t", "lr", "product")

    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, momentum_decay=4e-3):
        super().__init__(params, lr, betas, eps, weight_decay)
        self.momentum_decay = momentum_decay
        self.product = 1.0

    def update(self, w, g, remembered):
        """A step along gradient and momentum, weighted; see the class."""
        m, s = self._means(g, remembered)
        now, ahead = self._momentum(self.t), self._momentum(self.t + 1)
        self.product *= now
        direction = (1 - now) / (1 - self.product) * g + ahead / (1 - self.product * ahead) * m
        root = s.sqrt() * (1 - self.betas[1] ** self.t) ** -0.5
        w.add(direction / (root + self.eps), scale=-self.lr)

    def _momentum(self, t):
        return self.betas[0] * (1 - 0.5 * 0.96 ** (t * self.momentum_decay))
