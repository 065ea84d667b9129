/** The form of local mode: one page without any other file but its script. */
export const SIGN_IN_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · Meetings</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light dark; --line: #d8dbe2; --ink: #17191f; --soft: #5c6270;
    --page: #f4f5f7; --card: #fff; --accent: #3454d1; }
  @media (prefers-color-scheme: dark) { :root { --line: #343843; --ink: #eceef3; --soft: #a0a6b4;
    --page: #14161b; --card: #1d2027; --accent: #8ea2ff; } }
  * { box-sizing: border-box; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px;
    background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
  main { width: 100%; max-width: 380px; padding: 32px; background: var(--card);
    border: 1px solid var(--line); border-radius: 14px; }
  h1 { margin: 0 0 4px; font-size: 22px; }
  p { margin: 0 0 24px; color: var(--soft); font-size: 14px; }
  label { display: block; margin-bottom: 16px; font-size: 14px; font-weight: 600; }
  input { display: block; width: 100%; margin-top: 6px; padding: 10px 12px; font: inherit;
    color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 8px; }
  button { width: 100%; padding: 11px; font: inherit; font-weight: 600; cursor: pointer;
    color: var(--card); background: var(--accent); border: 0; border-radius: 8px; }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  output { display: block; margin-top: 16px; font-size: 14px; overflow-wrap: anywhere; }
  code { display: block; max-height: 120px; overflow: auto; margin-top: 8px; padding: 8px;
    border: 1px solid var(--line); border-radius: 8px; font-size: 12px; }
</style>
</head>
<body>
<main>
  <h1>Sign in</h1>
  <p>Local mode: this machine trusts whoever uses it. No password, no e-mail is sent.</p>
  <form>
    <label>E-mail <input name="email" type="email" autocomplete="email" required autofocus></label>
    <label>Name (optional) <input name="name" autocomplete="name" maxlength="200"></label>
    <button>Continue</button>
    <output aria-live="polite"></output>
  </form>
</main>
<script src="/sign-in.js"></script>
</body>
</html>
`;

/** Signs in, then shows the token for use in a terminal. */
export const SIGN_IN_SCRIPT = `const form = document.querySelector('form');
const output = document.querySelector('output');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { email, name } = Object.fromEntries(new FormData(form));
  output.textContent = 'Signing in…';
  try {
    const response = await fetch('/api/local/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(name.trim() ? { email, name } : { email }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error.message);
    output.textContent = 'You are signed in. For a terminal, this is your token (12 hours):';
    const code = document.createElement('code');
    code.textContent = answer.token;
    output.append(code);
  } catch (error) {
    output.textContent = 'That did not work: ' + error.message;
  }
});
`;
