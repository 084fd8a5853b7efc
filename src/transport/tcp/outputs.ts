import type { ByteSink } from '../flow.js';
import type { TcpConnection } from './connection.js';
import type { StreamOutput } from './stream.js';

/** The outputs of a connection's two streams; valid until those of another connection are requested. */
export type Outputs<Content> = (connection: TcpConnection<Content>) => readonly [StreamOutput, StreamOutput];

/** As `StreamOutput`, reused for one connection after another. */
type Output<Content> = Omit<StreamOutput<Content>, 'content'> & { content: Content | null };

export function createOutputs<Content>(sink: ByteSink<Content>): Outputs<Content> {
  const outputs: readonly [Output<Content>, Output<Content>] = [
    { sink, content: null, direction: 0 },
    { sink, content: null, direction: 1 },
  ];
  return (connection) => {
    connection.content ??= sink.open();
    outputs[0].content = outputs[1].content = connection.content;
    return outputs;
  };
}
