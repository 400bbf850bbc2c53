"""Web pages that need no network: map, report, comparison."""
