import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AskedAccount, Session } from "../api.ts";
import { type Acting, Heading, Monogram, Primary, Reference, Trouble } from "../parts.tsx";

const NEW = "new";

/** The bank has given all accounts new ids, and some look alike: only the customer knows which is which. */
export function Which(props: {
  session: Session;
  acting: Acting;
  onSay: (accounts: { now: string; before: string | null }[]) => void;
}): JSX.Element {
  const { session, acting, onSay } = props;
  const [said, setSaid] = useState<Readonly<Record<string, string>>>({});
  const bank = session.institutionName ?? "Your bank";
  const questions = session.questions ?? [];
  const asked = questions.flatMap(({ now }) => now);

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    onSay(asked.map(({ id }) => ({ now: id, before: said[id] === NEW ? null : (said[id] ?? null) })));
  };

  return (
    <form onSubmit={submit}>
      <div class="bank-head">
        <Monogram name={bank} large />
        <Heading>Which account is which?</Heading>
      </div>
      <p class="lead">
        {bank} has given your accounts new numbers, and some look alike. Say which is which, so that nothing is there
        twice.
      </p>
      <Trouble acting={acting} />
      {questions.map(({ before, now }) =>
        now.map((account) => (
          <div class="pair" key={account.id}>
            <label for={account.id}>
              {nameOf(account)} <span class="mask">{balanceOf(account)}</span>
            </label>
            <select
              id={account.id}
              class="field"
              required
              value={said[account.id] ?? ""}
              onChange={(event) => setSaid({ ...said, [account.id]: event.currentTarget.value })}
            >
              <option value="">Choose what it was before</option>
              {before
                .filter(({ id }) => said[account.id] === id || !Object.values(said).includes(id))
                .map((one) => (
                  <option value={one.id} key={one.id}>
                    {nameOf(one)}
                    {balanceOf(one) && `, ${balanceOf(one)}`}
                  </option>
                ))}
              <option value={NEW}>None of these: it is new</option>
            </select>
          </div>
        )),
      )}
      <Primary type="submit" busy={acting.busy}>
        Continue
      </Primary>
      <Reference id={session.connectionId} />
    </form>
  );
}

const nameOf = ({ name, mask }: AskedAccount): string => (mask ? `${name} ·· ${mask}` : name);

/** The balance as it was told; a currency that the browser does not know is written after it. */
function balanceOf({ balance, currency }: AskedAccount): string {
  if (balance === null) return "";
  try {
    return new Intl.NumberFormat(undefined, { style: "currency", currency: currency ?? "" }).format(balance);
  } catch {
    return `${balance} ${currency ?? ""}`.trim();
  }
}
