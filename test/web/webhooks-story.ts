import type { Page } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { startWebhookConsumer, type WebhookConsumer } from './webhook-consumer';
import { expectOpenToAll, type World } from './world';

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
      await addEndpoint(page, consumer.url);
      consumer.answer(500);
      await page.getByRole('button', { name: 'Send test event' }).click();
      await consumer.next();
      await page.getByText(/Not delivered/).waitFor();
      await page.getByLabel('Outcome').selectOption('Delivered');
      await page.getByText('No such deliveries').waitFor();
      consumer.answer(204);
    });

    test('get another secret, only some events, and are deleted', async () => {
      const { page } = await world().openAs('changer');
      await addEndpoint(page, consumer.url);
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

/** Makes an endpoint by the page and opens it. */
async function addEndpoint(page: Page, url: string): Promise<void> {
  await page.goto('/settings/webhooks');
  await page.getByRole('button', { name: 'New endpoint' }).click();
  await page.getByLabel('Address').fill(url);
  await page.getByRole('button', { name: 'Make endpoint' }).click();
  await page.getByRole('button', { name: 'I have copied it' }).click();
  await page.getByRole('link', { name: url }).click();
  await page.getByRole('button', { name: 'Send test event' }).waitFor();
}
