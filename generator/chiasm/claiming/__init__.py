"""The parts of claims: sections, facts, tables, values, statements."""
