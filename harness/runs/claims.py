"""Trials that a run has taken, so that another run on the same results leaves them to it.

A claim is a lock that the system holds for a process: it ends with the process, however that ends,
so a trial of a run that was killed is free at once.
"""

import contextlib
from pathlib import Path

from filelock import FileLock, Timeout


class Claims:
    """Claims of one run on the trials of a profile.

    `folder`: where the locks lie, which runs on the same results share; it goes when it is empty.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, FileLock] = {}

    def take(self, key: str) -> bool:
        """Claim a trial by its key; False while another run holds it.

        On a file system without locks every trial is free, and two runs may both do it.
        """
        if key in self._held:
            return True
        lock = FileLock(self._folder / f"{key}.lock")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout:
            return False
        except FileNotFoundError:
            # The end of another run has just removed the folder.
            return self.take(key)
        except (OSError, NotImplementedError):
            return True
        self._held[key] = lock
        return True

    def release(self, key: str) -> None:
        """Give a claim up; what was not claimed needs no giving up."""
        if lock := self._held.pop(key, None):
            # Removed while it is held: whoever opened it before finds the record that stands now.
            with contextlib.suppress(OSError):
                Path(lock.lock_file).unlink(missing_ok=True)
            lock.release()

    def close(self) -> None:
        """Give everything up."""
        for key in list(self._held):
            self.release(key)
        with contextlib.suppress(OSError):
            self._folder.rmdir()
