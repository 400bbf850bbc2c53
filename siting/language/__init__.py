"""Text and numbers for readers, in English and Chinese."""

from siting.language.catalogue import text
from siting.language.label import Label, Language, listed

__all__ = ["Label", "Language", "listed", "text"]
