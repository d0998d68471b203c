"""The card of a trained scorer: what it is for, what it learned from, how well it does, where it fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from servicequal.bundle import Bundle


def render_card(bundle: Bundle, figures: Mapping[str, Any]) -> str:
    """Write a scorer's card in Markdown.

    Args:
        bundle: the scorer.
        figures: ``Evaluation.to_dict()`` of its out-of-fold scorecards.
    """
    training = bundle.training
    config = training["config"]

    def counts(name: str) -> str:
        return ", ".join(f"{key} {count}" for key, count in training[name].items())

    return _CARD.format(
        name=bundle.name,
        languages=", ".join(bundle.languages),
        scheme=bundle.scheme.id,
        **{key: training[key] for key in ("contacts", "annotations", "raters", "phrases")},
        **{f"by_{key[:-1]}": counts(key) for key in ("waves", "languages", "channels")},
        folds=config["folds"],
        columns=_COLUMNS,
        rows=_criteria(figures["criteria"]),
        groups=_criteria(
            {f"{name}, {group}": f for group, own in figures["groups"].items() for name, f in own.items()}
        ),
        evidence=_evidence(figures["criteria"]),
        verdicts=_verdicts(figures["verdicts"]),
        max_error=f"{config['max_error']:.0%}",
        confidence=f"{1 - config['risk']:.0%}",
        lineage=_lineage(training),
    )


def _cell(interval: Mapping[str, Any], *, percent: bool = False) -> str:
    value, low, high = (interval[key] for key in ("value", "low", "high"))
    if value is None:
        return "–"
    known = [number for number in (value, low, high) if number is not None]
    shown = [f"{100 * number:.0f} %" if percent else f"{number:.2f}" for number in known]
    return f"{shown[0]} [{', '.join(shown[1:])}]" if len(shown) > 1 else shown[0]


def _criteria(criteria: Mapping[str, Any]) -> str:
    return "\n".join(
        f"| {name} | {f['contacts']} | {_cell(f['answers'])} | {_cell(f['raters_answers'])} | {_cell(f['kappa'])} | "
        f"{_cell(f['macro_f1'])} | {_cell(f['opportunity_f1'])} | {_cell(f['calibration_error'])} | "
        f"{_cell(f['automatic'], percent=True)} |"
        for name, f in criteria.items()
    )


def _evidence(criteria: Mapping[str, Any]) -> str:
    return "\n".join(
        f"| {name} | {_cell(e['precision'])} | {_cell(e['recall'])} | {_cell(e['raters'])} |"
        for name, f in criteria.items()
        if (e := f["evidence"]) is not None
    )


def _verdicts(verdicts: Mapping[str, Any]) -> str:
    return "\n".join(
        f"| {group} | {f['statements']} | {_cell(f['found'])} | {_cell(f['right_fact'])} | {_cell(f['accuracy'])} | "
        f"{_cell(f['macro_f1'])} | {_cell(f['raters'])} |"
        for group, f in verdicts.items()
    )


def render_certified(bundle: Bundle, lines: Sequence[str], card: str) -> str:
    """Write the card of a scorer that was certified anew.

    Args:
        bundle: with its new thresholds.
        lines: what is certified, by criterion.
        card: of the scorer that it was made from.
    """
    told = "\n".join(f"- {line}" for line in lines)
    return (
        f"# Scorer {bundle.name}\n\nThe scorer below with other thresholds for what needs no review; its ratings and "
        f"probabilities are the same.\n\n{told}\n\n{card}"
    )


def _lineage(training: Mapping[str, Any]) -> str:
    """Say what a scorer was made from, and how it came to take over."""
    if "lineage" not in training:
        return ""
    lineage, decision = training["lineage"], training["promotion"]
    new_scheme = "" if lineage["scheme_digest"] == lineage["base_scheme_digest"] else " (another than the base’s)"
    checks = "\n".join(
        f"| {check['name']} | {'yes' if check['passed'] else '**no**'} | {check['found']} |"
        for check in decision["checks"]
    )
    rows = "\n".join(
        f"| {name} | {one['champion']:.3f} | {one['challenger']:.3f} | {one['gain']['value']:+.3f} | "
        f"{one['p_worse']:.2f} | {one['champion_coverage']:.0%} | {one['challenger_coverage']:.0%} |"
        for name, one in decision["criteria"].items()
    )
    return _PROMOTION.format(
        verdict="Promoted" if decision["promoted"] else "**Not promoted**: the champion stays",
        base=lineage["base"],
        waves=", ".join(lineage["waves"]),
        newest=", ".join(lineage["newest"]) or "the newest wave",
        scheme=f"{lineage['scheme']} {lineage['scheme_digest']}{new_scheme}",
        checks=checks,
        rows=rows,
        left_out="\n".join(f"Not compared, {what}: {why}." for what, why in decision["left_out"].items()),
        metric=decision["rule"]["metric"],
        seed=decision["rule"]["seed"],
        **{key: decision[key] for key in ("contacts", "clusters")},
    )


_PROMOTION = """## Where it comes from

Challenger of {base}; waves {waves}; scheme {scheme}.
{verdict}, on {contacts} contacts of {newest} in {clusters} cases or customers that neither saw: the champion was not
trained on them, the challenger rates them out of fold, by heads that saw no contact of the same case or customer.
{left_out}

| to be promoted | holds | found |
|---|---|---|
{checks}

| criterion | {metric}, champion | challenger | gain | worse: p (Holm) | automatic, champion | challenger |
|---|---|---|---|---|---|---|
{rows}

Paired by contact, resampled by case or customer, seed {seed}.

"""


_COLUMNS = (
    "| criterion | contacts | kappa | two raters | kappa of levels | macro-F1 | applies: F1 | calibration error "
    "| unreviewed |\n|---|---|---|---|---|---|---|---|---|"
)

_CARD = """# Scorer {name}

Rates contacts in {languages} by the scheme `{scheme}`. Load it with `servicequal.Scorer.load(PATH)`.

## What it learned from

{contacts} contacts with {annotations} annotations by {raters} raters, and {phrases} phrases.
Annotations by wave: {by_wave}.
Contacts by language: {by_language}; by channel: {by_channel}.

{lineage}## How well it agrees with its raters

Out of fold ({folds} folds by case, customer or contact) on the contacts above: the same writers and raters as in
training, so **not** the quality to expect on other contacts. 95 % intervals, clustered by case or customer.

{columns}
{rows}

Kappa is linear-weighted, over all four answers (not applicable, then the levels), and over the levels alone where rater
and scorer both let the criterion apply, as is macro-F1. The calibration error (equal-mass, ten bins) is the mean gap
between the confidence in an answer and how often a rater gives the same. "Unreviewed" is the share of contacts for
which an error of at most {max_error} is certified with confidence {confidence} (Learn-then-Test on out-of-fold
confidences, so the certificate is approximate).

Sentences shown as evidence, against the spans that raters marked for the criterion (a contact shows five at most):

| criterion | precision | recall | two raters |
|---|---|---|---|
{evidence}

Statements of fact, against the raters' verdicts (supported, contradicted, not in the reference):

| contacts | statements | found | right fact | accuracy | macro-F1 | two raters |
|---|---|---|---|---|---|---|
{verdicts}

By language and by channel:

{columns}
{groups}

## Not for

Decisions about a person's employment or pay without a person's own judgement; single contacts taken as proof;
languages, schemes or kinds of contact that it has not seen.
"""
