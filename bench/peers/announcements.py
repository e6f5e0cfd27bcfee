"""Multicasts announcements of five records each: ADDRESS FIRST COUNT RATE [TYPE].

Each is of a service of its own: PTR, SRV and TXT of the service, A and AAAA of its host. RATE is in
packets a second; 0: as fast as it goes. They are composed beforehand.
"""

import socket
import struct
import sys
import time

TYPE_A, TYPE_PTR, TYPE_TXT, TYPE_AAAA, TYPE_SRV = 1, 12, 16, 28, 33
CLASS_IN, CACHE_FLUSH = 1, 0x8001
GROUP = ("224.0.0.251", 5353)


def encode(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def record(name, type_, class_, ttl, data):
    return encode(name) + struct.pack("!HHIH", type_, class_, ttl, len(data)) + data


def announcement(number, type_):
    host, service = f"device-{number}.local", f"Device {number}.{type_}.local"
    low = struct.pack("!I", number)
    return struct.pack("!6H", 0, 0x8400, 0, 5, 0, 0) + b"".join(
        [
            record(f"{type_}.local", TYPE_PTR, CLASS_IN, 4500, encode(service)),
            record(service, TYPE_SRV, CACHE_FLUSH, 120, struct.pack("!HHH", 0, 0, 80) + encode(host)),
            record(service, TYPE_TXT, CACHE_FLUSH, 4500, b"\x09path=/abc\x09version=3"),
            record(host, TYPE_A, CACHE_FLUSH, 120, b"\xc6\x12" + low[2:]),
            record(host, TYPE_AAAA, CACHE_FLUSH, 120, b"\xfe\x80" + bytes(10) + low),
        ]
    )


def main():
    address, first, count, rate = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    type_ = sys.argv[5] if len(sys.argv) > 5 else "_http._tcp"
    packets = [announcement(number, type_) for number in range(first, first + count)]
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.bind((address, 5353))
    link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
    link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    started = time.monotonic()
    for sent, packet in enumerate(packets):
        link.sendto(packet, GROUP)
        if rate == 0:
            continue
        ahead = sent / rate - (time.monotonic() - started)
        if ahead > 0.002:
            time.sleep(ahead)
    print(f"{count / (time.monotonic() - started):.0f}")


main()
