import type { Page } from 'playwright-core';
import type { MeetingView, PersonInCall } from '../platform';
import { selectorOf, type Sign } from '../signs';
import { readCallPage, type CallPage } from './call-page';
import { openChat, openPanel } from './chat';
import type { GOOGLE_MEET_SIGNS } from './signs';

type Signs = typeof GOOGLE_MEET_SIGNS;
type Call = Pick<Extract<MeetingView, { state: 'in_meeting' }>, 'isConnected' | 'people' | 'chat'>;

/** A meeting may have no chat, or no list of people; asking again and again would only flicker. */
const PANEL_TRIES = 3;

/**
 * What is known of the call from one look to the next. Meet shows one side panel at a time: the chat
 * stays open, and the list of people is opened when the number of people has changed, since tiles
 * show only some of them.
 */
export class CallWatch {
  hasBeenIn = false;
  isMicrophoneWanted = false;
  #rows: PersonInCall[] = [];
  #countOfRows: number | null = null;
  #peopleFailures = 0;
  #chatFailures = 0;

  constructor(private readonly table: Signs) {}

  async look(page: Page): Promise<Call> {
    if (!this.hasBeenIn) await this.#arrive(page);
    let call = await readCallPage(page, this.table);
    if (!call.rows && this.#hasChanged(call) && this.#peopleFailures < PANEL_TRIES) {
      call = await this.#openPeople(page, call);
    }
    this.#keepRows(call);
    if (!call.isChatOpen && this.#chatFailures < PANEL_TRIES)
      call = await this.#openChat(page, call);
    const said = this.table.connectionLost.text.map((text) => text.toLowerCase());
    return {
      isConnected: call.isOnline && !said.some((text) => call.alerts.includes(text)),
      people: this.#mergePeople(call),
      chat: call.chat,
    };
  }

  /** Devices can come up after the lobby: nothing is sent that nobody asked for. */
  async #arrive(page: Page): Promise<void> {
    this.hasBeenIn = true;
    if (!this.isMicrophoneWanted) await switchOff(page, this.table.microphoneIsOn);
    await switchOff(page, this.table.cameraIsOn);
  }

  #hasChanged({ count, tiles }: CallPage): boolean {
    return this.#countOfRows === null || this.#countOfRows !== (count ?? tiles.length);
  }

  async #openPeople(page: Page, call: CallPage): Promise<CallPage> {
    try {
      await openPanel(page, selectorOf(this.table.peopleButton), selectorOf(this.table.peopleList));
      this.#peopleFailures = 0;
      return await readCallPage(page, this.table);
    } catch (error) {
      if (page.isClosed()) throw error;
      this.#peopleFailures += 1;
      return call;
    }
  }

  #keepRows({ rows, count, tiles }: CallPage): void {
    if (!rows) return;
    this.#rows = rows;
    this.#countOfRows = count ?? tiles.length;
  }

  async #openChat(page: Page, call: CallPage): Promise<CallPage> {
    try {
      await openChat(page, this.table);
      this.#chatFailures = 0;
      return await readCallPage(page, this.table);
    } catch (error) {
      if (page.isClosed()) throw error;
      this.#chatFailures += 1;
      return call;
    }
  }

  /** Tiles tell a new name at once; the list tells who is the host, and of those without a tile. */
  #mergePeople(call: CallPage): PersonInCall[] {
    const isListTrue = !this.#hasChanged(call);
    const rows = new Map((call.rows ?? this.#rows).map((row) => [row.key, row]));
    const people = new Map(isListTrue || call.tiles.length === 0 ? rows : []);
    for (const tile of call.tiles) {
      const row = rows.get(tile.key);
      people.set(tile.key, {
        ...tile,
        name: tile.name || (row?.name ?? ''),
        isHost: row?.isHost ?? false,
        isSelf: tile.isSelf || (row?.isSelf ?? false),
      });
    }
    return [...people.values()].filter(({ name }) => name !== '');
  }
}

async function switchOff(page: Page, isOn: Sign): Promise<void> {
  const button = page.locator(selectorOf(isOn)).first();
  if ((await button.count()) > 0) await button.dispatchEvent('click');
}
