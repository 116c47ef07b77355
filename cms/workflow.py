"""How a course is submitted, approved and sent back in the Wagtail admin.

This module is named by WAGTAIL_FINISH_WORKFLOW_ACTION and imported while Wagtail's models load, so it imports
nothing of Wagtail at the top.
"""

from typing import Any


def finish(workflow_state: Any, user: Any = None) -> None:
    """Called by Wagtail when the last task of a workflow was approved."""
    raise NotImplementedError
