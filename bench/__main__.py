"""Run every benchmark and print one table each."""

from __future__ import annotations

from bench import decoding, imports, lines


def main() -> None:
    """Print all tables."""
    for benchmark in (imports, decoding, lines):
        benchmark.main()
        print()


if __name__ == "__main__":
    main()
