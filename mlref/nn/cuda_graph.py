"""A training step recorded once on a GPU and replayed as one launch."""

from mlref.errors import ShapeError

__all__ = ["GraphedStep"]


class GraphedStep:
    """A function of torch arrays, recorded as a CUDA graph.

    A small network keeps a GPU waiting: Python takes longer to ask for its many kernels than they take to
    run. A CUDA graph remembers all kernels of a step, with the addresses that they read and write, and a
    replay is one request. On a processor, where there is nothing to record, a replay calls the function.

    Parameters
    ----------
    step : callable
        Takes arrays and returns an array, as the loss, or a tuple of them. What it changes, as parameters
        and running averages, it must change in place.
    *inputs : array of any shape
        Examples: all later inputs have their shapes, dtypes and device.
    warm_up : int
        How many times the step is run before it is recorded: libraries choose their algorithms and allocate
        their workspaces then, and optimisers their state. **These are real steps** on the examples.

    Raises
    ------
    ValueError
        If there are no inputs, or they are not on one device.

    Notes
    -----
    The inputs live in buffers of their own, into which each call copies. The result is a buffer too, and
    overwritten by the next call: copy it to keep it, and read it seldom, because reading waits for the GPU.

    Python runs only while recording. So a step must not ask for values (``float(loss)``, ``if x > 0``), and
    its numbers are frozen: the learning rate, and the count of steps in the corrections of Adam. Record
    again to change them; plain and momentum SGD have no such count. Random masks made by numpy, as in
    `mlref.nn.Dropout`, cannot be recorded. A last, smaller batch takes the function itself.

    References
    ----------
    NVIDIA, *CUDA C++ Programming Guide*, section on CUDA graphs; the documentation of
    ``torch.cuda.CUDAGraph``.

    Examples
    --------
    >>> import torch
    >>> total = torch.zeros(2)
    >>> def step(x):
    ...     total.add_(x)
    ...     return total.sum()
    >>> add = GraphedStep(step, torch.zeros(2))
    >>> add(torch.tensor([1.0, 2.0])), add(torch.tensor([1.0, 2.0])).item()
    (tensor(3.), 6.0)
    """

    def __init__(self, step, *inputs, warm_up=3):
        import torch

        if len({x.device for x in inputs}) != 1:
            raise ValueError(
                f"inputs are on {[str(x.device) for x in inputs]}; a graph needs at least one input, and all "
                "on the same device"
            )
        self._step = step
        self._inputs = tuple(x.clone() for x in inputs)
        self._graph = None
        device = inputs[0].device
        if device.type != "cuda":
            self._result = None
            for _ in range(warm_up):
                step(*self._inputs)
            return
        with torch.cuda.device(device):
            # The default stream cannot be recorded; another one must have caught up with it.
            stream = torch.cuda.Stream()
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):
                for _ in range(warm_up):
                    step(*self._inputs)
            torch.cuda.current_stream().wait_stream(stream)
            self._graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self._graph):
                self._result = step(*self._inputs)

    def __call__(self, *inputs):
        """Run the step.

        Parameters
        ----------
        *inputs : array of any shape
            As the examples.

        Returns
        -------
        result : array of any shape, or tuple of arrays
            What the step returned; overwritten by the next call.

        Raises
        ------
        ShapeError
            If an input has another shape, dtype or device than its example.
        """
        if len(inputs) != len(self._inputs):
            raise ShapeError(f"the step was recorded with {len(self._inputs)} inputs, not {len(inputs)}")
        for buffer, x in zip(self._inputs, inputs, strict=True):
            if (x.shape, x.dtype, x.device) != (buffer.shape, buffer.dtype, buffer.device):
                raise ShapeError(
                    f"an input is {tuple(x.shape)}, {x.dtype}, {x.device}; the step was recorded with "
                    f"{tuple(buffer.shape)}, {buffer.dtype}, {buffer.device}: call the function itself"
                )
            buffer.copy_(x, non_blocking=True)
        if self._graph is None:
            return self._step(*self._inputs)
        self._graph.replay()
        return self._result
