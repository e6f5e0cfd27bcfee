"""Multicasts announcements of five records each: ADDRESS FIRST COUNT RATE.

Each is of a service of its own: PTR, SRV and TXT of the service, A and AAAA of its host.
"""

import socket
import struct
import sys
import time

TYPE_A, TYPE_PTR, TYPE_TXT, TYPE_AAAA, TYPE_SRV = 1, 12, 16, 28, 33
CLASS_IN, CACHE_FLUSH = 1, 0x8001


def encode(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def record(name, type_, class_, ttl, data):
    return encode(name) + struct.pack("!HHIH", type_, class_, ttl, len(data)) + data


def announcement(number):
    host, service = f"device-{number}.local", f"Device {number}._http._tcp.local"
    low = struct.pack("!I", number)
    return struct.pack("!6H", 0, 0x8400, 0, 5, 0, 0) + b"".join(
        [
            record("_http._tcp.local", TYPE_PTR, CLASS_IN, 4500, encode(service)),
            record(service, TYPE_SRV, CACHE_FLUSH, 120, struct.pack("!HHH", 0, 0, 80) + encode(host)),
            record(service, TYPE_TXT, CACHE_FLUSH, 4500, b"\x09path=/abc\x09version=3"),
            record(host, TYPE_A, CACHE_FLUSH, 120, b"\xc6\x12" + low[2:]),
            record(host, TYPE_AAAA, CACHE_FLUSH, 120, b"\xfe\x80" + bytes(10) + low),
        ]
    )


def main():
    address, first, count, rate = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.bind((address, 5353))
    link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
    link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    started = time.monotonic()
    for sent in range(count):
        link.sendto(announcement(first + sent), ("224.0.0.251", 5353))
        ahead = sent / rate - (time.monotonic() - started)
        if ahead > 0.002:
            time.sleep(ahead)


main()
