import type { JSX, TargetedMouseEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { troubleOf } from "../../texts/troubles.ts";
import type { Session } from "../api.ts";
import { type Acting, Announcement, Out, Primary, Reference, Trouble } from "../parts.tsx";
import { isEmbedded } from "../post.ts";
import { BankHead } from "./login.tsx";

const WINDOW = "popup,width=520,height=760";

/** A bank that takes its customers' logins on its own page alone. What happens there, the gateway hears by itself. */
export function HandOff(props: {
  session: Session;
  url: string;
  acting: Acting;
  onLook: () => void;
  onCheck: (() => void) | null;
}): JSX.Element {
  const { session, url, acting, onLook, onCheck } = props;
  const [isOpen, setOpen] = useState(false);
  const opened = useRef<Window | null>(null);
  const bank = session.institutionName ?? "your bank";

  useEffect(() => {
    const timer = setInterval(() => {
      onLook();
      // A bank that is done closes it too: what came of it is heard from the gateway.
      if (opened.current?.closed === true) setOpen(false);
    }, 1500);
    const look = (): void => {
      if (document.visibilityState === "visible") onLook();
    };
    document.addEventListener("visibilitychange", look);
    window.addEventListener("focus", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("focus", look);
    };
  }, [onLook]);

  const told = session.failure && troubleOf(session.failure.code);
  const code = session.failure?.code;
  // What was begun in the window has come to its end there: nothing is waited for any more.
  useEffect(() => {
    if (code !== undefined) setOpen(false);
  }, [code]);
  // Where the browser gives no window, the link itself goes on, into a tab.
  const leave = (event: TargetedMouseEvent<HTMLAnchorElement>): void => {
    opened.current = window.open(url, "bowline-bank", WINDOW);
    if (opened.current !== null) event.preventDefault();
    setOpen(true);
  };

  return (
    <>
      <BankHead session={session} title={`Go on at ${bank}`} />
      {!isOpen && (
        <>
          <p class="lead">{bank} takes your login on its own page, which opens in a window of its own.</p>
          <ol class="steps">
            <li>Log in at {bank}.</li>
            <li>Say there which accounts you share.</li>
            <li>Come back here: this page goes on by itself.</li>
          </ol>
        </>
      )}
      {told && (
        <div class="trouble" role="alert">
          <p>{told.text}</p>
        </div>
      )}
      <Trouble acting={acting} />
      {isOpen && (
        <div class="waiting">
          <span class="pulse" aria-hidden="true" />
          <p>
            <strong>Finish in the window of {bank}.</strong>
            <br />
            This page goes on by itself, even if you close that window or reload this one.
          </p>
        </div>
      )}
      <Announcement text={isOpen ? `Waiting for you to finish at ${bank}.` : ""} />
      <a class={isOpen ? "secondary" : "primary"} href={url} target="_blank" rel="noreferrer opener" onClick={leave}>
        {isOpen ? "Open the window again" : `Go to ${bank}`} <Out />
      </a>
      {isOpen && !isEmbedded && (
        <a class="plain" href={url}>
          No window? Go on in this tab
        </a>
      )}
      {isOpen && onCheck && (
        <Primary busy={acting.busy} onClick={onCheck}>
          I have finished there
        </Primary>
      )}
      {session.kind === "REPAIR" && <Reference id={session.connectionId} />}
    </>
  );
}
