import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hasClosedBefore, type Connection, type Side } from '../../src/connection/connection.js';
import { ACK, FIN, RST, SYN } from '../../src/packet/packet.js';
import { be16, concat } from '../support/captures.js';
import {
  connectionsOf,
  conversation,
  type Conversation,
  type Segment,
  type TcpConnectionFacts,
} from '../support/conversation.js';
import { recordedConnections } from '../support/recorded.js';
import {
  alert,
  applicationData,
  certificate,
  changeCipherSpec,
  clientHello,
  encrypted,
  extension,
  handshake,
  helloRetryRequest,
  message,
  serverHello,
  serverHello13,
  serverHelloDone,
  tls13Extensions,
  TYPE,
  vector16,
} from '../support/tls.js';
import { said } from '../support/notices.js';

function one(segments: readonly Segment[]): TcpConnectionFacts {
  const [connection, ...others] = connectionsOf(segments);
  assert.ok(connection);
  assert.equal(others.length, 0);
  return connection;
}

async function recorded(sample: string): Promise<TcpConnectionFacts> {
  const [connection, ...others] = await recordedConnections(sample);
  assert.ok(connection);
  assert.equal(others.length, 0);
  return connection;
}

const verdict = ({ outcome, phase, ending }: Connection): unknown[] => [outcome, phase, ending.by, ending.how];
const noteCodes = ({ notes }: Connection): string[] => notes.map(({ code }) => code);

/** A conversation that is open. */
function opened(options: Parameters<typeof conversation>[0] = {}): Conversation {
  const talk = conversation(options);
  talk.open();
  return talk;
}

const hello = handshake(clientHello());
const flight12 = handshake(serverHello(), certificate(1000), serverHelloDone);
const finished = concat(changeCipherSpec, encrypted(TYPE.handshake, 40));
const answer12 = concat(handshake(message(16, new Uint8Array(66))), finished);
const flight13 = concat(handshake(serverHello13), changeCipherSpec, applicationData(1200));
const finished13 = concat(changeCipherSpec, applicationData(53));

/** A handshake of TLS 1.2 up to its end. */
function handshake12(talk: Conversation): void {
  talk.say('client', hello);
  talk.say('server', flight12);
  talk.say('client', answer12);
  talk.say('server', finished);
}

/** A handshake of TLS 1.3 up to the client's answer. */
function hellos13(talk: Conversation): void {
  talk.say('client', hello);
  talk.say('server', flight13);
}

describe('real stacks', () => {
  test('TLS 1.2 that works', async () => {
    const connection = await recorded('tls12-success.pcap');
    assert.deepEqual(verdict(connection), ['established', 'application-data', 'server', 'close']);
    assert.deepEqual(connection.server, { address: '198.51.100.20', port: 443 });
    assert.equal(connection.protocol, 'tls');
    assert.equal(connection.clientHello?.recordVersion, 'TLS 1.0');
    assert.deepEqual(
      [connection.serverHello?.version, connection.serverHello?.group, connection.serverHello?.resumed],
      ['TLS 1.2', 'x25519', false],
    );
    assert.equal(connection.serverCertificates.length, 2);
    assert.deepEqual(
      connection.messages.map(({ from, type }) => `${from} ${type}`),
      [
        'client client_hello',
        'server server_hello',
        'server certificate',
        'server server_key_exchange',
        'server server_hello_done',
        'client client_key_exchange',
        'client encrypted_handshake',
        'server encrypted_handshake',
      ],
    );
    assert.deepEqual(
      connection.alerts.map(({ from, encrypted: isEncrypted, inferred }) => [from, isEncrypted, inferred]),
      [['client', true, false]],
    );
    assert.deepEqual(connection.notes, []);
  });

  test('TLS 1.3 that works, over IPv6', async () => {
    const connection = await recorded('tls13-success.pcap');
    assert.deepEqual(verdict(connection), ['established', 'application-data', 'server', 'close']);
    assert.equal(connection.client.address, '2001:db8:1::10');
    assert.equal(connection.server.address, '2001:db8:2::20');
    assert.equal(connection.serverHello?.version, 'TLS 1.3');
    assert.deepEqual(connection.serverCertificates, [], 'they are hidden');
    // The good-byes, which the sizes of their records betray.
    assert.deepEqual(
      connection.alerts.map(({ from, name, inferred }) => [from, name, inferred]),
      [
        ['server', null, true],
        ['client', null, true],
      ],
    );
    const { serverHelloMs, handshakeMs } = connection.timing;
    assert.ok(serverHelloMs !== null && handshakeMs !== null && handshakeMs > serverHelloMs);
  });

  test('failures are where and as far as they got', async () => {
    const expected: Readonly<Record<string, Connection['phase']>> = {
      'certificate-rejected-go.pcap': 'server-certificate',
      'certificate-rejected-java.pcap': 'server-certificate',
      'certificate-expired-tls13.pcap': 'server-certificate',
      'certificate-expired-curl.pcap': 'server-certificate',
      'client-certificate-missing-tls13.pcap': 'finished',
      'client-certificate-untrusted.pcap': 'finished',
      'protocol-version-close-notify.pcap': 'client-hello',
      'connection-reset.pcap': 'client-hello',
      'closed-without-alert.pcap': 'client-hello',
      'server-silent.pcap': 'client-hello',
      'tcp-connection-refused.pcap': 'tcp-connect',
      'tcp-connection-timeout.pcap': 'tcp-connect',
    };
    for (const [sample, phase] of Object.entries(expected)) {
      const connection = await recorded(sample);
      assert.deepEqual([connection.outcome, connection.phase], ['failed', phase], sample);
    }
  });

  test('alerts of TLS 1.3 are inferred from their size: 19 bytes, or 35 as Java pads them', async () => {
    for (const [sample, length] of [
      ['certificate-rejected-go.pcap', 19],
      ['certificate-rejected-java.pcap', 35],
    ] as const) {
      const connection = await recorded(sample);
      const last = connection.encryptedRecords.findLast(({ from }) => from === 'client');
      const [first] = connection.alerts;
      assert.deepEqual(
        [first?.from, first?.frame, first?.inferred, first?.encrypted, first?.name, first?.level],
        ['client', last?.frame, true, true, null, null],
      );
      assert.equal(last?.length, length);
    }
  });

  test('the client certificate, and what the server asked for', async () => {
    const connection = await recorded('client-certificate-untrusted.pcap');
    assert.equal(connection.clientCertificates.length, 1);
    assert.ok((connection.certificateRequest?.certificateAuthorities.length ?? 0) > 0);
    assert.match(connection.certificateRequest?.certificateAuthorities[0] ?? '', /CN=/);
    assert.deepEqual(
      connection.alerts.map(({ from, name, level }) => [from, name, level]),
      [['server', 'unknown_ca', 'fatal']],
    );
  });
});

describe('TLS 1.2', () => {
  test('is established with the Finished of both sides', () => {
    const talk = opened();
    handshake12(talk);
    assert.deepEqual(verdict(one(talk.segments)), ['established', 'finished', 'none', 'none']);
  });

  test('is not established without the Finished of the server', () => {
    const talk = opened();
    handshake12(talk);
    talk.lose();
    talk.fin('server');
    assert.deepEqual(verdict(one(talk.segments)), ['incomplete', 'finished', 'server', 'close'], 'it was sent');
    const without = opened();
    without.say('client', hello);
    without.say('server', flight12);
    without.say('client', answer12);
    without.fin('server');
    assert.deepEqual(verdict(one(without.segments)), ['failed', 'finished', 'server', 'close']);
  });

  test('a request for TLS that is refused has not failed where the capture ends with it: the client may go on without', () => {
    const talk = opened({ serverPort: 5432 });
    talk.say('client', Uint8Array.of(0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f));
    talk.say('server', Uint8Array.of(0x4e));
    assert.equal(one(talk.segments).outcome, 'incomplete');
    talk.fin('client');
    assert.equal(one(talk.segments).outcome, 'failed');
  });

  test('what the snapshot length cut off failed if nothing of the answer ever arrived', () => {
    const cutTo = 30;
    const asked = (): Conversation => {
      const talk = opened();
      talk.say('client', hello, { cut: hello.length - cutTo });
      talk.ack('server');
      return talk;
    };
    const answer = (talk: Conversation, sequence?: number): Segment =>
      talk.say('server', flight12, { cut: flight12.length - cutTo, ...(sequence === undefined ? {} : { sequence }) });
    const lost = asked();
    const { sequence } = answer(lost);
    for (const wait of [0.2, 0.4, 0.8]) {
      lost.pass(wait);
      answer(lost, sequence);
    }
    assert.equal(one(lost.segments).outcome, 'failed');
    const arrived = one([...lost.segments, lost.ack('client')]);
    assert.equal(arrived.outcome, 'incomplete');
    const late = asked();
    answer(late);
    late.fin('client');
    assert.equal(one(late.segments).outcome, 'incomplete');
  });

  test('the server ended the handshake, though the snapshot length cut off what the client said', () => {
    const asked = (): Conversation => {
      const talk = opened();
      talk.say('client', hello, { cut: 4 });
      return talk;
    };
    const closed = asked();
    closed.fin('server');
    assert.deepEqual(verdict(one(closed.segments)), ['failed', 'client-hello', 'server', 'close']);
    const reset = asked();
    reset.reset('server');
    assert.deepEqual(verdict(one(reset.segments)), ['failed', 'client-hello', 'server', 'reset']);
    const left = asked();
    left.fin('client');
    assert.equal(one(left.segments).outcome, 'incomplete', 'it may be the client that is done');
    const answered = asked();
    answered.say('server', flight12, { cut: 40 });
    answered.fin('server');
    assert.equal(one(answered.segments).outcome, 'incomplete', 'the rest may be an alert');
    const agreed = opened();
    hellos13(agreed);
    agreed.say('client', concat(changeCipherSpec, applicationData(25), applicationData(69)), { cut: 40 });
    agreed.say('server', applicationData(19));
    agreed.fin('server');
    assert.equal(one(agreed.segments).outcome, 'incomplete', 'what is cut off may be a Finished');
  });

  test('one encrypted record with the size of an alert, behind hellos that the snapshot length cut off, is no data', () => {
    const talk = opened();
    talk.say('client', hello, { cut: hello.length - 30 });
    talk.say('server', flight12, { cut: flight12.length - 30 });
    talk.say('client', Uint8Array.of(20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 19, ...new Uint8Array(19)));
    talk.fin('client');
    assert.equal(one(talk.segments).outcome, 'incomplete');
  });

  test('a proxy that refuses has failed where the capture ends with it, but not one that wants a log-in first', () => {
    const refused = (reply: string) => {
      const talk = opened({ serverPort: 3128 });
      talk.say('client', 'CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n');
      talk.say('server', `HTTP/1.1 ${reply}\r\n\r\n`);
      return talk;
    };
    assert.equal(one(refused('403 Forbidden').segments).outcome, 'failed');
    const talk = refused('407 Proxy Authentication Required');
    assert.equal(one(talk.segments).outcome, 'incomplete');
    talk.fin('client');
    assert.equal(one(talk.segments).outcome, 'failed');
  });

  test('a server that demands TLS does so in vain only where the capture shows that a side ends the connection', () => {
    const talk = opened({ serverPort: 25 });
    talk.say('server', '220 mx ESMTP\r\n');
    talk.say('client', 'EHLO a\r\n');
    talk.say('server', '250-mx\r\n250 STARTTLS\r\n');
    talk.say('client', 'MAIL FROM:<a@b>\r\n');
    talk.say('server', '530 5.7.0 Must issue a STARTTLS command first\r\n');
    const demands = () =>
      one(talk.segments).plaintext.map(({ protocol, demandsTls }) => (demandsTls ? protocol : null));
    assert.deepEqual(demands(), [null, null, null]);
    talk.fin('client');
    assert.deepEqual(demands(), [null, null, 'smtp']);
  });

  test('plaintext that the server answers with an alert has failed, whatever its level', () => {
    const talk = opened();
    talk.say('client', new TextEncoder().encode('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
    talk.say('server', alert(1, 0));
    talk.reset('server');
    assert.equal(one(talk.segments).outcome, 'failed');
  });

  test('has not failed where the capture lacks what a side said before it closed the connection: perhaps an alert', () => {
    const talk = opened();
    talk.say('client', hello);
    talk.say('server', alert(2, 40));
    talk.lose();
    talk.fin('server');
    assert.deepEqual(verdict(one(talk.segments)), ['incomplete', 'client-hello', 'server', 'close']);
  });

  test('is established with the data of a client that does not wait (False Start, RFC 7918)', () => {
    const talk = opened();
    handshake12(talk);
    talk.lose();
    talk.say('client', applicationData(100));
    assert.deepEqual(verdict(one(talk.segments)), ['established', 'application-data', 'none', 'none']);
  });

  test('has failed where the server refuses the flight of a client that did not wait for its Finished', () => {
    const talk = opened();
    talk.say('client', hello);
    talk.say('server', flight12);
    talk.say('client', concat(answer12, applicationData(100)));
    talk.say('server', alert(2, 40));
    talk.fin('server');
    assert.equal(one(talk.segments).outcome, 'failed');
    const left = opened();
    left.say('client', hello);
    left.say('server', flight12);
    left.say('client', concat(answer12, applicationData(100)));
    left.fin('client');
    assert.equal(one(left.segments).outcome, 'established', 'nothing shows that it failed');
  });

  test('that resumes a session has no certificate, and says so', () => {
    const talk = opened();
    talk.say('client', hello);
    talk.say('server', concat(handshake(serverHello()), finished));
    talk.say('client', finished);
    const connection = one(talk.segments);
    assert.equal(connection.outcome, 'established');
    assert.equal(connection.serverHello?.resumed, true);
    const full = opened();
    handshake12(full);
    assert.equal(one(full.segments).serverHello?.resumed, false);
  });

  test('takes as long as to the later Finished, and no renegotiation adds to it', () => {
    const talk = opened({ time: 10, interval: 0.01 });
    handshake12(talk);
    talk.say('client', applicationData(20));
    talk.pass(60);
    talk.say('client', encrypted(TYPE.handshake, 200));
    const { timing } = one(talk.segments);
    assert.deepEqual(timing, { tcpConnectMs: 10, serverHelloMs: 10, handshakeMs: 30 });
  });

  test('that fails has the phase of the last step', () => {
    const steps: readonly (readonly [Side, Uint8Array, Connection['phase']])[] = [
      ['client', hello, 'client-hello'],
      ['server', handshake(serverHello()), 'server-hello'],
      ['server', handshake(certificate(1000)), 'server-certificate'],
      ['client', handshake(certificate(500)), 'client-certificate'],
      ['client', finished, 'finished'],
    ];
    const talk = opened();
    for (const [from, bytes, phase] of steps) {
      talk.say(from, bytes);
      const { sequence, data } = talk.segments.at(-1)!;
      const end: Segment = {
        ...talk.segments.at(-1)!,
        data: new Uint8Array(0),
        sequence: sequence + data.length,
        flags: RST,
        time: talk.segments.at(-1)!.time + 1,
      };
      const failed = one([...talk.segments, end]);
      assert.deepEqual([failed.outcome, failed.phase], ['failed', phase]);
    }
  });
});

describe('a client that wants no handshake', () => {
  const closedAfter = (seconds: number): Connection => {
    const talk = opened();
    talk.say('client', hello);
    const { time } = talk.segments.at(-1)!;
    talk.send('client', { flags: FIN | ACK, time: time + seconds });
    return one(talk.segments);
  };

  test('leaves before an answer to its ClientHello can arrive', () => {
    assert.equal(closedAfter(0.01).outcome, 'incomplete');
    assert.equal(closedAfter(0.011).outcome, 'failed');
  });

  test('has not left if a device on the way resets in its name: by another TTL, or because it goes on', () => {
    const resetBy = (ttl: number, goesOn = false): Connection => {
      const talk = opened();
      talk.say('client', hello);
      const { time } = talk.segments.at(-1)!;
      talk.send('client', { flags: RST, time: time + 0.003, ttl });
      if (goesOn) talk.say('client', hello);
      return one(talk.segments);
    };
    assert.equal(resetBy(64).outcome, 'incomplete');
    assert.equal(resetBy(255).outcome, 'incomplete');
    assert.equal(resetBy(250).outcome, 'failed');
    assert.equal(resetBy(64, true).outcome, 'failed');
  });

  /** The client leaves so many seconds after its ClientHello, at a server whose SYN-ACK took so many. */
  const leftAfter = (seconds: number, { synAck, isSeen = true }: { synAck: number; isSeen?: boolean }): Connection => {
    const talk = conversation();
    talk.send('client', { flags: SYN });
    const { time } = talk.segments.at(-1)!;
    talk.send('server', { flags: SYN | ACK, time: time + synAck });
    talk.send('client', { flags: ACK });
    talk.say('client', hello);
    const { segments } = talk;
    const last = segments.at(-1)!;
    const fin = { ...last, data: new Uint8Array(0), sequence: last.sequence + last.data.length, flags: FIN | ACK };
    talk.send('server', { flags: ACK, time: last.time + seconds + synAck });
    const [acknowledged] = segments.splice(-1);
    const all = [...segments, { ...fin, time: last.time + seconds }, acknowledged!];
    return one(all.filter(({ flags }) => isSeen || flags !== (SYN | ACK)));
  };

  test('leaves within two round trips, in which no server is late', () => {
    assert.equal(leftAfter(0.19, { synAck: 0.1 }).outcome, 'incomplete');
    assert.equal(leftAfter(0.21, { synAck: 0.1 }).outcome, 'failed');
    assert.equal(leftAfter(0.19, { synAck: 0.1, isSeen: false }).outcome, 'incomplete', 'data shows that it came');
    assert.equal(leftAfter(0.21, { synAck: 0.1, isSeen: false }).outcome, 'failed');
  });

  test('waited in vain, although the SYN-ACK had come as late: no path is so long', () => {
    assert.equal(leftAfter(3, { synAck: 2 }).outcome, 'failed');
  });

  test('sends heartbeats in the clear, whatever comes of it', () => {
    const probe = (type: number): Connection => {
      const talk = opened();
      talk.say('client', hello);
      talk.say('server', flight12);
      talk.say('client', encrypted(type, 3));
      const { time } = talk.segments.at(-1)!;
      talk.send('client', { flags: RST, time: time + 1 });
      return one(talk.segments);
    };
    assert.equal(probe(24).outcome, 'incomplete');
    assert.equal(probe(TYPE.handshake).outcome, 'failed');
  });
});

describe('TLS 1.3', () => {
  test('is established with the client’s Finished', () => {
    const talk = opened();
    hellos13(talk);
    talk.say('client', finished13);
    const connection = one(talk.segments);
    assert.deepEqual(verdict(connection), ['established', 'finished', 'none', 'none']);
    assert.deepEqual([connection.serverHello?.group, connection.alerts], ['x25519', []]);
    assert.equal(connection.serverHello?.resumed, false, 'its ChangeCipherSpec means nothing');
  });

  test('is refused by a client whose only record has the size of an alert', () => {
    const ccm8 = serverHello({ suites: [0x1305], extensions: tls13Extensions });
    const answers = [
      [19, flight13],
      [35, flight13],
      [11, concat(handshake(ccm8), applicationData(1200))],
      [27, concat(handshake(ccm8), applicationData(1200))],
    ] as const;
    for (const [length, answer] of answers) {
      const talk = opened();
      talk.say('client', hello);
      talk.say('server', answer);
      talk.say('client', concat(changeCipherSpec, applicationData(length)));
      talk.fin('client');
      const connection = one(talk.segments);
      assert.deepEqual(verdict(connection), ['failed', 'server-certificate', 'client', 'close'], String(length));
      assert.deepEqual(
        connection.alerts.map(({ from, inferred, frame }) => [from, inferred, frame]),
        [['client', true, 6]],
      );
    }
  });

  test('is refused by a client that has nothing but two alerts to say (wolfSSL)', () => {
    const talk = opened();
    hellos13(talk);
    talk.say('client', concat(changeCipherSpec, applicationData(19)));
    talk.fin('server');
    talk.say('client', applicationData(19));
    talk.fin('client');
    const connection = one(talk.segments);
    assert.equal(connection.outcome, 'failed');
    assert.equal(connection.alerts.length, 2);
  });

  test('has failed where the server closed before the client went on: it had waited too long', () => {
    const wentOn = (seconds: number) => {
      const talk = opened();
      hellos13(talk);
      const { time } = talk.fin('server');
      talk.say('client', concat(changeCipherSpec, applicationData(69)), { time: time + seconds });
      return one(talk.segments);
    };
    assert.deepEqual(verdict(wentOn(2)), ['failed', 'server-certificate', 'server', 'close']);
    assert.equal(wentOn(0.11).outcome, 'failed');
    assert.equal(wentOn(0.1).outcome, 'established', 'the frames may be out of order');
  });

  test('is not refused by a record of another size, nor by a good-bye', () => {
    for (const records of [[53], [69], [53, 19], [53, 100, 19]]) {
      const talk = opened();
      hellos13(talk);
      talk.say('client', concat(changeCipherSpec, ...records.map(applicationData)));
      talk.fin('client');
      assert.equal(one(talk.segments).outcome, 'established', records.join());
    }
  });

  test('is refused by a server that answers the client’s flight with the size of an alert alone', () => {
    const talk = opened();
    hellos13(talk);
    talk.say('client', concat(changeCipherSpec, applicationData(25), applicationData(53)));
    talk.say('server', applicationData(19));
    talk.fin('server');
    assert.deepEqual(verdict(one(talk.segments)), ['failed', 'finished', 'server', 'close']);
  });

  test('is refused by a server that tells of it in plaintext behind its alert (MariaDB)', () => {
    const talk = opened();
    hellos13(talk);
    talk.say('client', concat(changeCipherSpec, applicationData(1025), applicationData(281), applicationData(53)));
    talk.say('server', applicationData(19));
    talk.say('server', 'Bad handshake, and what is more');
    talk.fin('server');
    assert.deepEqual(verdict(one(talk.segments)), ['failed', 'finished', 'server', 'close']);
  });

  test('fails by a server that closes, also if the client takes its leave in plaintext (libldap)', () => {
    const talk = opened();
    talk.say('client', hello);
    talk.fin('server');
    talk.say('client', '0\x05\x02\x01\x02B\0');
    assert.deepEqual(verdict(one(talk.segments)), ['failed', 'client-hello', 'server', 'close']);
  });

  test('is refused by a server that answers with two alerts (GnuTLS), and both are kept', () => {
    const talk = opened();
    hellos13(talk);
    talk.say('client', concat(changeCipherSpec, applicationData(1025), applicationData(281), applicationData(53)));
    talk.say('server', applicationData(19));
    talk.say('server', applicationData(19));
    talk.fin('server');
    const connection = one(talk.segments);
    assert.deepEqual(verdict(connection), ['failed', 'finished', 'server', 'close']);
    assert.deepEqual(
      connection.alerts.map(({ from, frame }) => [from, frame]),
      [
        ['server', 7],
        ['server', 8],
      ],
    );
  });

  test('is not refused by a server whose first record of that size is not its last word', () => {
    const talk = opened();
    hellos13(talk);
    talk.say('client', concat(changeCipherSpec, applicationData(1025), applicationData(281), applicationData(53)));
    talk.say('server', applicationData(19));
    talk.pass(1);
    talk.say('server', applicationData(19));
    talk.fin('server');
    assert.equal(one(talk.segments).outcome, 'established');
  });

  test('is not refused by the good-bye of a server whose client left before, or was idle', () => {
    const left = opened();
    hellos13(left);
    left.say('client', concat(finished13, applicationData(19)));
    left.say('server', applicationData(19));
    left.fin('server');
    assert.equal(one(left.segments).outcome, 'established');

    const gone = opened();
    hellos13(gone);
    gone.say('client', finished13);
    gone.fin('client');
    gone.say('server', applicationData(19));
    assert.equal(one(gone.segments).outcome, 'established');

    const idle = opened();
    hellos13(idle);
    idle.say('client', finished13);
    idle.pass(60);
    idle.say('server', applicationData(19));
    idle.fin('server');
    assert.equal(one(idle.segments).outcome, 'established');
  });

  test('is not refused by an LDAP server that leaves because the client unbinds, at that port or after StartTLS', () => {
    const unbinds = (serverPort: number, begin?: (talk: Conversation) => void): Connection => {
      const talk = opened({ serverPort });
      begin?.(talk);
      hellos13(talk);
      talk.say('client', concat(finished13, applicationData(24)));
      talk.say('server', applicationData(19));
      talk.fin('server');
      return one(talk.segments);
    };
    const startTls = (talk: Conversation): void => {
      talk.say('client', '0\x1d\x02\x01\x01w\x18\x80\x161.3.6.1.4.1.1466.20037');
      talk.say('server', '0\x0c\x02\x01\x01x\x07\n\x01\0\x04\0\x04\0');
    };
    assert.equal(unbinds(636).outcome, 'established');
    assert.equal(unbinds(389, startTls).outcome, 'established');
    // Elsewhere, so many bytes may be any request, to which a server that refuses the client does not listen.
    assert.equal(unbinds(443).outcome, 'failed');
  });

  test('a short request is no padded alert where the Finished has no padding', () => {
    const talk = opened();
    hellos13(talk);
    talk.say('client', concat(changeCipherSpec, applicationData(53), applicationData(35)));
    talk.say('server', applicationData(19));
    talk.fin('server');
    const connection = one(talk.segments);
    assert.deepEqual(verdict(connection), ['failed', 'finished', 'server', 'close']);
    assert.deepEqual(
      connection.alerts.map(({ from }) => from),
      ['server'],
    );
  });

  test('is not refused by a server that says more before its good-bye', () => {
    const talk = opened();
    hellos13(talk);
    talk.say('client', finished13);
    talk.say('server', concat(applicationData(250), applicationData(19)));
    assert.equal(one(talk.segments).outcome, 'established');
  });

  test('failed by an alert in the clear', () => {
    const talk = opened();
    hellos13(talk);
    talk.say('client', concat(changeCipherSpec, alert(2, 45)));
    const connection = one(talk.segments);
    assert.deepEqual(verdict(connection), ['failed', 'server-certificate', 'none', 'none']);
    assert.deepEqual(
      connection.alerts.map(({ from, name, level, code, inferred }) => [from, name, level, code, inferred]),
      [['client', 'certificate_expired', 'fatal', 45, false]],
    );
  });

  test('with a HelloRetryRequest tells it from the ServerHello', () => {
    const talk = opened();
    talk.say('client', hello);
    talk.say('server', concat(handshake(helloRetryRequest), changeCipherSpec));
    talk.say('client', concat(changeCipherSpec, hello));
    talk.say('server', concat(handshake(serverHello13), applicationData(900)));
    talk.say('client', applicationData(53));
    const connection = one(talk.segments);
    assert.equal(connection.outcome, 'established');
    assert.deepEqual([connection.helloRetryRequest?.frame, connection.helloRetryRequest?.group], [5, 'secp256r1']);
    assert.equal(connection.clientHello?.frame, 4);
    assert.equal(connection.serverHello?.frame, 7);
    assert.deepEqual(
      connection.messages.map(({ type }) => type),
      ['client_hello', 'hello_retry_request', 'client_hello', 'server_hello'],
    );
  });

  test('with a pre-shared key is resumed', () => {
    const talk = opened();
    talk.say('client', hello);
    const extensions = [...tls13Extensions, extension(41, be16(0))];
    talk.say('server', concat(handshake(serverHello({ suites: [0x1301], extensions })), applicationData(60)));
    talk.say('client', applicationData(53));
    assert.equal(one(talk.segments).serverHello?.resumed, true);
  });

  test('takes as long as to the client’s Finished', () => {
    const talk = opened({ time: 10, interval: 0.01 });
    talk.say('client', concat(hello, changeCipherSpec, applicationData(99)));
    talk.say('server', flight13);
    talk.say('client', applicationData(53));
    talk.pass(60);
    talk.say('client', applicationData(500));
    // The early data before ServerHello is no Finished.
    assert.equal(one(talk.segments).timing.handshakeMs, 20);
  });
});

describe('TCP alone', () => {
  const syn = (talk: Conversation): Segment => talk.send('client', { flags: SYN, acknowledgment: 0, sequence: 1000 });

  test('reset for data that the capture lacks, and not refused', () => {
    const talk = conversation();
    syn(talk);
    talk.send('server', { flags: RST | 0x10, sequence: 1, acknowledgment: 1518 });
    assert.equal(one(talk.segments).outcome, 'not-tls');
  });

  test('refused', () => {
    const talk = conversation();
    syn(talk);
    talk.send('server', { flags: RST | 0x10, sequence: 0, acknowledgment: 1001, ttl: 61, ipId: 7 });
    const connection = one(talk.segments);
    assert.deepEqual(verdict(connection), ['failed', 'tcp-connect', 'server', 'reset']);
    assert.deepEqual(
      connection.transport.resets.map(({ frame, from, ttl, ipId }) => [frame, from, ttl, ipId]),
      [[2, 'server', 61, 7]],
    );
    assert.equal(connection.protocol, null);
  });

  test('refused at a port that never begins with TLS, as those of PLCs: no failed handshake', () => {
    const outcomeAt = (serverPort: number): string => {
      const talk = conversation({ serverPort });
      syn(talk);
      talk.send('server', { flags: RST | 0x10, sequence: 0, acknowledgment: 1001 });
      return one(talk.segments).outcome;
    };
    for (const port of [22, 102, 502, 2404, 5672]) assert.equal(outcomeAt(port), 'not-tls', `port ${port}`);
    for (const port of [5671, 8443, 31069]) assert.equal(outcomeAt(port), 'failed', `port ${port}`);
  });

  test('a reset before the server accepts is for an older connection (half-open recovery, RFC 9293 §3.5.1)', () => {
    const talk = conversation();
    syn(talk);
    talk.send('server', { acknowledgment: 77, sequence: 5000 });
    talk.send('client', { flags: RST, sequence: 77, acknowledgment: 0 });
    talk.pass(1);
    talk.open();
    handshake12(talk);
    const connection = one(talk.segments);
    assert.deepEqual(verdict(connection), ['established', 'finished', 'none', 'none']);
    assert.deepEqual(connection.transport.resets, []);
  });

  test('unanswered: failed when it was tried again; who does not try again has lost interest', () => {
    const again = conversation();
    syn(again);
    again.pass(1);
    syn(again);
    const repeated = one(again.segments);
    assert.deepEqual(verdict(repeated), ['failed', 'tcp-connect', 'none', 'none']);
    assert.equal(repeated.transport.syns.length, 2);

    const other = opened({ clientPort: 50000, time: 110 });
    const once = conversation();
    syn(once);
    const [silent] = connectionsOf([...once.segments, ...other.segments]);
    assert.deepEqual(verdict(silent!), ['incomplete', 'tcp-connect', 'none', 'timeout']);

    assert.deepEqual(verdict(one(once.segments)), ['incomplete', 'tcp-connect', 'none', 'none']);
  });

  test('a SYN-ACK sent again and again: failed where nothing of the client comes; one that acknowledges it only waits', () => {
    const outcomeOf = (isAcknowledged: boolean) => {
      const talk = conversation();
      syn(talk);
      const synAck = talk.send('server', { flags: SYN | ACK });
      for (let time = 0; time < 3; time++) {
        if (isAcknowledged) talk.ack('client');
        talk.pass(1);
        talk.send('server', { flags: SYN | ACK, sequence: synAck.sequence });
      }
      return one(talk.segments).outcome;
    };
    assert.deepEqual([outcomeOf(false), outcomeOf(true)], ['failed', 'not-tls']);
  });

  test('a ClientHello sent again and again, and never acknowledged, has failed before the client gives up', () => {
    const talk = opened();
    talk.say('client', hello);
    for (let time = 0; time < 3; time++) {
      talk.pass(1);
      talk.say('client', hello, { sequence: 1001 });
      const connection = one(talk.segments);
      assert.equal(connection.transport.client.resentInVain?.times, time + 1);
      assert.equal(connection.outcome, time < 2 ? 'incomplete' : 'failed');
    }
    talk.ack('server');
    const answered = one(talk.segments);
    assert.deepEqual([answered.transport.client.resentInVain, answered.outcome], [null, 'incomplete']);
  });

  test('an answer sent again and again, and never acknowledged, has failed before anybody gives up', () => {
    const talk = opened();
    talk.say('client', hello);
    const { sequence } = talk.say('server', flight12);
    for (let time = 0; time < 3; time++) {
      talk.pass(1);
      talk.say('server', flight12, { sequence });
      assert.equal(one(talk.segments).outcome, time < 2 ? 'incomplete' : 'failed');
    }
    const { resentInVain } = one(talk.segments).transport.server;
    assert.deepEqual(resentInVain, { bytes: flight12.length, times: 3, after: 0 });
    talk.ack('client', { acknowledgment: sequence });
    assert.equal(one(talk.segments).transport.server.resentInVain?.isAskedFor, true);
  });

  test('the flight of a TLS 1.3 client that never arrives completes nothing', () => {
    const talk = opened();
    talk.say('client', hello);
    talk.say('server', flight13);
    const { sequence } = talk.say('client', finished13);
    assert.equal(one(talk.segments).outcome, 'established');
    for (let time = 0; time < 3; time++) {
      talk.pass(1);
      talk.say('client', finished13, { sequence });
    }
    assert.deepEqual(verdict(one(talk.segments)).slice(0, 2), ['failed', 'finished']);
    talk.say('server', applicationData(200));
    assert.equal(one(talk.segments).outcome, 'established', 'tickets answer it');
  });

  test('of a probe the server may complain, and still it is no handshake', () => {
    const talk = opened();
    talk.fin('client');
    talk.say('server', alert(2, 40));
    talk.fin('server');
    assert.deepEqual(verdict(one(talk.segments)), ['not-tls', 'preamble', 'client', 'close']);
  });

  test('a complaint of the end says nothing of a handshake that is not in view', () => {
    const talk = conversation();
    talk.say('server', handshake(serverHelloDone));
    talk.fin('server');
    talk.say('client', alert(2, 50));
    assert.equal(one(talk.segments).outcome, 'incomplete');
  });

  test('opened and closed without a byte is a probe, and no handshake', () => {
    const talk = opened();
    talk.fin('client');
    talk.fin('server');
    const connection = one(talk.segments);
    assert.deepEqual(verdict(connection), ['not-tls', 'tcp-connect', 'client', 'close']);
    assert.deepEqual(connection.notes, []);
  });

  test('refused on a port that never speaks TLS first is no failed handshake', () => {
    const talk = conversation({ serverPort: 22 });
    syn(talk);
    talk.send('server', { flags: RST | 0x10, sequence: 0, acknowledgment: 1001 });
    assert.equal(one(talk.segments).outcome, 'not-tls');
  });

  test('with other bytes is not TLS', () => {
    const talk = opened({ serverPort: 80 });
    talk.say('client', 'GET / HTTP/1.1\r\n\r\n');
    talk.say('server', 'HTTP/1.1 400 Bad Request\r\n\r\n');
    const connection = one(talk.segments);
    assert.deepEqual(verdict(connection), ['not-tls', 'preamble', 'none', 'none']);
    assert.deepEqual([connection.transport.client.bytes, connection.transport.server.bytes], [18, 28]);
  });
});

test('what arrives after the client has left is part of no step', () => {
  const talk = opened();
  talk.say('client', hello);
  talk.pass(0.1);
  talk.fin('client');
  talk.say('server', flight12);
  assert.deepEqual(verdict(one(talk.segments)), ['failed', 'client-hello', 'client', 'close']);
});

describe('records in pieces', () => {
  test('a message tells in how many records it came', () => {
    const talk = opened();
    const message = certificate(1000);
    talk.say('client', hello);
    talk.say('server', concat(handshake(serverHello(), message.subarray(0, 400)), handshake(message.subarray(400))));
    const { messages, unfinishedRecords } = one(talk.segments);
    assert.deepEqual(
      messages.map(({ type, records }) => `${type} ${records}`),
      ['client_hello 1', 'server_hello 1', 'certificate 2'],
    );
    assert.deepEqual(unfinishedRecords, []);
  });

  test('a record whose end never came tells what it announced, unless the capture lacks a part', () => {
    const whole = handshake(certificate(5000));
    const talk = opened();
    talk.say('client', hello);
    talk.say('server', concat(handshake(serverHello()), whole.subarray(0, 1005)));
    talk.fin('client');
    assert.deepEqual(one(talk.segments).unfinishedRecords, [{ from: 'server', length: whole.length - 5, bytes: 1000 }]);
    const gap = opened();
    gap.say('client', hello);
    gap.say('server', concat(handshake(serverHello()), whole.subarray(0, 1005)));
    gap.say('server', whole.subarray(1005, 1505));
    gap.lose();
    gap.say('server', whole.subarray(1505, 2000));
    gap.ack('client');
    gap.fin('client');
    assert.deepEqual(one(gap.segments).unfinishedRecords, []);
  });
});

describe('the end', () => {
  function closed(by: (talk: Conversation) => void): TcpConnectionFacts {
    const talk = opened();
    talk.say('client', hello);
    by(talk);
    return one(talk.segments);
  }

  test('is the first FIN or reset, with its frame', () => {
    const fin = closed((talk) => {
      talk.fin('server');
      talk.reset('client');
    });
    assert.deepEqual([fin.ending.by, fin.ending.how, fin.ending.frame], ['server', 'close', 5]);
    assert.equal(fin.outcome, 'failed');
    const reset = closed((talk) => void talk.reset('client'));
    assert.deepEqual([reset.ending.by, reset.ending.how, reset.ending.frame], ['client', 'reset', 5]);
  });

  test('is the FIN that came first by what the other one acknowledges, whatever the order in the capture', () => {
    const talk = opened();
    talk.say('client', hello);
    talk.say('server', flight12);
    const refusal = talk.say('client', alert(2, 48));
    const fins = [talk.fin('client'), talk.fin('server')] as const;
    const rest = talk.segments.slice(0, -3);
    for (const [order, by, frame] of [
      [[refusal, ...fins], 'client', 7],
      // The server's FIN acknowledges the alert and the client's FIN.
      [[fins[1], refusal, fins[0]], 'client', 8],
      [[...fins, refusal], 'client', 6],
    ] as const) {
      const { ending, transport, alerts } = one([...rest, ...order]);
      assert.deepEqual([ending.by, ending.frame, alerts.length], [by, frame, 1]);
      const [sent] = alerts;
      assert.equal(hasClosedBefore(transport.fins, 'server', sent?.frame ?? 0), false);
    }
  });

  test('acknowledges what the capture lacks', () => {
    const talk = opened();
    talk.say('client', hello);
    talk.say('server', flight12);
    talk.fin('client');
    talk.lose();
    talk.fin('server');
    const [fin] = one(talk.segments).transport.fins;
    assert.equal(fin?.acknowledgesUnseen, true);
    const reset = closed((of) => {
      of.say('server', flight12);
      of.lose();
      of.reset('client');
    });
    assert.equal(reset.transport.resets[0]?.acknowledgesUnseen, true);
  });

  test('a reset that acknowledges payload answers it', () => {
    const early = opened();
    early.reset('server');
    early.say('client', hello);
    assert.equal(one(early.segments).transport.resets[0]?.acknowledgesData, undefined);
    const late = opened();
    late.say('client', hello);
    late.reset('server');
    assert.equal(one(late.segments).transport.resets[0]?.acknowledgesData, true);
  });

  test('data behind the frame that acknowledges it is out of order', () => {
    const talk = opened();
    const said = talk.say('client', hello);
    const answer = talk.say('server', flight12);
    const rest = talk.segments.slice(0, -2);
    assert.equal(one([...rest, said, answer]).transport.client.late, null);
    assert.equal(one([...rest, answer, said]).transport.client.late?.frame, 5);
  });

  test('is not in the capture: incomplete, unless silence fell while the capture went on', () => {
    const open = closed((talk) => void talk.ack('server'));
    assert.deepEqual(verdict(open), ['incomplete', 'client-hello', 'none', 'none']);
    assert.equal(open.transport.client.acknowledged, true);

    const talk = opened();
    talk.say('client', hello);
    const later = opened({ clientPort: 50000, time: 110 });
    const [cut] = connectionsOf([...talk.segments, ...later.segments]);
    assert.deepEqual(verdict(cut!), ['incomplete', 'client-hello', 'none', 'timeout'], 'TCP would have sent it again');
    assert.equal(cut?.transport.client.acknowledged, false);

    talk.ack('server');
    const [silent] = connectionsOf([...talk.segments, ...later.segments]);
    assert.deepEqual(verdict(silent!), ['failed', 'client-hello', 'none', 'timeout']);
    assert.equal(silent?.ending.frame, 5);
  });
});

describe('what the capture lacks', () => {
  const without = (segments: readonly Segment[], side: Side): Segment[] => segments.filter(({ from }) => from !== side);

  test('one side, TLS 1.2: the other one tells', () => {
    const talk = opened();
    handshake12(talk);
    talk.say('client', applicationData(100));
    for (const missing of ['client', 'server'] as const) {
      const connection = one(without(talk.segments, missing));
      assert.equal(connection.outcome, 'established', missing);
      assert.deepEqual(
        noteCodes(connection).filter((code) => code === 'one-sided'),
        ['one-sided'],
      );
      assert.equal(connection.client.port, 40000);
    }
  });

  test('the server’s side, TLS 1.3: established by the client’s data, refused by an alert alone', () => {
    const talk = opened();
    talk.say('client', hello);
    talk.say('client', finished13);
    assert.equal(one(without(talk.segments, 'server')).outcome, 'established');
    const refused = opened();
    refused.say('client', hello);
    refused.say('client', concat(changeCipherSpec, applicationData(19)));
    refused.fin('client');
    assert.equal(one(without(refused.segments, 'server')).outcome, 'incomplete');
  });

  test('has not failed where all that complains is a server to which a client says no more (OpenSSL)', () => {
    const talk = opened();
    talk.say('client', hello);
    talk.say('server', flight12);
    talk.fin('client');
    talk.say('server', alert(2, 50));
    assert.equal(one(without(talk.segments, 'client')).outcome, 'incomplete');

    const refused = opened();
    refused.say('client', hello);
    refused.say('server', alert(2, 40));
    assert.equal(one(without(refused.segments, 'client')).outcome, 'failed');
  });

  test('the end: early data as short as an alert is none', () => {
    const talk = opened();
    talk.say('client', concat(hello, changeCipherSpec, applicationData(19)));
    talk.say('server', flight13);
    const { outcome, alerts } = one(talk.segments);
    assert.deepEqual([outcome, alerts], ['incomplete', []]);
  });

  test('a FIN of the client, which the server’s acknowledges: who left first is unknown', () => {
    const talk = opened();
    talk.say('client', hello);
    talk.say('server', flight13);
    talk.ack('client');
    talk.fin('client');
    const lost = talk.segments.length - 1;
    talk.fin('server');
    talk.ack('client');
    assert.equal(one(talk.segments).outcome, 'failed');
    assert.equal(one(talk.segments.filter((_, index) => index !== lost)).outcome, 'incomplete');
  });

  test('the beginning: data alone is an established connection, and the roles go by the ports', () => {
    const talk = opened({ clientPort: 40000, serverPort: 8443 });
    talk.segments.length = 0;
    talk.say('server', applicationData(500));
    talk.say('client', applicationData(100));
    const connection = one(talk.segments);
    assert.deepEqual(verdict(connection), ['established', 'application-data', 'none', 'none']);
    assert.deepEqual([connection.client.port, connection.server.port], [40000, 8443]);
    assert.deepEqual(noteCodes(connection), ['starts-mid-connection']);
  });

  test('the beginning: a fatal alert in the clear is a refusal, although the other side had gone on (curl 7.88.1)', () => {
    const talk = opened();
    talk.segments.length = 0;
    talk.say('client', alert(2, 51));
    talk.say('server', applicationData(19));
    talk.reset('client');
    assert.equal(one(talk.segments).outcome, 'failed');
  });

  test('the beginning: a good-bye behind it is no failure', () => {
    const talk = opened();
    talk.segments.length = 0;
    talk.say('client', encrypted(TYPE.alert, 26));
    talk.fin('client');
    assert.equal(one(talk.segments).outcome, 'incomplete');
  });

  test('a part of the handshake: what ended is not known, and it is said', () => {
    const talk = opened();
    talk.say('client', hello);
    talk.say('server', flight12);
    talk.lose();
    talk.say('client', answer12);
    talk.fin('server');
    talk.fin('client');
    const connection = one(talk.segments);
    assert.equal(connection.outcome, 'incomplete');
    assert.equal(connection.transport.server.missing, flight12.length);
    assert.ok(noteCodes(connection).includes('missing-segments'));
  });

  test('one side alone: that the other is missing is said once', () => {
    const talk = opened();
    talk.say('client', hello);
    talk.say('server', flight12);
    talk.say('client', answer12);
    talk.fin('client');
    const connection = one(talk.segments.filter(({ from }) => from === 'client'));
    assert.deepEqual(noteCodes(connection), ['one-sided']);
  });

  test('the beginning and then the end: silence is the capture’s', () => {
    const talk = opened();
    talk.say('client', hello);
    talk.say('server', flight12);
    const later = opened({ clientPort: 50000, time: 110 });
    const [silent] = connectionsOf([...talk.segments.slice(1), ...later.segments]);
    assert.deepEqual(verdict(silent!), ['incomplete', 'server-certificate', 'none', 'timeout']);
  });

  test('the beginning and the server’s flight: the Finished of both sides tell', () => {
    const talk = opened();
    handshake12(talk);
    const connection = one(talk.segments.filter((_, index) => index === 3 || index > 4));
    assert.equal(connection.serverHello, null);
    assert.deepEqual(verdict(connection), ['established', 'finished', 'none', 'none']);
  });

  test('what never arrived is no fault of the capture: a full-size segment before the last one', () => {
    const talk = opened();
    talk.say('client', hello);
    const flight = handshake(serverHello(), certificate(2000), serverHelloDone);
    talk.say('server', flight.subarray(0, 1448));
    talk.lose();
    talk.say('server', flight.subarray(1448));
    talk.send('client', { flags: FIN | ACK, acknowledgment: 5001 });
    const connection = one(talk.segments);
    assert.deepEqual([connection.transport.server.lost, connection.outcome], [1448, 'failed']);
  });

  test('nor are several: the small segments between full-size ones arrived', () => {
    const talk = opened();
    talk.say('client', hello);
    const flight = handshake(serverHello(), certificate(5000), serverHelloDone);
    for (const [from, to] of [
      [0, 1448],
      [1448, 2000],
      [2000, 3448],
      [3448, flight.length],
    ] as const) {
      talk.say('server', flight.subarray(from, to));
      if (to - from === 1448) talk.lose();
    }
    talk.send('client', { flags: FIN | ACK, acknowledgment: 5001 });
    const connection = one(talk.segments);
    assert.deepEqual([connection.transport.server.lost, connection.outcome], [2896, 'failed']);
  });

  test('a malformed message keeps its place, and says what is wrong', () => {
    const talk = opened();
    talk.say('client', handshake(message(1, [3, 3, 1])));
    const connection = one(talk.segments);
    assert.equal(connection.clientHello, null);
    assert.deepEqual(
      connection.messages.map(({ type }) => type),
      ['client_hello'],
    );
    assert.deepEqual(
      connection.notes.map(({ code, frame }) => [code, frame]),
      [['malformed-message', 4]],
    );
    assert.match(said(connection.notes[0]), /client_hello, byte 2: random needs 32 bytes/);
  });
});

describe('roles', () => {
  test('go by the ClientHello before the SYN: active FTP opens the connection from the server', () => {
    const talk = opened();
    talk.say('server', hello);
    talk.say('client', flight12);
    const connection = one(talk.segments);
    assert.equal(connection.client.port, 443);
    assert.equal(connection.clientHello?.frame, 4);
    assert.equal(connection.messages[0]?.from, 'client');
    const unanswered = one(talk.segments.slice(0, -1));
    assert.equal(unanswered.client.port, 443);
  });

  test('go by the SYN or SYN-ACK without one', () => {
    const talk = opened({ clientPort: 443, serverPort: 50000 });
    talk.say('client', 'x');
    assert.equal(one(talk.segments).client.port, 443);
    assert.equal(one(talk.segments.slice(1)).client.port, 443);
  });
});

describe('names and addresses', () => {
  test('IPv6 addresses are written as RFC 5952 says', () => {
    const talk = opened({ ipv6: true });
    const connection = one(talk.segments);
    assert.deepEqual([connection.client.address, connection.server.address], ['2001:db8::1', '2001:db8::2']);
  });

  test('what the hellos offer is named', () => {
    const talk = opened();
    const extensions = [
      extension(0x0a0a),
      extension(0, vector16([0], vector16(new TextEncoder().encode('www.example.com')))),
      extension(10, vector16([0x1a, 0x1a, 0, 29])),
      extension(16, vector16([2, 104, 50])),
      extension(42),
    ];
    talk.say('client', handshake(clientHello({ suites: [0x0a0a, 0x1301, 0xfffe], extensions, sessionId: [1, 2] })));
    const { clientHello: facts } = one(talk.segments);
    assert.ok(facts);
    assert.equal(facts.serverName, 'www.example.com');
    assert.deepEqual(facts.cipherSuites, ['GREASE_0x0A0A', 'TLS_AES_128_GCM_SHA256', '0xFFFE']);
    assert.deepEqual(facts.supportedGroups, ['GREASE_0x1A1A', 'x25519']);
    assert.deepEqual(facts.alpn, ['h2']);
    assert.deepEqual(facts.supportedVersions, ['TLS 1.2']);
    assert.deepEqual([facts.earlyData, facts.pskOffered, facts.sessionIdLength], [true, false, 2]);
    assert.equal(facts.extensions[0], 'GREASE_0x0A0A');
  });
});

test('a connection that carried nothing keeps no session, and ids go on in order of first frame', () => {
  const connections = connectionsOf([...opened({ clientPort: 1 }).segments, ...opened({ clientPort: 2 }).segments]);
  assert.deepEqual(
    connections.map(({ id, firstFrame, lastFrame, client, messages }) => [
      id,
      firstFrame,
      lastFrame,
      client.port,
      messages,
    ]),
    [
      ['1', 1, 3, 1, []],
      ['2', 4, 6, 2, []],
    ],
  );
});

test('more certificates than any chain has are not all parsed', () => {
  const talk = opened();
  const many = concat(...Array.from({ length: 100 }, () => new Uint8Array([0, 0, 2, 0x30, 0])));
  const list = concat([0, many.length >> 8, many.length & 0xff], many);
  talk.say('client', hello);
  talk.say('server', handshake(serverHello(), message(11, list)));
  assert.equal(one(talk.segments).serverCertificates.length, 32);
});
