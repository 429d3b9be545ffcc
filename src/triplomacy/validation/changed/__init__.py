"""Validation of what has changed: which nodes a change can affect, and the checks run over these."""
