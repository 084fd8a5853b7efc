const BAD_REQUEST = /^HTTP\/1\.[01] 400\b/;
const REDIRECT = /^HTTP\/1\.[01] 30[1278]\b/;

/** Whether these are the words of a web server that could not read a request (400 Bad Request). */
export const isBadRequest = (words: string): boolean => BAD_REQUEST.test(words);

/** Whether these are the words of a web server that has the answer elsewhere (RFC 9110 §15.4). */
export const isRedirect = (words: string): boolean => REDIRECT.test(words);
