"""One rule a file; its docstring is its page on the site and the answer of `chiasm explain`."""
