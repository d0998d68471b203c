"""Label Studio: tasks with the dialogue as paragraphs, annotations and predictions; and the labelling interface for it.

Label Studio counts characters as JavaScript does, in UTF-16 units: an emoji counts twice there and once here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from servicequal.annotation import VERDICTS, Annotation
from servicequal.contact import Contact
from servicequal.errors import AnnotationError
from servicequal.files.exchange.task import ANSWERS, Task, attempt, exported
from servicequal.files.whole_file import written_whole
from servicequal.records import to_json
from servicequal.scheme import Scheme

DIALOGUE, INDICATORS, VERDICT, FACT, RATER, BLIND = "dialogue", "indicators", "verdicts", "fact", "rater", "blind"
SEEN = "saw the model's answer first"


def write(tasks: Iterable[Task], path: Path, scheme: Scheme) -> None:
    """Write tasks to import, and beside them ``<name>.xml``, the labelling interface for the project's settings."""
    if path.suffix == ".xml":
        raise AnnotationError(f"{path}: is where the labelling interface goes; name the tasks <name>.json")
    with written_whole(path) as scratch:
        scratch.write_text(to_json([_task(task) for task in tasks]) + "\n", encoding="utf-8")
    with written_whole(path.with_suffix(".xml")) as scratch:
        scratch.write_text(interface(scheme), encoding="utf-8")


def read(path: Path, contacts: Mapping[str, Contact], scheme: Scheme) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """Yield for each annotation its place, and its record or what is wrong with it.

    The rater is whoever the annotation names, else the e-mail or number of the user who made it. An annotation that
    began as a prediction is not blind.
    """
    try:
        tasks = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise AnnotationError(
            f"{path}: not JSON in UTF-8 ({type(error).__name__}); expected an export as JSON"
        ) from None
    if not isinstance(tasks, list):
        raise AnnotationError(f"{path}: no list of tasks; expected Label Studio's export as JSON")
    for number, task in enumerate(tasks, 1):
        where = f"{path}, task {number}"
        if not isinstance(task, dict) or not isinstance(task.get("annotations"), list):
            yield where, "no list 'annotations'; expected Label Studio's export as JSON (not JSON-MIN)"
            continue
        for made in task["annotations"]:
            if not made.get("was_cancelled"):
                yield attempt(
                    where, "Label Studio",
                    lambda task=task, made=made: _record(task["data"], made, contacts, scheme),  # type: ignore[misc]
                )  # fmt: skip


def interface(scheme: Scheme) -> str:
    """Write the labelling interface: the dialogue, labels for indicators and verdicts, a choice for each criterion."""
    lines = ["<View>", f'  <Paragraphs name="{DIALOGUE}" value="${DIALOGUE}" layout="dialogue" nameKey="speaker"/>']
    lines.append(f'  <ParagraphLabels name="{INDICATORS}" toName="{DIALOGUE}" choice="multiple">')
    for one in scheme.indicators:
        lines.append(f"    <Label value={quoteattr(one.id)} hint={quoteattr(f'{one.speaker}: {one.description}')}/>")
    lines += ["  </ParagraphLabels>", f'  <ParagraphLabels name="{VERDICT}" toName="{DIALOGUE}">']
    lines += [f"    <Label value={quoteattr(verdict)}/>" for verdict in VERDICTS]
    lines.append("  </ParagraphLabels>")
    one_entry = f'toName="{DIALOGUE}" maxSubmissions="1"'
    lines.append(f'  <TextArea name="{FACT}" {one_entry} perRegion="true" placeholder="id of the fact"/>')
    for criterion in scheme.criteria:
        lines.append(f"  <Header value={quoteattr(f'{criterion.id}: {criterion.description}')}/>")
        lines.append(f'  <Choices name={quoteattr(criterion.id)} toName="{DIALOGUE}" showInline="true">')
        hints = {**criterion.levels, "not_applicable": criterion.description}
        lines += [f"    <Choice value={quoteattr(answer)} hint={quoteattr(hints[answer])}/>" for answer in ANSWERS]
        lines.append("  </Choices>")
    lines.append(f'  <Choices name="{BLIND}" toName="{DIALOGUE}" choice="multiple">')
    lines += [f"    <Choice value={quoteattr(SEEN)}/>", "  </Choices>"]
    lines.append(f'  <TextArea name="{RATER}" {one_entry} placeholder="rater, if not the user"/>')
    return "\n".join([*lines, "</View>", ""])


def _task(task: Task) -> dict[str, Any]:
    contact = task.contact
    data: dict[str, Any] = {
        "contact": contact.id, "channel": contact.channel, "language": contact.language,
        "attributes": dict(contact.attributes),
        DIALOGUE: [{"speaker": turn.speaker, "text": turn.text} for turn in contact.turns],
    }  # fmt: skip
    waves = {annotation.wave for annotation in task.annotations}
    data |= {"wave": waves.pop()} if len(waves) == 1 else {}
    record: dict[str, Any] = {
        "data": data,
        "annotations": [{"result": _result(contact, one)} for one in task.annotations],
    }
    proposal = task.proposal()
    if proposal is not None:
        record["predictions"] = [{"model_version": proposal.rater, "result": _parts(contact, proposal)}]
    return record


def _result(contact: Contact, annotation: Annotation) -> list[dict[str, Any]]:
    result = [*_parts(contact, annotation), _item(RATER, "textarea", {"text": [annotation.rater]})]
    return result if annotation.blind else [*result, _item(BLIND, "choices", {"choices": [SEEN]})]


def _parts(contact: Contact, annotation: Annotation) -> list[dict[str, Any]]:
    items = [_item(name, "choices", {"choices": [level]}) for name, level in annotation.ratings.items()]
    for number, span in enumerate(annotation.indicators):
        place = _place(contact, span.turn, span.start, span.end)
        items.append(_item(INDICATORS, "paragraphlabels", place | {"paragraphlabels": [span.indicator]}, f"i{number}"))
    for number, claim in enumerate(annotation.verdicts):
        place, region = _place(contact, claim.turn, claim.start, claim.end), f"v{number}"
        items.append(_item(VERDICT, "paragraphlabels", place | {"paragraphlabels": [claim.verdict]}, region))
        if claim.fact is not None:
            items.append(_item(FACT, "textarea", place | {"text": [claim.fact]}, region))
    return items


def _item(name: str, kind: str, value: dict[str, Any], region: str | None = None) -> dict[str, Any]:
    item = {"from_name": name, "to_name": DIALOGUE, "type": kind, "value": value}
    return item | {"id": region or name}


def _place(contact: Contact, turn: int, start: int, end: int) -> dict[str, Any]:
    text = contact.turns[turn].text
    units = {"startOffset": _units(text[:start]), "endOffset": _units(text[:end])}
    return {"start": str(turn), "end": str(turn), **units, "text": text[start:end]}


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _characters(text: str, units: int) -> int:
    return len(text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore"))


def _record(
    data: Mapping[str, Any], annotation: Mapping[str, Any], contacts: Mapping[str, Contact], scheme: Scheme
) -> dict[str, Any]:
    contact = exported(contacts, data["contact"], turns=data[DIALOGUE])
    criteria = {criterion.id for criterion in scheme.criteria}
    result = [item for item in annotation["result"] if "from_name" in item]  # a relation between regions has none
    for name in sorted({item["from_name"] for item in result} - criteria - {INDICATORS, VERDICT, FACT, RATER, BLIND}):
        raise AnnotationError(
            f"a result of {name!r}, which the labelling interface does not have; use the one exported"
        )
    named = {item["from_name"]: item["value"] for item in result}
    facts = {item["id"]: _only(item["value"]["text"], FACT) for item in result if item["from_name"] == FACT}
    seen = BLIND in named or annotation.get("parent_prediction")
    wave = data.get("wave") or data.get("attributes", {}).get("wave")
    record: dict[str, Any] = {
        "contact": contact.id,
        "rater": _only(named[RATER]["text"], RATER) if RATER in named else _user(annotation.get("completed_by")),
        "wave": None if wave is None else str(wave),
        "blind": not (seen or any(str(item.get("origin")).startswith("prediction") for item in result)),
        "ratings": {
            item["from_name"]: _only(item["value"]["choices"], item["from_name"])
            for item in result
            if item["from_name"] in criteria
        },
        "indicators": [],
        "verdicts": [],
    }
    for item in result:
        if item["from_name"] == INDICATORS:
            record["indicators"] += [
                _span(item["value"], contact) | {"indicator": label} for label in item["value"]["paragraphlabels"]
            ]
        elif item["from_name"] == VERDICT:
            verdict = _only(item["value"]["paragraphlabels"], VERDICT)
            record["verdicts"].append(
                _span(item["value"], contact) | {"fact": facts.get(item["id"]), "verdict": verdict}
            )
    return record


def _only(values: Sequence[str], name: str) -> str:
    if len(values) != 1:
        raise AnnotationError(f"{name!r} has {len(values)} entries; expected one")
    return values[0]


def _span(value: Mapping[str, Any], contact: Contact) -> dict[str, int]:
    turn = int(value["start"])
    if int(value["end"]) != turn:
        raise AnnotationError(f"a region goes from paragraph {turn} to {value['end']}; mark each paragraph by itself")
    text = contact.turns[turn].text
    start, end = (_characters(text, int(value[key])) for key in ("startOffset", "endOffset"))
    if text[start:end] != value.get("text", text[start:end]):
        raise AnnotationError(f"a region of paragraph {turn} holds another text than its offsets; export it again")
    return {"turn": turn, "start": start, "end": end}


def _user(user: Any) -> str:
    return str(user["email"]) if isinstance(user, dict) and "email" in user else f"user-{user}"
