/** The style of shared pages, on any screen, in light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --line: #d8dbe2; --ink: #17191f; --soft: #5c6270;
  --page: #f4f5f7; --card: #fff; --accent: #3454d1; }
@media (prefers-color-scheme: dark) { :root { --line: #343843; --ink: #eceef3; --soft: #a0a6b4;
  --page: #14161b; --card: #1d2027; --accent: #8ea2ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; overflow-wrap: anywhere; }
main { max-width: 720px; margin: 0 auto; padding: 32px 20px 48px; }
header { margin-bottom: 24px; }
h1 { margin: 0 0 4px; font-size: 26px; line-height: 1.25; }
h2 { margin: 28px 0 8px; font-size: 18px; }
h3 { margin: 20px 0 4px; font-size: 15px; color: var(--accent); }
p { margin: 0; }
ul { margin: 0; padding-left: 20px; }
li + li { margin-top: 4px; }
.soft { color: var(--soft); font-size: 14px; }
.card { padding: 20px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
.card h2:first-child { margin-top: 0; }
.said { display: flex; gap: 12px; padding: 3px 0; }
.said time { flex: none; min-width: 62px; color: var(--soft); font-size: 13px; line-height: 25px;
  font-variant-numeric: tabular-nums; }
.said span { flex: 1; min-width: 0; }
.gap { margin: 14px 0; padding: 8px 12px; color: var(--soft); font-size: 14px; font-style: italic;
  border: 1px dashed var(--line); border-radius: 8px; }
footer { margin-top: 40px; padding-top: 16px; border-top: 1px solid var(--line); }
@media print { body { background: none; } .card { border-color: #ccc; } }
`;
