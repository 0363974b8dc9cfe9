"""Runs programs one after the other or side by side and says what they cost. Standard library only.

Keep the importing program small: a child's peak resident memory, as the kernel counts it, is never below the memory of
the process that started it.
"""

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """Wall and processor time in seconds, peak resident memory in MB (10^6 bytes); sums over side-by-side processes."""

    wall: float
    cpu: float
    peak_mb: float
    first_line: float  # seconds to the first line on standard output, whole run if there is none
    output: tuple[str, ...]  # standard output, one text a process


def pinned(command, core):
    """`command` on one core."""
    return ["taskset", "-c", str(core), *map(str, command)]


def start(command):
    """Starts a program whose standard output is read by us."""
    return subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def finish(process):
    """Waits for the end of a process and returns its resource usage. Raises where it failed."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"exit status {process.returncode}: {' '.join(map(str, process.args))}")
    return usage


def run(*commands):
    """Runs commands side by side; what each of them writes is read as it comes."""
    begin = time.perf_counter()
    processes = [start(command) for command in commands]
    with ThreadPoolExecutor(len(processes)) as readers:
        others = [readers.submit(process.stdout.read) for process in processes[1:]]
        first = processes[0].stdout.readline()
        first_line = time.perf_counter() - begin
        texts = [processes[0].stdout.read(), *(other.result() for other in others)]
    usages = [finish(process) for process in processes]
    return Cost(
        wall=time.perf_counter() - begin,
        cpu=sum(usage.ru_utime + usage.ru_stime for usage in usages),
        peak_mb=sum(usage.ru_maxrss for usage in usages) * 1024 / 1e6,
        first_line=first_line,
        output=(first + texts[0], *texts[1:]),
    )


def resident_mb(pid):
    """Resident memory of a running process in MB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        kilobytes = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
    return kilobytes * 1024 / 1e6


def memory_by_line(command):
    """Resident memory in MB each time that the program has written a line: [MB after line 1, MB after line 2, …]."""
    process = start(command)
    memory = []
    for _ in process.stdout:
        try:
            memory.append(resident_mb(process.pid))
        except (OSError, StopIteration):  # it has ended, its last lines are still in the pipe
            break
    process.stdout.close()
    finish(process)
    return memory
