"""The machine and the operating system: logs, memory, files, processes."""
