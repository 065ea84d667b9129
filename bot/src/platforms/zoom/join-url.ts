/** Invite, start and webinar links; the number is the meeting's. */
const INVITE = /^\/(?:j|s|w)\/(\d{9,11})\/?$/;
const PERSONAL = /^\/my\/([\w.-]+)\/?$/;

/**
 * The address of the web client for an invite link, on the host of the link: Zoom sends it on from
 * there to the host that serves the meeting. Of Zoom's tokens the web client takes `tk`, which a
 * registration gives; ZAK and OBF tokens are for its SDKs only, a browser's page ignores them.
 */
export function makeClientUrl(link: string, joinToken: string | null): string {
  const url = new URL(link);
  const meeting = INVITE.exec(url.pathname)?.[1];
  const name = PERSONAL.exec(url.pathname)?.[1];
  if (meeting) url.pathname = `/wc/${meeting}/join`;
  else if (name) url.pathname = `/wc/my/${name}`;
  url.hash = '';
  if (joinToken) url.searchParams.set('tk', joinToken);
  return url.href;
}
