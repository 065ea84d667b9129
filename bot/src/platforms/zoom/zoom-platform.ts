import type { Frame, Page } from 'playwright-core';
import type { JoinRequest, MeetingPlatform, MeetingView } from '../platform';
import { overrideSigns, readSigns, type SignOverrides } from '../signs';
import { settleIn, turnMicrophone, type Settling } from './call-controls';
import { sendToChat } from './chat';
import { findClient, press } from './client-frame';
import { letWebAudioBeHeard } from './hear-web-audio';
import { dropHearsay, findEnd, interpretOutside, isCallShown, type Visit } from './interpret';
import { makeClientUrl } from './join-url';
import { makeRoom } from './make-room';
import { clearWay, passPreview } from './prejoin';
import { readCall, readLastSpeakers, readSpeaking, type CallPage } from './read-call';
import { RosterKeys } from './roster-keys';
import { listReadable, ZOOM_SIGNS, type ZoomSigns } from './signs';

const OPEN_TIMEOUT_MS = 15_000;
const LINK_RETRY_MS = 5_000;
const LEAVE_TIMEOUT_MS = 2_500;
/** Where Zoom's client goes when a meeting is over. */
const AWAY = /^\/(?:wc(?:\/(?:leave|home)\b.*)?|postattendee)\/?$/;

/** Zoom's web client, as the page itself or in the frame of Zoom's web app. */
export function createZoomPlatform(
  changes?: SignOverrides[string],
  { linkRetryMs = LINK_RETRY_MS } = {},
): MeetingPlatform {
  const table: ZoomSigns = overrideSigns(ZOOM_SIGNS, changes);
  const guest = new ZoomGuest(table, linkRetryMs);
  return {
    table,
    sound: { tracks: 'mixed', readSpeaking, readLastSpeakers },
    join: (page, request) => guest.join(page, request),
    observe: (page) => guest.observe(page),
    leave: (page) => leave(page, table),
    sendChat: async (page, text) =>
      sendToChat(page, await findClient(page, table), { table, text }),
    setMicrophone: async (page, isOn) => {
      guest.settling.isMicrophoneWanted = isOn;
      await turnMicrophone(await findClient(page, table), table, isOn);
    },
  };
}

/** One visit of the bot, with what its earlier looks have shown. */
class ZoomGuest {
  readonly settling: Settling = {
    isMicrophoneWanted: false,
    hasReadChat: false,
    videoTries: 0,
    audioTriedAtMs: -Infinity,
  };
  private request: JoinRequest | null = null;
  private roster = new RosterKeys('');
  private hasBeenIn = false;
  private linkInvalidSinceMs: number | null = null;
  private isReturning = false;

  constructor(
    private readonly table: ZoomSigns,
    private readonly linkRetryMs: number,
  ) {}

  async join(page: Page, request: JoinRequest): Promise<void> {
    this.request = request;
    this.roster = new RosterKeys(request.botName);
    await letWebAudioBeHeard(page);
    // Zoom asks in dialogs of its own for what the browser has not granted before.
    await page.context().grantPermissions(['microphone']);
    await page.goto(makeClientUrl(request.url, request.joinToken), {
      waitUntil: 'domcontentloaded',
      timeout: OPEN_TIMEOUT_MS,
    });
    await passPreview(page, this.table, request);
  }

  async observe(page: Page): Promise<MeetingView> {
    const frame = await findClient(page, this.table);
    const [shown, call] = await Promise.all([
      readSigns(frame, listReadable(this.table)),
      readCall(frame, this.table, this.roster.keysByName),
    ]);
    const isInCall = isCallShown(shown);
    const signs = isInCall ? dropHearsay(shown, this.table, call.dialogs) : shown;
    if (!isInCall && AWAY.test(new URL(page.url()).pathname)) signs.add('awayAddress');
    this.hasBeenIn ||= isInCall;
    const end = findEnd(signs, this.describeVisit(signs));
    if (end) return end;
    const isLost = signs.has('reconnecting') || signs.has('disconnected');
    if (isInCall) {
      await makeRoom(page, call);
      return this.describeCall(frame, call, { signs: [...signs], isConnected: !isLost });
    }
    if (this.hasBeenIn && isLost) return this.makeCallView([...signs], false, []);
    return this.observeOutside(page, frame, signs);
  }

  private async describeCall(
    frame: Frame,
    call: CallPage,
    { signs, isConnected }: { signs: string[]; isConnected: boolean },
  ): Promise<MeetingView> {
    this.roster.update(call);
    // What cannot be arranged now may be later; what was seen stays true.
    await settleIn(frame, { table: this.table, call, settling: this.settling }).catch(
      () => undefined,
    );
    const own = this.request?.botName ?? null;
    const chat = call.chat.map((line) => (line.from === 'You' ? { ...line, from: own } : line));
    return this.makeCallView(signs, isConnected, chat);
  }

  private makeCallView(signs: string[], isConnected: boolean, chat: CallPage['chat']): MeetingView {
    return { state: 'in_meeting', signs, isConnected, people: this.roster.people, chat };
  }

  private async observeOutside(
    page: Page,
    frame: Frame,
    signs: ReadonlySet<string>,
  ): Promise<MeetingView> {
    const view = interpretOutside(signs, this.describeVisit(signs));
    if (view.state === 'joining' || view.state === 'unclear') {
      await clearWay(frame, this.table, signs).catch(() => undefined);
    }
    if (signs.has('linkInvalidText')) this.tryLinkAgain(page);
    return view;
  }

  /** Nothing on that page changes by itself once the host has started the meeting. */
  private tryLinkAgain(page: Page): void {
    if (this.isReturning || !this.request) return;
    const { request } = this;
    this.isReturning = true;
    setTimeout(() => {
      page
        .reload({ waitUntil: 'domcontentloaded', timeout: OPEN_TIMEOUT_MS })
        .then(() => passPreview(page, this.table, request))
        // What became of it is seen by the next look.
        .catch(() => undefined)
        .finally(() => (this.isReturning = false));
    }, this.linkRetryMs).unref();
  }

  private describeVisit(signs: ReadonlySet<string>): Visit {
    if (!signs.has('linkInvalidText')) {
      // A page that is just being loaded again says nothing yet.
      if (!this.isReturning) this.linkInvalidSinceMs = null;
    } else this.linkInvalidSinceMs ??= performance.now();
    return {
      hasBeenIn: this.hasBeenIn,
      isSignedIn: this.request?.isSignedIn ?? false,
      isPasscodeGiven: this.request?.passcode !== null,
      linkInvalidMs:
        this.linkInvalidSinceMs === null ? 0 : performance.now() - this.linkInvalidSinceMs,
    };
  }
}

async function leave(page: Page, table: ZoomSigns): Promise<void> {
  const frame = await findClient(page, table);
  if (!(await press(frame, table.leaveButton))) {
    await press(frame, table.leaveWaitingButton);
    return;
  }
  await frame.waitForSelector(table.leaveConfirm.css.join(', '), { timeout: LEAVE_TIMEOUT_MS });
  await press(frame, table.leaveConfirm);
  await frame
    .waitForSelector(table.leaveButton.css.join(', '), {
      state: 'detached',
      timeout: LEAVE_TIMEOUT_MS,
    })
    // The frame is gone with the call.
    .catch(() => undefined);
}
