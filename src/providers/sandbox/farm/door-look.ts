// How a house's own page looks: on purpose unlike the gateway's, as a bank's is.

export type Form =
  | { kind: "login"; sitting: string; user: string; words?: string }
  | { kind: "answer"; sitting: string; ask: string; among: readonly string[]; words?: string }
  | { kind: "accounts"; sitting: string; accounts: readonly { no: string; title: string }[]; words?: string }
  | { kind: "over"; words: string };

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`);

export function draw(form: Form, bank: string): string {
  const name = escaped(bank);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>${name}: ${TITLES[form.kind]}</title>
<link rel="stylesheet" href="door/look.css">
<link rel="icon" type="image/svg+xml" href="door/icon.svg">
</head>
<body>
<header><p class="bank">${name}</p><p class="fake">A fake bank, for trying things out</p></header>
<main>
${"words" in form && form.words !== undefined ? `<p class="wrong" role="alert">${escaped(form.words)}</p>` : ""}
${inside(form)}
</main>
</body>
</html>
`;
}

const TITLES: Record<Form["kind"], string> = {
  login: "log in",
  answer: "one more step",
  accounts: "share your accounts",
  over: "closed",
};

function inside(form: Form): string {
  switch (form.kind) {
    case "login":
      return wrapped(
        form.sitting,
        "Log in to share your accounts",
        `<label for="user">Customer name</label>
<input id="user" name="user" autocomplete="username" required maxlength="64" value="${escaped(form.user)}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<p class="hint">Any name and the password “good” log in here.</p>`,
        "Log in",
      );
    case "answer":
      return wrapped(form.sitting, "One more step", answers(form), "Go on");
    case "accounts":
      return wrapped(
        form.sitting,
        "Which accounts may be read?",
        `<fieldset><legend>Balances, transactions and account details are shared, read only.</legend>
${form.accounts.map(({ no, title }) => box(no, title)).join("\n")}
</fieldset>
<input type="hidden" name="all" value="${escaped(JSON.stringify(form.accounts))}">`,
        "Allow",
      );
    case "over":
      return "<h1>This page is closed</h1>";
  }
}

const box = (no: string, title: string): string =>
  `<label class="box"><input type="checkbox" name="account" value="${escaped(no)}" checked> ${escaped(title)}</label>`;

function answers({ ask, among }: Extract<Form, { kind: "answer" }>): string {
  if (among.length === 0) {
    return `<label for="answer">${escaped(ask)}</label>
<input id="answer" name="answer" inputmode="numeric" autocomplete="one-time-code" required>`;
  }
  const ways = among.map((way, at) => {
    const checked = at === 0 ? " checked" : "";
    const field = `<input type="radio" name="answer" value="${escaped(way)}"${checked}>`;
    return `<label class="box">${field} ${escaped(way)}</label>`;
  });
  return `<fieldset><legend>${escaped(ask)}</legend>${ways.join("\n")}</fieldset>`;
}

const wrapped = (sitting: string, title: string, fields: string, go: string): string =>
  `<h1>${escaped(title)}</h1>
<form method="post" action="door">
<input type="hidden" name="sitting" value="${escaped(sitting)}">
${fields}
<div class="row"><button type="submit">${escaped(go)}</button>
<button class="no" type="submit" name="no" value="no" formnovalidate>Cancel</button></div>
</form>`;

export const LOOK = `
* { box-sizing: border-box; }
body { margin: 0; background: #f5efe4; color: #2a2118; font: 1.0625rem/1.5 Georgia, "Times New Roman", serif; }
header { background: #4a1525; color: #fff; padding: 1.25rem 1.5rem; border-bottom: 4px solid #c9a227; }
header p { margin: 0; }
.bank { font-size: 1.5rem; letter-spacing: .02em; }
.fake { font-size: .875rem; color: #f3dfe3; }
main { max-width: 26rem; margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.375rem; font-weight: 600; margin: 0 0 1rem; }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600; }
input:not([type=checkbox], [type=radio]) { width: 100%; font: inherit; padding: .625rem; border: 1px solid #6f6153; }
fieldset { border: 1px solid #b7a993; margin: 0; padding: .75rem 1rem; }
/* Inside the frame: one that wraps would cut it. */
legend { float: left; margin-bottom: .5rem; padding: 0; width: 100%; }
legend + * { clear: both; }
.box { display: flex; gap: .625rem; align-items: center; font-weight: 400; margin: .5rem 0; }
.box input { width: 1.25rem; height: 1.25rem; accent-color: #4a1525; }
.hint { font-size: .9375rem; color: #5a4c3d; }
.wrong { background: #fff; border-left: 4px solid #a3122d; padding: .75rem 1rem; }
.row { display: flex; gap: .75rem; margin-top: 1.5rem; }
button { font: inherit; padding: .625rem 1.5rem; border: 1px solid #4a1525; cursor: pointer; }
button { background: #4a1525; color: #fff; }
button.no { background: transparent; color: #4a1525; }
:focus-visible { outline: 3px solid #c9a227; outline-offset: 2px; }
`;

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
<path d="M1 7l7-5 7 5v1H1zM3 9h2v5H3zm4 0h2v5H7zm4 0h2v5h-2z" fill="#4a1525"/>
</svg>`;
