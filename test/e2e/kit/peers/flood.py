"""Floods a link with mDNS packets over IPv4, from as many source addresses as wanted.

Arguments: the interface, the first source address, how many packets a second, and what:
  names COUNT            announcements of COUNT host names, 20 a packet
  probes NAME COUNT      COUNT probes for NAME, each from another address with other data
  instances TYPE COUNT   announcements of COUNT instances of TYPE, each of another host
  services TYPE N COUNT  COUNT queries for the instances "Service 0" to "Service N-1" of TYPE
  truncated NAME COUNT   COUNT queries for NAME with the TC bit, each from another address
  busy                   an ordinary but busy link, without end: hosts come, are asked for, and go
Prints a JSON line at the end: {"packets": how many were sent}.
"""

import ipaddress
import json
import random
import socket
import struct
import sys
import time

MDNS_PORT = 5353
GROUP = socket.inet_aton("224.0.0.251")
GROUP_HARDWARE_ADDRESS = bytes.fromhex("01005e0000fb")
ETHERTYPE_IPV4 = 0x0800
TYPE_A, TYPE_PTR, TYPE_SRV, TYPE_ANY = 1, 12, 33, 255
CLASS_IN, CACHE_FLUSH, QU = 1, 0x8001, 0x8001
RESPONSE, TRUNCATED = 0x8400, 0x0200
NAMES_A_PACKET = 20
BUSY_HOSTS = 500


def encode(name):
    labels = name.encode().split(b".")
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def record(name, type_, class_, ttl, data):
    return encode(name) + struct.pack("!HHIH", type_, class_, ttl, len(data)) + data


def question(name, type_, class_=CLASS_IN):
    return encode(name) + struct.pack("!HH", type_, class_)


def message(flags, questions=(), answers=(), authorities=()):
    counts = (len(questions), len(answers), len(authorities), 0)
    return struct.pack("!6H", 0, flags, *counts) + b"".join([*questions, *answers, *authorities])


def checksum(header):
    total = sum(struct.unpack("!10H", header))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


class Link:
    def __init__(self, interface, first_source, rate):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind((interface, 0))
        self.hardware_address = self.socket.getsockname()[4]
        self.first_source = int(ipaddress.IPv4Address(first_source))
        self.rate = rate
        self.sent = 0
        self.started = time.monotonic()

    def address(self, number):
        return struct.pack("!I", self.first_source + number)

    def send(self, payload, number=0):
        """Sends from the `number`th source address, no sooner than the rate allows."""
        udp = struct.pack("!HHHH", MDNS_PORT, MDNS_PORT, 8 + len(payload), 0)
        fields = struct.pack("!BBHHHBB", 0x45, 0, 28 + len(payload), 0, 0, 255, 17)
        header = fields + b"\0\0" + self.address(number) + GROUP
        header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
        frame = GROUP_HARDWARE_ADDRESS + self.hardware_address + struct.pack("!H", ETHERTYPE_IPV4)
        self.socket.send(frame + header + udp + payload)
        self.sent += 1
        ahead = self.sent / self.rate - (time.monotonic() - self.started)
        if ahead > 0.002:
            time.sleep(ahead)


def names(link, count):
    for first in range(0, count, NAMES_A_PACKET):
        hosts = range(first, min(first + NAMES_A_PACKET, count))
        records = [
            record(f"flood-{host}.local", TYPE_A, CACHE_FLUSH, 120, link.address(host % 1000))
            for host in hosts
        ]
        link.send(message(RESPONSE, answers=records))


def probes(link, name, count):
    for number in range(count):
        proposed = record(name, TYPE_A, CLASS_IN, 120, link.address(number))
        link.send(message(0, [question(name, TYPE_ANY, QU)], authorities=[proposed]), number)


def instances(link, type_, count):
    for number in range(count):
        host, service = f"host-{number}.local", f"Service {number}.{type_}.local"
        target = struct.pack("!HHH", 0, 0, 80) + encode(host)
        records = [
            record(f"{type_}.local", TYPE_PTR, CLASS_IN, 4500, encode(service)),
            record(service, TYPE_SRV, CACHE_FLUSH, 120, target),
            record(host, TYPE_A, CACHE_FLUSH, 120, link.address(number)),
        ]
        link.send(message(RESPONSE, answers=records), number)


def services(link, type_, instances, count):
    for number in range(count):
        asked = question(f"Service {number % instances}.{type_}.local", TYPE_SRV)
        link.send(message(0, [asked]), number)


def truncated(link, name, count):
    for number in range(count):
        known = record(name, TYPE_A, CLASS_IN, 120, link.address(number))
        link.send(message(TRUNCATED, [question(name, TYPE_ANY)], [known]), number)


def busy(link):
    """Of every ten packets six announce, two ask, one probes and one says goodbye."""
    choices = ["announce"] * 6 + ["ask"] * 2 + ["probe", "goodbye"]
    while True:
        host = random.randrange(BUSY_HOSTS)
        name = f"host-{host}.local"
        address = link.address(host % 1000)
        service = f"Service {host}._http._tcp.local"
        kind = random.choice(choices)
        if kind in ("announce", "goodbye"):
            ttl = 0 if kind == "goodbye" else 120
            target = struct.pack("!HHH", 0, 0, 80) + encode(name)
            records = [
                record(name, TYPE_A, CACHE_FLUSH, ttl, address),
                record("_http._tcp.local", TYPE_PTR, CLASS_IN, ttl, encode(service)),
                record(service, TYPE_SRV, CACHE_FLUSH, ttl, target),
            ]
            link.send(message(RESPONSE, answers=records), host % 1000)
        elif kind == "ask":
            asked = [question("_http._tcp.local", TYPE_PTR), question(name, TYPE_A)]
            link.send(message(0, asked), host % 1000)
        else:
            proposed = record(name, TYPE_A, CLASS_IN, 120, address)
            query = message(0, [question(name, TYPE_ANY, QU)], authorities=[proposed])
            link.send(query, host % 1000)


def main():
    link = Link(sys.argv[1], sys.argv[2], float(sys.argv[3]))
    what, arguments = sys.argv[4], sys.argv[5:]
    if what == "names":
        names(link, int(arguments[0]))
    elif what == "services":
        services(link, arguments[0], int(arguments[1]), int(arguments[2]))
    elif what == "busy":
        busy(link)
    else:
        {"instances": instances, "probes": probes, "truncated": truncated}[what](link, arguments[0], int(arguments[1]))
    print(json.dumps({"packets": link.sent}))


main()
