/**
 * What changes something is offered to those alone who may: each button names the operation of the API that it asks
 * for, and the gateway says which of them the key that was typed reaches. It refuses the others all the same.
 */
import { type ComponentChildren, createContext } from "preact";
import { useContext } from "preact/hooks";

/** The operations that these pages have a button for, by their names in the API's document. */
export type Deed =
  | "refreshConnection"
  | "repairConnection"
  | "deleteConnection"
  | "makeTrouble"
  | "endTrouble"
  | "replayDeliveries"
  | "updateWebhookProfile";

/** The operations that whoever signed in may ask for. */
export const Acts = createContext<readonly string[]>([]);

export const useMay = (deed: Deed): boolean => useContext(Acts).includes(deed);

interface Props {
  does: Deed;
  children: ComponentChildren;
  class?: string;
  disabled?: boolean;
  onClick: () => void;
}

export function DeedButton({ does, children, ...rest }: Props) {
  if (!useMay(does)) return null;
  return (
    <button type="button" {...rest}>
      {children}
    </button>
  );
}
