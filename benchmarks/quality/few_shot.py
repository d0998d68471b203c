"""SetFit (Tunstall et al. 2022) on a subset: the encoder tuned by pairs of contacts, then a logistic regression.

An optional part of ``baselines.py``: ``pip install setfit accelerate``. One model per criterion, learnt from
``PER_ANSWER`` contacts of each answer outside the first fold and asked about that fold, from the first ``TOKENS``
tokens of a contact: what a CPU can do in minutes. It says what SetFit is worth here at this price, not at its best.
"""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from answers import ANSWERS, UNANSWERED, Corpus
from datasets import Dataset
from linear import PREFIX
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from setfit import SetFitModel, Trainer, TrainingArguments
from sklearn.linear_model import LogisticRegression
from textcat import written

from servicequal.bundle import ENCODER, models_folder

FOLD, PER_ANSWER, TOKENS, BATCH, SEED = 0, 24, 128, 8, 0
SPECIAL = {"pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>", "mask_token": "<mask>"}


def first_fold(corpus: Corpus, *, steps: int) -> np.ndarray:
    """Answer for the contacts of the first fold: int [criteria, contacts], -1 elsewhere."""
    answers = np.full(corpus.shares.shape[:2], UNANSWERED)
    texts = [PREFIX + " ".join(written(contact).split()) for contact in corpus.contacts]
    test = np.flatnonzero(corpus.folds == FOLD)
    with TemporaryDirectory() as scratch:
        folder = plain_encoder(Path(scratch) / "encoder")
        for row, criterion in enumerate(corpus.criteria):
            shots = few(corpus.shares[row].argmax(axis=1), np.flatnonzero(corpus.folds != FOLD))
            labels = corpus.shares[row].argmax(axis=1)[shots]
            model = trained(folder, [texts[n] for n in shots], labels.tolist(), steps=steps, scratch=scratch)
            answers[row, test] = np.asarray(model.predict([texts[n] for n in test], use_labels=False))
            print("setfit", criterion, file=sys.stderr)
    return answers


def few(answer: np.ndarray, training: np.ndarray) -> np.ndarray:
    """Draw at most ``PER_ANSWER`` contacts of each answer."""
    draw = np.random.default_rng(SEED)
    members = [training[answer[training] == number] for number in range(len(ANSWERS))]
    return np.concatenate([draw.permutation(own)[:PER_ANSWER] for own in members])


def trained(folder: Path, texts: list[str], labels: list[int], *, steps: int, scratch: str) -> SetFitModel:
    body = SentenceTransformer(str(folder), device="cpu")
    body.max_seq_length = TOKENS
    model = SetFitModel(model_body=body, model_head=LogisticRegression(class_weight="balanced", max_iter=500))
    arguments = TrainingArguments(
        output_dir=scratch, batch_size=BATCH, max_steps=steps, seed=SEED, save_strategy="no", report_to="none"
    )
    data = Dataset.from_dict({"text": texts, "label": labels})
    with redirect_stdout(sys.stderr):  # it prints its losses among our figures
        Trainer(model=model, args=arguments, train_dataset=data).train()
    return model


def plain_encoder(folder: Path) -> Path:
    """Write the frozen encoder as other libraries read it: without int8 rows, with the names of special tokens."""
    source = models_folder() / ENCODER
    folder.mkdir()
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(source / name, folder / name)
    names = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512} | SPECIAL
    (folder / "tokenizer_config.json").write_text(json.dumps(names))
    stored = load_file(source / "model.safetensors")
    weights = {
        name: value.float() * stored[f"{name}.scale"].float()[:, None] if f"{name}.scale" in stored else value.float()
        for name, value in stored.items()
        if not name.endswith(".scale")
    }
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder
