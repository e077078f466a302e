"""`python -m unijob_codegen`."""

from unijob_codegen.cli import main

if __name__ == "__main__":
    main(prog_name="python -m unijob_codegen")
