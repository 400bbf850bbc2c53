"""The report of a run: one page for the decision maker, then all that an expert asks for, in both languages."""
