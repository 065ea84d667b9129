/** The style of shared pages, on any screen, in light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --line: #e5e5ea; --ink: #17181c; --soft: #5b5d68;
  --page: #fff; --card: #f8f8f9; --accent: #4352cf; --on-accent: #fff; --accent-soft: #eef0ff; }
@media (prefers-color-scheme: dark) { :root { --line: #272930; --ink: #ecedf1; --soft: #a0a3af;
  --page: #101114; --card: #1a1b20; --accent: #9aa6ff; --on-accent: #101114; --accent-soft: #20233f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); -webkit-font-smoothing: antialiased;
  font: 16px/1.6 Inter, system-ui, -apple-system, "Segoe UI", sans-serif; overflow-wrap: anywhere; }
main { max-width: 720px; margin: 0 auto; padding: 48px 20px 64px; }
.brand { display: flex; align-items: center; gap: 8px; margin-bottom: 32px; font-weight: 600;
  letter-spacing: -0.015em; }
.brand svg { width: 24px; height: 24px; fill: var(--accent); }
.brand g { fill: var(--on-accent); }
header { margin-bottom: 28px; }
h1 { margin: 0 0 4px; font-size: 26px; line-height: 1.25; letter-spacing: -0.02em; text-wrap: balance; }
h2 { margin: 24px 0 6px; font-size: 14px; color: var(--soft); }
h3 { margin: 22px 0 2px; font-size: 14px; color: var(--accent); }
p { margin: 0; }
ul { margin: 0; padding-left: 20px; }
li { text-wrap: pretty; }
.at { display: inline-block; margin-left: 4px; padding: 0 6px; border-radius: 4px; line-height: 24px;
  background: var(--accent-soft); color: var(--accent); font-size: 12px; font-weight: 500;
  font-variant-numeric: tabular-nums; text-decoration: none; }
.at:hover { text-decoration: underline; }
li + li { margin-top: 6px; }
.soft { color: var(--soft); font-size: 14px; }
.card { padding: 20px 24px; background: var(--card); border: 1px solid var(--line);
  border-radius: 12px; font-size: 15px; }
.card h2:first-child { margin-top: 0; }
.said { display: flex; gap: 12px; padding: 3px 8px; margin: 0 -8px; border-radius: 6px;
  text-wrap: pretty; scroll-margin-top: 40vh; }
.said:target { background: var(--accent-soft); }
.said time { flex: none; min-width: 62px; color: var(--soft); font-size: 13px; line-height: 26px;
  font-variant-numeric: tabular-nums; }
.said span { flex: 1; min-width: 0; }
.gap { margin: 14px 0; padding: 8px 12px; color: var(--soft); font-size: 14px;
  border: 1px dashed var(--line); border-radius: 8px; }
footer { margin-top: 40px; padding-top: 16px; border-top: 1px solid var(--line); }
@media (max-width: 480px) { .said { display: block; } .said time { margin-right: 8px; } }
@media print { body { background: none; } .card { border-color: #ccc; } }
`;
