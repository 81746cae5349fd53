"""Opens sockets of every kind and asks the outside."""

ANSWER = r"""
import socket


def attempt(family, kind, address):
    try:
        with socket.socket(family, kind) as opened:
            opened.settimeout(0.2)
            opened.connect(address)
            print("FOUND a way to", address)
    except OSError:
        pass


for port in (22, 53, 80, 5432, 8080):
    attempt(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", port))
attempt(socket.AF_INET, socket.SOCK_DGRAM, ("8.8.8.8", 53))
attempt(socket.AF_INET6, socket.SOCK_STREAM, ("::1", 22))
for path in ("/run/docker.sock", "/var/run/dbus/system_bus_socket", "\0/tmp/.X11-unix/X0"):
    attempt(socket.AF_UNIX, socket.SOCK_STREAM, path)


def mean(values):
    return 0.0


def largest(values):
    return 0.0
"""
