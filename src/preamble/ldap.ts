import { latin1, u8 } from '../bytes.js';
import type { PreambleProtocol } from './protocol.js';
import { exchangeAt, exchangeSteps, facts, firstLine, firstOf } from './protocol.js';

/** Object identifier of the StartTLS extended operation (RFC 4511 §4.14). */
const START_TLS = Buffer.from('1.3.6.1.4.1.1466.20037');
const SEQUENCE = 0x30;
const EXTENDED_RESPONSE = 0x78;
const ENUMERATED = 0x0a;

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
    const code = isLdap ? resultOf(said) : null;
    const result = code === null || code <= 0 ? null : `${RESULTS.get(code) ?? 'resultCode'} (${code})`;
    const reply = isLdap || said === undefined ? result : firstLine(latin1(said));
    const state = !isLdap ? 'requested' : code === 0 ? 'accepted' : 'refused';
    const words = { request: 'StartTLS', answer: reply ?? (code === 0 ? 'success' : ''), sequel: '' };
    return facts(state, exchangeSteps(exchange, words), reply);
  },
};

/** The resultCode follows the ExtendedResponse tag and its length, as an ENUMERATED of one byte; -1 if absent. */
function resultOf(response: Uint8Array): number {
  const operation = response.indexOf(EXTENDED_RESPONSE);
  const result = operation < 0 ? -1 : response.indexOf(ENUMERATED, operation + 1);
  return result >= 0 && response[result + 1] === 1 && result + 2 < response.length ? u8(response, result + 2) : -1;
}
