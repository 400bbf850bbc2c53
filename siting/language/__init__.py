"""Text and numbers for readers, in English and Chinese."""

from siting.language.catalogue import Label, Language, listed, text
from siting.language.reader import reader_language, set_reader_language, spoken

__all__ = ["Label", "Language", "listed", "reader_language", "set_reader_language", "spoken", "text"]
