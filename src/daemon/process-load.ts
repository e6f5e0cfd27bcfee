/** The load of this process and of the host, for `status`. */

import { cpuCount, freemem, loadavg, sysUptime, totalmem } from "os-utils";
import type { HostLoad, ProcessLoad } from "../runtime/daemon-status.ts";

const MEBIBYTE = 1_048_576;

export function readProcessLoad(): ProcessLoad {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return {
    pid: process.pid,
    uptime: Math.round(process.uptime()),
    memory: { resident: rss, heap: heapUsed },
    processorTime: (user + system) / 1e6,
  };
}

export function readHostLoad(): HostLoad {
  return {
    load: [loadavg(1), loadavg(5), loadavg(15)],
    processors: cpuCount(),
    memory: {
      free: Math.round(freemem() * MEBIBYTE),
      total: Math.round(totalmem() * MEBIBYTE),
    },
    uptime: Math.round(sysUptime()),
  };
}
