import type { Connection, PlaintextWords, Side } from '../../src/connection/connection.js';
import type { Preamble } from '../../src/preamble/preamble.js';
import { expectsTls, plaintextProtocol, type PlaintextProtocol } from '../../src/preamble/plaintext.js';
import { at } from './connections.js';

/** A preamble that the server accepted. */
export function preamble(overrides: Partial<Preamble> = {}): Preamble {
  return {
    kind: 'smtp-starttls',
    target: null,
    originalClient: null,
    state: 'accepted',
    steps: [],
    reply: '220 go ahead',
    next: null,
    ...overrides,
  };
}

/** Plaintext of a side, in a frame. */
export function words(from: Side, frame: number, text: string): PlaintextWords {
  const bytes = Buffer.from(text, 'latin1');
  return {
    from,
    frame,
    at: at(frame / 100),
    text: text.split('\r\n', 1)[0] ?? '',
    protocol: plaintextProtocol(bytes, from),
    expectsTls: from === 'server' && expectsTls(bytes),
    demandsTls: false,
  };
}

/** What a server of the protocol says that serves clients over TLS only. */
export function demand(protocol: PlaintextProtocol, frame: number, text: string): PlaintextWords {
  return { ...words('server', frame, text), protocol, demandsTls: true };
}

/** What a connection has that never came to a ClientHello. */
export const BEFORE_TLS = {
  phase: 'preamble',
  outcome: 'failed',
  clientHello: null,
  messages: [],
} satisfies Partial<Connection>;
