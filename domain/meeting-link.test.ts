import { ACCEPTED_LINK_SHAPES, parseMeetingLink, type MeetingLinkOptions } from './meeting-link';

const OPTIONS: MeetingLinkOptions = {
  practiceRoomOrigin: 'http://127.0.0.1:8004',
  jitsiHosts: ['meet.acme.example'],
};

const parse = (text: string) => {
  const result = parseMeetingLink(text, OPTIONS);
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
