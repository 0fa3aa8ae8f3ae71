"""The command `onrecord`, also as `python -m onrecord`.

Every worker imports the module that the command began with, so nothing is imported here before it
is called.
"""


def main() -> None:
    """Run the command line that was typed."""
    from onrecord import cli

    cli.main()


if __name__ == "__main__":
    main()
