"""The command `onrecord`, also as `python -m onrecord`.

Every worker imports the module that the command began with, so nothing is imported here before it
is called.
"""

import os
import sys


def _open_what_is_closed() -> None:
    """Give a stream that the caller closed (`>&-`) to nobody, rather than to the next open file."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def main() -> None:
    """Run the command line that was typed."""
    _open_what_is_closed()
    try:
        from onrecord.running import stopping
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    try:
        stopping.listen()
        with stopping.later():  # orjson crashes where a Ctrl-C breaks off its import
            from onrecord import cli

        cli.main()
    except KeyboardInterrupt:  # while its modules are imported, or a second one
        stopping.silence()
        if not stopping.again():
            print("stopped before anything was done", file=sys.stderr)
        raise SystemExit(stopping.code()) from None


if __name__ == "__main__":
    main()
