"""python-zeroconf as a peer: takes commands as JSON lines, prints what happens as JSON lines.

{"register": {"type": "_http._tcp.local.", "name": "Web._http._tcp.local.", "server": "x.local.",
  "addresses": ["192.0.2.1"], "port": 80, "properties": {"path": "/"}}}
{"browse": "_http._tcp.local."}
{"close": true}
"""

import json
import socket
import sys

from zeroconf import ServiceBrowser, ServiceInfo, Zeroconf


def tell(**event):
    print(json.dumps(event), flush=True)


class Listener:
    def add_service(self, zeroconf, type_, name):
        self._tell("added", zeroconf, type_, name)

    def update_service(self, zeroconf, type_, name):
        self._tell("updated", zeroconf, type_, name)

    def remove_service(self, zeroconf, type_, name):
        tell(event="removed", name=name)

    @staticmethod
    def _tell(event, zeroconf, type_, name):
        info = zeroconf.get_service_info(type_, name)
        if info is None:
            tell(event=event, name=name)
            return
        tell(
            event=event,
            name=name,
            server=info.server,
            port=info.port,
            addresses=info.parsed_addresses(),
            properties={
                key.decode(): None if value is None else value.decode("utf-8", "replace")
                for key, value in info.properties.items()
            },
        )


def register(zeroconf, service):
    addresses = [
        socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)
        for text in service["addresses"]
    ]
    info = ServiceInfo(
        service["type"],
        service["name"],
        port=service["port"],
        properties=service.get("properties", {}),
        server=service["server"],
        addresses=addresses,
    )
    zeroconf.register_service(info, allow_name_change=True)
    tell(event="registered", name=info.name)


def main():
    zeroconf = Zeroconf(interfaces=sys.argv[1:])
    tell(event="ready")
    browsers = []
    for line in sys.stdin:
        command = json.loads(line)
        if "register" in command:
            register(zeroconf, command["register"])
        elif "browse" in command:
            browsers.append(ServiceBrowser(zeroconf, command["browse"], Listener()))
        elif "close" in command:
            break
    zeroconf.close()
    tell(event="closed")


main()
