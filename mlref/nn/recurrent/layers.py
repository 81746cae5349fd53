"""Recurrent cells and layers as modules."""

import math

from mlref.arrays import namespace
from mlref.autodiff.tensor import Tensor
from mlref.errors import check_count
from mlref.nn.joint import data_of, record_joint
from mlref.nn.module import Module
from mlref.nn.recurrent.arrays import (
    gru_backward,
    gru_forward,
    lstm_backward,
    lstm_forward,
    rnn_backward,
    rnn_forward,
)

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNCell"]

PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class _Cell(Module):
    """The parameters of one cell, drawn uniformly from plus or minus 1 / sqrt(hidden_size) as torch does."""

    n_gates = 1
    passes = (rnn_forward, rnn_backward)

    def __init__(self, input_size, hidden_size, *, rng):
        self.input_size, self.hidden_size = input_size, hidden_size
        bound = 1 / math.sqrt(hidden_size)
        rows = self.n_gates * hidden_size
        self.weight_ih = Tensor(rng.uniform(-bound, bound, (rows, input_size)))
        self.weight_hh = Tensor(rng.uniform(-bound, bound, (rows, hidden_size)))
        self.bias_ih = Tensor(rng.uniform(-bound, bound, rows))
        self.bias_hh = Tensor(rng.uniform(-bound, bound, rows))

    def forward(self, x, state=None):
        """One step.

        Parameters
        ----------
        x : Tensor or array of shape (n_sequences, input_size)
        state : Tensor or array of shape (n_sequences, hidden_size), optional
            Zeros if it is left out; a pair of them (state, memory) for LSTM.

        Returns
        -------
        state : Tensor of shape (n_sequences, hidden_size), or a pair of them for LSTM
        """
        return self.sequence(x[None], state)[1]

    def sequence(self, x, state=None):
        """All steps of a sequence.

        Parameters
        ----------
        x : Tensor or array of shape (T, n_sequences, input_size)
        state : Tensor or array of shape (n_sequences, hidden_size), optional
            Zeros if it is left out; a pair of them (state, memory) for LSTM.

        Returns
        -------
        output : Tensor of shape (T, n_sequences, hidden_size)
            The state after every step.
        state : Tensor of shape (n_sequences, hidden_size), or a pair of them for LSTM
            After the last step.
        """
        output = self._run(x, [state])
        return output, output[-1]

    def _run(self, x, initial):
        """The tensor that the forward pass computes, with the gradients that the backward pass gives."""
        forward, backward = self.passes
        X = data_of(x, "x")
        start = [state if state is None else data_of(state, "state") for state in initial]
        params = {name: getattr(self, name).data for name in PARAMETERS}
        trace = forward(params, X, *start)
        trace = trace if isinstance(trace, tuple) else (trace,)

        def gradients(gradient):
            grads, *others = backward(params, X, *trace, *self._upstream(gradient))
            return [*(grads[name] for name in PARAMETERS), *others]

        operands = [*(getattr(self, name) for name in PARAMETERS), x, *initial]
        return record_joint(self._result(*trace), operands, gradients)

    def _result(self, states, *_):
        return states[1:, ...]

    def _upstream(self, gradient):
        return (gradient,)


class RNNCell(_Cell):
    """One step of a simple recurrent network: ``tanh(x W_ih^T + b_ih + h W_hh^T + b_hh)``.

    Parameters
    ----------
    input_size : int
    hidden_size : int
    rng : numpy.random.Generator
        Draws the weights.

    Examples
    --------
    >>> import numpy as np
    >>> RNNCell(3, 5, rng=np.random.default_rng(0))(np.ones((2, 3))).shape
    (2, 5)
    """


class GRUCell(_Cell):
    """One step of a gated recurrent unit; `mlref.nn.recurrent.gru_forward` has the formulas.

    Parameters
    ----------
    input_size : int
    hidden_size : int
    rng : numpy.random.Generator
        Draws the weights.

    Examples
    --------
    >>> import numpy as np
    >>> GRUCell(3, 5, rng=np.random.default_rng(0))(np.ones((2, 3))).shape
    (2, 5)
    """

    n_gates = 3
    passes = (gru_forward, gru_backward)


class LSTMCell(_Cell):
    """One step of long short-term memory; `mlref.nn.recurrent.lstm_forward` has the formulas.

    Parameters
    ----------
    input_size : int
    hidden_size : int
    rng : numpy.random.Generator
        Draws the weights.

    Examples
    --------
    >>> import numpy as np
    >>> h, c = LSTMCell(3, 5, rng=np.random.default_rng(0))(np.ones((2, 3)))
    >>> h.shape, c.shape
    ((2, 5), (2, 5))
    """

    n_gates = 4
    passes = (lstm_forward, lstm_backward)

    def sequence(self, x, state=None):
        both = self._run(x, (None, None) if state is None else state)
        return both[:-1], (both[-2], both[-1])

    def _result(self, states, cells, gates):
        # An operation has one result: the last memory goes below the states.
        return namespace(states).concat([states[1:, ...], cells[-1:, ...]])

    def _upstream(self, gradient):
        return gradient[:-1, ...], gradient[-1, ...]


class _Layers(Module):
    """Cells one above the other, each reading the states of the one below."""

    cell = None

    def __init__(self, input_size, hidden_size, num_layers=1, *, rng):
        check_count(num_layers, "num_layers")
        self.num_layers = num_layers
        sizes = [input_size, *[hidden_size] * num_layers]
        self.cells = [type(self).cell(sizes[i], hidden_size, rng=rng) for i in range(num_layers)]

    def forward(self, x, state=None):
        """All states of the upper layer, and the last states of all layers.

        Parameters
        ----------
        x : Tensor or array of shape (T, n_sequences, input_size)
        state : list, optional
            One state for every layer, as it was returned for the steps before; zeros if it is left out.

        Returns
        -------
        output : Tensor of shape (T, n_sequences, hidden_size)
        state : list of Tensor of shape (n_sequences, hidden_size)
            One for every layer; pairs (state, memory) for LSTM.
        """
        last = []
        for cell, before in zip(self.cells, state or [None] * self.num_layers, strict=True):
            x, after = cell.sequence(x, before)
            last.append(after)
        return x, last


class RNN(_Layers):
    """A simple recurrent network over sequences, with tanh.

    Parameters
    ----------
    input_size : int
    hidden_size : int
    num_layers : int
    rng : numpy.random.Generator
        Draws the weights.

    Notes
    -----
    Time comes first, as is torch's default: (T, n_sequences, input_size). Torch names a parameter
    ``weight_ih_l0`` that is called ``cells.0.weight_ih`` here, and stacks the last states into one array.

    Examples
    --------
    >>> import numpy as np
    >>> output, state = RNN(3, 5, rng=np.random.default_rng(0))(np.ones((7, 2, 3)))
    >>> output.shape, state[0].shape
    ((7, 2, 5), (2, 5))
    """

    cell = RNNCell


class GRU(_Layers):
    """Gated recurrent units over sequences.

    Parameters
    ----------
    input_size : int
    hidden_size : int
    num_layers : int
    rng : numpy.random.Generator
        Draws the weights.

    Notes
    -----
    Shapes and names are those of `RNN`.

    Examples
    --------
    >>> import numpy as np
    >>> output, state = GRU(3, 5, rng=np.random.default_rng(0))(np.ones((7, 2, 3)))
    >>> output.shape
    (7, 2, 5)
    """

    cell = GRUCell


class LSTM(_Layers):
    """Long short-term memory over sequences.

    Parameters
    ----------
    input_size : int
    hidden_size : int
    num_layers : int
    rng : numpy.random.Generator
        Draws the weights.

    Notes
    -----
    Shapes and names are those of `RNN`; the state of a layer is a pair (state, memory).

    Examples
    --------
    >>> import numpy as np
    >>> output, [(h, c)] = LSTM(3, 5, rng=np.random.default_rng(0))(np.ones((7, 2, 3)))
    >>> output.shape, c.shape
    ((7, 2, 5), (2, 5))
    """

    cell = LSTMCell
