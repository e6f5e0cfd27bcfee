import { beforeEach, describe, expect, test, vi } from "vitest";
import { ServiceReports } from "../../src/daemon/service-reports.ts";
import { summaryLine } from "../../src/daemon/status.ts";
import { ServiceNotifier } from "../../src/net/sd-notify.ts";

/** What systemd would have got. */
class ToldNotifier extends ServiceNotifier {
  readonly told: string[] = [];

  constructor() {
    super({ NOTIFY_SOCKET: "/nowhere", WATCHDOG_USEC: "3000000" });
  }

  override ready = (status?: string) => this.#tell(`ready ${status}`);
  override reloading = () => this.#tell("reloading");
  override stopping = () => this.#tell("stopping");
  override status = (text: string) => this.#tell(`status ${text}`);
  override watchdog = () => this.#tell("watchdog");

  #tell(text: string): boolean {
    this.told.push(text);
    return true;
  }
}

describe("what systemd is told", () => {
  let notifier: ToldNotifier;
  let reports: ServiceReports;

  beforeEach(() => {
    vi.useFakeTimers();
    notifier = new ToldNotifier();
    reports = new ServiceReports(notifier);
    return () => {
      vi.useRealTimers();
    };
  });

  test("a burst of changes is one line, and a line that is the same is not told again", () => {
    let line = "alpha";
    reports.ready(() => line);
    for (let times = 0; times < 50; times++) reports.changed();
    vi.advanceTimersByTime(500);
    expect(notifier.told).toEqual(["ready alpha"]);
    line = "beta";
    for (let times = 0; times < 50; times++) reports.changed();
    vi.advanceTimersByTime(500);
    expect(notifier.told).toEqual(["ready alpha", "status beta"]);
  });

  test("the watchdog hears twice in its time-out, until the daemon hangs", () => {
    reports.ready(() => "");
    vi.advanceTimersByTime(3000);
    expect(notifier.told.filter((text) => text === "watchdog")).toHaveLength(2);
  });

  test("nothing of what changes before it is ready or after it stops", () => {
    reports.changed();
    vi.advanceTimersByTime(1000);
    reports.ready(() => "alpha");
    reports.changed();
    reports.stopping();
    reports.changed();
    vi.advanceTimersByTime(1000);
    expect(notifier.told).toEqual(["ready alpha", "stopping"]);
  });
});

describe("the line for people", () => {
  test("gathers the links of a name", () => {
    const names = ["eth0", "wlan0"].map((linkName) => ({ name: "alpha.local", linkName }));
    expect(summaryLine([...names, { name: "alpha-2.local", linkName: "eth1" }], 1)).toBe(
      "alpha.local on eth0, wlan0; alpha-2.local on eth1; 1 definition published",
    );
  });

  test("says that there is no link", () => {
    expect(summaryLine([], 0)).toBe("no usable link: waiting for one; 0 definitions published");
  });
});
