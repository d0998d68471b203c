"""What all packed arithmetic in torch shares: a sequence gives the same bits alone and among others."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

# A matrix product of a few rows takes another kernel, with another rounding: a contact must score the same in any
# batch. And oneDNN keeps what it compiles for each number of rows, a megabyte or so: a history must meet but a few.
ROWS = 64


def filled(x: Tensor, *, least: int = ROWS) -> Tensor:
    """Fill up with rows of zeros: to a multiple of ``ROWS``, beyond eight of them to an eighth of the next power of 2.

    Args:
        x: float [rows, width].
        least: rows of what comes out, at least; a multiple of ``ROWS``.

    Example:
        >>> [len(filled(torch.ones(count, 1))) for count in (0, 1, 65, 513, 1025, 4000)]
        [64, 64, 128, 640, 1280, 4096]
    """
    step = max(ROWS, 2 ** (max(len(x) - 1, 0).bit_length() - 3))
    return functional.pad(x, (0, 0, 0, max(len(x) + -len(x) % step, least) - len(x)))


def attend(heads: Tensor, runs: list[tuple[int, int, int]]) -> Tensor:
    """Attention within each sequence, all sequences of one length at once.

    Args:
        heads: [rows, 3, heads, d], query, key and value; rows beyond the runs are padding.
        runs: neighbours of equal length, as (first row, number of sequences, length).

    Returns:
        [rows, heads · d], 0 for padding.
    """
    attended = torch.zeros_like(heads[:, 0])
    for start, count, length in runs:
        run = slice(start, start + count * length)
        q, k, v = heads[run].view(count, length, 3, *heads.shape[2:]).permute(2, 0, 3, 1, 4)
        values = functional.scaled_dot_product_attention(q, k, v)
        attended[run].view(count, length, *heads.shape[2:]).copy_(values.transpose(1, 2))
    return attended.flatten(1)
