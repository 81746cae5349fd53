"""A small network that learns from the probabilities of a large one."""

from mlref.arrays import namespace
from mlref.autodiff.tensor import _array, record
from mlref.errors import ShapeError, check_array, check_positive
from mlref.losses import entropy, softmax, softmax_cross_entropy
from mlref.losses.tensors import _check_tensor

__all__ = ["distill_loss", "distillation_loss"]


def distill_loss(student_logits, teacher_logits, temperature):
    """How far a student's softened probabilities are from its teacher's, and the gradient.

    Parameters
    ----------
    student_logits : array of shape (n_samples, n_classes)
    teacher_logits : array of shape (n_samples, n_classes)
    temperature : float
        Divides both logits: above 1 the probabilities come closer together, and the small ones, in which the
        teacher tells which mistakes are nearly right, begin to count.

    Returns
    -------
    loss : float or array of shape ()
        In nats, a mean over the rows; zero if both agree.
    gradient : array of shape (n_samples, n_classes)
        With respect to the student's logits.

    Notes
    -----
    ``T^2 KL(softmax(z_t / T) || softmax(z_s / T))``. The gradient of the divergence shrinks as 1 / T^2: the
    factor keeps its size against that of a loss on true labels, whatever the temperature.

    References
    ----------
    G. Hinton, O. Vinyals, J. Dean (2015), *Distilling the knowledge in a neural network*.

    Examples
    --------
    >>> import numpy as np
    >>> loss, gradient = distill_loss(np.array([[1.0, 0.0]]), np.array([[1.0, 0.0]]), 2.0)
    >>> float(loss), gradient
    (0.0, array([[0., 0.]]))
    """
    check_positive(temperature, "temperature")
    student_logits = check_array(student_logits, "student_logits")
    teacher_logits = check_array(teacher_logits, "teacher_logits")
    if tuple(student_logits.shape) != tuple(teacher_logits.shape):
        raise ShapeError(
            f"student_logits has shape {tuple(student_logits.shape)} but teacher_logits has "
            f"{tuple(teacher_logits.shape)}; both must be (..., n_classes), for the same rows"
        )
    xp = namespace(student_logits, teacher_logits)
    soft = softmax(teacher_logits / temperature)
    loss, gradient = softmax_cross_entropy(student_logits / temperature, soft)
    return temperature**2 * (loss - xp.mean(entropy(soft))), temperature * gradient


def distillation_loss(student_logits, teacher_logits, temperature):
    """`distill_loss` of a tensor.

    Parameters
    ----------
    student_logits : Tensor of shape (n_samples, n_classes)
    teacher_logits : array of shape (n_samples, n_classes)
        No gradient flows into them.
    temperature : float

    Returns
    -------
    loss : Tensor
        Without axes.
    """
    _check_tensor(student_logits, "student_logits")
    loss, gradient = distill_loss(student_logits.data, _array(teacher_logits), temperature)
    return record(loss, (student_logits, lambda upstream: upstream * gradient))
