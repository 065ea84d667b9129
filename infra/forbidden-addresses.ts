import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Public by their numbers, and yet not for users; the filtering agent knows all others. */
const FORBIDDEN = new BlockList();
/** Where Azure's machines get their settings. */
FORBIDDEN.addAddress('168.63.129.16', 'ipv4');
/** IPv6 but for 2000::/3, the only part that is given out: IPv4 written in other ways, NAT64, inner networks. */
FORBIDDEN.addSubnet('::', 3, 'ipv6');
FORBIDDEN.addSubnet('4000::', 2, 'ipv6');
FORBIDDEN.addSubnet('8000::', 1, 'ipv6');

/** Whether a host is an address, with or without brackets, that must not be called. */
export function isForbiddenAddress(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '');
  const family = isIP(address);
  return family !== 0 && FORBIDDEN.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** Resolves names as `lookup` does, and fails when one of the addresses must not be called. */
export function forbidAddresses(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      const found = typeof address === 'string' ? [address] : (address ?? []).map(toAddress);
      const forbidden = found.find(isForbiddenAddress);
      if (error || forbidden === undefined) callback(error, address, family);
      else callback(new Error(`The address ${forbidden} is not allowed`), '', 0);
    });
  };
}

function toAddress({ address }: { address: string }): string {
  return address;
}
