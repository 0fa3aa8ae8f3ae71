"""Runs the command for `cli.onrecord`, in a process of its own that need not import first.

A command imports for as long as most tests have it work. This process imports once and is forked
for each command; in the fork `python -m onrecord` runs as it always does.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import sys
from typing import NoReturn

from onrecord.articles import convert

NEEDED = (
    *("articles.admit", "articles.hydrate", "articles.triage", "cli", "dataset.building"),
    *("labelling.adjudicating", "labelling.labelstudio", "labelling.pulling", "labelling.pushing"),
    *("quality.agree", "quality.check", "quality.doubts", "quality.labelled", "quality.report"),
    *("running.convert", "running.engines", "running.preload", "running.run", "running.stories"),
    *("running.suggest", "withdraw"),
)
"""Modules of onrecord that verbs import when they are called."""

BESIDE = (
    *("jsonlines", "pydantic.fields", "pydantic.functional_validators", "pydantic.type_adapter"),
)
"""What others than onrecord import when they are called; typer reads every command line with it."""


def serve() -> None:
    """Run what each line of standard input asks for: args, cwd, env, and files for what is said.

    Answers with the pid of the fork, then with its exit code (less than 0: the signal).
    """
    for name in NEEDED:
        importlib.import_module(f"onrecord.{name}")
    for name in BESIDE:
        importlib.import_module(name)
    convert.identifier()  # its model takes 0.3 s to load
    gc.freeze()  # a collection in a fork would copy every page
    for line in sys.stdin:
        if (child := os.fork()) == 0:
            _run(**json.loads(line))
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(args: list[str], cwd: str, env: dict[str, str], out: str, err: str) -> NoReturn:
    for number, name in enumerate((os.devnull, out, err)):
        handle = os.open(name, os.O_WRONLY if number else os.O_RDONLY)
        os.dup2(handle, number)
        os.close(handle)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.path[0] = cwd
    sys.argv[1:] = args
    try:
        runpy.run_module("onrecord", run_name="__main__", alter_sys=True)
    except SystemExit as told:
        # To take an interpreter to pieces that is thrown away costs as much again.
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(told.code if isinstance(told.code, int) else 1)
    raise AssertionError("the command ends with an exit code")


if __name__ == "__main__":
    serve()
