import type { Rule } from '../rule.js';
import { certificateExpiring } from './certificate-expiring.js';
import { connectionChurn } from './connection-churn.js';
import { insecureRenegotiation } from './insecure-renegotiation.js';
import { noForwardSecrecy } from './no-forward-secrecy.js';
import { obsoleteProtocol } from './obsolete-protocol.js';
import { pushTopicChanged } from './push-topic-changed.js';
import { slowHandshake } from './slow-handshake.js';
import { weakCipherSuite } from './weak-cipher-suite.js';

/** The rules for risks, the most pressing first. */
export const RISKS: readonly Rule[] = [
  certificateExpiring,
  pushTopicChanged,
  obsoleteProtocol,
  weakCipherSuite,
  insecureRenegotiation,
  noForwardSecrecy,
  slowHandshake,
  connectionChurn,
];
