import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BOUNDS } from '../../../src/bounds.js';
import { endingOf } from '../../../src/transport/eap/flow.js';
import { PEER, SERVER } from '../../../src/transport/eap/conversation.js';
import { concat, ipv4 } from '../../support/captures.js';
import {
  AUTHENTICATOR,
  EAP_TLS,
  eapol,
  eapolFrame,
  failure,
  follow,
  GROUP,
  IDENTITY,
  lockStep,
  radius,
  radiusFrame,
  radiusFrames,
  request,
  response,
  said,
  success,
  SUPPLICANT,
  text,
  unreachableFrame,
  type Bytes,
} from '../../support/eap.js';

const [PEER_SAYS, SERVER_SAYS] = ['client hello', 'server hello, certificate'];
const identity = [request(1, IDENTITY), response(1, IDENTITY, text('alice'))];
const handshake = lockStep([text(PEER_SAYS), text(SERVER_SAYS)], 100);
const talk: readonly Bytes[] = [...identity, ...handshake, response(3, EAP_TLS, [0]), success(3)];

const group = concat(GROUP);

describe('over IEEE 802.1X', () => {
  test('a conversation is that of a supplicant, whomever it sends to', () => {
    for (const toGroup of [false, true]) {
      const frames = talk.map((eap) => {
        const frame = eapolFrame(eap);
        if (toGroup && eap[0] === 2) frame.set(group, 0);
        return frame;
      });
      const { flows, taken } = follow(frames);
      assert.equal(flows.length, 1);
      const [flow] = flows;
      assert.deepEqual(flow?.client, { address: '02:00:00:00:00:01', port: 0 });
      assert.deepEqual(flow.server, { address: '02:00:00:00:00:02', port: 0 });
      assert.deepEqual([said(flow, PEER), said(flow, SERVER)], [PEER_SAYS, SERVER_SAYS]);
      assert.equal(flow.conversation.identity, 'alice');
      assert.deepEqual([flow.conversation.result?.isSuccess, flow.conversation.result?.frame], [true, talk.length]);
      assert.equal(taken.every(Boolean), true);
      assert.deepEqual([flow.id, flow.radius, flow.firstFrame, flow.last.number], [1, null, 1, talk.length]);
    }
  });

  test('those of several supplicants, and the next one of the same, stay apart', () => {
    const other = [2, 0, 0, 0, 0, 9];
    const frames = talk.flatMap((eap) => [eapolFrame(eap), eapolFrame(eap, other)]);
    const { flows } = follow([...frames, ...talk.map((eap) => eapolFrame(eap))]);
    assert.deepEqual(
      flows.map((flow) => [flow.client.address, said(flow, PEER), said(flow, SERVER)]),
      ['01', '09', '01'].map((last) => [`02:00:00:00:00:${last}`, PEER_SAYS, SERVER_SAYS]),
    );
  });

  test('a supplicant that goes to another access point begins anew', () => {
    const { flows } = follow([
      ...talk.slice(0, 4).map((eap) => eapolFrame(eap)),
      ...talk.map((eap) => eapolFrame(eap, SUPPLICANT, [2, 0, 0, 0, 0, 7])),
    ]);
    assert.deepEqual(
      flows.map(({ server, conversation }) => [server.address, conversation.result?.isSuccess]),
      [
        ['02:00:00:00:00:02', undefined],
        ['02:00:00:00:00:07', true],
      ],
    );
  });

  test('Linux cooked captures, which have the sources alone, are enough', () => {
    const cooked = talk.map((eap) =>
      concat([0, 0, 0, 1, 0, 6], eap[0] === 2 ? SUPPLICANT : AUTHENTICATOR, [0, 0, 0x88, 0x8e], eapol(eap)),
    );
    const { flows } = follow(cooked, { linkType: 113 });
    const [flow] = flows;
    assert.deepEqual([flow?.client.address, flow?.server.address], ['02:00:00:00:00:01', '02:00:00:00:00:02']);
    assert.deepEqual([said(flow, PEER), said(flow, SERVER)], [PEER_SAYS, SERVER_SAYS]);
  });

  test('keys, and conversations without TLS, are none: their packets are counted', () => {
    const key = concat([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2], [0x88, 0x8e, 1, 3, 0, 2, 9, 9]);
    const password = [...identity, request(2, 4, [1]), response(2, 4, [1]), success(2)];
    const { flows, taken, others } = follow([key, ...password.map((eap) => eapolFrame(eap))]);
    assert.deepEqual([flows.length, taken[0]], [0, false]);
    assert.deepEqual(
      others.map(({ packets, radius }) => [packets, radius]),
      [[5, null]],
    );
  });
});

describe('over RADIUS', () => {
  test('a conversation is tied together by identifiers and states', () => {
    const { flows } = follow(radiusFrames(talk, { station: '02-00-00-00-00-01' }));
    assert.equal(flows.length, 1);
    const [flow] = flows;
    assert.deepEqual(flow?.client, { address: '192.0.2.1', port: 40000 });
    assert.deepEqual(flow.server, { address: '198.51.100.2', port: 1812 });
    assert.deepEqual([said(flow, PEER), said(flow, SERVER)], [PEER_SAYS, SERVER_SAYS]);
    assert.equal(flow.conversation.result?.isSuccess, true);
    const { stationId, answers, unanswered } = flow.radius ?? {};
    assert.deepEqual([stationId, answers, unanswered], ['02-00-00-00-00-01', 3, null]);
  });

  test('many on one port, in any order between each other, on any port', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(4), { minLength: 60, maxLength: 60 }),
        fc.boolean(),
        fc.constantFrom(1812, 1645, 18120),
        (order, hasStation, serverPort) => {
          const lines = [0, 1, 2, 3, 4].map((who) =>
            radiusFrames(
              lockStep([text(`peer ${who}`), text(`server ${who}`), text(`key ${who}`)], 4, 2).flatMap((eap, index) =>
                index === 0 ? [response(1, IDENTITY, text(`user ${who}`)), eap] : [eap],
              ),
              {
                id: 40 * who,
                name: `state ${who} `,
                serverPort,
                ...(hasStation ? { station: `station ${who}` } : {}),
              },
            ),
          );
          const frames = [...order, 0, 1, 2, 3, 4].flatMap((who, at) =>
            lines[who]!.splice(0, at < order.length ? 1 : Infinity),
          );
          const { flows } = follow(frames);
          assert.deepEqual(
            flows.map((flow) => [flow.conversation.identity, said(flow, PEER), said(flow, SERVER)]).toSorted(),
            [0, 1, 2, 3, 4].map((who) => [`user ${who}`, `peer ${who}key ${who}`, `server ${who}`]),
          );
        },
      ),
    );
  });

  test('an ICMP error is of the conversation whose request it quotes; of too short a quotation, of the last one', () => {
    const asks = [1, 2].map((id) => radiusFrame({ code: 1, id, eap: identity[1]!, station: `station ${id}` }));
    const [first, second] = asks as [Bytes, Bytes];
    const errors = [unreachableFrame(first), unreachableFrame(second), unreachableFrame(first, 28)];
    const { flows, taken } = follow([...asks, ...errors]);
    assert.deepEqual(
      flows.map(({ radius: facts }) => [facts?.stationId, facts?.icmp.map(({ frame }) => frame)]),
      [
        ['station 1', [3]],
        ['station 2', [4, 5]],
      ],
    );
    assert.equal(taken.every(Boolean), true);
  });

  test('a request that is sent again says nothing new', () => {
    const frames = radiusFrames(talk);
    const { flows } = follow(frames.flatMap((frame) => [frame, frame]));
    assert.equal(flows.length, 1);
    assert.deepEqual([said(flows[0], PEER), said(flows[0], SERVER)], [PEER_SAYS, SERVER_SAYS]);
    assert.deepEqual(
      flows[0]!.conversation.ends.map(({ packets, retransmissions }) => [packets, retransmissions]),
      [
        [3, 3],
        [3, 3],
      ],
    );
  });

  test('a request without answer, sent again, is kept count of', () => {
    const eap = response(1, IDENTITY, text('alice'));
    const frame = radiusFrame({ code: 1, id: 3, eap });
    const { flows, ends } = follow([frame, frame, frame], { times: [0, 3, 9] });
    const { unanswered, answers } = flows[0]!.radius!;
    assert.deepEqual([answers, unanswered?.times, unanswered?.first.frame, unanswered?.last.frame], [0, 3, 1, 3]);
    assert.equal(endingOf(flows[0]!, ends[0]!.now).how, 'none');
  });

  test('a request of which only the first IP fragment is there was sent, and no more is known', () => {
    const frames = radiusFrames(talk, { station: 'a' });
    const large = response(3, EAP_TLS, new Uint8Array(1450));
    // The State may stand behind the cut.
    for (const known of [{ state: 'a1' }, { station: 'a' }]) {
      const packet = radius({ code: 1, id: 2, eap: large, ...known });
      const datagram = concat(
        [0x9c, 0x40, 7, 0x14],
        [(packet.length + 8) >> 8, (packet.length + 8) & 0xff, 0, 0],
        packet,
      );
      const first = (id: number) =>
        concat(
          new Uint8Array(12),
          [8, 0],
          ipv4(datagram.subarray(0, 1480), { protocol: 17, fragment: 0x2000, id, source: [192, 0, 2, 1] }),
        );
      const { flows } = follow([...frames.slice(0, 4), first(1), first(2)], { times: [0, 0.1, 0.2, 0.3, 0.4, 3.4] });
      assert.equal(flows.length, 1);
      const { unanswered } = flows[0]!.radius!;
      assert.deepEqual([unanswered?.isCut, unanswered?.times, unanswered?.first.frame], [true, 2, 5]);
      assert.equal(said(flows[0], PEER), PEER_SAYS);
      assert.deepEqual([flows[0]!.last.number, flows[0]!.last.seconds], [6, 3]);
    }
  });

  test('an answer to a request that is not in the capture belongs to the conversation that it continues', () => {
    const frames = radiusFrames(
      lockStep([text('hello'), text('flight'), text('key'), text('done')], 100, 2).flatMap((eap, index) =>
        index === 0 ? [response(1, IDENTITY, text('alice')), eap] : [eap],
      ),
    );
    // Identity, start, hello, flight, then the key, whose request is missing, and what answers it.
    const { flows } = follow(frames.filter((_, index) => index !== 4));
    assert.deepEqual([flows.length, said(flows[0], SERVER)], [1, 'flightdone']);
    assert.deepEqual(
      flows[0]!.conversation.ends.map(({ isWhole }) => isWhole),
      [false, true],
    );
  });

  test('an answer without EAP is the result all the same', () => {
    const { flows } = follow([...radiusFrames(talk.slice(0, 4)), radiusFrame({ code: 3, id: 1 })]);
    assert.deepEqual([flows[0]?.conversation.result?.isSuccess, flows[0]?.conversation.result?.frame], [false, 4]);
  });

  test('what is no RADIUS, or has no EAP in it, is left alone', () => {
    const noise = radiusFrame({ code: 1, id: 0 }, concat([1, 0, 0, 30], new Uint8Array(26)));
    assert.deepEqual(follow([noise, radiusFrame({ code: 1, id: 0 }), radiusFrame({ code: 2, id: 0 })]).taken, [
      false,
      false,
      false,
    ]);
  });
});

describe('the end of a conversation', () => {
  const half = talk.slice(0, 5).map((eap) => eapolFrame(eap));

  test('is its result, or silence while the capture goes on', () => {
    const whole = follow(talk.map((eap) => eapolFrame(eap))).ends[0]!;
    assert.deepEqual(endingOf(whole.flow, whole.now), {
      by: SERVER,
      how: 'close',
      frame: 7,
      at: whole.flow.conversation.result?.at,
    });
    const other = eapolFrame(request(1, IDENTITY), [2, 0, 0, 0, 0, 9]);
    const endAfter = (seconds: number, packets: readonly Bytes[]): string => {
      const times = [...packets.map(() => 0), seconds];
      const [first] = follow([...packets, other], { times }).ends;
      return endingOf(first!.flow, first!.now).how;
    };
    const responses = half.slice(0, 4);
    assert.deepEqual([endAfter(2, responses), endAfter(4, responses)], ['none', 'timeout']);
    assert.deepEqual([endAfter(4, half), endAfter(12, half)], ['none', 'timeout'], 'a peer may ask its user');
  });

  test('comes after two minutes of silence, when another one begins', () => {
    const other = eapolFrame(request(1, IDENTITY), [2, 0, 0, 0, 0, 9]);
    const { ends } = follow([...half, other, eapolFrame(failure(3))], { times: [0, 0, 0, 0, 0, 300, 301] });
    assert.deepEqual([ends.length, ends[0]?.now.seconds, ends[0]?.flow.conversation.result], [1, 300, null]);
  });

  test('comes early where more are open than are followed', () => {
    const frames = [0, 1, 2, 3].flatMap((who) => handshake.map((eap) => eapolFrame(eap, [2, 0, 0, 0, 1, who])));
    const { flows, tracker } = follow(frames, { maxConversations: 3 });
    assert.deepEqual([flows.length, tracker.evicted()], [4, 1]);
    assert.equal(BOUNDS.eapConversations.value, 4096);
  });
});

test('when all are over, what leads to them takes memory until it is asked for', () => {
  const { tracker, flows } = follow(talk.map((eap) => eapolFrame(eap)));
  assert.equal(flows[0]?.entry.flow, null);
  assert.ok(tracker.holder.bytes() > 0);
  assert.equal(tracker.holder.giveUp(), 0);
  assert.equal(tracker.holder.bytes(), 0);
});

test('any frames, taken or not, end well', () => {
  const frame = fc.oneof(
    fc
      .uint8Array({ maxLength: 60 })
      .map((body) => concat(SUPPLICANT, AUTHENTICATOR, [0x88, 0x8e, 1, 0, 0, body.length], body)),
    fc
      .tuple(
        fc.constantFrom(1, 2, 3, 11),
        fc.nat(3),
        fc.uint8Array({ maxLength: 40 }),
        fc.option(fc.constantFrom('a', 'b')),
      )
      .map(([code, id, eap, state]) => radiusFrame({ code, id, eap, ...(state === null ? {} : { state }) })),
    fc.constantFrom(...talk, failure(3)).map((eap) => eapolFrame(eap)),
    fc
      .tuple(fc.constantFrom(1, 11, 2, 3), fc.nat(3), fc.constantFrom(...talk))
      .map(([code, id, eap]) => radiusFrame({ code, id, eap, state: 'a' })),
  );
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 50 }), (frames) => {
      const { flows, others, taken } = follow(frames);
      const counted = [...flows, ...others].reduce((sum, { packets }) => sum + packets, 0);
      assert.equal(counted, taken.filter(Boolean).length);
    }),
  );
});
