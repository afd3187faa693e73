"""What drafting a page is made of: configurations, rows."""
