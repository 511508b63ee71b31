/** Work on something outside, with a bound on its time. The door's clock runs it, so that a simulated one can. */
import type { Door, Millis } from "../core/door.ts";

/** Making the platform's own reason anew at every end costs more than the timer that it ends. */
const OVER = new Error("over");

/** After `time` the signal is aborted, with a TimeoutError that says `late`. No timer outlives the work. */
export async function inTime<T>(
  door: Pick<Door, "wait">,
  time: Millis,
  late: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const done = new AbortController();
  const watch = door.wait(time, done.signal).then(
    () => stop.abort(new DOMException(late, "TimeoutError")),
    () => undefined,
  );
  try {
    return await work(stop.signal);
  } finally {
    done.abort(OVER);
    await watch;
  }
}
