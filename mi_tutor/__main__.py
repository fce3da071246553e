"""`python3 -m mi_tutor ...` and `mi-tutor ...`: set up what is missing, then run the command.

Standard library only, and readable by old Pythons, so that they can be told what is wrong.
"""

import sys


def main(arguments=None):
    """Run one command; returns the exit code (2: a problem that was told in one sentence)."""
    if sys.version_info < (3, 8):  # noqa: UP036 - this file is what an old Python meets first
        sys.stderr.write(
            "mi_tutor: The course needs Python 3.11, 3.12 or 3.13: install one and run"
            " `python3.11 -m mi_tutor learn`.\n"
        )
        return 2
    from mi_tutor.bootstrap.problem import Problem
    from mi_tutor.bootstrap.start import start

    try:
        return start(sys.argv[1:] if arguments is None else list(arguments))
    except Problem as problem:
        sys.stdout.flush()
        sys.stderr.write("mi_tutor: {}\n".format(problem))  # noqa: UP032 - see above
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\nmi_tutor: Stopped. Run the same command again to go on.\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
