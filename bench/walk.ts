/** Walks the packets of a capture with pcap-parser, doing nothing with them: the least that a program built on it costs. */
import { parse } from 'pcap-parser';

let bytes = 0;
parse(process.argv[2] ?? '')
  .on('packet', ({ data }: { data: Buffer }) => {
    bytes += data.length;
  })
  .on('end', () => {
    console.log(bytes);
  });
