// The line between one worker and the farm: every call is noted with its beginning and its end, and a test may withhold
// an answer.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Call {
  worker: string;
  /** Whose data is asked for: the same for every call about one provider connection. */
  grant: string;
  began: number;
  ended: number;
}

export interface BankLine {
  url: string;
  close(): void;
}

/** Hands calls on to `farm` and writes them into `calls`; while `held` answers true the answer is withheld for good. */
export async function bankLine(
  farm: string,
  worker: string,
  calls: Call[],
  held: (grant: string) => boolean = () => false,
): Promise<BankLine> {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const grant = String(request.headers["x-grant"] ?? "");
      const call = { worker, grant, began: performance.now(), ended: Infinity };
      if (grant !== "") calls.push(call);
      if (grant !== "" && held(grant)) return;
      const { host: _host, connection: _connection, "content-length": _length, ...headers } = request.headers;
      const answer = await fetch(farm + (request.url ?? "").replace(/^\/farm/, ""), {
        method: request.method ?? "GET",
        headers: headers as Record<string, string>,
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      });
      const body = Buffer.from(await answer.arrayBuffer());
      call.ended = performance.now();
      const type = answer.headers.get("content-type") ?? "application/json";
      response.writeHead(answer.status, { "content-type": type }).end(body);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Pairs of calls about the same connection that were under way at once, by different workers. */
export function overlaps(calls: readonly Call[]): [Call, Call][] {
  return calls.flatMap((one, at) =>
    calls
      .slice(at + 1)
      .filter((other) => other.grant === one.grant && other.worker !== one.worker)
      .filter((other) => one.began < other.ended && other.began < one.ended)
      .map((other): [Call, Call] => [one, other]),
  );
}
