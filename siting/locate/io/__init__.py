"""Demand nodes and sites from files, and answers as tables, JSON and a page."""
