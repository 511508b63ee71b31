import type { JSX } from "preact";
import { sharedOf } from "../../texts/products.ts";
import { MESSAGES, turnOf } from "../../texts/states.ts";
import type { Session } from "../api.ts";
import { Announcement, Heading, Monogram, Primary, Reference, Tick, Warning } from "../parts.tsx";
import { isEmbedded } from "../post.ts";

type Progress = NonNullable<Session["progress"]>;

const ARRIVAL: Record<Progress["products"][number]["arrival"], string> = {
  WAITING: "On its way",
  ARRIVED: "Here",
  UNAVAILABLE: "Not offered",
  LATE: "Comes later",
};

/** Connected at once; what is shared arrives while the customer looks on. */
export function Done({ session, onClose }: { session: Session; onClose: () => void }): JSX.Element {
  const bank = session.institutionName ?? "Your bank";
  const { progress, state } = session;
  const isOver = progress?.over === true;
  const isWell = state.startsWith("ACTIVE");
  const message = MESSAGES[state](bank);
  const arrived = progress?.products.filter(({ arrival }) => arrival === "ARRIVED").length ?? 0;
  const said = isOver ? message.text : `${arrived} of ${progress?.products.length ?? 0} arrived.`;
  return (
    <>
      <div class="bank-head">
        <Monogram name={bank} large />
        <div>
          <Heading>{session.kept || isWell || !isOver ? `${bank} is connected` : message.title}</Heading>
          <p class="turn">{isOver ? turnOf(state, bank) : "Your data is on its way; you need not wait"}</p>
        </div>
        <span class={isWell || !isOver ? "seal" : "seal amber"}>{isWell || !isOver ? <Tick /> : <Warning />}</span>
      </div>
      {isOver && <p class="lead">{message.text}</p>}
      <Announcement text={said} />
      <ul class="arrivals">
        {progress?.products.map(({ product, arrival }) => (
          <li key={product} class={arrival.toLowerCase()}>
            <span class="mark" aria-hidden="true">
              {arrival === "ARRIVED" && <Tick />}
            </span>
            <strong>{sharedOf(product).title}</strong>
            <span>{ARRIVAL[arrival]}</span>
          </li>
        ))}
      </ul>
      {progress && progress.accounts.length > 0 && (
        <ul class="account-list" aria-label="Accounts">
          {progress.accounts.map(({ id, name, mask }) => (
            <li key={id}>
              {name} {mask && <span class="mask">·· {mask}</span>}
            </li>
          ))}
        </ul>
      )}
      {isEmbedded ? <Primary onClick={onClose}>Done</Primary> : <p class="lead">You can close this page now.</p>}
      <Reference id={session.connectionId} />
    </>
  );
}
