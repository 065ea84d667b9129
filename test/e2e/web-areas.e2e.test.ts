import { describeAdmin } from '../web/admin-story';
import { describeFirstView } from '../web/first-view-story';
import { describeFrame } from '../web/frame-story';
import { describeMeetings } from '../web/meetings-story';
import { describeSchedules } from '../web/schedules-story';
import { describeSearch } from '../web/search-story';
import { describeSettings } from '../web/settings-story';
import { describeWebhooks } from '../web/webhooks-story';
import { expectOpenToAll, useWorld } from '../web/world';

const world = useWorld('web-areas', { OUTGOING_ALLOWED_HOSTS: '127.0.0.1' });

describeFrame(world);
describeMeetings(world);
describeFirstView(world);
describeSearch(world);
describeSettings(world);
describeWebhooks(world);
describeSchedules(world);
describeAdmin(world);

test.each([
  ['everybody', '/meetings'],
  ['everybody', '/meetings/new'],
  ['everybody', '/search?q=budget'],
  ['everybody', '/settings/profile'],
  ['everybody', '/settings/api-keys'],
  ['everybody', '/settings/webhooks'],
  ['everybody', '/settings/identities'],
  ['everybody', '/settings/usage'],
  ['everybody', '/settings/audit'],
  ['everybody', '/settings/account'],
  ['everybody', '/schedules'],
  ['everybody', '/schedules/new'],
  ['admin', '/admin/users'],
  ['admin', '/admin/meetings'],
  ['admin', '/admin/usage'],
  ['admin', '/admin/audit'],
])('%s finds no barrier on %s, and it fits', async (person, path) => {
  const opened = await world().openAs(person);
  await opened.page.goto(path);
  await opened.page.getByRole('heading', { name: /./ }).first().waitFor();
  await expectOpenToAll(opened);
});
