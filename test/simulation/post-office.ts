/** Carries what the banks write: letters are lost, doubled, late and disordered, and strangers write in their name. */
import type { Instant } from "../../src/core/door.ts";
import { receiveWebhook } from "../../src/actions/receive-webhook.ts";
import type { World } from "./world.ts";

export interface PostOffice {
  ring(line: string, at: Instant): Promise<void>;
}

const textOf = ({ body }: RequestInit): string => (typeof body === "string" ? body : "");

const NOT_RECEIVED = new Response("", { status: 503 });
const RECEIVED = new Response("", { status: 200 });

export function openPostOffice(world: World): PostOffice {
  /** When each line's post is looked at next. */
  const rung = new Map<string, Instant>();

  async function ring(line: string, at: Instant): Promise<void> {
    const known = rung.get(line) ?? Infinity;
    if (at >= known) return;
    rung.set(line, at);
    world.scheduler.after(Math.max(1, at - world.now()), null, async () => {
      if (rung.get(line) !== at) return;
      rung.delete(line);
      void post(line);
    });
  }

  async function post(line: string): Promise<void> {
    const next = await world.farm.post(line, send);
    if (next !== null) await ring(line, next);
  }

  async function send(_: string, init: RequestInit): Promise<Response> {
    const { dice, faults } = world;
    const isNow = (of: number) => dice.below(10_000) < of;
    if (isNow(faults.postForged)) void deliver({ ...init, body: textOf(init).replace(/"lt_../, '"lt_xx') });
    if (isNow(faults.postLost)) return RECEIVED.clone();
    if (isNow(faults.postDoubled)) void later(init);
    if (isNow(faults.postLate)) {
      void later(init);
      return RECEIVED.clone();
    }
    return deliver(init);
  }

  async function later(init: RequestInit): Promise<void> {
    await world.scheduler.sleep(world.dice.below(3 * 3_600_000));
    await deliver(init);
  }

  /** To one of the machines; one that dies meanwhile has not received it. */
  async function deliver(init: RequestInit): Promise<Response> {
    await world.scheduler.sleep(world.dice.below(400));
    const machine = world.machines.find((one) => one.alive);
    if (!machine) return NOT_RECEIVED.clone();
    const body = Buffer.from(textOf(init));
    const headers = Object.fromEntries(new Headers(init.headers));
    const arrival = { method: "POST", headers, body };
    const received = receiveWebhook(machine.gateway, "sandbox", arrival).then(
      () => true,
      () => false,
    );
    const isReceived = await Promise.race([received, machine.dead.then(() => false), late()]);
    if (isReceived) world.watch.hinted(JSON.parse(textOf(init)) as { letter: string; line: string }, machine);
    return (isReceived ? RECEIVED : NOT_RECEIVED).clone();
  }

  const late = (): Promise<boolean> => world.scheduler.sleep(10_000).then(() => false);

  return { ring };
}
