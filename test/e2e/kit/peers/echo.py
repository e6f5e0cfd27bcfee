"""A host that sends every mDNS packet back: an access point, a reflector, a bridge gone wrong.

Arguments: the interface, how, the shortest and the longest delay in milliseconds. "reflect" sends
the message on from an address of its own, "replay" the packet as it was, with its first sender's IP
address, "both" now one, now the other. Every packet comes back once, after a random delay; what
others echo is not echoed again. Prints a JSON line a second: {"echoes": how many so far}.
"""

import heapq
import json
import random
import select
import socket
import struct
import sys
import time

MDNS_PORT = 5353
IPV4_GROUP = "224.0.0.251"
IPV6_GROUP = "ff02::fb"
ETHERTYPE_IPV4 = 0x0800
ETHERTYPE_IPV6 = 0x86DD
PROTOCOL_UDP = 17
ETHERNET_HEADER_SIZE = 14
IPV6_HEADER_SIZE = 40
UDP_HEADER_SIZE = 8


def udp_offset(frame):
    """Where the UDP header of an mDNS packet begins; None for other frames."""
    if len(frame) < ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE:
        return None
    ethertype = struct.unpack_from("!H", frame, 12)[0]
    if ethertype == ETHERTYPE_IPV4 and frame[23] == PROTOCOL_UDP:
        offset = ETHERNET_HEADER_SIZE + (frame[14] & 0x0F) * 4
        group = socket.inet_ntop(socket.AF_INET, frame[30:34]) == IPV4_GROUP
    elif ethertype == ETHERTYPE_IPV6 and frame[20] == PROTOCOL_UDP:
        offset = ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE
        group = socket.inet_ntop(socket.AF_INET6, frame[38:54]) == IPV6_GROUP
    else:
        return None
    port = struct.unpack_from("!H", frame, offset + 2)[0]
    return offset if group and port == MDNS_PORT else None


def joined(family, interface):
    """A socket that sends from port 5353; joining makes the interface pass the group's frames up."""
    index = socket.if_nametoindex(interface)
    sender = socket.socket(family, socket.SOCK_DGRAM)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET:
        membership = struct.pack("4s4si", socket.inet_aton(IPV4_GROUP), b"\0" * 4, index)
        sender.bind((IPV4_GROUP, MDNS_PORT))
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, membership)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
    else:
        membership = socket.inet_pton(family, IPV6_GROUP) + struct.pack("@I", index)
        sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sender.bind((IPV6_GROUP, MDNS_PORT, 0, index))
        sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, membership)
        sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
    return sender


class Echo:
    def __init__(self, interface, mode, shortest, longest):
        self.mode = mode
        self.delays = (shortest / 1000, longest / 1000)
        self.frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
        self.frames.bind((interface, 0x0003))
        self.hardware_address = self.frames.getsockname()[4]
        self.senders = {
            ETHERTYPE_IPV4: joined(socket.AF_INET, interface),
            ETHERTYPE_IPV6: joined(socket.AF_INET6, interface),
        }
        self.index = socket.if_nametoindex(interface)
        self.pending = []
        self.echoes = 0

    def run(self):
        report = time.monotonic()
        while True:
            now = time.monotonic()
            if now >= report:
                print(json.dumps({"echoes": self.echoes}), flush=True)
                report = now + 1
            while self.pending and self.pending[0][0] <= now:
                self.send(heapq.heappop(self.pending)[2])
            due = min([report] + [entry[0] for entry in self.pending[:1]])
            if select.select([self.frames], [], [], max(0, due - now))[0]:
                self.take(self.frames.recv(65536))

    def take(self, frame):
        offset = udp_offset(frame)
        if offset is None or frame[6:12] == self.hardware_address:
            return
        due = time.monotonic() + random.uniform(*self.delays)
        heapq.heappush(self.pending, (due, random.random(), frame))

    def send(self, frame):
        mode = random.choice(["reflect", "replay"]) if self.mode == "both" else self.mode
        if mode == "replay":
            self.frames.send(frame[:6] + self.hardware_address + frame[12:])
        else:
            self.reflect(frame)
        self.echoes += 1

    def reflect(self, frame):
        offset = udp_offset(frame)
        length = struct.unpack_from("!H", frame, offset + 4)[0]
        message = frame[offset + UDP_HEADER_SIZE : offset + length]
        ethertype = struct.unpack_from("!H", frame, 12)[0]
        if ethertype == ETHERTYPE_IPV4:
            self.senders[ethertype].sendto(message, (IPV4_GROUP, MDNS_PORT))
        else:
            self.senders[ethertype].sendto(message, (IPV6_GROUP, MDNS_PORT, 0, self.index))


Echo(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])).run()
