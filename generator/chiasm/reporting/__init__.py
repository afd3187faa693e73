"""How a finding is drawn, and how a safe one is mended."""
