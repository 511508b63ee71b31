/** How a process that serves is asked to stop, and how long what it has in hand may take. */

/** A database that recovers or stops for longer is left to it; the next start finds it. */
const GIVE_UP_AFTER = 45_000;
const LOOK_FOR_PARENT = 250;

/** Aborted when the process is asked to stop: by a signal, however often, or by npm's going away. */
export function whenAsked(): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) return;
    controller.abort();
    setTimeout(() => process.exit(1), GIVE_UP_AFTER).unref();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  if (process.env["npm_lifecycle_event"] === undefined) return controller.signal;
  // npm that is told to end takes its shell along and leaves us: notice, and end too.
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    stop();
  }, LOOK_FOR_PARENT);
  look.unref();
  return controller.signal;
}

export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

export async function within(ms: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([work, late.promise]);
  clearTimeout(timer);
}
