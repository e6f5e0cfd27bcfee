/** The instant readings of `os-utils`, which has no types of its own; memory in mebibytes. */
declare module "os-utils" {
  export function loadavg(minutes: 1 | 5 | 15): number;
  export function freemem(): number;
  export function totalmem(): number;
  export function sysUptime(): number;
  export function cpuCount(): number;
}
