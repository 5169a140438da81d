"""`python -m smartreg`."""

from smartreg.cli.main import main

if __name__ == "__main__":
    main()
