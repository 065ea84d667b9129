import { describeSearch } from '../web/search-story';
import { describeSettings } from '../web/settings-story';
import { describeWebhooks } from '../web/webhooks-story';
import { expectOpenToAll, useWorld } from '../web/world';

const world = useWorld('web-areas', { OUTGOING_ALLOWED_HOSTS: '127.0.0.1' });

describeSearch(world);
describeSettings(world);
describeWebhooks(world);

test.each([
  '/search?q=budget',
  '/settings/profile',
  '/settings/api-keys',
  '/settings/webhooks',
  '/settings/identities',
  '/settings/usage',
  '/settings/audit',
  '/settings/account',
])('%s has no barrier and fits', async (path) => {
  const opened = await world().openAs('everybody');
  await opened.page.goto(path);
  await opened.page.getByRole('heading', { level: 2 }).first().waitFor();
  await expectOpenToAll(opened);
});
