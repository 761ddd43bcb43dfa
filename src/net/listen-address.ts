/** Addresses of the `bind` directive as a socket wants them. */

export interface ListenAddress {
  readonly host: string;
  readonly ipv6: boolean;
  /** A leading `-`: an address that this machine does not have is passed over. */
  readonly optional: boolean;
}

/** `*` and `::*` stand for all addresses of their family; IPv6 ones never take IPv4 connections too. */
export function parseBind(addresses: readonly string[]): ListenAddress[] {
  return addresses
    .filter((address) => address !== '')
    .map((text) => {
      const optional = text.startsWith('-');
      const address = optional ? text.slice(1) : text;
      if (address === '*') return { host: '0.0.0.0', ipv6: false, optional };
      if (address === '::*') return { host: '::', ipv6: true, optional };
      return { host: address, ipv6: address.includes(':'), optional };
    });
}
