"""Runs a command without its output and prints its peak resident memory in KiB; exits with its status.

usage: peak_memory.py COMMAND…

A program of its own, because the kernel counts the memory of the process that starts a command as the command's.
"""

import os
import subprocess
import sys


def main():
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    print(usage.ru_maxrss)
    sys.exit(process.returncode)


if __name__ == "__main__":
    main()
