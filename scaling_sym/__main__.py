"""`python -m scaling_sym VERB`: the command line where its script is not on the path."""

from scaling_sym.cli import main

if __name__ == "__main__":
    main()
