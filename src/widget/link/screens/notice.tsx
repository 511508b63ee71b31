import type { JSX } from "preact";
import type { Session } from "../api.ts";
import { type Acting, Primary, Reference, Trouble } from "../parts.tsx";
import { isEmbedded } from "../post.ts";
import { BankHead } from "./login.tsx";

/** A repair of what a login does not mend: whose turn it is, and no login in the way. It stays possible. */
export function Notice(props: {
  session: Session;
  acting: Acting;
  onLogin: () => void;
  onClose: () => void;
}): JSX.Element {
  const { session, acting, onLogin, onClose } = props;
  return (
    <>
      <BankHead session={session} title="" />
      <Trouble acting={acting} />
      {isEmbedded ? <Primary onClick={onClose}>Close</Primary> : <p class="lead">You can close this page now.</p>}
      <button type="button" class="secondary" onClick={onLogin} disabled={acting.busy}>
        Log in all the same
      </button>
      <Reference id={session.connectionId} />
    </>
  );
}
