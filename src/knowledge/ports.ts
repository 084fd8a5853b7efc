/** Ports on which servers speak TLS from the first byte (IANA Service Names). */
export const TLS_PORTS: ReadonlySet<number> = new Set([
  443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 2195, 2196, 3269, 5061, 5223, 5671, 6514, 6697, 8443, 8883,
  9093, 9443,
]);
