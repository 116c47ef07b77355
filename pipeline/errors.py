"""The errors of the pipeline, in two families by whose move is next.

An `AuthorError` is a sentence the author can act on and is shown to them. A `PipelineError` is ours or the
wire's: it is retried, then raised as an alert.
"""


class LecternError(Exception):
    """The root of both families."""


class AuthorError(LecternError):
    """Something the author can put right. Its text is one sentence that names the thing and the remedy."""


class PipelineError(LecternError):
    """Something of ours or of the wire. Retried with backoff."""


class StoreError(PipelineError):
    """The store did not do what it was asked, or holds bytes that do not match their name."""


class ObjectExists(StoreError):
    """A create-only write found other bytes under the same name."""


class PointerMoved(StoreError):
    """A compare-and-set of a pointer lost: somebody else moved it first."""


class LeaseLost(PipelineError):
    """The worker's lease ran out and another worker holds it now. Stop, write nothing."""


class RenditionsPending(LecternError):
    """Not an error of anyone: the release waits for these renditions. Carries a sentence for people."""


class PurgePending(LecternError):
    """Not an error of anyone: a purge waits for these courses. Carries a sentence for people."""
