/**
 * `Bowline.open({ token, onSuccess, onExit, onEvent })`: shows the connect page above the page that includes this. It
 * believes only messages of its own frame, from the origin that it was loaded from.
 */
interface Options {
  token: string;
  /** The bank is connected. The page stays open until the customer closes it, or until `close()`. */
  onSuccess?: (told: Record<string, unknown>) => void;
  /** The page has gone. */
  onExit?: (told: Record<string, unknown>) => void;
  /** Everything that the page tells, those two included. */
  onEvent?: (eventName: string, told: Record<string, unknown>) => void;
}

const DOMAIN = "bowline";
const LOADED_WITHIN = 10_000;
// A module has no current script; then the address is looked up.
const script =
  (document.currentScript as HTMLScriptElement | null) ??
  document.querySelector<HTMLScriptElement>('script[src*="/connect/embed.js"]');
const base = new URL(".", script?.src ?? location.href);

let shown: { close(): void } | null = null;

/** One page at a time: what was open is closed, and told so. */
function open(options: Options): { close(): void } {
  shown?.close();
  shown = show(options);
  return shown;
}

function show({ token, onSuccess, onExit, onEvent }: Options): { close(): void } {
  // The browser's own dialog keeps the focus inside, closes by Escape, and gives the focus back.
  const dialog = document.createElement("dialog");
  const frame = document.createElement("iframe");
  // Style by properties: a policy against inline styles lets them be.
  const dress = (element: HTMLElement, style: Partial<CSSStyleDeclaration>) => Object.assign(element.style, style);
  const isNarrow = window.innerWidth < 520;
  dress(dialog, {
    border: "0",
    padding: "0",
    margin: "auto",
    width: isNarrow ? "100%" : "440px",
    maxWidth: "100%",
    height: isNarrow ? "100%" : "min(720px, 96vh)",
    maxHeight: "100%",
    borderRadius: isNarrow ? "0" : "20px",
    overflow: "hidden",
    background: "transparent",
    boxShadow: "0 24px 80px rgb(0 0 0 / 35%), 0 0 0 100vmax rgb(10 20 18 / 45%)",
  });
  dress(frame, { border: "0", width: "100%", height: "100%", display: "block" });
  dialog.setAttribute("aria-label", "Connect your bank");
  frame.title = "Connect your bank";
  frame.referrerPolicy = "no-referrer";
  frame.allow = "clipboard-write";
  frame.src = `${new URL("../connect", base).href}?connectToken=${encodeURIComponent(token)}`;

  let last: Record<string, unknown> = { finished: false };
  const hear = ({ origin, source, data }: MessageEvent): void => {
    const told = data as Record<string, unknown> | null;
    if (origin !== base.origin || source !== frame.contentWindow || told?.["domain"] !== DOMAIN) return;
    const name = String(told["eventName"]);
    clearTimeout(silence);
    onEvent?.(name, told);
    if (name === "connect_complete") onSuccess?.(told);
    if (name !== "exit") return;
    last = told;
    close();
  };
  const close = (): void => {
    if (dialog.isConnected) dialog.close();
  };
  dialog.addEventListener("close", () => {
    clearTimeout(silence);
    window.removeEventListener("message", hear);
    dialog.remove();
    onExit?.(last);
  });
  // A frame that the browser refuses is a dead end without a button: nobody is left in it.
  const silence = setTimeout(() => {
    console.error(`Bowline: the connect page did not load; is ${location.origin} in BOWLINE_EMBED_ORIGINS?`);
    last = { finished: false, reason: "NOT_LOADED" };
    close();
  }, LOADED_WITHIN);
  window.addEventListener("message", hear);
  dialog.append(frame);
  document.body.append(dialog);
  dialog.showModal();
  return { close };
}

(window as unknown as { Bowline: { open: typeof open } }).Bowline = { open };
