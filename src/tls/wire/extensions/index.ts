import { alpn } from './alpn.js';
import { certificateAuthorities } from './certificate-authorities.js';
import { connectionId, draftConnectionId, mbedTlsConnectionId } from './connection-id.js';
import { ecPointFormats } from './ec-point-formats.js';
import type { ExtensionDecoder } from './extension.js';
import { keyShare } from './key-share.js';
import { preSharedKey } from './pre-shared-key.js';
import { pskKeyExchangeModes } from './psk-key-exchange-modes.js';
import { quicTransportParameters, quicTransportParametersDraft } from './quic-transport-parameters.js';
import { serverName } from './server-name.js';
import { signatureAlgorithms } from './signature-algorithms.js';
import { statusRequest } from './status-request.js';
import { supportedGroups } from './supported-groups.js';
import { supportedVersions } from './supported-versions.js';

/** Every extension whose content is decoded. The others are known by name and length. */
export const EXTENSION_DECODERS: ReadonlyMap<number, ExtensionDecoder<unknown>> = new Map(
  [
    alpn,
    certificateAuthorities,
    connectionId,
    draftConnectionId,
    ecPointFormats,
    keyShare,
    mbedTlsConnectionId,
    preSharedKey,
    pskKeyExchangeModes,
    quicTransportParameters,
    quicTransportParametersDraft,
    serverName,
    signatureAlgorithms,
    statusRequest,
    supportedGroups,
    supportedVersions,
  ].map((decoder): [number, ExtensionDecoder<unknown>] => [decoder.type, decoder]),
);
