"""Speed, measured side by side in one run: never asserted by a clock in a test."""
