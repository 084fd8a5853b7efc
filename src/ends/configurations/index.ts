import type { ConfigurationFormat } from './configuration.js';
import { haproxy } from './haproxy.js';
import { httpd } from './httpd.js';
import { javaSecurity } from './java-security.js';
import { nginx } from './nginx.js';
import { opensslCnf } from './openssl-cnf.js';
import { sslyze, testssl } from './scans.js';

/** Every format of configurations, recognised by content: the first match reads a file. */
export const CONFIGURATION_FORMATS: readonly ConfigurationFormat[] = [
  sslyze,
  testssl,
  javaSecurity,
  httpd,
  haproxy,
  nginx,
  opensslCnf,
];
