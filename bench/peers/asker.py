"""Asks for the A record of a name by Multicast DNS and times the answer.

Argument: its own address. Reads lines `qm|qu NAME ADDRESS`; for each prints the microseconds until a
response with that name came from that address, or `none` after a second.
"""

import socket
import struct
import sys
import time

PORT = 5353
GROUP = ("224.0.0.251", PORT)
TIMEOUT = 1.0
TYPE_A, CLASS_IN, UNICAST_RESPONSE = 1, 1, 0x8000
RESPONSE_BIT = 0x80


def encode(name):
    labels = name.encode().split(b".")
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def ask(link, kind, name, address):
    encoded = encode(name)
    class_ = CLASS_IN | (UNICAST_RESPONSE if kind == "qu" else 0)
    query = struct.pack("!6H", 0, 0, 1, 0, 0, 0) + encoded + struct.pack("!HH", TYPE_A, class_)
    start = time.perf_counter_ns()
    link.sendto(query, GROUP)
    try:
        while True:
            octets, (source, _) = link.recvfrom(9000)
            elapsed = time.perf_counter_ns() - start
            if source == address and octets[2] & RESPONSE_BIT and encoded[:-7] in octets:
                return elapsed / 1000
            if elapsed > TIMEOUT * 1e9:
                return None
    except TimeoutError:
        return None


def drop_what_waits(link):
    link.settimeout(0)
    try:
        while True:
            link.recvfrom(9000)
    except BlockingIOError:
        link.settimeout(TIMEOUT)


def main():
    own = socket.inet_aton(sys.argv[1])
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, own)
    link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
    link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    link.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP[0]) + own)
    link.bind(("", PORT))
    link.settimeout(TIMEOUT)
    print("ready", flush=True)
    for line in sys.stdin:
        elapsed = ask(link, *line.split())
        print("none" if elapsed is None else f"{elapsed:.0f}", flush=True)
        drop_what_waits(link)


main()
