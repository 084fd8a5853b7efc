import { innerAuthenticationFailed } from '../../../src/diagnose/rules/inner-authentication-failed.js';
import { encryptedRecord, sighting } from '../../support/connections.js';
import { eapConnection } from '../../support/eap-connections.js';
import { testRule } from '../../support/rule-tester.js';

const result = { ...sighting('server', 20), isSuccess: false };
const started = (method: string) => [{ ...sighting('server', 3), method }];

testRule(innerAuthenticationFailed, {
  basis: 'fact',
  fires: [
    {
      name: 'a password inside of the tunnel is refused',
      connection: eapConnection({
        eap: { started: started('PEAP'), result },
        encryptedRecords: [encryptedRecord('client', 17, 60)],
      }),
      support: 'confirmed',
      explanation: 'tunnel',
      data: { method: 'PEAP', identity: 'alice' },
      frames: [17, 20],
    },
    {
      name: 'a device whose certificate is good is refused',
      connection: eapConnection({ eap: { started: started('EAP-TLS'), result }, encryptedRecords: [] }),
      support: 'confirmed',
      explanation: 'policy',
      frames: [20],
    },
  ],
  silent: [
    {
      name: 'the hellos are not in the capture: the data may be the client’s flight of TLS 1.3',
      connection: eapConnection({
        clientHello: null,
        serverHello: null,
        eap: { started: started('PEAP'), result },
        encryptedRecords: [encryptedRecord('client', 17, 60)],
      }),
    },
    {
      name: 'the handshake failed',
      connection: eapConnection({ outcome: 'failed', eap: { started: started('PEAP'), result } }),
    },
  ],
});
