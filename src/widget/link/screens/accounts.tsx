import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Session } from "../api.ts";
import { type Acting, Heading, Primary, Trouble } from "../parts.tsx";

export function Accounts(props: {
  session: Session;
  accounts: readonly { no: string; title: string }[];
  acting: Acting;
  onShare: (accounts: string[]) => void;
}): JSX.Element {
  const { session, accounts, acting, onShare } = props;
  const [chosen, setChosen] = useState<readonly string[]>(accounts.map(({ no }) => no));
  const turn = (no: string): void =>
    setChosen(chosen.includes(no) ? chosen.filter((one) => one !== no) : [...chosen, no]);
  const who = session.application || "the app";
  const count = chosen.length;

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    // In the bank's order.
    if (count > 0) onShare(accounts.map(({ no }) => no).filter((no) => chosen.includes(no)));
  };

  return (
    <form onSubmit={submit}>
      <Heading>Which accounts do you share?</Heading>
      <Trouble acting={acting} />
      <fieldset>
        <legend>Only these are shown to {who}. You can add others later.</legend>
        {accounts.map(({ no, title }) => (
          <label class="choice" key={no}>
            <input type="checkbox" checked={chosen.includes(no)} onChange={() => turn(no)} />
            <span>{title}</span>
          </label>
        ))}
      </fieldset>
      <p class="hint" role="status">
        {count === 0 ? "Choose at least one." : `${count} of ${accounts.length} chosen`}
      </p>
      <Primary type="submit" busy={acting.busy} isShut={count === 0}>
        {count === 1 ? "Share 1 account" : `Share ${count} accounts`}
      </Primary>
    </form>
  );
}
