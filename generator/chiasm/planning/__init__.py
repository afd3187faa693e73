"""The steps of plan: parts, presets, derived facts, released names, literals."""
