"""Recurrent networks.

* `arrays`: forward and back-propagation through time of the tanh, GRU and LSTM cells, on plain arrays.
* `layers`: the same as modules, `RNN`, `GRU`, `LSTM` over sequences, and the cells, which take one step.
* `truncated`: back-propagation that is cut every few steps.
"""

from mlref.nn.recurrent.arrays import (
    gru_backward,
    gru_forward,
    lstm_backward,
    lstm_forward,
    rnn_backward,
    rnn_forward,
)
from mlref.nn.recurrent.layers import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell
from mlref.nn.recurrent.truncated import detach, truncated_backward

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "GRUCell",
    "LSTMCell",
    "RNNCell",
    "detach",
    "gru_backward",
    "gru_forward",
    "lstm_backward",
    "lstm_forward",
    "rnn_backward",
    "rnn_forward",
    "truncated_backward",
]
