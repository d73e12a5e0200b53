"""Runs a module as a program until standard input ends, so that it outlives nobody.

python until_end_of_input.py MODULE [ARGUMENT...]
"""

import os
import runpy
import sys
import threading


def watch():
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=watch, daemon=True).start()
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
