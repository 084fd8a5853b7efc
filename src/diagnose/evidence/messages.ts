/** A handshake message as the RFCs write it: `ClientHello`; what encryption hides is `an encrypted record`. */
export function messageName(type: string): string {
  if (type === 'encrypted_record') return 'an encrypted record';
  return type.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
