"""A process that measures generated packages: jobs as JSON on standard input, what was found on standard output."""

from __future__ import annotations

import json
import platform
import sys

import torch

from chiasm.measuring.device.passes import measure


def main() -> None:
    """Answers a project's root and jobs with the versions that it measured with, and for each job what was found.

    A job that cannot be measured, since its package is not there or refuses it, is answered with `error`.
    """
    root, jobs = json.load(sys.stdin)
    sys.path.insert(0, root)
    answers: list[object] = []
    for job in jobs:
        try:
            answers.append(measure(job))
        except (ImportError, KeyError, ValueError) as error:
            answers.append({"error": f"{type(error).__name__}: {error}"})
    versions = {"python": platform.python_version(), "torch": torch.__version__}
    print(json.dumps([versions, answers]))  # noqa: T201, for the process that started this one


if __name__ == "__main__":
    main()
