/** A handshake message as the RFCs write it: `ClientHello`. */
export function messageName(type: string): string {
  return type.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
