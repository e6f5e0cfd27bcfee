/** Avahi's service files: loaded by Avahi and by this daemon, compared on the wire. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RecordType } from "../../src/wire/constants.ts";
import { isResponse } from "../../src/wire/message.ts";
import { formatRecord } from "../../src/wire/presentation.ts";
import type { ResourceRecord } from "../../src/wire/record.ts";
import { recordDataOctets } from "../../src/wire/record-order.ts";
import { Capture } from "./kit/capture.ts";
import { Daemon } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { isFrom } from "./kit/messages.ts";
import { repositoryRoot } from "./kit/paths.ts";
import { Avahi } from "./kit/peers/avahi.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

const corpus = join(repositoryRoot, "test/config/avahi-corpus");

/** Long enough for three probes and the announcements of every file. */
const ANNOUNCED = { timeout: 20_000 };

/**
 * Avahi refuses an empty string among others in a TXT record, and the whole group with it. RFC 6763
 * §6.1 has receivers ignore such a string, so this daemon publishes the rest.
 */
const REFUSED_BY_AVAHI = { file: "txt-shapes.service", name: "TXT\\032shapes." };

/** The corpus, and the file that Avahi refuses once more without what it refuses. */
function corpusFiles(): ReadonlyMap<string, string> {
  const files = new Map(
    readdirSync(corpus).map((file) => [file, readFileSync(join(corpus, file), "utf8")]),
  );
  const accepted = files
    .get(REFUSED_BY_AVAHI.file)!
    .replace("<txt-record></txt-record>", "")
    .replace("TXT shapes", "Accepted shapes");
  return files.set("accepted-shapes.service", accepted);
}

/** What a host announced of services: names with case, data octet for octet. */
async function announced(capture: Capture, host: Host): Promise<readonly string[]> {
  const packets = await capture.packets((packet) => isFrom(host, packet));
  const records = packets
    .filter(({ message }) => isResponse(message!))
    .flatMap(({ message }) => message!.answers.filter(({ ttl }) => ttl > 0));
  return [...new Set(records.filter(isOfServices).map(describeRecord))].sort();
}

function isOfServices({ name, type }: ResourceRecord): boolean {
  const types: readonly number[] = [RecordType.PTR, RecordType.SRV, RecordType.TXT];
  return types.includes(type) && !String(name).endsWith(".arpa");
}

/** For people, and the octets of the data. */
function describeRecord(record: ResourceRecord): string {
  const octets = Buffer.from(recordDataOctets(record.data)).toString("hex");
  return `${formatRecord(record)} = ${octets}`;
}

function isRefusedByAvahi(line: string): boolean {
  return line.includes(` ${REFUSED_BY_AVAHI.name}`) || line.startsWith(REFUSED_BY_AVAHI.name);
}

describeEndToEnd(
  "the corpus of Avahi's service files",
  { needs: ["avahi-daemon", "tcpdump"] },
  () => {
    test("gives the same PTR, SRV and TXT records from Avahi and from this daemon", async () => {
      await using theirLan = await Lan.create();
      await using ourLan = await Lan.create();
      const [theirs, ours] = [await theirLan.host("alpha"), await ourLan.host("alpha")];
      for (const host of [theirs, ours]) {
        await host.output("rm", ["-rf", "/etc/avahi/services"]);
        for (const [file, text] of corpusFiles()) {
          host.writeFile(`/etc/avahi/services/${file}`, text);
        }
      }
      const [theirCapture, ourCapture] = [
        await Capture.start(theirLan),
        await Capture.start(ourLan),
      ];
      const [avahi, daemon] = await Promise.all([Avahi.start(theirs), Daemon.start(ours)]);
      await avahi.process.line(/ignoring service group .*txt-shapes\.service\): Invalid record/);
      // Every file that is valid has at least three records.
      await expect
        .poll(async () => (await announced(theirCapture, theirs)).length, ANNOUNCED)
        .toBeGreaterThan(100);
      const differences = async () => {
        const records = await announced(theirCapture, theirs);
        const own = (await announced(ourCapture, ours)).filter((line) => !isRefusedByAvahi(line));
        return {
          onlyAvahis: records.filter((line) => !own.includes(line)),
          onlyOurs: own.filter((line) => !records.includes(line)),
        };
      };
      await expect.poll(differences, ANNOUNCED).toEqual({ onlyAvahis: [], onlyOurs: [] });
      const refused = daemon.process.lines.filter((line) => /error: /.test(line)).join("\n");
      for (const file of corpusFiles().keys()) {
        expect(refused.includes(`/${file}:`), file).toBe(file.startsWith("bad-"));
      }
    });
  },
);
