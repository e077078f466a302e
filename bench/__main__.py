"""Run every benchmark and print one table each."""

from __future__ import annotations

from bench import decoding, imports, intake, lines


def main() -> None:
    """Print all tables."""
    for benchmark in (imports, decoding, lines, intake):
        benchmark.main()
        print()


if __name__ == "__main__":
    main()
