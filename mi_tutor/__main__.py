"""python3 -m mi_tutor (placeholder while the bootstrap is being written)."""

import sys


def main() -> int:
    from mi_tutor.tutor.cli import main as command_line

    return command_line(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
