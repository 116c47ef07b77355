"""Imports a folder of Markdown as a course in the editor. Every door calls `import_course`."""

from cms.importing.importer import import_course
from cms.importing.report import Refused, Report

__all__ = ["Refused", "Report", "import_course"]
