// A gateway's share in the built-in database, as a process that a test can kill: it starts the database in the folder
// that it is given, tells each thing that happens as a line of JSON, and stops at the end of its standard input.

import { setTimeout as wait } from "node:timers/promises";
import { startEmbedded } from "../../src/postgres/supervisor.ts";

const tell = (line: Record<string, unknown>): void => console.log(JSON.stringify(line));

try {
  const database = await startEmbedded({
    folder: process.argv[2] ?? "",
    durable: process.argv[3] === "durable",
    door: { wait: (ms) => wait(ms) },
    log: (log) => tell({ log }),
  });
  tell({ ready: database.connection });
  void database.lost.then((lost) => tell({ lost }));
  process.stdin.on("end", () => void database.stop().then(() => tell({ stopped: true })));
  process.stdin.resume();
} catch (error) {
  const { name, message } = error as Error;
  tell({ refused: message, name });
}
