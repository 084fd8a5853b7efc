import type { PreambleProtocol } from './preamble.js';
import { firstOf } from './preamble.js';

/** Object identifier of the StartTLS extended operation (RFC 4511 §4.14). */
const START_TLS = Buffer.from('1.3.6.1.4.1.1466.20037');
const SEQUENCE = 0x30;
const EXTENDED_RESPONSE = 0x78;
const ENUMERATED = 0x0a;

/** StartTLS of LDAP (RFC 4511 §4.14): an extended request; the response has resultCode 0 when it is accepted. */
export const ldap: PreambleProtocol = {
  kind: 'ldap-starttls',
  recognise(turns) {
    const request = firstOf(turns, 'client');
    if (request?.[0] !== SEQUENCE || Buffer.from(request).indexOf(START_TLS) < 0) return null;
    const response = firstOf(turns, 'server');
    return { target: null, originalClient: null, answer: response === null ? 'none' : answerOf(response), reply: null };
  },
};

/** The resultCode follows the ExtendedResponse tag and its length, as an ENUMERATED of one byte. */
function answerOf(response: Uint8Array): 'accepted' | 'refused' {
  const operation = response.indexOf(EXTENDED_RESPONSE);
  const result = operation < 0 ? -1 : response.indexOf(ENUMERATED, operation + 1);
  return result >= 0 && response[result + 1] === 1 && response[result + 2] === 0 ? 'accepted' : 'refused';
}
