/**
 * A house's own page: some banks take a customer's password nowhere else. The customer arrives with a sitting, logs in,
 * says yes to what is shared, and is sent back with a slip in the address. It works without scripts.
 */
import { bankOf } from "./banks.ts";
import { draw, type Form, ICON, LOOK } from "./door-look.ts";
import type { Json } from "./memory.ts";
import { asFields, fieldsOf, textOf } from "./office.ts";
import type { Fields, FarmRequest, Office, Reply } from "./office.ts";
import { DOOR, sit, type Sitting, sittingOf } from "./sittings.ts";
import { isWord, WORDS } from "./words.ts";

interface Page {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export async function door(office: Office, request: FarmRequest): Promise<Page> {
  const [type, body] = FILES[request.path] ?? [];
  if (type !== undefined && body !== undefined) {
    return { status: 200, headers: { "content-type": type, "cache-control": "max-age=300" }, body };
  }
  const sent = new URLSearchParams(request.method === "POST" ? request.body : "");
  const paper = sent.get("sitting") ?? request.query["sitting"] ?? "";
  const sitting = sittingOf(office, paper);
  if (typeof sitting === "string") return shown({ kind: "over", words: wordsOf(sitting) }, null);
  if (request.method !== "POST") return shown({ kind: "login", sitting: paper, user: sitting.user }, sitting);
  if (sent.get("no") !== null) return away(sitting, { error: "access_denied" });

  const { step } = sitting;
  const asked = { sitting: paper, user: sent.get("user"), password: sent.get("password"), answer: sent.get("answer") };
  const reply = await sit(office, step === "way" ? "answer" : step, { ...asked, accounts: sent.getAll("account") });
  return follow(reply, paper, sitting, sent);
}

function follow(reply: Reply, paper: string, sitting: Sitting, sent: URLSearchParams): Page {
  const body = reply === "never" ? null : asFields(reply.body);
  const said = asFields(body?.["reply"] ?? null);
  if (said === null) {
    const words = textOf(asFields(body?.["fault"] ?? null)?.["words"]) || "Something went wrong; try again.";
    const user = sent.get("user") ?? sitting.user;
    if (sitting.step === "login") return shown({ kind: "login", sitting: paper, user, words }, sitting);
    if (sitting.step !== "accounts")
      return shown({ kind: "answer", sitting: paper, ask: ASK, among: [], words }, sitting);
    return shown({ kind: "accounts", sitting: paper, accounts: listed(sent.get("all")), words }, sitting);
  }
  if (said["step"] === "done") return away(sitting, { slip: textOf(said["slip"]) });
  return shown(formOf(said), { ...sitting });
}

/** The accounts of the form before, as the browser sends them back: anybody can write them, and none is believed. */
function listed(all: string | null): { no: string; title: string }[] {
  const items = fieldsOf({ body: `{"all":${all ?? "[]"}}` })?.["all"];
  if (!Array.isArray(items)) return [];
  return (items as Json[]).flatMap((item) => {
    const fields = asFields(item);
    return fields === null ? [] : [{ no: textOf(fields["no"]), title: textOf(fields["title"]) }];
  });
}

const FILES: Readonly<Record<string, readonly [type: string, body: string]>> = {
  [`${DOOR}/look.css`]: ["text/css", LOOK],
  [`${DOOR}/icon.svg`]: ["image/svg+xml", ICON],
};

const ASK = "Which code did we send you?";

function formOf(said: Fields): Form {
  const sitting = textOf(said["sitting"]);
  if (said["step"] === "answer") {
    return { kind: "answer", sitting, ask: textOf(said["ask"]), among: (said["among"] ?? []) as string[] };
  }
  return { kind: "accounts", sitting, accounts: said["accounts"] as { no: string; title: string }[] };
}

const wordsOf = (code: string): string => (isWord(code) ? WORDS[code][1] : code);

/** Back to whoever sent the customer, who finds the slip in the address. */
function away({ back }: Sitting, parts: Record<string, string>): Page {
  if (back === "") return shown({ kind: "over", words: "All is done here; close this window." }, null);
  const to = new URL(back);
  for (const [name, value] of Object.entries(parts)) to.searchParams.set(name, value);
  return { status: 303, headers: { ...HEADERS, location: to.href }, body: "" };
}

const ALONE = "frame-ancestors 'none'; base-uri 'none'";
const HEADERS = { "cache-control": "no-store", "referrer-policy": "no-referrer", "x-content-type-options": "nosniff" };

function shown(form: Form, sitting: Sitting | null): Page {
  const bank = sitting === null ? undefined : bankOf(sitting.house);
  // A form's answer may lead on to where the customer came from; browsers count that as the form's own target.
  const back = sitting?.back ? ` ${new URL(sitting.back).origin}` : "";
  const policy = `default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'${back}; ${ALONE}`;
  return {
    status: "words" in form && form.words !== undefined ? 422 : 200,
    headers: { ...HEADERS, "content-type": "text/html; charset=utf-8", "content-security-policy": policy },
    body: draw(form, bank?.name ?? "Bank"),
  };
}
