"""What a variant costs: counted from its spec, and measured on the package that was generated from it."""
