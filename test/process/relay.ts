// A wire between a gateway and its database server that a test can cut, mend, and read along on.

import { connect, createServer, type Server, type Socket } from "node:net";

export interface Relay {
  port: number;
  /** Takes connections. Before, and after `cut`, nobody listens. */
  open(): Promise<void>;
  /** Ends every session, and listens no more. */
  cut(): Promise<void>;
}

/** Relays to the server of a PostgreSQL address, on a socket or a port; `change` may alter what the server says. */
export function relayTo(address: string, port: number, change: (bytes: Buffer) => Buffer = (bytes) => bytes): Relay {
  const url = new URL(address);
  const folder = url.searchParams.get("host");
  const number = Number(url.port || 5432);
  const dial = () => (folder ? connect(`${folder}/.s.PGSQL.${number}`) : connect(number, url.hostname));
  const sessions = new Set<Socket>();
  let server: Server | null = null;

  const join = (near: Socket): void => {
    const far = dial();
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sessions.add(one);
      one.on("error", () => undefined);
      one.on("close", () => {
        sessions.delete(one);
        other.destroy();
      });
    }
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes: Buffer) => near.write(change(bytes)));
  };

  return {
    port,
    open: () =>
      new Promise((resolve, reject) => {
        server = createServer(join).once("error", reject);
        server.listen(port, "127.0.0.1", resolve);
      }),
    cut: async () => {
      const closed = new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
      for (const session of sessions) session.destroy();
      await closed;
      server = null;
    },
  };
}

/** The same address by way of the relay, for the same user. */
export function through(address: string, relay: Relay): string {
  const url = new URL(address);
  url.searchParams.delete("host");
  url.hostname = "127.0.0.1";
  url.port = String(relay.port);
  return url.href;
}
