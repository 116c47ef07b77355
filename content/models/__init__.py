"""The tables of the content room, each defined in its subject's file."""

from content.models.catalogue import Catalogue
from content.models.course import Course, CourseInstructor, CoursePrerequisite, CourseTopic
from content.models.lesson import Lesson
from content.models.media import AdminRendition, Attachment, CaptionTrack, ImageOriginal, Video
from content.models.module import Module
from content.models.people import InstructorProfile

__all__ = [
    "AdminRendition",
    "Attachment",
    "CaptionTrack",
    "Catalogue",
    "Course",
    "CourseInstructor",
    "CoursePrerequisite",
    "CourseTopic",
    "ImageOriginal",
    "InstructorProfile",
    "Lesson",
    "Module",
    "Video",
]
