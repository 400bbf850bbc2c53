"""What a plan says, computed once, as tables and figures; no format, no drawing."""
