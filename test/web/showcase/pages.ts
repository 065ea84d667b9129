import type { Page } from 'playwright-core';
import type { Showcase } from './seed';

/** A page of the product as it is looked at. */
export interface ShownPage {
  name: string;
  path: (showcase: Showcase) => string;
  /** The API serves it, not the page. */
  isOfApi?: boolean;
  /** Its server writes what month it is, so that no other clock may be given to it. */
  isOfNow?: boolean;
  /** Nobody is signed in. */
  isOpen?: boolean;
  /** What is looked at was opened on the page, and loads scripts of its own by then. */
  isOpened?: boolean;
  /** What brings it into the state that is shown, and waits for it. */
  prepare: (page: Page) => Promise<unknown>;
}

const heading = (name: string | RegExp) => (page: Page) =>
  page.getByRole('heading', { name }).first().waitFor();

const text = (words: string | RegExp) => (page: Page) => page.getByText(words).first().waitFor();

/** On narrow screens the panel is behind a button. */
const tab = (name: string, words: string | RegExp) => async (page: Page) => {
  await page.getByText('Good morning everyone').first().waitFor();
  const details = page.getByRole('button', { name: 'Details' });
  if (await details.isVisible()) await details.click();
  await page.getByRole('tab', { name }).click();
  await page.getByText(words).last().waitFor();
};

/** A dialog that a button of a page opens. */
const dialog = (button: string) => async (page: Page) => {
  await page.getByText('Good morning everyone').first().waitFor();
  await page.getByRole('button', { name: button, exact: true }).click();
  await page.getByRole('dialog').waitFor();
};

const meeting = ({ meetingId }: Showcase): string => `/meetings/${meetingId}`;

/** Every page that people use. */
export const PAGES: readonly ShownPage[] = [
  { name: 'sign-in', path: () => '/sign-in', isOpen: true, prepare: heading(/./) },
  { name: 'sign-up', path: () => '/sign-up', isOpen: true, prepare: heading(/./) },
  { name: 'meetings', path: () => '/meetings', prepare: text('Sales sync') },
  {
    name: 'palette',
    path: () => '/meetings',
    isOpened: true,
    prepare: async (page) => {
      await text('Sales sync')(page);
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'meeting', path: meeting, prepare: text('Good morning everyone') },
  { name: 'meeting-people', path: meeting, prepare: tab('People', /spoke/) },
  { name: 'meeting-timeline', path: meeting, prepare: tab('Timeline', 'Attempt 2') },
  { name: 'meeting-chat', path: meeting, prepare: tab('Chat', /The numbers/) },
  {
    name: 'meeting-notes',
    path: meeting,
    prepare: async (page) => {
      await tab('Notes', 'Notes')(page);
      await page.getByLabel('Your notes').waitFor();
    },
  },
  { name: 'meeting-share', path: meeting, isOpened: true, prepare: dialog('Share') },
  { name: 'meeting-export', path: meeting, isOpened: true, prepare: dialog('Export') },
  {
    name: 'meeting-live',
    path: ({ liveId }) => `/meetings/${liveId}`,
    prepare: text('Last point'),
  },
  {
    name: 'meeting-failed',
    path: ({ failedId }) => `/meetings/${failedId}`,
    prepare: heading('Call with Northwind'),
  },
  {
    name: 'new-meeting',
    path: () => '/meetings/new',
    prepare: (page) => page.getByLabel('Meeting link').waitFor(),
  },
  {
    name: 'record',
    path: () => '/record',
    prepare: (page) => page.getByRole('button', { name: 'Start recording' }).waitFor(),
  },
  {
    name: 'search',
    path: () => '/search?q=budget',
    prepare: (page) => page.locator('mark').first().waitFor(),
  },
  { name: 'schedules', path: () => '/schedules', prepare: text('Board') },
  {
    name: 'schedule',
    path: ({ scheduleId }) => `/schedules/${scheduleId}`,
    prepare: heading('Product weekly'),
  },
  {
    name: 'edit-schedule',
    path: ({ scheduleId }) => `/schedules/${scheduleId}/edit`,
    prepare: (page) => page.getByLabel('Meeting link').waitFor(),
  },
  {
    name: 'new-schedule',
    path: () => '/schedules/new',
    prepare: (page) => page.getByLabel('Meeting link').waitFor(),
  },
  {
    name: 'edit-schedule',
    path: ({ scheduleId }) => `/schedules/${scheduleId}/edit`,
    prepare: (page) => page.getByLabel('Meeting link').waitFor(),
  },
  {
    name: 'profile',
    path: () => '/settings/profile',
    prepare: (page) => page.getByLabel('Bot name').waitFor(),
  },
  { name: 'api-keys', path: () => '/settings/api-keys', prepare: text('Weekly report') },
  { name: 'webhooks', path: () => '/settings/webhooks', prepare: text('Notes into the wiki') },
  {
    name: 'webhook',
    path: ({ endpointId }) => `/settings/webhooks/${endpointId}`,
    prepare: text('meeting.completed'),
  },
  { name: 'identities', path: () => '/settings/identities', prepare: text('notes@example.org') },
  { name: 'usage', path: () => '/settings/usage', isOfNow: true, prepare: heading('Usage') },
  { name: 'audit', path: () => '/settings/audit', prepare: text('share.created') },
  { name: 'account', path: () => '/settings/account', prepare: heading('Account') },
  { name: 'admin-users', path: () => '/admin/users', prepare: text('Priya Raghunathan') },
  { name: 'admin-user', path: ({ userId }) => `/admin/users/${userId}`, prepare: heading(/Maya/) },
  { name: 'admin-meetings', path: () => '/admin/meetings', prepare: heading('Meetings') },
  {
    name: 'admin-usage',
    path: () => '/admin/usage',
    isOfNow: true,
    prepare: heading('Usage'),
  },
  { name: 'admin-audit', path: () => '/admin/audit', prepare: text('share.created') },
  { name: 'not-found', path: () => '/nowhere', prepare: heading(/./) },
  {
    name: 'share',
    path: ({ sharePath }) => sharePath,
    isOpen: true,
    isOfApi: true,
    prepare: text('Good morning everyone'),
  },
];
