#!/usr/bin/env python3
"""The service manager's side: readiness, reload, watchdog, sockets that were open before the server was."""
import os
import signal
import socket
import subprocess

from harness import BINDERY, Instance, run, test, wait_until


class Manager:
    """What systemd is to a service: a socket for its words, and perhaps listening sockets. Starts the instance's server."""

    def __init__(self, instance, listening=(), watchdog_ms=0):
        self.instance, self.listening, self.words = instance, listening, []
        self.path = str(instance.folder / "notify.sock")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)
        self.environment = {**instance.environment(), "NOTIFY_SOCKET": self.path}
        if watchdog_ms:
            self.environment["WATCHDOG_USEC"] = str(watchdog_ms * 1000)
        if listening:
            self.environment["LISTEN_FDS"] = str(len(listening))

    def start(self):
        # descriptors begin at 3, and the words are for the process that has our number
        script = 'LISTEN_PID=$$; WATCHDOG_PID=$$; export LISTEN_PID WATCHDOG_PID; exec "$0" serve'

        def place():
            for number, each in enumerate(self.listening, 3):
                os.dup2(each.fileno(), number)

        self.instance.log = open(self.instance.folder / "server.log", "ab")
        self.instance.server = subprocess.Popen(["sh", "-c", script, BINDERY], env=self.environment, stdout=self.instance.log,
                                                stderr=self.instance.log, preexec_fn=place,
                                                pass_fds=range(3, 3 + len(self.listening)))

    def heard(self, word):
        try:
            while True:
                self.words.append(self.socket.recv(4096).decode())
        except BlockingIOError:
            pass
        return any(word in each for each in self.words)

    def wait(self, word):
        wait_until(lambda: self.heard(word), what=word)


@test
def the_manager_is_told_of_readiness_reload_life_and_end():
    with Instance(serve=False) as instance:
        manager = Manager(instance, watchdog_ms=400)
        manager.start()
        manager.wait("READY=1")
        assert instance.get("/ReportServer").status == 200
        manager.wait("WATCHDOG=1")
        manager.words.clear()
        instance.server.send_signal(signal.SIGHUP)
        manager.wait("RELOADING=1\nMONOTONIC_USEC=")
        manager.wait("READY=1")
        manager.words.clear()
        manager.wait("WATCHDOG=1")
        instance.server.send_signal(signal.SIGTERM)
        manager.wait("STOPPING=1")
        assert instance.server.wait(60) == 0
        instance.server = None
        for child in ("front", "keys", "worker"):
            assert f"{child}: the service manager" not in instance.server_log()


@test
def row_58_sockets_of_the_manager_are_served_and_clients_wait_for_the_server():
    with Instance(serve=False) as instance:
        listening = socket.socket()
        listening.bind(("127.0.0.1", instance.port))
        listening.listen(16)
        early = socket.create_connection(("127.0.0.1", instance.port), timeout=60)  # before there is a server
        manager = Manager(instance, [listening])
        manager.start()
        manager.wait("READY=1")
        with instance.context().wrap_socket(early, server_hostname="localhost") as stream:
            stream.sendall(b"GET /ReportServer HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert stream.recv(15).startswith(b"HTTP/1.1 401")
        inode = os.fstat(listening.fileno()).st_ino
        front, = instance.children("front")
        held = {os.stat(f"/proc/{front}/fd/{fd}").st_ino for fd in os.listdir(f"/proc/{front}/fd")}
        assert inode in held, "the front does not serve the socket it was given"
        instance.stop()
        late = socket.create_connection(("127.0.0.1", instance.port), timeout=60)  # the manager still listens
        manager.words.clear()
        manager.start()
        manager.wait("READY=1")
        with instance.context().wrap_socket(late, server_hostname="localhost") as stream:
            assert stream.version()
        listening.close()


run()
