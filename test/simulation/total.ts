/** What many seeds come to. */
import type { Told } from "./life.ts";

export interface Total {
  seeds: number;
  broken: Told[];
  hours: number;
  steps: number;
  deaths: number;
  counts: { events: number; deliveries: number; letters: number; connections: number };
}

export const emptyTotal = (): Total => ({
  seeds: 0,
  broken: [],
  hours: 0,
  steps: 0,
  deaths: 0,
  counts: { events: 0, deliveries: 0, letters: 0, connections: 0 },
});

export const totalOf = (total: Total, told: Told): Total => ({
  seeds: total.seeds + 1,
  broken: told.broken === null ? total.broken : [...total.broken, told],
  hours: total.hours + told.milliseconds / 3_600_000,
  steps: total.steps + told.steps,
  deaths: total.deaths + told.deaths,
  counts: {
    events: total.counts.events + told.counts.events,
    deliveries: total.counts.deliveries + told.counts.deliveries,
    letters: total.counts.letters + told.counts.letters,
    connections: total.counts.connections + told.counts.connections,
  },
});
