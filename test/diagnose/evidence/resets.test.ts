import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { forgedReset, isEndedByServer } from '../../../src/diagnose/evidence/resets.js';
import { at, connection, reset, sighting, type TcpOverrides } from '../../support/connections.js';

const byServer = (transport: TcpOverrides) =>
  connection({ phase: 'client-hello', ending: { by: 'server', how: 'reset', frame: 6 }, transport });

describe('a reset in the name of the server', () => {
  const openedIn = (seconds: number): TcpOverrides => {
    const synAck = sighting('server', 2, at(0.01 + seconds));
    return { synAck, synAcks: [synAck], client: { firstData: sighting('client', 4, at(0.02 + seconds)) } };
  };

  test('by the server itself', () => {
    const own = byServer({});
    assert.equal(forgedReset(own), null);
    assert.equal(isEndedByServer(own), true);
  });

  test('data of the server after it; a TTL that none of its packets has, however near', () => {
    const contradicted = byServer({ server: { dataAfterReset: sighting('server', 7) } });
    assert.deepEqual([forgedReset(contradicted)?.mark, forgedReset(contradicted)?.proof?.frame], ['data', 7]);
    assert.equal(isEndedByServer(contradicted), false);
    assert.equal(forgedReset(byServer({ resets: [reset({ ttl: 58 })] }))?.mark, 'ttl');
    assert.equal(forgedReset(byServer({ resets: [reset({ ttl: 58 })], server: { ttls: [57, 58] } })), null);
    assert.equal(forgedReset(byServer({ resets: [reset({ ttl: 58 })], server: { ttl: null, ttls: null } })), null);
  });

  test('a close without what the client sent again and again is no answer to that', () => {
    const resent = { client: { acknowledged: false, resentInVain: { bytes: 517, times: 6 } } };
    const closed = { phase: 'client-hello', ending: { by: 'server', how: 'close', frame: 6 } } as const;
    assert.equal(isEndedByServer(connection({ ...closed, transport: resent })), false);
    const later = { client: { resentInVain: { bytes: 7, times: 1, after: 600 } } };
    assert.equal(isEndedByServer(connection({ ...closed, transport: later })), true, 'it had the ClientHello');
    assert.equal(isEndedByServer(connection(closed)), true);
    assert.equal(isEndedByServer(byServer(resent)), true, 'a reset may answer it');
  });

  test('a FIN of the server long after it, not one that was captured late', () => {
    const closedIn = (seconds: number) =>
      byServer({ resets: [reset({ at: at(1) })], fins: [sighting('server', 9, at(1 + seconds))] });
    assert.deepEqual([forgedReset(closedIn(1))?.mark, forgedReset(closedIn(1))?.proof?.frame], ['fin', 9]);
    assert.equal(forgedReset(closedIn(0.001)), null);
    const ofClient = byServer({ resets: [reset({ at: at(1) })], fins: [sighting('client', 9, at(2))] });
    assert.equal(forgedReset(ofClient), null);
  });

  test('sooner than the server can have answered, where the capture shows how far it is', () => {
    const early = (roundTrip: number, after: number) =>
      byServer({
        ...openedIn(roundTrip),
        resets: [reset({ at: at(0.02 + roundTrip + after), acknowledgesData: true })],
      });
    const far = forgedReset(early(0.3, 0.007));
    assert.deepEqual([far?.mark, far?.roundTripMs, far?.afterMs?.toFixed(3)], ['early', 300, '7.000']);
    assert.equal(forgedReset(early(0.3, 0.299)), null);
    assert.equal(forgedReset(early(0.001, 0.0001)), null, 'next to the server');
  });

  test('a server may reset what it has just accepted, whatever came since', () => {
    const accepted = (after: number, isAboutData = false) =>
      byServer({
        ...openedIn(0.02),
        resets: [reset({ at: at(0.03 + after), ...(isAboutData ? { acknowledgesData: true as const } : {}) })],
      });
    // The ClientHello came 10 ms after the SYN-ACK.
    assert.equal(forgedReset(accepted(0.014)), null);
    assert.equal(forgedReset(accepted(0.014, true))?.mark, 'early', 'it answers the ClientHello');
    assert.equal(forgedReset(accepted(0.005))?.mark, 'early');
  });

  test('the first packet to a host may have waited for its address', () => {
    const resetAfter = (seconds: number, after: number) =>
      byServer({ ...openedIn(seconds), resets: [reset({ at: at(0.02 + seconds + after), acknowledgesData: true })] });
    assert.equal(forgedReset(resetAfter(0.048, 0.021)), null);
    assert.equal(forgedReset(resetAfter(1.02, 0.021)), null, 'no path takes a second');
  });

  test('a SYN-ACK that came twice is no measure', () => {
    const synAcks = [sighting('server', 2, at(0.3)), sighting('server', 3, at(1.3))];
    assert.equal(forgedReset(byServer({ synAck: synAcks[0]!, synAcks, resets: [reset({ at: at(0.041) })] })), null);
  });
});
