"""What can be read from vectors of any encoder: no method, no task and no record is needed."""

from harness.outputs.audit.measure import audit
from harness.outputs.audit.result import Audit

__all__ = ["Audit", "audit"]
