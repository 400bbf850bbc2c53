"""Text and numbers for readers, in English and Chinese."""

from siting.language.catalogue import Label, Language, listed, text

__all__ = ["Label", "Language", "listed", "text"]
