import { createAddressGuard } from './address-guard';

const names: Record<string, string[]> = {
  'meet.example.org': ['203.0.114.7', '2606:4700::1'],
  'inside.example.org': ['10.1.2.3'],
  'half.example.org': ['203.0.114.7', '192.168.0.1'],
};
const guard = createAddressGuard({
  allowedOrigins: ['http://127.0.0.1:8004'],
  resolve: (host) => Promise.resolve(names[host] ?? []),
});

describe('a link', () => {
  test.each([
    'https://meet.example.org/abc',
    'https://8.8.8.8/abc',
    'http://127.0.0.1:8004/r/room',
    'ws://127.0.0.1:8004',
    'https://name-without-address.example.org/',
    'about:blank',
  ])('%s may be opened', async (url) => {
    expect(await guard.mayOpen(url)).toBe(true);
  });

  test.each([
    'http://127.0.0.1:8000/',
    'http://0x7f.1/',
    'https://127.0.0.1:8004/r/room',
    'http://169.254.169.254/latest/meta-data',
    'http://168.63.129.16/',
    'http://100.100.100.200/',
    'http://[::1]/',
    'http://[fd00:ec2::254]/',
    'http://[::ffff:10.0.0.1]/',
    'http://[64:ff9b::a00:1]/',
    'http://0.0.0.0/',
    'https://inside.example.org/',
    'https://half.example.org/',
    'file:///etc/passwd',
    'chrome://settings',
  ])('%s is refused', async (url) => {
    expect(await guard.mayOpen(url)).toBe(false);
  });
});
