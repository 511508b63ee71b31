// A customer on the connect page: a gateway, a session of theirs, and the steps that they take by what they see.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { planted } from "../canary.ts";
import type { Json, TestGateway } from "../stories/gateway.ts";
import { accessible, type Looks, open, type Opened } from "./chromium.ts";

export interface Customer extends Opened {
  connectionId: string;
  token: string;
  /** Waits for the screen with that heading. */
  sees(heading: string | RegExp): Promise<void>;
  press(name: string | RegExp): Promise<void>;
  fill(label: string | RegExp, value: string): Promise<void>;
  finds(bank: string): Promise<void>;
  logsIn(user: string, password?: string): Promise<void>;
  /** axe, wide and narrow, light and dark; and a picture where somebody asked for pictures. */
  judged(what: string): Promise<void>;
}

/** In this process or in another. */
type Reached = Pick<TestGateway, "url" | "good">;

const NARROW: Looks = { width: 440, height: 760 };

export async function customer(gateway: Reached, more: Json = {}, looks: Looks = NARROW): Promise<Customer> {
  const externalCustomerId = (more["externalCustomerId"] as string | undefined) ?? `customer-${crypto.randomUUID()}`;
  const started = await gateway.good("POST", "/bank-linking/connect/start", { externalCustomerId, ...more });
  return onPage(gateway, started, looks);
}

/** The same for a connection that is to be repaired. */
export async function repairer(gateway: Reached, connectionId: string, looks: Looks = NARROW): Promise<Customer> {
  return onPage(gateway, await gateway.good("POST", "/bank-linking/connect/repair", { connectionId }), looks);
}

async function onPage(gateway: Reached, started: Json, looks: Looks): Promise<Customer> {
  const opened = await open(gateway.url, looks);
  const { page } = opened;
  await page.goto(started["widgetUrl"] as string);
  const sees: Customer["sees"] = (heading) => page.getByRole("heading", { name: heading }).waitFor();
  const press: Customer["press"] = (name) => page.getByRole("button", { name }).click();
  const fill: Customer["fill"] = (label, value) => page.getByLabel(label).fill(value);
  return {
    ...opened,
    connectionId: started["id"] as string,
    token: started["connectToken"] as string,
    sees,
    press,
    fill,
    finds: async (bank) => {
      await sees("Which bank do you use?");
      await fill("Search by name", bank);
      await press(new RegExp(`^${bank}`));
    },
    logsIn: async (user, password = "good") => {
      planted("bank password", password);
      await fill(/^User name/, user);
      await fill("Password", password);
      await press("Log in");
    },
    judged: async (what) => {
      await accessible(page, what);
      await picture(page, what);
    },
  };
}

/** With BOWLINE_TEST_PICTURES=folder every judged screen is drawn there, light and dark. */
export async function picture(page: Page, what: string): Promise<void> {
  const folder = process.env["BOWLINE_TEST_PICTURES"];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.screenshot({ path: join(folder, `${what.replace(/\W+/g, "-")}-${colorScheme}.png`) });
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
}
