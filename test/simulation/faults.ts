/** What goes wrong in a seed, and how often: every seed draws a mix of its own, so that rare company is met too. */
import { HOUR, MINUTE } from "../../src/core/status/policy.ts";
import type { Dice } from "../search/dice.ts";

/** So often out of ten thousand, where nothing else is said. */
export interface Faults {
  /** Of a process, at each thing that it asks of the world: it dies before the effect, or before the answer. */
  dies: number;
  /** It stops for a while, as a machine does whose memory is short, and then goes on as if nothing had been. */
  stalls: number;
  stallsFor: number;
  /** The session ends under a statement: before its effect, or after it. */
  cut: number;
  /** Of calls of the bank. */
  refused: number;
  lost: number;
  slow: number;
  garbled: number;
  /** Of what the bank posts. */
  postLost: number;
  postDoubled: number;
  postLate: number;
  postForged: number;
  /** Of the application's endpoint: out of a hundred while it is well, and how often it is down for hours. */
  receiverFails: number;
  receiverDown: boolean;
  /** Out of a hundred: a trouble at the bank, each time that one might begin. */
  troubled: number;
  /** Clocks of machines differ by at most so much. */
  skew: number;
}

export interface Mix {
  faults: Faults;
  machines: number;
  customers: number;
  /** Things go wrong for so many hours, or until so much has happened: a few seeds go deep, most are short. */
  stormy: number;
  moments: number;
  /** The longest that a customer pauses between two deeds. */
  pause: number;
  keepsActivity: boolean;
}

export function drawMix(dice: Dice): Mix {
  const some = (most: number): number => (dice.chance(60) ? dice.below(most + 1) : 0);
  return {
    machines: 1 + dice.below(3),
    customers: dice.chance(70) ? 1 : 2,
    stormy: (3 + dice.below(9)) * HOUR,
    moments: dice.pick([1_500, 2_000, 3_000, 5_000]),
    pause: dice.pick([5 * MINUTE, 15 * MINUTE, HOUR]),
    keepsActivity: dice.chance(30),
    faults: {
      dies: some(40),
      stalls: some(15),
      stallsFor: (1 + dice.below(60)) * 5_000,
      cut: some(40),
      refused: some(400),
      lost: some(400),
      slow: some(500),
      garbled: some(200),
      postLost: some(3_000),
      postDoubled: some(3_000),
      postLate: some(3_000),
      postForged: some(2_000),
      receiverFails: some(30),
      receiverDown: dice.chance(40),
      troubled: dice.below(60),
      skew: some(400),
    },
  };
}

export const CALM: Faults = {
  dies: 0,
  stalls: 0,
  stallsFor: MINUTE,
  cut: 0,
  refused: 0,
  lost: 0,
  slow: 0,
  garbled: 0,
  postLost: 0,
  postDoubled: 0,
  postLate: 0,
  postForged: 0,
  receiverFails: 0,
  receiverDown: false,
  troubled: 0,
  skew: 0,
};
