"""Runs a command in children that are killed with SIGKILL: at random moments, or at each change of a file in turn.

Children are forked from a process that has imported everything, so that twenty of them start in no time.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import servicequal.console
import servicequal.history.run  # noqa: F401
from servicequal.cli import main
from servicequal.contact import Contact, Turn
from servicequal.inference.segments import split_sentences

CHANGES = frozenset({"open", "os.rename", "os.remove", "os.mkdir"})


def start(command: list[str], die_at: int | None = None) -> int:
    """Fork a child that runs the command; give its process id."""
    child = os.fork()
    if child:
        return child
    if die_at is not None:
        die_at_change(die_at, command[command.index("--out") + 1].rstrip("/"))
    try:
        code = main(command, standalone_mode=False)
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        code = 99
    os._exit(code or 0)


def die_at_change(number: int, folder: str) -> None:
    """Kill this process when it is about to touch a file of the folder for the so-manieth time."""
    count = 0

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        if event in CHANGES and str(arguments[0]).startswith(folder):
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hear)


def ended(child: int) -> int | None:
    """Wait for a child: its exit code, or None if it was killed."""
    _, status = os.waitpid(child, 0)
    return None if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def removed(out: str) -> None:
    shutil.rmtree(out, ignore_errors=True)
    Path(f"{out.rstrip('/')}.rejected.jsonl").unlink(missing_ok=True)


def at_random(command: list[str], kills: int, seed: int) -> dict[str, object]:
    rng, out, finished, codes = random.Random(seed), command[command.index("--out") + 1], 0, set[int | None]()
    began = time.monotonic()
    codes.add(ended(start(command)))
    whole = time.monotonic() - began
    removed(out)
    while kills:
        child = start(command)
        time.sleep(rng.uniform(0, whole / 4))
        os.kill(child, signal.SIGKILL)
        if ended(child) is None:
            kills -= 1
        else:  # it was faster: begin anew
            finished += 1
            removed(out)
    codes.add(ended(start(command)))
    return {"codes": list(codes), "finished": finished}


def at_each_change(command: list[str], kept: str) -> dict[str, object]:
    out, number, codes = command[command.index("--out") + 1], 0, set[int | None]()
    while True:
        number += 1
        removed(out)
        first = ended(start(command, die_at=number))
        codes.add(first)
        if first is not None:
            return {"codes": [code for code in codes if code is not None], "changes": number - 1}
        codes.add(ended(start(command)))
        target = Path(kept) / str(number) / "cards"
        shutil.copytree(out, target)
        beside = Path(f"{out.rstrip('/')}.rejected.jsonl")
        if beside.exists():
            shutil.copy(beside, target.with_name("cards.rejected.jsonl"))


if __name__ == "__main__":
    split_sentences(Contact("c", "chat", (Turn("agent", "Hello."),)), "en")  # the language's rules, once for all
    request = json.loads(sys.argv[1])
    result = globals()[request.pop("how")](**request)
    sys.stdout.write(json.dumps(result))
