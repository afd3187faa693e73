"""`python -m chiasm`."""

from __future__ import annotations

from chiasm.cli import main

if __name__ == "__main__":
    main()
