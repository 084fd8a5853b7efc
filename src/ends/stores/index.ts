import type { StoreFormat } from './format.js';
import { jks } from './jks.js';
import { der, pem } from './pem.js';
import { pkcs12 } from './pkcs12.js';
import { pkcs7 } from './pkcs7.js';

/** Every format of certificate stores, recognised by content: the first match reads a file. */
export const STORE_FORMATS: readonly StoreFormat[] = [jks, der, pkcs7, pkcs12, pem];
