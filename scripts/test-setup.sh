#!/bin/bash
# Installs what the end-to-end tests need on Debian: peers to talk to and tools to watch the wire.
#
# Run as root. Safe to run again: what is there already is left alone. No service is left running.
# systemd-resolved and the NSS modules are only unpacked, never installed, because installing them
# rewrites the machine's /etc/resolv.conf and /etc/nsswitch.conf. They go to DOTLOCAL_PEERS, by
# default ~/.cache/dotlocald-peers.
set -euo pipefail

installed_packages=(
  avahi-daemon avahi-utils dbus llmnrd bind9 bind9-dnsutils dnsperf dnsmasq-base unbound
  tshark tcpdump python3-zeroconf iproute2 iputils-ping procps util-linux systemd groff-base
  nftables zsh fish gcc libc6-dev
)
unpacked_packages=(systemd-resolved libsystemd-shared libnss-resolve libnss-mdns)
peers="${DOTLOCAL_PEERS:-${HOME:-/root}/.cache/dotlocald-peers}"
policy=/usr/sbin/policy-rc.d
apt=(apt-get --quiet=2 -o DPkg::Lock::Timeout=300 -o APT::Sandbox::User=root)

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "test:setup installs Debian packages: run it as root on Debian" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive

scratch="$(mktemp -d)"
policy_is_ours=false
clean_up() {
  rm -rf "$scratch"
  if $policy_is_ours; then rm -f "$policy"; fi
}
trap clean_up EXIT

# While packages are being installed, tells their scripts to start nothing. A policy that the
# machine already has stays as it is; what it lets start is stopped by `stop_new_services`.
forbid_service_starts() {
  if [ -e "$policy" ]; then return; fi
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  policy_is_ours=true
}

# Service processes in this network namespace: those of running tests live in others.
list_services() {
  local own pid
  own="$(readlink /proc/self/ns/net)"
  for pid in $(pidof avahi-daemon llmnrd named unbound || true); do
    if [ "$(readlink "/proc/$pid/ns/net" || true)" = "$own" ]; then echo "$pid"; fi
  done | sort
}

stop_new_services() {
  list_services >"$scratch/services-after"
  comm -13 "$scratch/services-before" "$scratch/services-after" | xargs --no-run-if-empty kill
}

install_missing() {
  local package missing=()
  for package in "${installed_packages[@]}"; do
    if ! dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null |
      grep -qx installed; then
      missing+=("$package")
    fi
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  echo "installing ${missing[*]}"
  list_services >"$scratch/services-before"
  forbid_service_starts
  with_fresh_lists "${apt[@]}" install --yes --no-install-recommends "${missing[@]}" >"$scratch/log" ||
    { cat "$scratch/log" >&2; exit 1; }
  stop_new_services
}

# Runs a command; where it fails, refreshes apt's package lists and runs it once more.
with_fresh_lists() {
  "$@" 2>"$scratch/first-attempt" && return
  "${apt[@]}" update >"$scratch/update" 2>&1 || { cat "$scratch/update" >&2; return 1; }
  "$@"
}

unpack_missing() {
  local package
  mkdir -p "$peers"
  for package in "${unpacked_packages[@]}"; do
    if [ -e "$peers/.unpacked-$package" ]; then continue; fi
    echo "unpacking $package to $peers"
    (
      cd "$scratch"
      with_fresh_lists "${apt[@]}" download "$package"
      dpkg-deb --extract "$package"_*.deb "$peers"
    )
    touch "$peers/.unpacked-$package"
  done
}

install_missing
unpack_missing
