"""Run the benchmarks, each of which prints its tables: all of them, or those that are named."""

from __future__ import annotations

import sys

from bench import client, decoding, imports, intake, lines, proxy

BENCHMARKS = {
    "imports": imports,
    "decoding": decoding,
    "lines": lines,
    "intake": intake,
    "client": client,
    "proxy": proxy,
}


def main(names: list[str]) -> None:
    """Print the tables of the named benchmarks, or of all."""
    unknown = [name for name in names if name not in BENCHMARKS and not name.startswith("-")]
    if unknown:
        sys.exit(f"there is no benchmark {', '.join(unknown)}: there are {', '.join(BENCHMARKS)}")
    for name in [name for name in names if name in BENCHMARKS] or BENCHMARKS:
        BENCHMARKS[name].main()
        print()


if __name__ == "__main__":
    main(sys.argv[1:])
