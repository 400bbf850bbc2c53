"""Results of a run: tables and figures, computed once; no format, no drawing."""
