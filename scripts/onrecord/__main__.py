"""The command `onrecord`, also as `python -m onrecord`.

Every worker imports the module that the command began with, so nothing is imported here before it
is called.
"""

import sys


def main() -> None:
    """Run the command line that was typed."""
    try:
        from onrecord import cli
        from onrecord.running import stopping

        stopping.listen()
        cli.main()
    except KeyboardInterrupt:  # while its modules are imported
        print("stopped before anything was done", file=sys.stderr)
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
