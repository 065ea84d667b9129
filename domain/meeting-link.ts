import type { Platform } from './platforms';

/** What a meeting link says: where to join, on which platform, and the secret apart from it. */
export interface MeetingLink {
  platform: Platform;
  /** The platform's own id of the meeting, normalised. */
  platformMeetingId: string;
  /** The link without passcode, fragment or tracking parameters. */
  url: string;
  passcode: string | null;
}

export type MeetingLinkProblem =
  | 'not_a_url'
  | 'not_https'
  | 'has_credentials'
  | 'private_address'
  | 'unknown_platform'
  | 'access_token_missing';

export type MeetingLinkResult =
  { ok: true; link: MeetingLink } | { ok: false; problem: MeetingLinkProblem; message: string };

export interface MeetingLinkOptions {
  /** Origin of the practice room, the one exception to https and public addresses. */
  practiceRoomOrigin?: string;
  /** Hosts besides meet.jit.si that serve Jitsi. */
  jitsiHosts?: readonly string[];
  /** Hosts besides meet.livekit.io that serve rooms as LiveKit Meet does. */
  livekitHosts?: readonly string[];
  /** What the link leads to, for hosts that do not tell it; those that do are believed first. */
  platform?: 'jitsi' | 'livekit';
  /** LiveKit's token for the room, which the address of a server needs. */
  accessToken?: string;
  /** Origins that `platform` may name although they are local or without encryption: for trials. */
  trustedOrigins?: readonly string[];
}

/** The shapes that are accepted, in words that go into the error for all others. */
export const ACCEPTED_LINK_SHAPES = [
  'https://meet.google.com/abc-defg-hij',
  'https://teams.microsoft.com/l/meetup-join/… (work or school)',
  'https://teams.microsoft.com/meet/<id>?p=<passcode>',
  'https://teams.live.com/meet/<id>?p=<passcode> (personal)',
  'https://<account>.zoom.us/j/<id>?pwd=<passcode>',
  'https://meet.jit.si/<room>',
  'https://<host>/<room> with platform "jitsi"',
  'https://meet.livekit.io/rooms/<room>',
  'https://<host>/rooms/<room> with platform "livekit"',
  'wss://<host> with platform "livekit" and an accessToken',
  'a link to this installation’s practice room',
] as const;

const MESSAGES: Record<MeetingLinkProblem, string> = {
  not_a_url: 'Expected a meeting link that starts with https://.',
  not_https: 'Expected a link that starts with https://.',
  has_credentials: 'Expected a link without a user name or password in front of the host.',
  private_address: 'Expected a link to a public address.',
  unknown_platform: `Expected one of: ${ACCEPTED_LINK_SHAPES.join('; ')}.`,
  access_token_missing: 'Expected an accessToken for the room: the address is that of a server.',
};

function refuse(problem: MeetingLinkProblem): MeetingLinkResult {
  return { ok: false, problem, message: MESSAGES[problem] };
}

/** Recognises a meeting link and takes its id and passcode from it. Looks nothing up. */
export function parseMeetingLink(
  text: string,
  options: MeetingLinkOptions = {},
): MeetingLinkResult {
  const url = parseUrl(text);
  if (!url) return refuse('not_a_url');
  if (url.username !== '' || url.password !== '') return refuse('has_credentials');
  if (options.practiceRoomOrigin && url.origin === new URL(options.practiceRoomOrigin).origin) {
    const link = parsePracticeRoom(url);
    return link ? { ok: true, link } : refuse('unknown_platform');
  }
  const isTrusted = isTrustedOrigin(url, options);
  if (!isTrusted && !isEncrypted(url, options)) return refuse('not_https');
  if (!isTrusted && isLocalHost(url.hostname)) return refuse('private_address');
  const link = parseByHost(url, options) ?? parseByPlatform(url, options);
  if (!link) return refuse('unknown_platform');
  const isServer = /^wss?:/.test(link.url);
  if (isServer && link.passcode === null) return refuse('access_token_missing');
  return { ok: true, link };
}

function isTrustedOrigin(url: URL, { platform, trustedOrigins = [] }: MeetingLinkOptions): boolean {
  return platform !== undefined && trustedOrigins.some((one) => new URL(one).origin === url.origin);
}

function isEncrypted(url: URL, { platform }: MeetingLinkOptions): boolean {
  return url.protocol === 'https:' || (url.protocol === 'wss:' && platform === 'livekit');
}

/** Platforms that are known by their host. Each is reached at the usual port. */
function parseByHost(url: URL, options: MeetingLinkOptions): MeetingLink | null {
  if (url.port !== '' || url.protocol !== 'https:') return null;
  const { jitsiHosts = [], livekitHosts = [] } = options;
  return (
    parseGoogleMeet(url) ??
    parseTeams(url) ??
    parseZoom(url) ??
    (['meet.jit.si', ...jitsiHosts].includes(url.hostname) ? parseJitsi(url) : null) ??
    (['meet.livekit.io', ...livekitHosts].includes(url.hostname) ? parseLivekitRoom(url) : null)
  );
}

const TAKEN_HOSTS =
  /(^|\.)(meet\.google\.com|teams\.microsoft\.com|teams\.cloud\.microsoft|teams\.live\.com|zoom\.us|zoomgov\.com|meet\.jit\.si|meet\.livekit\.io)$/;

/** Self-hosted servers, at any port: the caller says what they are. */
function parseByPlatform(url: URL, options: MeetingLinkOptions): MeetingLink | null {
  if (TAKEN_HOSTS.test(url.hostname)) return null;
  if (options.platform === 'jitsi') return parseJitsi(url);
  if (options.platform !== 'livekit') return null;
  if (/^wss?:$/.test(url.protocol)) return parseLivekitServer(url, options.accessToken);
  return parseLivekitRoom(url);
}

function parseUrl(text: string): URL | null {
  const trimmed = text.trim();
  const withScheme = /^[a-z][a-z0-9+.-]*:/i.test(trimmed) ? trimmed : `https://${trimmed}`;
  return URL.canParse(withScheme) ? new URL(withScheme) : null;
}

/**
 * Any literal address and any name without a public suffix is refused: every platform below is
 * reached by a well-known public name, so no literal address can be a meeting.
 */
function isLocalHost(hostname: string): boolean {
  if (hostname.startsWith('[') || /^[0-9.]+$/.test(hostname)) return true;
  return !hostname.includes('.') || /\.(local|localhost|internal|lan|home|arpa)\.?$/.test(hostname);
}

function parsePracticeRoom(url: URL): MeetingLink | null {
  const room = /^\/r\/([A-Za-z0-9_-]{1,64})\/?$/.exec(url.pathname)?.[1];
  if (!room) return null;
  return {
    platform: 'custom',
    platformMeetingId: room,
    url: `${url.origin}/r/${room}`,
    passcode: null,
  };
}

function parseGoogleMeet(url: URL): MeetingLink | null {
  if (url.hostname !== 'meet.google.com') return null;
  const code = /^\/([a-z]{3}-?[a-z]{4}-?[a-z]{3})\/?$/i.exec(url.pathname)?.[1];
  if (!code) return null;
  const letters = code.replaceAll('-', '').toLowerCase();
  const id = `${letters.slice(0, 3)}-${letters.slice(3, 7)}-${letters.slice(7)}`;
  return {
    platform: 'google_meet',
    platformMeetingId: id,
    url: `https://meet.google.com/${id}`,
    passcode: null,
  };
}

const TEAMS_WORK_HOSTS = ['teams.microsoft.com', 'teams.cloud.microsoft'];

function parseTeams(url: URL): MeetingLink | null {
  const isWork = TEAMS_WORK_HOSTS.includes(url.hostname);
  if (!isWork && url.hostname !== 'teams.live.com') return null;
  const short = /^\/meet\/([0-9A-Za-z]{6,40})\/?$/.exec(url.pathname)?.[1];
  if (short) {
    return {
      platform: 'teams',
      platformMeetingId: short,
      url: `https://${url.hostname}/meet/${short}`,
      passcode: url.searchParams.get('p'),
    };
  }
  if (!isWork) return null;
  return parseTeamsThreadLink(url);
}

/** Long links carry the thread in the path and tenant and organiser in `context`. */
function parseTeamsThreadLink(url: URL): MeetingLink | null {
  const match = /^\/l\/meetup-join\/([^/]+)(?:\/(\d+))?\/?$/.exec(url.pathname);
  if (!match?.[1]) return null;
  const thread = safeDecode(match[1]);
  if (thread === null || !/^19:[A-Za-z0-9_.=-]+@thread\.(v2|tacv2|skype)$/.test(thread))
    return null;
  const clean = new URL(`https://${url.hostname}/l/meetup-join/${match[1]}/${match[2] ?? '0'}`);
  const context = url.searchParams.get('context');
  if (context) clean.searchParams.set('context', context);
  return {
    platform: 'teams',
    platformMeetingId: thread,
    url: clean.href,
    passcode: null,
  };
}

function safeDecode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function parseZoom(url: URL): MeetingLink | null {
  if (!/(^|\.)(zoom\.us|zoomgov\.com)$/.test(url.hostname)) return null;
  const id =
    /^\/(?:j|w|s)\/(\d{9,12})\/?$/.exec(url.pathname)?.[1] ??
    /^\/wc\/(?:join\/)?(\d{9,12})(?:\/(?:join|start))?\/?$/.exec(url.pathname)?.[1];
  if (!id) return null;
  return {
    platform: 'zoom',
    platformMeetingId: id,
    url: `https://${url.hostname}/j/${id}`,
    passcode: url.searchParams.get('pwd'),
  };
}

function parseJitsi(url: URL): MeetingLink | null {
  const room = /^\/((?:[^/?#]+\/)?[^/?#]+)\/?$/.exec(url.pathname)?.[1];
  if (!room) return null;
  return {
    platform: 'jitsi',
    platformMeetingId: `${room}@${url.host}`,
    url: `${url.origin}/${room}`,
    passcode: null,
  };
}

/** A room of LiveKit Meet. Its fragment is the passphrase of an encrypted room. */
function parseLivekitRoom(url: URL): MeetingLink | null {
  const room = /^\/rooms\/([^/?#]+)\/?$/.exec(url.pathname)?.[1];
  if (!room) return null;
  return {
    platform: 'livekit',
    platformMeetingId: `${room}@${url.host}`,
    url: `${url.origin}/rooms/${room}`,
    passcode: url.hash.length > 1 ? url.hash.slice(1) : null,
  };
}

/** Which room it is, only the token says. */
function parseLivekitServer(url: URL, accessToken: string | undefined): MeetingLink {
  const path = url.pathname.replace(/\/+$/, '');
  return {
    platform: 'livekit',
    platformMeetingId: `${url.host}${path}`,
    url: `${url.protocol}//${url.host}${path}`,
    passcode: accessToken ?? null,
  };
}
