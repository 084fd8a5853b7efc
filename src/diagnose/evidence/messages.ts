import type { HandshakeMessage } from '../../connection/connection.js';
import type { Party, Phrase, Value } from '../../message.js';
import { phrase } from '../phrases.js';

/** A handshake message as in the RFCs: `ClientHello`. */
export function messageName(type: string): string {
  return type.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** What two points of a path show of a packet: a message, or an encrypted record. */
export function messageBetween(type: string): Value {
  return type === 'encrypted_record' ? phrase('encryptedRecord') : messageName(type);
}

/** A message that may be encrypted, to follow "its". */
export function messageValue({ type, encrypted }: HandshakeMessage): Value {
  return encrypted ? phrase('encryptedMessage') : messageName(type);
}

/** A message that a side received: `the server's ServerHello`, or an encrypted record. */
export function messagePhrase({ type, encrypted }: HandshakeMessage, peer: Party): Phrase {
  return encrypted ? phrase('encryptedMessageOf', { peer }) : phrase('messageOf', { message: messageName(type), peer });
}
