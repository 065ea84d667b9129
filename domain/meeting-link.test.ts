import { ACCEPTED_LINK_SHAPES, parseMeetingLink, type MeetingLinkOptions } from './meeting-link';

const OPTIONS: MeetingLinkOptions = {
  practiceRoomOrigin: 'http://127.0.0.1:8004',
  jitsiHosts: ['meet.acme.example'],
  livekitHosts: ['rooms.acme.example'],
};

const parse = (text: string, more: MeetingLinkOptions = {}) => {
  const result = parseMeetingLink(text, { ...OPTIONS, ...more });
  return result.ok ? result.link : result.problem;
};

describe('parseMeetingLink', () => {
  test.each([
    ['https://meet.google.com/abc-defg-hij', 'abc-defg-hij'],
    ['https://meet.google.com/ABC-DEFG-HIJ?authuser=1&hs=122#x', 'abc-defg-hij'],
    ['https://meet.google.com/abcdefghij/', 'abc-defg-hij'],
    ['meet.google.com/abc-defg-hij', 'abc-defg-hij'],
    ['  https://MEET.GOOGLE.COM/abc-defg-hij  ', 'abc-defg-hij'],
  ])('knows %s as Google Meet', (text, id) => {
    expect(parse(text)).toEqual({
      platform: 'google_meet',
      platformMeetingId: id,
      url: `https://meet.google.com/${id}`,
      passcode: null,
    });
  });

  const THREAD = '19%3ameeting_NjY3%40thread.v2';
  test('knows a Teams link of work or school by its thread, and keeps its context', () => {
    const context = encodeURIComponent('{"Tid":"t","Oid":"o"}');
    const link = parse(
      `https://teams.microsoft.com/l/meetup-join/${THREAD}/0?context=${context}&utm_source=mail`,
    );
    expect(link).toMatchObject({
      platform: 'teams',
      platformMeetingId: '19:meeting_NjY3@thread.v2',
      passcode: null,
    });
    expect(link).toHaveProperty('url', expect.stringContaining('context='));
    expect(link).toHaveProperty('url', expect.not.stringContaining('utm_source'));
  });

  test.each([
    ['https://teams.live.com/meet/9312345678901?p=aBcD', 'teams.live.com', '9312345678901'],
    [
      'https://teams.microsoft.com/meet/2345678901234?p=aBcD',
      'teams.microsoft.com',
      '2345678901234',
    ],
    [
      'https://teams.cloud.microsoft/meet/2345678901234?p=aBcD',
      'teams.cloud.microsoft',
      '2345678901234',
    ],
  ])('takes id and passcode from %s', (text, host, id) => {
    expect(parse(text)).toEqual({
      platform: 'teams',
      platformMeetingId: id,
      url: `https://${host}/meet/${id}`,
      passcode: 'aBcD',
    });
  });

  test.each([
    ['https://acme.zoom.us/j/98765432101?pwd=Zm9v.1', 'acme.zoom.us', 'Zm9v.1'],
    ['https://us02web.zoom.us/wc/join/98765432101?pwd=a', 'us02web.zoom.us', 'a'],
    ['https://zoom.us/wc/98765432101/join', 'zoom.us', null],
    ['https://agency.zoomgov.com/j/98765432101', 'agency.zoomgov.com', null],
  ])('takes id and passcode from %s', (text, host, passcode) => {
    expect(parse(text)).toEqual({
      platform: 'zoom',
      platformMeetingId: '98765432101',
      url: `https://${host}/j/98765432101`,
      passcode,
    });
  });

  test.each([
    ['https://meet.jit.si/TeamStandup#config.x=1', 'meet.jit.si', 'TeamStandup'],
    ['https://meet.jit.si/tenant/Room?jwt=secret', 'meet.jit.si', 'tenant/Room'],
    ['https://meet.acme.example/Room', 'meet.acme.example', 'Room'],
  ])('knows %s as Jitsi, without what is not the room', (text, host, room) => {
    expect(parse(text)).toEqual({
      platform: 'jitsi',
      platformMeetingId: `${room}@${host}`,
      url: `https://${host}/${room}`,
      passcode: null,
    });
  });

  test.each([
    ['https://jitsi.club.example/Weekly#config.x=1', 'jitsi.club.example', 'Weekly'],
    ['https://jitsi.club.example:8443/team/Weekly', 'jitsi.club.example:8443', 'team/Weekly'],
  ])('takes %s for Jitsi when told so', (text, host, room) => {
    expect(parse(text, { platform: 'jitsi' })).toEqual({
      platform: 'jitsi',
      platformMeetingId: `${room}@${host}`,
      url: `https://${host}/${room}`,
      passcode: null,
    });
    expect(parse(text)).toBe('unknown_platform');
  });

  test.each([
    ['https://meet.livekit.io/rooms/ab12-cd34?hq=true', {}, 'meet.livekit.io'],
    ['https://rooms.acme.example/rooms/ab12-cd34/', {}, 'rooms.acme.example'],
    ['https://x.example:3000/rooms/ab12-cd34', { platform: 'livekit' }, 'x.example:3000'],
  ] as const)('knows %s as a LiveKit room', (text, more, host) => {
    expect(parse(text, more)).toEqual({
      platform: 'livekit',
      platformMeetingId: `ab12-cd34@${host}`,
      url: `https://${host}/rooms/ab12-cd34`,
      passcode: null,
    });
  });

  test('takes the passphrase of an encrypted LiveKit room out of the link', () => {
    expect(parse('https://meet.livekit.io/rooms/ab12-cd34#pass')).toMatchObject({
      url: 'https://meet.livekit.io/rooms/ab12-cd34',
      passcode: 'pass',
    });
  });

  test('takes the address of a LiveKit server with the token for the room', () => {
    const more = { platform: 'livekit', accessToken: 'a.b.c' } as const;
    const link = { platform: 'livekit', passcode: 'a.b.c' };
    expect(parse('wss://acme.livekit.cloud/', more)).toEqual({
      ...link,
      platformMeetingId: 'acme.livekit.cloud',
      url: 'wss://acme.livekit.cloud',
    });
    expect(parse('wss://sfu.acme.example:7443/lk?x=1', more)).toEqual({
      ...link,
      platformMeetingId: 'sfu.acme.example:7443/lk',
      url: 'wss://sfu.acme.example:7443/lk',
    });
  });

  test.each([
    ['wss://acme.livekit.cloud', { platform: 'livekit' }, 'access_token_missing'],
    ['wss://acme.livekit.cloud', {}, 'not_https'],
    ['wss://acme.livekit.cloud', { platform: 'jitsi' }, 'not_https'],
    ['ws://acme.livekit.cloud', { platform: 'livekit', accessToken: 'x' }, 'not_https'],
    ['http://jitsi.club.example/Weekly', { platform: 'jitsi' }, 'not_https'],
    ['wss://10.0.0.7:7880', { platform: 'livekit', accessToken: 'x' }, 'private_address'],
    ['wss://localhost:7880', { platform: 'livekit', accessToken: 'x' }, 'private_address'],
    ['https://127.0.0.1/Weekly', { platform: 'jitsi' }, 'private_address'],
    ['https://jitsi.internal/Weekly', { platform: 'jitsi' }, 'private_address'],
    ['https://zoom.us/signin', { platform: 'jitsi' }, 'unknown_platform'],
    ['https://meet.jit.si:8443/Weekly', { platform: 'jitsi' }, 'unknown_platform'],
    ['https://x.example/ab12-cd34', { platform: 'livekit' }, 'unknown_platform'],
  ] as const)('refuses %s with %j: %s', (text, more, problem) => {
    expect(parse(text, more)).toBe(problem);
  });

  test('believes a host that tells what it serves more than the caller', () => {
    expect(parse('https://meet.google.com/abc-defg-hij', { platform: 'jitsi' })).toHaveProperty(
      'platform',
      'google_meet',
    );
  });

  test('takes local addresses without encryption from trusted origins only', () => {
    const trust = { trustedOrigins: ['ws://127.0.0.1:7880', 'http://127.0.0.1:9000'] };
    const livekit = { ...trust, platform: 'livekit', accessToken: 'x' } as const;
    expect(parse('ws://127.0.0.1:7880', livekit)).toHaveProperty('url', 'ws://127.0.0.1:7880');
    expect(parse('http://127.0.0.1:9000/rooms/a', livekit)).toHaveProperty(
      'url',
      'http://127.0.0.1:9000/rooms/a',
    );
    expect(parse('http://127.0.0.1:9000/a', { ...trust, platform: 'jitsi' })).toHaveProperty(
      'url',
      'http://127.0.0.1:9000/a',
    );
    expect(parse('ws://127.0.0.1:7881', livekit)).toBe('not_https');
    expect(parse('http://127.0.0.1:9000/a', trust)).toBe('not_https');
  });

  test('knows the practice room, the only one that may be local and without https', () => {
    expect(parse('http://127.0.0.1:8004/r/standup?name=x')).toEqual({
      platform: 'custom',
      platformMeetingId: 'standup',
      url: 'http://127.0.0.1:8004/r/standup',
      passcode: null,
    });
  });

  test.each([
    ['http://127.0.0.1:8005/r/standup', 'not_https'],
    ['http://localhost:8004/r/standup', 'not_https'],
    ['http://127.0.0.1:8004/admin', 'unknown_platform'],
    ['http://127.0.0.1:8004/r/../admin', 'unknown_platform'],
    ['http://me@127.0.0.1:8004/r/standup', 'has_credentials'],
  ])('knows %s as no practice room: %s', (text, problem) => {
    expect(parse(text)).toBe(problem);
  });

  test.each([
    'https://user:secret@meet.google.com/abc-defg-hij',
    'https://user@meet.google.com/abc-defg-hij',
    'https://meet.google.com@evil.example/abc-defg-hij',
    'https://meet.google.com%40x:y@evil.example/',
  ])('refuses credentials in %s', (text) => {
    expect(parse(text)).toBe('has_credentials');
  });

  test.each([
    'https://127.0.0.1/abc',
    'https://10.1.2.3/j/98765432101',
    'https://169.254.169.254/latest/meta-data',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://[::1]/abc',
    'https://[::ffff:10.0.0.1]/abc',
    'https://[fd00::1]/abc',
    'https://localhost/abc',
    'https://intranet/abc',
    'https://meet.google.com.local/abc-defg-hij',
    'https://vault.internal/abc',
    'https://router.home.arpa/',
    'https://⑫7.0.0.1/',
  ])('refuses the internal address %s', (text) => {
    expect(parse(text)).toBe('private_address');
  });

  test.each([
    'https://meet.google.com.evil.example/abc-defg-hij',
    'https://evilmeet.google.com.example/abc-defg-hij',
    'https://xmeet.google.com/abc-defg-hij',
    'https://notzoom.us/j/98765432101',
    'https://zoom.us.evil.example/j/98765432101',
    'https://evilzoomgov.com/j/98765432101',
    'https://meet.gооgle.com/abc-defg-hij',
    'https://meet。google。com.evil.example/abc-defg-hij',
    'https://meet.google.com/landing',
    'https://meet.google.com/abc-defg-hij/../../admin',
    'https://teams.microsoft.com/l/meetup-join/%E0%A4%A/0',
    'https://teams.microsoft.com/l/meetup-join/not-a-thread/0',
    'https://teams.microsoft.com/l/meetup-join/19%3A%00%40thread.v2/0',
    'https://meet.google.com:8443/abc-defg-hij',
    'https://teams.live.com/l/meetup-join/19%3ameeting_x%40thread.v2/0',
    'https://zoom.us/j/123',
    'https://zoom.us/signin',
    'https://meet.jit.si/',
    'https://example.com/abc-defg-hij',
  ])('does not take %s for a meeting', (text) => {
    expect(parse(text)).toBe('unknown_platform');
  });

  test('takes the full-width spelling of a host as browsers do', () => {
    expect(parse('https://ｍｅｅｔ.google.com/abc-defg-hij')).toHaveProperty(
      'url',
      'https://meet.google.com/abc-defg-hij',
    );
  });

  test.each([
    ['', 'not_a_url'],
    ['   ', 'not_a_url'],
    ['https://', 'not_a_url'],
    ['not a link', 'not_a_url'],
    ['http://meet.google.com/abc-defg-hij', 'not_https'],
    ['ftp://meet.google.com/abc-defg-hij', 'not_https'],
    ['javascript:alert(1)', 'not_https'],
    ['file:///etc/passwd', 'not_https'],
    ['data:text/html,hi', 'not_https'],
  ])('refuses %j: %s', (text, problem) => {
    expect(parse(text)).toBe(problem);
  });

  test('lists the accepted shapes when the platform is unknown', () => {
    const result = parseMeetingLink('https://example.com/x', OPTIONS);
    for (const shape of ACCEPTED_LINK_SHAPES) {
      expect(result).toHaveProperty('message', expect.stringContaining(shape));
    }
  });
});
