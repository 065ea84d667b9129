import net from 'node:net';
import { assertPortFree, findFreePorts, readPorts } from './ports';

describe('readPorts', () => {
  test('takes the default where a setting is absent or blank', () => {
    expect(readPorts({ API_PORT: ' ', REDIS_PORT: '7000' })).toMatchObject({
      api: 8000,
      redis: 7000,
    });
  });

  test.each(['abc', '0', '65536', '80.5'])('refuses %s and names the setting', (text) => {
    expect(() => readPorts({ API_PORT: text })).toThrow(`API_PORT`);
  });
});

describe('findFreePorts', () => {
  test('finds different ones that no connection of this machine is given', async () => {
    const ports = Object.values(await findFreePorts());
    expect(new Set(ports).size).toBe(ports.length);
    for (const port of ports) {
      expect(port).toBeGreaterThanOrEqual(12_000);
      expect(port).toBeLessThan(32_000);
    }
  });
});

describe('assertPortFree', () => {
  test('names the port and its setting when another program has it', async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;

    await expect(assertPortFree('redis', port)).rejects.toThrow(
      new RegExp(`Port ${port} of Redis is taken .* REDIS_PORT`),
    );

    await new Promise((resolve) => server.close(resolve));
    await expect(assertPortFree('redis', port)).resolves.toBeUndefined();
  });
});
