import type { Page } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { startWebhookConsumer, type WebhookConsumer } from './webhook-consumer';
import { expectClean, expectOpenToAll, type World } from './world';

export function describeWebhooks(world: () => World): void {
  describe('webhooks', () => {
    let consumer: WebhookConsumer;
    beforeAll(async () => {
      consumer = await startWebhookConsumer();
    });
    afterAll(() => consumer.close());

    test('reach a consumer with a test event, signed by the secret that was shown', async () => {
      const opened = await world().openAs('integrator');
      const { page } = opened;
      await page.goto('/settings/webhooks');
      await page.getByRole('button', { name: 'New endpoint' }).click();
      await page.getByLabel('Address').fill('hooks');
      await page.getByRole('button', { name: 'Make endpoint' }).click();
      await page.getByText('Enter the address that takes the events').waitFor();
      await page.getByLabel('Address').fill(consumer.url);
      await page.getByLabel('Description').fill('The house’s own');
      await page.getByRole('button', { name: 'Make endpoint' }).click();
      const shown = page.getByRole('textbox', { name: 'The endpoint’s secret' });
      await shown.waitFor();
      const secret = await shown.inputValue();
      await page.getByRole('button', { name: 'I have copied it' }).click();
      await page.getByRole('link', { name: consumer.url }).click();
      await page.getByRole('button', { name: 'Send test event' }).click();
      const { body, headers } = await consumer.next();
      expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: 'webhook.test' });
      const row = page.getByRole('button', { name: /webhook\.test/ });
      await row.click();
      await page.getByRole('region', { name: 'Request' }).getByText('webhook-id').waitFor();
      await page.getByRole('region', { name: 'Response' }).getByText('204').waitFor();
      await expectOpenToAll(opened);
    });

    test('say what an endpoint answered, and that it fails', async () => {
      const { page } = await world().openAs('debugger');
      await addEndpoint(page, consumer);
      consumer.answer(500);
      await page.getByRole('button', { name: 'Send test event' }).click();
      await consumer.next();
      await page.getByText(/Not delivered/).waitFor();
      await page.getByLabel('Outcome').selectOption('Delivered');
      await page.getByText('No such deliveries').waitFor();
      consumer.answer(204);
    });

    test('of one meeting replay a stretch of it, and send a single message again', async () => {
      const opened = await world().openAs('repeater');
      const { page, userId } = opened;
      const { meetingId } = await world().speak(userId, 'Standup', ['First.', 'Second.']);
      const meeting = `${world().platform.webUrl}/meetings/${meetingId}`;
      await addEndpoint(page, { url: consumer.url, meeting });
      await page.getByText(`Meeting ${meetingId} only`).waitFor();
      await page.getByRole('button', { name: 'Actions' }).click();
      await page.getByRole('menuitem', { name: 'Replay a meeting' }).click();
      const dialog = page.getByRole('dialog');
      expect(await dialog.getByLabel('Meeting number').inputValue()).toBe(String(meetingId));
      await dialog.getByLabel('From seq').fill('2');
      await dialog.getByLabel('To seq').fill('2');
      await dialog.getByRole('button', { name: 'Replay' }).click();
      await page.getByText('Events 2 to 2 are sent again').waitFor();
      const first = await consumer.next();
      expect(first.body).toContain('Second.');
      expect(first.body).not.toContain('First.');
      await page.getByRole('button', { name: /transcript\.segment/ }).click();
      await page.getByText('seq 2', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Send again' }).click();
      const again = await consumer.next();
      expect(again.headers['webhook-id']).toBe(first.headers['webhook-id']);
      expect(again.body).toContain('Second.');
      const rows = page.getByRole('list', { name: 'Deliveries' }).getByRole('listitem');
      await rows.nth(1).waitFor();
      expectClean(opened);
    });

    test('say at its field that a meeting is none of one’s own', async () => {
      const { page } = await world().openAs('outsider');
      await page.goto('/settings/webhooks');
      await page.getByRole('button', { name: 'New endpoint' }).click();
      await page.getByLabel('Address').fill(consumer.url);
      await page.getByLabel('Meeting', { exact: true }).fill('the standup');
      await page.getByRole('button', { name: 'Make endpoint' }).click();
      await page.getByText('Enter the address of a meeting’s page').waitFor();
      await page.getByLabel('Meeting', { exact: true }).fill('1000000');
      await page.getByRole('button', { name: 'Make endpoint' }).click();
      await page.getByRole('dialog').getByRole('alert').waitFor();
    });

    test('get another secret, only some events, and are deleted', async () => {
      const { page } = await world().openAs('changer');
      await addEndpoint(page, consumer);
      const act = async (name: string) => {
        await page.getByRole('button', { name: 'Actions' }).click();
        await page.getByRole('menuitem', { name }).click();
      };
      await act('New secret');
      await page.getByRole('alertdialog').getByRole('button', { name: 'New secret' }).click();
      await page.getByRole('textbox', { name: 'The endpoint’s secret' }).waitFor();
      await page.getByText(/old secret’s signature as well/).waitFor();
      await page.getByRole('button', { name: 'I have copied it' }).click();
      await act('Change');
      await page.getByLabel('Events').click();
      await page.getByRole('option', { name: 'Only these' }).click();
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Choose at least one kind of event.').waitFor();
      await page.getByText('Analyses', { exact: true }).click();
      await page.getByText('analysis.*').click();
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('definition').filter({ hasText: 'analysis.*' }).waitFor();
      await act('Delete');
      await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
      await page.waitForURL('**/settings/webhooks');
      await page.getByText('No endpoints yet').waitFor();
    });
  });
}

interface EndpointWishes {
  url: string;
  /** The address of a meeting's page, or its number. */
  meeting?: string;
}

/** Makes an endpoint by the page and opens it. */
async function addEndpoint(page: Page, { url, meeting }: EndpointWishes): Promise<void> {
  await page.goto('/settings/webhooks');
  await page.getByRole('button', { name: 'New endpoint' }).click();
  await page.getByLabel('Address').fill(url);
  if (meeting) await page.getByLabel('Meeting', { exact: true }).fill(meeting);
  await page.getByRole('button', { name: 'Make endpoint' }).click();
  await page.getByRole('button', { name: 'I have copied it' }).click();
  await page.getByRole('link', { name: url }).click();
  await page.getByRole('button', { name: 'Send test event' }).waitFor();
}
