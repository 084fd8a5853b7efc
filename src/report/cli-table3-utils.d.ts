// cli-table3 measures text with the string-width that it brings along; its types leave that function out.
declare module 'cli-table3/src/utils.js' {
  const utils: {
    /** Columns that the text takes in a terminal, ANSI colours not counted. */
    strlen(text: string): number;
  };
  export = utils;
}
