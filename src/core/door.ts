/**
 * The one door through which time, randomness and the network come in.
 *
 * Everything below `main.ts` receives a `Door` and asks it; nothing reads a clock, rolls a die or opens a socket by
 * itself. So the same gateway runs under a simulated clock, with seeded randomness, against a network that a test owns.
 */

/** Milliseconds since the epoch, UTC. The only form of time inside the gateway; ISO text is made at the edges. */
export type Instant = number;

/** A length of time in milliseconds. */
export type Millis = number;

export interface Clock {
  /** The gateway's clock: real time plus the sandbox's offset. Orders every fact, act and schedule. */
  now(): Instant;
  /** Real time. For what a foreign clock checks (signatures, token ages) and for leases between processes. */
  wall(): Instant;
}

export interface Door extends Clock {
  /** Unpredictable bytes in production, seeded ones in a simulation. */
  random(bytes: number): Uint8Array;
  /** One HTTP exchange. Never follows a redirect by itself. */
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** Resolves after `ms` of real time, or rejects with the signal's reason as soon as the signal aborts. */
  wait(ms: Millis, signal?: AbortSignal): Promise<void>;
}
