"""Sections of answers to questions about a plan, for the terminal and for pages."""
