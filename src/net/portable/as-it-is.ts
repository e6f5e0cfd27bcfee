/** The look-up function of `node:dgram` sockets that send to addresses alone: those need no look-up. */
export function asItIs(
  host: string,
  options: unknown,
  done: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  done(null, host, typeof options === "number" ? options : host.includes(":") ? 6 : 4);
}
