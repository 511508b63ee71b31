/** What may be done about a connection. What can't be undone asks to be typed. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type State, TABLE } from "../core/status/table.ts";
import { ask, type Refused } from "./api.ts";
import { type Connection, stateOf } from "./connection.ts";
import { DeedButton, useMay } from "./deed.tsx";
import { Copy } from "./parts.tsx";
import { NAMES } from "./words.ts";

interface Props {
  one: Connection;
  sandbox: boolean;
  /** Something was done: look again. */
  done: () => void;
}

type Dialog = { kind: "link"; url: string } | { kind: "ticket"; text: string } | { kind: "delete" };

export function Actions({ one, sandbox, done }: Props) {
  const [said, say] = useState("");
  const [dialog, show] = useState<Dialog | null>(null);
  const base = `/bank-linking/connections/${one.id}`;
  const mayTrouble = useMay("makeTrouble");
  const isGone = one.status === "DELETED" || one.status === "EXPIRED";

  async function act(work: () => Promise<string>): Promise<void> {
    try {
      say(await work());
    } catch (error) {
      say((error as Refused).message);
    }
    done();
  }

  const refresh = () =>
    act(async () => {
      const { refresh: made } = await ask<{ refresh: { id: string } }>("POST", `${base}/refresh`);
      return `A refresh was asked for: ${made.id}.`;
    });
  const link = () =>
    act(async () => {
      const { widgetUrl } = await ask<{ widgetUrl: string }>("POST", "/bank-linking/connect/repair", {
        connectionId: one.id,
      });
      show({ kind: "link", url: widgetUrl });
      return "A link was made.";
    });
  const ticket = () =>
    act(async () => {
      const { text } = await ask<{ text: string }>("GET", `${base}/ticket`);
      show({ kind: "ticket", text });
      return "A ticket was written.";
    });
  const remove = () =>
    act(async () => {
      show(null);
      await ask("DELETE", base);
      return "It is deleted.";
    });

  return (
    <>
      <div class="actions" role="group" aria-label="Actions">
        <DeedButton does="refreshConnection" class="main" disabled={!one.canRefresh} onClick={() => void refresh()}>
          Refresh now
        </DeedButton>
        <DeedButton does="repairConnection" disabled={!one.canReconnect} onClick={() => void link()}>
          Reconnect link
        </DeedButton>
        <button type="button" disabled={one.status === "DELETED"} onClick={() => void ticket()}>
          Provider ticket
        </button>
        <DeedButton does="deleteConnection" class="danger" disabled={isGone} onClick={() => show({ kind: "delete" })}>
          Delete…
        </DeedButton>
        {mayTrouble && sandbox && one.serviceProviderDetails?.serviceProvider === "SANDBOX" && !isGone && (
          <FakeBank one={one} act={act} />
        )}
      </div>
      <p class="said" role="status">
        {said}
      </p>
      {dialog?.kind === "link" && (
        <Box title="A link for the customer" close={() => show(null)}>
          <p>Send it to the customer. It leads straight to the bank, holds for four hours, and works once.</p>
          <Copy text={dialog.url} name="the link" />
        </Box>
      )}
      {dialog?.kind === "ticket" && (
        <Box title="A ticket for the provider’s support" close={() => show(null)}>
          <p>Ready to paste. No name of a customer, no account and no secret is in it.</p>
          <pre tabIndex={0}>{dialog.text}</pre>
          <Copy text={dialog.text} name="the ticket">
            Copy
          </Copy>
        </Box>
      )}
      {dialog?.kind === "delete" && <Delete one={one} close={() => show(null)} remove={() => void remove()} />}
    </>
  );
}

function Delete({ one, close, remove }: { one: Connection; close: () => void; remove: () => void }) {
  const [typed, type] = useState("");
  const word = one.externalCustomerId ?? one.id;
  const submit = (event: Event) => {
    event.preventDefault();
    if (typed === word) remove();
  };
  return (
    <Box title="Delete this connection" close={close}>
      <form onSubmit={submit}>
        <p>
          Its accounts and transactions are erased at once, and access at the bank is ended. Nothing brings it back; the
          customer would have to link anew.
        </p>
        <label for="confirm">
          Type <code>{word}</code> to delete it
        </label>
        <input
          id="confirm"
          value={typed}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => type(event.currentTarget.value)}
        />
        <button type="submit" class="danger" disabled={typed !== word}>
          Delete for good
        </button>
      </form>
    </Box>
  );
}

/** The browser's own dialog: it holds the focus, and Escape closes it. */
function Box({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="dialog-title">
      <div class="heading">
        <h2 id="dialog-title">{title}</h2>
        <button type="button" class="plain" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      {children}
    </dialog>
  );
}

const TROUBLES = TABLE.filter(({ reason }) => reason !== null);

/** Fake banks do as they are told: for trying out what an application makes of it. */
function FakeBank({ one, act }: { one: Connection; act: (work: () => Promise<string>) => Promise<void> }) {
  const [wanted, want] = useState<State>("RECONNECT_REQUIRED/LOGIN_REQUIRED");
  const path = `/sandbox/connections/${one.id}/trouble`;
  const trouble = () =>
    act(async () => {
      const { reachedBy, advance } = await ask<{ reachedBy: string; advance: string | null }>("POST", path, {
        state: wanted,
      });
      if (reachedBy === "clock") return `The bank will answer so; advance the clock by ${advance} to get there.`;
      return "The bank answers so from now on.";
    });
  const heal = () =>
    act(async () => {
      await ask("DELETE", path);
      return "The bank behaves again.";
    });
  return (
    <fieldset class="fake">
      <legend>Fake bank</legend>
      <label class="hidden" for="trouble">
        Its trouble
      </label>
      <select id="trouble" value={wanted} onChange={(event) => want(event.currentTarget.value as State)}>
        {TROUBLES.map(({ state }) => (
          <option key={state} value={state}>
            {NAMES[state]}
          </option>
        ))}
      </select>
      <DeedButton does="makeTrouble" onClick={() => void trouble()}>
        Misbehave
      </DeedButton>
      <DeedButton does="endTrouble" disabled={stateOf(one) === "ACTIVE"} onClick={() => void heal()}>
        Behave
      </DeedButton>
    </fieldset>
  );
}
