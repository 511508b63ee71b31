import type { JSX } from "preact";
import { inOrder, sharedOf } from "../../texts/products.ts";
import type { Session } from "../api.ts";
import { type Acting, Eye, Heading, Lock, Off, Primary, Tick, Trouble } from "../parts.tsx";

/** What is shared, and why nobody need fear it, before anything is asked for. */
export function Consent(props: { session: Session; acting: Acting; onYes: () => void }): JSX.Element {
  const { session, acting, onYes } = props;
  const who = session.application || "This app";
  return (
    <>
      <Heading>{who} asks to see your bank accounts</Heading>
      <p class="lead">Choose your bank and log in there, to share this:</p>
      <ul class="shared">
        {inOrder([...session.products, ...session.optionalProducts]).map((product) => {
          const { title, what } = sharedOf(product);
          return (
            <li key={product}>
              <Tick />
              <div>
                <strong>{title}</strong>
                <span>{what}</span>
              </div>
              {session.optionalProducts.includes(product) && <em>if there</em>}
            </li>
          );
        })}
      </ul>
      <ul class="promises">
        <li>
          <Eye /> Only to read: nobody can move your money.
        </li>
        <li>
          <Lock /> Your password goes to your bank. {who} never sees it.
        </li>
        <li>
          <Off /> You can end the access at any time.
        </li>
      </ul>
      <Trouble acting={acting} />
      <Primary busy={acting.busy} onClick={onYes}>
        Agree and continue
      </Primary>
    </>
  );
}
