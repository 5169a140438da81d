"""The program where a shell of a test starts it: `fork_client.py SOCKET WORD…` asks the server of `forks.py` for a fork
with its own streams, folder and environment, and ends as that ends. It imports little: shells start it often."""

import json
import os
import signal
import socket
import sys

_client, address, *words = sys.argv
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
    server.connect(address)
    run = {"words": words, "cwd": os.getcwd(), "environ": dict(os.environ)}
    socket.send_fds(server, [json.dumps(run).encode()], (0, 1, 2))
    code = int(server.recv(16))
if code < 0:
    signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
sys.exit(code)
