/** The settings where nobody says otherwise: those of resolv.conf(5), and of our own configuration. */

import { seconds } from "../core/time.ts";
import type { DnsSettings } from "./types.ts";

export const DEFAULT_DNS_SETTINGS: DnsSettings = {
  timeout: seconds(5),
  attempts: 2,
  rotateServers: false,
  trustAd: false,
  rotateAnswers: false,
  cacheSizeMax: 10_000,
  maxTtl: 86_400,
  maxNegativeTtl: 3600,
  staleTtl: 3600,
  prefetch: true,
};
