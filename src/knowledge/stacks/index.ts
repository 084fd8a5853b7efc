import { apple } from './apple.js';
import { boringssl } from './boringssl.js';
import { botan } from './botan.js';
import { chromium } from './chromium.js';
import { erlang } from './erlang.js';
import { gnutls } from './gnutls.js';
import { go } from './go.js';
import { jsse } from './jsse.js';
import { mbedtls } from './mbedtls.js';
import { nodejs } from './nodejs.js';
import { nss } from './nss.js';
import { openssl } from './openssl.js';
import { rustls } from './rustls.js';
import { schannel } from './schannel.js';
import { wolfssl } from './wolfssl.js';

/** All known stacks, one file each. At most one of them matches a ClientHello. */
export const STACKS = [
  openssl,
  nodejs,
  gnutls,
  nss,
  jsse,
  go,
  boringssl,
  chromium,
  apple,
  schannel,
  rustls,
  erlang,
  mbedtls,
  wolfssl,
  botan,
] as const;

export type StackName = (typeof STACKS)[number]['name'];
