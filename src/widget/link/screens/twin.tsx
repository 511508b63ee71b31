import type { JSX } from "preact";
import { MESSAGES } from "../../texts/states.ts";
import type { Session } from "../api.ts";
import { type Acting, Heading, Monogram, Primary, Trouble } from "../parts.tsx";

/** Asked before anything is exchanged: both answers are honest ones. */
export function Twin(props: {
  session: Session;
  acting: Acting;
  onDecide: (choice: "KEEP" | "ADD") => void;
}): JSX.Element {
  const { session, acting, onDecide } = props;
  const bank = session.institutionName ?? "This bank";
  const twin = session.twin;
  const isWell = twin === null || twin.state.startsWith("ACTIVE");
  return (
    <>
      <div class="bank-head">
        <Monogram name={bank} large />
        <Heading>You seem to have connected this login already</Heading>
      </div>
      <p class="lead">A connection to {bank} has the very same accounts:</p>
      <ul class="account-list">
        {twin?.accounts.map(({ id, name, mask }) => (
          <li key={id}>
            {name} {mask && <span class="mask">·· {mask}</span>}
          </li>
        ))}
      </ul>
      {!isWell && twin && <p class="lead">{MESSAGES[twin.state](bank).text}</p>}
      <Trouble acting={acting} />
      <Primary busy={acting.busy} onClick={() => onDecide("KEEP")}>
        {isWell ? "Keep the one I have" : "Mend the one I have"}
      </Primary>
      <button type="button" class="secondary" aria-disabled={acting.busy} onClick={() => onDecide("ADD")}>
        It is another login: connect it too
      </button>
    </>
  );
}
