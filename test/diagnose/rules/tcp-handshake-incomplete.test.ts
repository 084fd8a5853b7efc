import { tcpHandshakeIncomplete } from '../../../src/diagnose/rules/tcp-handshake-incomplete.js';
import { at, connection, reset, sighting } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

/** The ClientHello is in frame 4; the SYN-ACK comes in these frames. */
const accepted = (...frames: readonly number[]) =>
  ({
    synAcks: frames.map((frame) => sighting('server', frame)),
    client: { acknowledged: false, retransmissions: 3 },
  }) as const;

/** The SYN comes in these frames, the SYN-ACK in 2 and 5. */
const asked = (...frames: readonly number[]) => ({
  syns: frames.map((frame) => sighting('client', frame)),
  synAck: sighting('server', 2),
  synAcks: [sighting('server', 2), sighting('server', 5)],
  client: { bytes: 0 },
});

const halfOpened = (...frames: readonly number[]) => ({ synAcks: frames.map((frame) => sighting('server', frame)) });
const halfOpen = {
  phase: 'tcp-connect',
  outcome: 'failed',
  clientHello: null,
  transport: {
    syns: [sighting('client', 1)],
    synAck: sighting('server', 2),
    client: { bytes: 0 },
    server: { bytes: 0, acknowledged: false },
  },
} as const;

testRule(tcpHandshakeIncomplete, {
  basis: 'fact',
  fires: [
    {
      name: 'the SYN-ACK comes again and again, and the ClientHello is never acknowledged',
      connection: connection({ phase: 'client-hello', transport: accepted(2, 6, 9) }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { times: 'twice' },
      frames: [2, 4, 6, 9],
    },
    {
      name: 'the SYN-ACK comes once more, a second after the ClientHello: the capture ends before another one',
      connection: connection({
        phase: 'client-hello',
        transport: { ...accepted(2), synAcks: [sighting('server', 2), { ...sighting('server', 6), at: at(1.02) }] },
      }),
      support: 'supported',
      explanation: 'explanation',
      data: { times: 'once' },
      frames: [2, 4, 6],
    },
    {
      name: 'the SYN comes again and again, although it was answered (at the server)',
      connection: connection({ phase: 'tcp-connect', outcome: 'failed', clientHello: null, transport: asked(1, 4, 6) }),
      support: 'confirmed',
      explanation: 'unheard',
      data: { times: '3 times' },
      frames: [1, 2, 4, 5, 6],
    },
    {
      name: 'the SYN-ACK comes again and again, and nothing but the SYN is there of the client (at the server)',
      connection: connection({ ...halfOpen, transport: { ...halfOpen.transport, ...halfOpened(2, 3, 4, 5) } }),
      support: 'open',
      explanation: 'halfOpen',
      data: { times: '4 times' },
      frames: [1, 2, 3, 4, 5],
    },
  ],
  silent: [
    {
      name: 'the SYN-ACK comes again for less than seven seconds',
      connection: connection({ ...halfOpen, transport: { ...halfOpen.transport, ...halfOpened(2, 3, 4) } }),
    },
    {
      name: 'a client that acknowledges the SYN-ACK each time, and has nothing to say yet',
      connection: connection({
        ...halfOpen,
        transport: { ...halfOpen.transport, ...halfOpened(2, 3, 4, 5), server: { bytes: 0, acknowledged: true } },
      }),
    },
    {
      name: 'the client resets what it did not ask for',
      connection: connection({
        ...halfOpen,
        transport: { ...halfOpen.transport, ...halfOpened(2, 3, 4, 5), resets: [reset({ frame: 6, from: 'client' })] },
      }),
    },
    {
      name: 'the SYN came once more, and crossed the answer',
      connection: connection({ phase: 'tcp-connect', outcome: 'failed', clientHello: null, transport: asked(1, 4) }),
    },
    {
      name: 'the SYN came again and again, and the ClientHello after all',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        transport: { ...asked(1, 3, 4), client: { bytes: 75 } },
      }),
    },
    {
      name: 'the SYN-ACK comes once more',
      connection: connection({ phase: 'client-hello', transport: accepted(2, 6) }),
    },
    {
      name: 'the SYN-ACK came again before the client answered',
      connection: connection({ phase: 'client-hello', transport: accepted(1, 2, 3) }),
    },
    {
      name: 'the ClientHello arrived in the end',
      connection: connection({
        phase: 'client-hello',
        transport: { ...accepted(2, 6, 9), client: { acknowledged: true } },
      }),
    },
    { name: 'the server answered', connection: connection({ phase: 'server-hello', transport: accepted(2, 6, 9) }) },
  ],
});
