"""One answer from several raters: one-coin Dawid–Skene with a prior, for two raters as well as for ten."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST_STEPS = 1000
SETTLED = 1e-8  # change of any probability below which the search ends


@dataclass(frozen=True, slots=True)
class Consensus:
    """What the raters together say.

    Attributes:
        probabilities: float [items, options], of each option being right.
        ability: float [raters], probability (0–1) that a rater gives the right option.
        shares: float [options], how common each option is taken to be.
    """

    probabilities: np.ndarray
    ability: np.ndarray
    shares: np.ndarray


def dawid_skene(
    answers: np.ndarray, *, options: int, prior: tuple[float, float] = (8.0, 2.0), even: bool = True
) -> Consensus:
    """Weigh raters by how often they are right, and items' options by who chose them.

    Expectation maximisation of Dawid & Skene (1979, eqs. 2.3–2.5), with one ability per rater instead of a whole table
    of errors (the one-coin model of Zhang, Chen, Zhou & Jordan 2016): a rater who errs takes any other option
    alike. The M-step gives the mode under a Beta prior on the abilities, without which two raters who disagree say
    nothing, and one pseudo-item for each option. A model joins as one more rater: its answers are one more column.

    Two raters alone cannot tell who of them is right: with ``even`` options they come out as equally able. Where the
    options' shares are estimated, one who errs in one direction makes the shares his own and is believed in everything.

    Args:
        answers: int [items, raters], options from 0; -1 where a rater did not answer.
        options: how many there are, at least 2.
        prior: right and wrong answers (at least 1 each) that a rater is credited with beforehand: the Beta
            distribution's parameters; the default expects about 0.8. (1, 1) is no prior.
        even: take all options as equally common beforehand; else estimate it, which needs three raters an item.

    Example:
        >>> answers = np.array([[0, 0, 0], [1, 1, 1], [0, 0, 1], [1, 1, 0], [0, 0, 0], [1, 0, 0]])
        >>> found = dawid_skene(answers, options=2)
        >>> found.probabilities.argmax(axis=1).tolist()
        [0, 1, 0, 1, 0, 0]
        >>> found.ability.round(2).tolist()
        [0.86, 0.91, 0.78]
    """
    given = answers >= 0
    chosen = (answers[:, :, None] == np.arange(options)) & given[:, :, None]  # [items, raters, options]
    counts = chosen.sum(axis=1).astype(float)
    probabilities = (counts + 1 / options) / (counts.sum(axis=1, keepdims=True) + 1)
    right_before, wrong_before = prior[0] - 1, prior[1] - 1
    for _ in range(MOST_STEPS):
        right = np.einsum("iro,io->r", chosen, probabilities)
        answered = given.sum(axis=0) + right_before + wrong_before
        ability = np.clip((right + right_before) / np.maximum(answered, 1e-12), 1e-6, 1 - 1e-6)
        common = np.ones(options) if even else probabilities.sum(axis=0) + 1
        shares = common / common.sum()
        gain = np.log(ability) - np.log((1 - ability) / (options - 1))  # for the option that a rater chose
        score = np.log(shares) + np.einsum("iro,r->io", chosen, gain)
        score -= score.max(axis=1, keepdims=True)
        updated = np.exp(score) / np.exp(score).sum(axis=1, keepdims=True)
        change = abs(updated - probabilities).max(initial=0.0)
        probabilities = updated
        if change < SETTLED:
            break
    return Consensus(probabilities, ability, shares)
