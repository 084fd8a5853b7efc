/** Where to read what a report cites. */

/** `RFC 8446 §6.2`, `RFC 5246 §E.1`, or an RFC as a whole. */
const REFERENCE = /RFC (\d{3,5})(?: §([A-Z](?:\.\d+)*|\d+(?:\.\d+)*))?/g;

/** The text with every RFC in it made a link, by its address and the words that name it. */
export function linkRfcs(text: string, link: (words: string, address: string) => string): string {
  return text.replace(REFERENCE, (words: string, number: string, section: string | undefined) => {
    const isAppendix = section !== undefined && /^[A-Z]/.test(section);
    const part = section === undefined ? '' : `#${isAppendix ? 'appendix' : 'section'}-${section}`;
    return link(words, `https://www.rfc-editor.org/rfc/rfc${number}${part}`);
  });
}
