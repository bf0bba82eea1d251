import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type WatchResponse, WatchResponseSchema } from "../gen/cantina/event/v1/event_pb";
import type { Link } from "../rpc/feed";
import type { State } from "./model";

/** What tabs of one browser tell each other. The one that holds the lock reads the feed for all. */
type Message =
  | { kind: "hello" }
  | { kind: "state"; state: State }
  | { kind: "frame"; bytes: Uint8Array }
  | { kind: "link"; link: Link };

export interface TabsHost {
  /** Reads the feed until the signal aborts. */
  lead: (signal: AbortSignal) => Promise<void>;
  state: () => State;
  onState: (state: State) => void;
  onFrame: (frame: WatchResponse) => void;
  onLink: (link: Link) => void;
}

const NAME = "cantina-feed";

/**
 * Shares one stream between the tabs of a browser. Where the browser has no locks (a page from plain
 * HTTP that is not on this machine) each tab reads for itself.
 */
export class Tabs {
  private readonly channel: BroadcastChannel | undefined;
  private leading = false;
  private joined = false;
  private term = new AbortController();
  private steal = false;

  constructor(private readonly host: TabsHost) {
    const shared = typeof BroadcastChannel !== "undefined" && "locks" in navigator;
    this.channel = shared ? new BroadcastChannel(NAME) : undefined;
    this.channel?.addEventListener("message", ({ data }) => this.receive(data as Message));
  }

  async run(signal: AbortSignal): Promise<void> {
    if (!this.channel) return this.host.lead(signal);
    while (!signal.aborted) {
      this.joined = false;
      this.send({ kind: "hello" });
      this.term = new AbortController();
      const term = AbortSignal.any([signal, this.term.signal]);
      const options: LockOptions = this.steal ? { steal: true } : { signal: term };
      this.steal = false;
      try {
        await navigator.locks.request(NAME, options, () => this.becomeLeader(term));
      } catch (error) {
        if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
      } finally {
        this.leading = false;
        this.term.abort();
      }
    }
    this.channel.close();
  }

  /** Reads for itself from now on: the tab that should read for all is frozen. */
  takeOver(): void {
    if (this.leading || !this.channel) return;
    this.steal = true;
    this.term.abort();
  }

  relayFrame(frame: WatchResponse): void {
    if (this.leading) this.send({ kind: "frame", bytes: toBinary(WatchResponseSchema, frame) });
  }

  relayLink(link: Link): void {
    if (this.leading) this.send({ kind: "link", link });
  }

  private becomeLeader(signal: AbortSignal): Promise<void> {
    this.leading = true;
    this.joined = true;
    return this.host.lead(signal);
  }

  private send(message: Message): void {
    this.channel?.postMessage(message);
  }

  private receive(message: Message): void {
    if (message.kind === "hello") {
      if (this.leading) this.send({ kind: "state", state: this.host.state() });
    } else if (message.kind === "state") {
      if (!this.joined && !this.leading) this.host.onState(message.state);
      this.joined = true;
    } else if (this.joined && !this.leading) {
      if (message.kind === "frame") this.host.onFrame(fromBinary(WatchResponseSchema, message.bytes));
      else this.host.onLink(message.link);
    }
  }
}
