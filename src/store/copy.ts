/**
 * PostgreSQL's COPY, in its text form, over an ordinary session: one message a row, and no more of them in memory than
 * the slower side can take. The driver has the messages and leaves what to do with them to whoever is at work.
 */
import { once } from "node:events";
import type { Duplex, Writable } from "node:stream";
import type pg from "pg";

/** As much as may wait for the slower side. */
export const MOST_WAITING = 1024 * 1024;

/** The driver's own, as far as it is needed; it has no types for these. */
interface Wire {
  stream: Duplex;
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(why: string): void;
}

interface Work {
  text: string;
  data?(chunk: Buffer, wire: Wire): void;
  feed?(wire: Wire): Promise<void>;
}

function copied(client: pg.ClientBase, { text, data, feed }: Work): Promise<void> {
  return new Promise((resolve, reject) => {
    const unasked = () => undefined;
    let failed: Error | null = null;
    client.query({
      submit: (connection: unknown) => (connection as Wire).query(text),
      handleRowDescription: unasked,
      handleDataRow: unasked,
      handleCommandComplete: unasked,
      handleEmptyQuery: unasked,
      handlePortalSuspended: unasked,
      handleCopyData: ({ chunk }: { chunk: Buffer }, wire: Wire) => data?.(chunk, wire),
      handleCopyInResponse(wire: Wire) {
        if (!feed) return wire.sendCopyFail("nothing is to be written");
        feed(wire).then(
          () => wire.endCopyFrom(),
          (error: Error) => {
            failed = error;
            wire.sendCopyFail("what was to be written can't be read");
          },
        );
      },
      handleError: (error: Error) => reject(failed ?? error),
      handleReadyForQuery: () => (failed ? reject(failed) : resolve()),
    } as unknown as pg.Submittable);
  });
}

/** Every row as a line, into the sink. Answers how many. */
export async function copyOut(client: pg.ClientBase, select: string, sink: Writable): Promise<number> {
  let count = 0;
  let waiting = false;
  await copied(client, {
    text: `copy ${select} to stdout`,
    data(chunk, { stream }) {
      count++;
      // A copy: the driver puts the next messages into the same bytes. What it has by a pause still comes.
      if (sink.write(Buffer.from(chunk)) || waiting) return;
      waiting = true;
      stream.pause();
      sink.once("drain", () => {
        waiting = false;
        stream.resume();
      });
    },
  });
  return count;
}

/** Lines into a table; each ends with a line feed. */
export const copyIn = (client: pg.ClientBase, into: string, lines: AsyncIterable<Buffer>): Promise<void> =>
  copied(client, {
    text: `copy ${into} from stdin`,
    async feed(wire) {
      for await (const line of lines) {
        wire.sendCopyFromChunk(line);
        if (wire.stream.writableLength > MOST_WAITING) await once(wire.stream, "drain");
      }
    },
  });
