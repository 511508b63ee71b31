// What begins and ends a link and a repair, and what is asked beside them, each where it has a true answer.
import assert from "node:assert/strict";
import type {
  Answer,
  Call,
  FinishLink,
  Held,
  LinkSession,
  Provider,
  StartLink,
  Verb,
} from "../../src/providers/provider.ts";
import { sure } from "../providers/sandbox/mount.ts";

export interface Run {
  name: string;
  run(call: Call): Promise<Answer<unknown>>;
  /** The exchanges that may be lost and the verb's answer still be good. */
  forgives?(at: number): boolean;
}

export interface Customer {
  provider: Provider;
  call: Call;
  start: StartLink;
  /** What the customer brings back from a session. */
  attend(session: LinkSession): Promise<FinishLink["proof"]>;
}

export async function linkVerbs({ provider, call, start, attend }: Customer, held: Held): Promise<Run[]> {
  const { name: who, startLink, startRepair, readInstitutions } = provider;
  assert.ok(startRepair && readInstitutions);
  const [account] = sure(await provider.readAccounts.run(call, held)).accounts;
  const [bank] = sure(await readInstitutions.run(call, {}));
  assert.ok(account && bank);
  const session = sure(await startLink.run(call, start));
  const finish = { state: session.state, proof: await attend(session) };
  const repair = sure(await startRepair.run(call, { ...start, ...held }));
  const repaired = { ...held, state: repair.state, proof: await attend(repair) };
  const token = { ...held, accountRef: account.ref, processor: "STRIPE" as const };
  const run = <In>(
    name: string,
    verb: Verb<In, unknown> | undefined,
    input: In,
    forgives?: (at: number) => boolean,
  ): Run[] => (verb ? [{ name, run: (on) => verb.run(on, input), ...(forgives && { forgives }) }] : []);
  return [
    ...run("startLink", startLink, start),
    ...run("lookAtProof", provider.lookAtProof, finish),
    ...run("readSession", provider.readSession, finish),
    // Nothing takes back Plaid's exchange, so the look at the Item behind it may fail.
    ...run("finishLink", provider.finishLink, finish, (at) => who === "PLAID" && at > 0),
    // Whether the Item can be repaired is looked up first; not to know it is no reason not to try.
    ...run("startRepair", startRepair, { ...start, ...held }, (at) => who === "PLAID" && at === 0),
    ...run("finishRepair", provider.finishRepair, repaired),
    ...run("consentNeeded", provider.consentNeeded, held),
    ...run("createProcessorToken", provider.createProcessorToken, token),
    // Its answer is what was found amiss.
    ...run("check", provider.check, { publicUrl: null, redirectUrl: null }, () => true),
    ...run("readInstitutions", readInstitutions, {}),
    ...run("readInstitutions of a search", readInstitutions, { search: bank.name.slice(0, 5) }),
    ...run("readInstitutions of one", readInstitutions, { ref: bank.ref }),
  ];
}
