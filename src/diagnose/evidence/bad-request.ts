const BAD_REQUEST = /^HTTP\/1\.[01] 400\b/;

/** Whether these are the words of a web server that could not read a request (400 Bad Request). */
export const isBadRequest = (words: string): boolean => BAD_REQUEST.test(words);
