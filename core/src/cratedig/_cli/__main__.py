"""``python -m cratedig._cli``, for where the script is not on the path."""

from cratedig._cli.main import main

if __name__ == "__main__":
    main()
