"""The site: graph, specs and verdicts in, staged Markdown out, and MkDocs over it when its inputs changed."""
