"""Compute running averages of a network's inputs in PyTorch, like `dsp.core.tiles.ExponentialSmoother`."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

SPAN = 50  # steps computed at once; must divide the number of steps


def averaged(x: "torch.Tensor", time_constant: float) -> "torch.Tensor":
    """Compute first-order recursive averages of inputs (batch, steps, channels) along the steps, starting at zero."""
    import torch

    decay = float(np.exp(-1 / time_constant))
    age = torch.arange(SPAN)[:, None] - torch.arange(SPAN)[None, :]
    kernel = torch.where(age >= 0, (1 - decay) * decay ** age.clamp(min=0).float(), 0.0)
    memory = (decay ** torch.arange(1, SPAN + 1).float())[:, None]
    before, spans = torch.zeros(x.shape[0], 1, x.shape[2]), []
    for part in (kernel @ x.reshape(x.shape[0], -1, SPAN, x.shape[2])).unbind(1):
        part = part + memory * before
        before = part[:, -1:]
        spans.append(part)
    return torch.cat(spans, dim=1)
