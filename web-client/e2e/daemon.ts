import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { makeTones } from "./tones";

const BINARY = resolve(process.env.DAEMON ?? "../target/debug/cantinad");
const START_MS = 20_000;

function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address && typeof address === "object" ? resolvePort(address.port) : reject(new Error("no port"))));
    });
  });
}

/** A real daemon with its own data and its own music, which can be killed and come back. */
export class Daemon {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    readonly url: string,
  ) {}

  static async create(): Promise<Daemon> {
    const folder = mkdtempSync(join(tmpdir(), "cantina-e2e-"));
    makeTones(join(folder, "music"));
    const daemon = new Daemon(folder, `http://127.0.0.1:${await freePort()}`);
    await daemon.start();
    return daemon;
  }

  async start(): Promise<void> {
    const env = {
      ...process.env,
      CANTINA_LISTEN: new URL(this.url).host,
      CANTINA_DATA_DIR: join(this.folder, "data"),
      CANTINA_MUSIC_DIRS: join(this.folder, "music"),
      CANTINA_AUDIO_OUTPUT: "null",
    };
    this.child = spawn(BINARY, [], { env, stdio: "ignore" });
    const until = Date.now() + START_MS;
    while (!(await this.answers())) {
      if (Date.now() > until) throw new Error(`${BINARY} does not serve at ${this.url}`);
      await new Promise((resolveLater) => setTimeout(resolveLater, 100));
    }
  }

  private async answers(): Promise<boolean> {
    return fetch(`${this.url}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolveLater) => child.once("exit", resolveLater));
    child.kill("SIGKILL");
    await gone;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Calls a method by JSON, as another client would. */
  async call<T = Record<string, unknown>>(method: string, request: object = {}): Promise<T> {
    const response = await fetch(`${this.url}/cantina.${method}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-client": "e2e" },
      body: JSON.stringify(request),
    });
    return (await response.json()) as T;
  }

  /** Music stopped, queue empty, nothing latched, mode idle: where each test starts. */
  async reset(): Promise<void> {
    await this.call("system.v1.SystemService/ClearStop");
    await this.call("music.v1.MusicService/Stop");
    await this.call("music.v1.MusicService/ClearQueue");
    const { queue } = await this.call<{ queue?: { items?: { id: string }[] } }>("music.v1.MusicService/GetQueue");
    for (const { id } of queue?.items ?? []) await this.call("music.v1.MusicService/RemoveQueueItem", { itemId: id });
    await this.call("music.v1.MusicService/Stop");
    await this.call("music.v1.MusicService/SetVolume", { volume: 0.5 });
  }

  /** Waits until the library has been scanned, and answers its tracks. */
  async tracks(): Promise<{ id: string; title: string }[]> {
    for (let round = 0; round < 150; round += 1) {
      const { tracks, totalSize } = await this.call<{ tracks?: { id: string; title: string }[]; totalSize?: number }>(
        "music.v1.MusicService/ListTracks",
        { pageSize: 100 },
      );
      if ((totalSize ?? 0) >= 3 && tracks) return tracks;
      await new Promise((resolveLater) => setTimeout(resolveLater, 200));
    }
    throw new Error("The library stays empty.");
  }
}
