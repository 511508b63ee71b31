import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { MESSAGES, turnOf } from "../../texts/states.ts";
import type { Session } from "../api.ts";
import { type Acting, Heading, Lock, Monogram, Primary, Reference, Trouble, useRetried } from "../parts.tsx";

/** A repair says first what is wrong; a link only whose page it is. */
export function BankHead({ session, title }: { session: Session; title: string }): JSX.Element {
  const bank = session.institutionName ?? "your bank";
  const message = session.kind === "REPAIR" ? MESSAGES[session.state](bank) : null;
  return (
    <>
      <div class="bank-head">
        <Monogram name={bank} large />
        <div>
          <Heading>{message?.title ?? title}</Heading>
          {message && <p class="turn">{turnOf(session.state, bank)}</p>}
        </div>
      </div>
      {message && <p class="lead">{message.text}</p>}
    </>
  );
}

export function Login(props: {
  session: Session;
  acting: Acting;
  onLogin: (user: string, password: string) => void;
}): JSX.Element {
  const { session, acting, onLogin } = props;
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [isShown, show] = useState(false);
  const bank = session.institutionName ?? "your bank";
  const isRepair = session.kind === "REPAIR";
  const isWrong = acting.failed?.code === "BANK-2001";
  const field = useRetried(isWrong, acting);

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    onLogin(user, password);
  };

  return (
    <form onSubmit={submit} noValidate={false}>
      <BankHead session={session} title={`Log in to ${bank}`} />
      <Trouble acting={acting} />
      <label for="user">User name</label>
      <input
        id="user"
        name="username"
        class="field"
        autoComplete="username"
        autoCapitalize="off"
        spellcheck={false}
        maxLength={64}
        required={!isRepair}
        value={user}
        aria-describedby={isRepair ? "as-before" : undefined}
        onInput={(event) => setUser(event.currentTarget.value)}
      />
      {isRepair && (
        <p class="hint under" id="as-before">
          Leave it empty if it is the same as before.
        </p>
      )}
      <label for="password">Password</label>
      <div class="field with-button">
        <input
          id="password"
          name="password"
          ref={field}
          {...(isShown ? { type: "text" as const } : { type: "password" as const })}
          autoComplete="current-password"
          maxLength={256}
          required
          aria-invalid={isWrong}
          value={password}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
        <button type="button" class="link" aria-pressed={isShown} onClick={() => show(!isShown)}>
          Show
        </button>
      </div>
      {session.serviceProvider === "SANDBOX" && (
        <p class="hint">This is a fake bank: any name and the password “good” log in.</p>
      )}
      <Primary type="submit" busy={acting.busy}>
        Log in
      </Primary>
      <p class="small">
        <Lock /> What you type goes to {bank} alone.
      </p>
      {isRepair && <Reference id={session.connectionId} />}
    </form>
  );
}
