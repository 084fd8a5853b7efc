import { latin1, u8 } from '../bytes.js';
import type { PreambleProtocol, Turn } from './protocol.js';
import { exchangeAt, exchangeSteps, facts, firstLine, firstOf } from './protocol.js';

/** Object identifier of the StartTLS extended operation (RFC 4511 §4.14). */
const START_TLS = Buffer.from('1.3.6.1.4.1.1466.20037');
const SEQUENCE = 0x30;
const EXTENDED_RESPONSE = 0x78;
const BIND_REQUEST = 0x60;
const BIND_RESPONSE = 0x61;
const ENUMERATED = 0x0a;
/** A SEQUENCE and a messageID, each with a tag and a length of at most three bytes, precede the operation (RFC 4511 §4.1.1). */
const MOST_BEFORE_OPERATION = 10;

/** The result codes with which servers refuse (RFC 4511 §4.1.9). */
const RESULTS: ReadonlyMap<number, string> = new Map([
  [1, 'operationsError'],
  [2, 'protocolError'],
  [8, 'strongerAuthRequired'],
  [51, 'busy'],
  [52, 'unavailable'],
  [53, 'unwillingToPerform'],
]);

/** StartTLS of LDAP (RFC 4511 §4.14): an extended request; resultCode 0 in the response accepts it. */
export const ldap: PreambleProtocol<'ldap-starttls'> = {
  kind: 'ldap-starttls',
  name: 'LDAP StartTLS',
  starttls: 'ldap',
  recognise(turns) {
    const request = firstOf(turns, 'client');
    if (request?.bytes[0] !== SEQUENCE || Buffer.from(request.bytes).indexOf(START_TLS) < 0) return null;
    const exchange = exchangeAt(turns, request);
    const said = exchange.answer?.bytes;
    const isLdap = said?.[0] === SEQUENCE;
    const code = isLdap ? resultOf(said, EXTENDED_RESPONSE) : null;
    const result = code === null || code <= 0 ? null : `${RESULTS.get(code) ?? 'resultCode'} (${code})`;
    const reply = isLdap || said === undefined ? result : firstLine(latin1(said));
    const refusal = isServedAfter(turns, exchange.sequel) ? 'declined' : 'refused';
    const state = !isLdap ? 'requested' : code === 0 ? 'accepted' : refusal;
    const words = { request: 'StartTLS', answer: reply ?? (code === 0 ? 'success' : ''), sequel: '' };
    return facts(state, exchangeSteps(exchange, words), reply);
  },
};

/** Whether the client, which does not insist on TLS (`ldapsearch -Z`), then logs in without, and may. */
function isServedAfter(turns: readonly Turn[], sequel: Turn | null): boolean {
  if (sequel?.bytes[0] !== SEQUENCE) return false;
  const bind = sequel.bytes.subarray(0, MOST_BEFORE_OPERATION).indexOf(BIND_REQUEST);
  const { answer } = exchangeAt(turns, sequel);
  return bind >= 0 && answer?.bytes[0] === SEQUENCE && resultOf(answer.bytes, BIND_RESPONSE) === 0;
}

/** The resultCode follows the tag of the response and its length, as an ENUMERATED of one byte; -1 if absent. */
function resultOf(response: Uint8Array, tag: number): number {
  const operation = response.indexOf(tag);
  const result = operation < 0 ? -1 : response.indexOf(ENUMERATED, operation + 1);
  return result >= 0 && response[result + 1] === 1 && result + 2 < response.length ? u8(response, result + 2) : -1;
}
