/**
 * Roots that only operating systems trust, or that left Mozilla's store before the releases of `roots.ts`. They are
 * known by name, and by key identifier if given; they make no chain trusted.
 */
export const OTHER_ROOTS: readonly {
  readonly subject: string;
  readonly subjectKeyIdentifier: string | null;
  readonly store: 'vendor' | 'mozilla';
}[] = [
  // https://www.apple.com/certificateauthority/
  {
    subject: 'CN=Apple Root CA,OU=Apple Certification Authority,O=Apple Inc.,C=US',
    subjectKeyIdentifier: '2bd06947947609fef46b8d2e40a6f7474d7f085e',
    store: 'vendor',
  },
  {
    subject: 'CN=Apple Root CA - G2,OU=Apple Certification Authority,O=Apple Inc.,C=US',
    subjectKeyIdentifier: null,
    store: 'vendor',
  },
  {
    subject: 'CN=Apple Root CA - G3,OU=Apple Certification Authority,O=Apple Inc.,C=US',
    subjectKeyIdentifier: null,
    store: 'vendor',
  },
  // https://www.microsoft.com/pkiops/docs/repository.htm
  {
    subject: 'CN=Microsoft Root Certificate Authority 2010,O=Microsoft Corporation,L=Redmond,ST=Washington,C=US',
    subjectKeyIdentifier: null,
    store: 'vendor',
  },
  {
    subject: 'CN=Microsoft Root Certificate Authority 2011,O=Microsoft Corporation,L=Redmond,ST=Washington,C=US',
    subjectKeyIdentifier: '722d3a02319043b914054ee1eaa7c731d1238934',
    store: 'vendor',
  },
  // https://bugzilla.mozilla.org/show_bug.cgi?id=549701: expired in 2010, and was removed.
  {
    subject: 'OU=Secure Server Certification Authority,O=RSA Data Security\\, Inc.,C=US',
    subjectKeyIdentifier: null,
    store: 'mozilla',
  },
];
