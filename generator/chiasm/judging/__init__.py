"""What verdicts rest on: scopes, evidence, anchors, comparisons."""
