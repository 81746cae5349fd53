"""Embeddings, recurrent layers and attention beside torch's, forward and backward, on one thread."""

from __future__ import annotations

import numpy as np

from benchmarks.mlref.timing import Row

DTYPE = np.float32


def embedding_backward(n_rows, n_tokens, width):
    """The gradient of a table, of which many rows occur several times; torch with index_add_."""

    def prepare():
        import torch

        from mlref.nn.embedding import embedding_backward

        rng = np.random.default_rng(0)
        gradient, ids = rng.normal(size=(n_rows, width)).astype(DTYPE), rng.integers(0, n_tokens, n_rows)
        g, i = torch.tensor(gradient), torch.tensor(ids)

        def peer():
            return torch.zeros(n_tokens, width).index_add_(0, i, g)

        return lambda: embedding_backward(gradient, ids, n_tokens), peer, same

    return prepare


def recurrent(name, n_steps, n_sequences, n_in, n_hidden):
    """All states of a sequence, and the gradients of parameters and inputs."""

    def prepare():
        import torch

        from mlref.autodiff import Tensor
        from mlref.nn import recurrent as ours

        rng = np.random.default_rng(0)
        layer = getattr(ours, name)(n_in, n_hidden, rng=rng).to(DTYPE(0))
        oracle = getattr(torch.nn, name)(n_in, n_hidden)
        with torch.no_grad():
            for key, value in layer.cells[0].state_dict().items():
                getattr(oracle, f"{key}_l0").copy_(torch.tensor(value))
        X, upstream = (
            rng.normal(size=(n_steps, n_sequences, size)).astype(DTYPE) for size in (n_in, n_hidden)
        )
        x, g = torch.tensor(X, requires_grad=True), torch.tensor(upstream)

        def step():
            inputs = Tensor(X)
            layer.zero_grad()
            output, _ = layer(inputs)
            output.backward(upstream)
            return output.data, inputs.grad, layer.cells[0].weight_hh.grad

        def peer():
            x.grad = None
            oracle.zero_grad()
            output, _ = oracle(x)
            output.backward(g)
            return output.detach(), x.grad, oracle.weight_hh_l0.grad

        return step, peer, same

    return prepare


def attention(n_sequences, n_heads, length, width):
    """Causal attention and its gradients; torch with its fused kernel."""

    def prepare():
        import torch

        from mlref.autodiff import Tensor
        from mlref.nn.attention import causal_mask, scaled_dot_product_attention

        rng = np.random.default_rng(0)
        arrays = [rng.normal(size=(n_sequences, n_heads, length, width)).astype(DTYPE) for _ in range(4)]
        upstream = arrays.pop()
        mask = causal_mask(length, like=upstream)
        theirs, g = [torch.tensor(a, requires_grad=True) for a in arrays], torch.tensor(upstream)

        def step():
            tensors = [Tensor(array) for array in arrays]
            output = scaled_dot_product_attention(*tensors, mask)
            output.backward(upstream)
            return output.data, *(tensor.grad for tensor in tensors)

        def peer():
            for tensor in theirs:
                tensor.grad = None
            output = torch.nn.functional.scaled_dot_product_attention(*theirs, is_causal=True)
            output.backward(g)
            return output.detach(), *(tensor.grad for tensor in theirs)

        return step, peer, same

    return prepare


def encoder_block(n_sequences, length, d_model, n_heads):
    """One transformer block, forward and backward."""

    def prepare():
        import torch

        from mlref.autodiff import Tensor
        from mlref.nn.transformer import TransformerEncoderLayer

        rng = np.random.default_rng(0)
        layer = TransformerEncoderLayer(d_model, n_heads, 4 * d_model, 0.0, rng=rng).to(DTYPE(0))
        oracle = torch.nn.TransformerEncoderLayer(
            d_model, n_heads, 4 * d_model, 0.0, batch_first=True, norm_first=True
        )
        oracle.load_state_dict(as_torch(layer))
        X, upstream = (rng.normal(size=(n_sequences, length, d_model)).astype(DTYPE) for _ in range(2))
        x, g = torch.tensor(X, requires_grad=True), torch.tensor(upstream)

        def step():
            inputs = Tensor(X)
            layer.zero_grad()
            output = layer(inputs)
            output.backward(upstream)
            return output.data, inputs.grad, layer.linear1.weight.grad

        def peer():
            x.grad = None
            oracle.zero_grad()
            output = oracle(x)
            output.backward(g)
            return output.detach(), x.grad, oracle.linear1.weight.grad

        return step, peer, same

    return prepare


def language_model(n_tokens, length, d_model, n_heads, n_layers, batch):
    """A whole step of training: loss, gradients, AdamW."""

    def prepare():
        import torch

        from mlref.language import GPT
        from mlref.optim import AdamW

        rng = np.random.default_rng(0)
        model = GPT(n_tokens, length, d_model, n_heads, n_layers, rng=rng).to(DTYPE(0))
        inputs, targets = rng.integers(n_tokens, size=(2, batch, length))
        optimizer = AdamW(model.parameters(), 1e-3)

        def step():
            model.zero_grad()
            loss = model.loss(inputs, targets)
            loss.backward()
            optimizer.step()
            return loss.data

        tokens, positions = (
            torch.nn.Parameter(torch.tensor(w)) for w in (model.tokens.weight.data, model.positions.data)
        )
        blocks = torch.nn.ModuleList(
            torch.nn.TransformerEncoderLayer(
                d_model, n_heads, 4 * d_model, 0.0, batch_first=True, norm_first=True
            )
            for _ in range(n_layers)
        )
        for theirs, ours in zip(blocks, model.blocks, strict=True):
            theirs.load_state_dict(as_torch(ours))
        norm, head = torch.nn.LayerNorm(d_model), torch.nn.Linear(d_model, n_tokens, bias=False)
        with torch.no_grad():
            head.weight.copy_(torch.tensor(model.head.weight.data))
        hidden = torch.nn.Transformer.generate_square_subsequent_mask(length)
        parameters = [tokens, positions, *blocks.parameters(), *norm.parameters(), *head.parameters()]
        torch_optimizer = torch.optim.AdamW(parameters, 1e-3)
        ids, following = torch.tensor(inputs), torch.tensor(targets)

        def peer():
            torch_optimizer.zero_grad()
            x = torch.nn.functional.embedding(ids, tokens) + positions
            for block in blocks:
                x = block(x, hidden, is_causal=True)
            logits = head(norm(x))
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), following.flatten())
            loss.backward()
            torch_optimizer.step()
            return loss.detach()

        return step, peer, same

    return prepare


def as_torch(block):
    """The state of one of our blocks under torch's names; it keeps three projections in one matrix."""
    import torch

    state = {name: torch.tensor(value) for name, value in block.state_dict().items()}
    for kind in ("weight", "bias"):
        parts = [state.pop(f"self_attn.{letter}_proj.{kind}") for letter in "qkv"]
        state[f"self_attn.in_proj_{kind}"] = torch.cat(parts)
    return state


def same(ours, theirs):
    """The same numbers, as far as single precision and another order of sums allow."""
    if not isinstance(ours, tuple):
        ours, theirs = (ours,), (theirs,)
    for a, b in zip(ours, map(np.asarray, theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5 * np.abs(b).max() + 1e-6)


def recurrent_row(name, n_gates, goal, T=32, N=32, D=64, H=128):
    """A row with the operations of its matrix products: two passes of the backward one for each forward."""
    flops = 3 * 2 * T * N * n_gates * H * (D + H)
    size = f"T {T}, N {N}, {D} to {H}, float32"
    return Row(f"{name} step", size, f"nn.{name}", goal, recurrent(name, T, N, D, H), flops)


# The first goal was set beforehand; in the others torch's compiled kernels are the peer of a readable loop.
ROWS = [
    Row(
        *("embedding backward", "10k x 64, 20k rows, float32", "index_add_", 1.3),
        embedding_backward(20_000, 10_000, 64),
    ),
    recurrent_row("RNN", 1, 1.0),
    recurrent_row("GRU", 3, 1.0),
    recurrent_row("LSTM", 4, 2.0),
    Row("causal attention", "8 x 4 heads, 128 x 32, float32", "fused kernel", 2.0, attention(8, 4, 128, 32)),
    Row("transformer block", "8 x 64 x 128, float32", "nn layer", 1.5, encoder_block(8, 64, 128, 4)),
    Row(
        "GPT training step",
        "2 layers, 16 x 64 x 64, float32",
        "eager",
        1.5,
        language_model(64, 64, 64, 4, 2, 16),
    ),
]
