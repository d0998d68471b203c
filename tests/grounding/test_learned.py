"""Raters' verdicts teach which fact an answer is about, and whether it agrees, where the two share no word."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch

from servicequal import Annotation, Contact, Reference, Scorer, Turn
from servicequal.annotation import MarkedClaim
from servicequal.errors import BundleError
from servicequal.grounding.knowledge import Knowledge
from servicequal.grounding.space import Space
from servicequal.grounding.verification import GroundingHeads, verify
from servicequal.inference.pipeline import encode_contacts
from servicequal.reference import Fact
from servicequal.training.examples import make_example
from servicequal.training.fit_grounding import fit_grounding

REFERENCE = Reference(
    (
        Fact("sunday", "The branches are open on Sundays.", "shop"),
        Fact("fax", "The printer Inka 300 sends faxes.", "shop"),
    )
)
SAID = {
    ("sunday", "supported"): "Just drop in whenever the bells ring",
    ("sunday", "contradicted"): "Everybody rests then and the shutters are down",
    ("fax", "supported"): "Put the sheet in, dial, and off it goes",
    ("fax", "contradicted"): "Nothing leaves that box by telephone wire",
    (None, "not_in_reference"): "My cousin plays the trumpet in a band",
}
MANNERS = ("{}.", "Well, {}.", "{}, honestly.", "I would say: {}.", "{}, madam.", "Oh, {}!", "{}, you see.", "So {}.")


def contact(said: str, name: str) -> Contact:
    return Contact(name, "chat", (Turn("customer", "And?"), Turn("agent", said)), "en", attributes={"company": "shop"})


def test_what_shares_no_word_is_learned(scorer: Scorer) -> None:
    told = [(key, manner.format(said)) for (key, said), manner in product(SAID.items(), MANNERS)]
    contacts = [contact(said, f"c-{number}") for number, (_, said) in enumerate(told)]
    annotations = [
        Annotation(one.id, "r", {}, verdicts=(MarkedClaim(1, 0, len(said), *key),))
        for one, (key, said) in zip(contacts, told, strict=True)
    ]
    encoded = list(encode_contacts(contacts, scorer.encoder, ("en",), prefix=""))
    examples = [
        make_example(one, [annotation], scorer.scheme, folds=5, marking=())
        for one, annotation in zip(encoded, annotations, strict=True)
    ]
    knowledge = Knowledge(REFERENCE, scorer.encoder, "", Space.of(np.concatenate([one.vectors for one in encoded])))
    heads = fit_grounding(examples * 8, knowledge, seed=0)
    torch.rand(1)  # what else draws does not matter
    again = fit_grounding(examples * 8, knowledge, seed=0)
    assert heads is not None
    assert again is not None
    assert all(np.array_equal(array, again.arrays()[name]) for name, array in heads.arrays().items())
    stored = GroundingHeads.from_arrays(heads.arrays())
    assert stored is not None

    asked = [contact(f"Let me see: {said.lower()}.", name=str(key)) for key, said in SAID.items()]
    found = []
    for one in encode_contacts(asked, scorer.encoder, ("en",), prefix=""):
        compared = knowledge.compare(one, *knowledge.of(one.contact), [1])
        (verdict,) = verify(stored, {1: 1.0}, compared)
        found.append((None if verdict.fact is None else REFERENCE.facts[verdict.fact].id, verdict.verdict))
    assert found == list(SAID)


def test_without_verdicts_nothing_is_fitted(scorer: Scorer) -> None:
    encoded = list(encode_contacts([contact("Hello.", "c")], scorer.encoder, ("en",), prefix=""))
    example = make_example(encoded[0], [Annotation("c", "r", {})], scorer.scheme, folds=5, marking=())
    space = Space.of(np.random.default_rng(0).normal(size=(9, scorer.encoder.width)))
    assert fit_grounding([example], Knowledge(REFERENCE, scorer.encoder, "", space), seed=0) is None


def test_a_missing_array_is_named(scorer: Scorer) -> None:
    arrays = {name: array for name, array in scorer.bundle.arrays.items() if name != "grounding.agreement.meet.weight"}
    with pytest.raises(BundleError, match=r"what verifies claims is damaged \('meet.weight'\)"):
        GroundingHeads.from_arrays(arrays)
    wrong = scorer.bundle.arrays | {"grounding.finder.none.bias": np.zeros(2)}
    with pytest.raises(BundleError, match=r"size mismatch for none\.bias"):
        GroundingHeads.from_arrays(wrong)
    assert GroundingHeads.from_arrays({"context.mean": np.zeros(2)}) is None
