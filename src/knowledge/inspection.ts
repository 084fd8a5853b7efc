/**
 * A product that opens TLS connections to inspect them, recognised by the authority that it makes certificates with.
 */
interface Inspector {
  readonly product: string;
  /** Matches the issuer's distinguished name, which may be long: patterns span only a few words. */
  readonly issuer: RegExp;
}

/**
 * Products whose authority has their name by default: from their documentation, and from Durumeric et al., "The
 * Security Impact of HTTPS Interception" (NDSS 2017).
 */
const INSPECTORS: readonly Inspector[] = [
  { product: 'Zscaler', issuer: /\bZscaler\b/i },
  { product: 'FortiGate', issuer: /\bFortinet\b|\bFortiGate\b/i },
  { product: 'Netskope', issuer: /\bNetskope\b|goskope\.com/i },
  { product: 'Cisco Umbrella', issuer: /\bCisco Umbrella\b/i },
  { product: 'Symantec ProxySG', issuer: /\bBlue ?Coat\b|\bProxySG\b/i },
  { product: 'Sophos', issuer: /\bSophos\b/i },
  { product: 'SonicWall', issuer: /\bDPI-SSL\b/i },
  { product: 'WatchGuard', issuer: /\bWatchGuard\b|\bFireware HTTPS Proxy\b/i },
  { product: 'Forcepoint', issuer: /\bForcepoint\b|\bWebsense\b/i },
  { product: 'Skyhigh Web Gateway', issuer: /\bMcAfee Web Gateway\b|\bSkyhigh\b/i },
  { product: 'Barracuda', issuer: /\bBarracuda\b/i },
  { product: 'iboss', issuer: /\biboss\b/i },
  { product: 'Untangle', issuer: /\bUntangle\b/i },
  { product: 'Securly', issuer: /\bSecurly\b/i },
  { product: 'Lightspeed', issuer: /\bLightspeed Systems\b/i },
  { product: 'Smoothwall', issuer: /\bSmoothwall\b/i },
  { product: 'Cloudflare Gateway', issuer: /\bGateway CA - Cloudflare\b|Cloudflare for Teams/i },
  { product: 'Kaspersky', issuer: /\bKaspersky\b/i },
  { product: 'ESET', issuer: /\bESET SSL Filter\b/i },
  { product: 'Avast or AVG', issuer: /\b(?:avast!?|AVG)\b.{0,40}\bShield\b/i },
  { product: 'Bitdefender', issuer: /\bBitdefender\b/i },
  { product: 'Dr.Web', issuer: /\bDr\.? ?Web\b/i },
  { product: 'AdGuard', issuer: /\bAdguard Personal CA\b/i },
  { product: 'mitmproxy', issuer: /\bmitmproxy\b/i },
  { product: 'Charles', issuer: /\bCharles Proxy\b/i },
  { product: 'Fiddler', issuer: /\bDO_NOT_TRUST_FiddlerRoot\b|\bFiddler\b/i },
  { product: 'Burp Suite', issuer: /\bPortSwigger\b/i },
  { product: 'ZAP', issuer: /\bOWASP (?:Root CA|Zed Attack Proxy)|\bZAP Root CA\b/i },
  { product: 'Superfish', issuer: /\bSuperfish\b/i },
];

/** The product in an issuer's name, written as in RFC 4514; null if there is none. */
export function inspectorNamed(issuer: string): string | null {
  return INSPECTORS.find((one) => one.issuer.test(issuer))?.product ?? null;
}

/** Names that administrators give to authorities for inspection. */
const BY_PURPOSE =
  /\b(?:TLS|SSL|HTTPS)[ _-]?(?:inspection|interception|decryption|scanning|filter(?:ing)?|proxy|forward proxy)\b|\bforward[ _-]?(?:un)?trust\b|\bdeep inspection\b|\bsecure web gateway\b/i;

/** Whether an issuer's name says that it is for inspection. */
export function isNamedForInspection(issuer: string): boolean {
  return BY_PURPOSE.test(issuer);
}
