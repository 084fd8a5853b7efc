import { nameKey } from '../distinguished-name.js';

/**
 * Roots that trust stores used to have, or that only operating systems have. Captures of past years end in them, and
 * whoever holds those chains against today's roots would take their authorities for private ones.
 *
 * A name is evidence, not proof: anyone can make a root of that name. So nothing here makes a chain trusted; it only
 * keeps a report from saying "private". Where the root's key identifier is known, it has to agree.
 *
 * Sources: certificates seen in public captures (`*`, key identifiers from there), and the removals listed at
 * https://wiki.mozilla.org/CA/Removed_Certificates and in the history of NSS's certdata.txt.
 */
const retired: readonly (readonly [name: string, keyIdentifier?: string])[] = [
  // AddTrust, of Sectigo; expired in 2020. *
  [
    'CN=AddTrust External CA Root,OU=AddTrust External TTP Network,O=AddTrust AB,C=SE',
    'adbd987a34b426f7fac42654ef03bde024cb541a',
  ],
  ['CN=UTN-USERFirst-Hardware,OU=http://www.usertrust.com,O=The USERTRUST Network,L=Salt Lake City,ST=UT,C=US'],
  // Baltimore and GTE, of DigiCert; expired in 2025 and 2018. *
  ['CN=Baltimore CyberTrust Root,OU=CyberTrust,O=Baltimore,C=IE', 'e59d5930824758ccacfa085436867b3ab5044df0'],
  ['CN=GTE CyberTrust Global Root,OU=GTE CyberTrust Solutions\\, Inc.,O=GTE Corporation,C=US'],
  // Certum; SHA-1. *
  ['CN=Certum CA,O=Unizeto Sp. z o.o.,C=PL'],
  // Deutsche Telekom; expired in 2019. *
  [
    'CN=Deutsche Telekom Root CA 2,OU=T-TeleSec Trust Center,O=Deutsche Telekom AG,C=DE',
    '31c3791bbaf553d717e0897a2d176c0ab32b9d33',
  ],
  // IdenTrust, which cross-signed Let's Encrypt; expired in 2021. *
  ['CN=DST Root CA X3,O=Digital Signature Trust Co.', 'c4a7b1a47b2c71fadbe14b9075ffc41560858910'],
  // Entrust; distrusted from 2024 on. *
  [
    'CN=Entrust.net Certification Authority (2048),OU=(c) 1999 Entrust.net Limited,OU=www.entrust.net/CPS_2048 incorp. by ref. (limits liab.),O=Entrust.net',
    '55e481d11180bed889b908a331f9a1240916b970',
  ],
  [
    'CN=Entrust.net Secure Server Certification Authority,OU=(c) 1999 Entrust.net Limited,OU=www.entrust.net/CPS incorp. by ref. (limits liab.),O=Entrust.net,C=US',
  ],
  // Equifax and GeoTrust, of Symantec; distrusted in 2018. *
  ['OU=Equifax Secure Certificate Authority,O=Equifax,C=US', '48e668f92bd2b295d747d82320104f3398909fd4'],
  ['CN=Equifax Secure Global eBusiness CA-1,O=Equifax Secure Inc.,C=US'],
  ['CN=GeoTrust Global CA,O=GeoTrust Inc.,C=US', 'c07a98688d89fbab05640c117daa7d65b8cacc4e'],
  ['CN=GeoTrust Universal CA,O=GeoTrust Inc.,C=US'],
  ['CN=GeoTrust Primary Certification Authority,O=GeoTrust Inc.,C=US'],
  [
    'CN=GeoTrust Primary Certification Authority - G2,OU=(c) 2007 GeoTrust Inc. - For authorized use only,O=GeoTrust Inc.,C=US',
  ],
  [
    'CN=GeoTrust Primary Certification Authority - G3,OU=(c) 2008 GeoTrust Inc. - For authorized use only,O=GeoTrust Inc.,C=US',
  ],
  // GlobalSign: R2 expired in 2021, R1 left the stores after. *
  ['CN=GlobalSign,O=GlobalSign,OU=GlobalSign Root CA - R2', '9be20757671c1ec06a06de59b49a2ddfdc19862e'],
  ['CN=GlobalSign Root CA,OU=Root CA,O=GlobalSign nv-sa,C=BE', '607b661a450d97ca89502f7d04cd34a8fffcfd4b'],
  // StartCom and WoSign; distrusted in 2016. *
  [
    'CN=StartCom Certification Authority,OU=Secure Digital Certificate Signing,O=StartCom Ltd.,C=IL',
    '4e0bef1aa4405ba517698730ca346843d041aef2',
  ],
  ['CN=Certification Authority of WoSign,O=WoSign CA Limited,C=CN'],
  // Thawte, of Symantec; distrusted in 2018.
  [
    'emailAddress=premium-server@thawte.com,CN=Thawte Premium Server CA,OU=Certification Services Division,O=Thawte Consulting cc,L=Cape Town,ST=Western Cape,C=ZA',
  ],
  [
    'emailAddress=server-certs@thawte.com,CN=Thawte Server CA,OU=Certification Services Division,O=Thawte Consulting cc,L=Cape Town,ST=Western Cape,C=ZA',
  ],
  [
    'CN=thawte Primary Root CA,OU=(c) 2006 thawte\\, Inc. - For authorized use only,OU=Certification Services Division,O=thawte\\, Inc.,C=US',
  ],
  // ValiCert, of Go Daddy; 1024-bit. *
  [
    'emailAddress=info@valicert.com,CN=http://www.valicert.com/,OU=ValiCert Class 2 Policy Validation Authority,O=ValiCert\\, Inc.,L=ValiCert Validation Network',
  ],
  // VeriSign, of Symantec; 1024-bit ones removed in 2014, the others distrusted in 2018. *
  ['OU=Class 3 Public Primary Certification Authority,O=VeriSign\\, Inc.,C=US'],
  ['OU=Secure Server Certification Authority,O=RSA Data Security\\, Inc.,C=US'],
  [
    'OU=VeriSign Trust Network,OU=(c) 1998 VeriSign\\, Inc. - For authorized use only,OU=Class 3 Public Primary Certification Authority - G2,O=VeriSign\\, Inc.,C=US',
  ],
  [
    'CN=VeriSign Class 3 Public Primary Certification Authority - G3,OU=(c) 1999 VeriSign\\, Inc. - For authorized use only,OU=VeriSign Trust Network,O=VeriSign\\, Inc.,C=US',
  ],
  [
    'CN=VeriSign Class 3 Public Primary Certification Authority - G4,OU=(c) 2007 VeriSign\\, Inc. - For authorized use only,OU=VeriSign Trust Network,O=VeriSign\\, Inc.,C=US',
  ],
  [
    'CN=VeriSign Class 3 Public Primary Certification Authority - G5,OU=(c) 2006 VeriSign\\, Inc. - For authorized use only,OU=VeriSign Trust Network,O=VeriSign\\, Inc.,C=US',
  ],
  // Others.
  ['CN=Cybertrust Global Root,O=Cybertrust\\, Inc'],
  ['CN=AddTrust Class 1 CA Root,OU=AddTrust TTP Network,O=AddTrust AB,C=SE'],
];

/** In Apple's or Microsoft's trust stores, and never in Mozilla's. */
const vendor: readonly (readonly [name: string, keyIdentifier?: string])[] = [
  ['CN=Apple Root CA,OU=Apple Certification Authority,O=Apple Inc.,C=US', '2bd06947947609fef46b8d2e40a6f7474d7f085e'],
  ['CN=Apple Root CA - G2,OU=Apple Certification Authority,O=Apple Inc.,C=US'],
  ['CN=Apple Root CA - G3,OU=Apple Certification Authority,O=Apple Inc.,C=US'],
  ['CN=Microsoft Root Certificate Authority 2010,O=Microsoft Corporation,L=Redmond,ST=Washington,C=US'],
  [
    'CN=Microsoft Root Certificate Authority 2011,O=Microsoft Corporation,L=Redmond,ST=Washington,C=US',
    '722d3a02319043b914054ee1eaa7c731d1238934',
  ],
];

/**
 * Whether a root of this name (as RFC 4514 writes it) is a formerly public one, or a vendor's.
 * @param keyIdentifier its key identifier as far as the chain tells, lower-case hexadecimal
 */
export function retiredRoot(name: string, keyIdentifier: string | null): 'retired' | 'vendor' | null {
  index ??= new Map(
    Object.entries({ retired, vendor } as const).flatMap(([kind, roots]) =>
      roots.map(([subject, identifier]) => [nameKey(subject), { kind: kind as 'retired' | 'vendor', identifier }]),
    ),
  );
  const known = index.get(nameKey(name));
  if (known === undefined) return null;
  const differs = known.identifier !== undefined && keyIdentifier !== null && known.identifier !== keyIdentifier;
  return differs ? null : known.kind;
}

let index:
  ReadonlyMap<string, { readonly kind: 'retired' | 'vendor'; readonly identifier: string | undefined }> | undefined;
