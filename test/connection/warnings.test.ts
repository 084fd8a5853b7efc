import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createNoteCounter } from '../../src/connection/warnings.js';
import { concat } from '../support/captures.js';
import { connectionsOf, conversation, type Conversation } from '../support/conversation.js';
import { said } from '../support/notices.js';

/** A greeting of MySQL whose flags lack CLIENT_SSL. */
const MYSQL = concat(
  [0x4a, 0, 0, 0, 10],
  Buffer.from('8.0.36\0'),
  [1, 0, 0, 0],
  Buffer.from('challenge'),
  [0xff, 0xf7],
);
const LIST = '250-mail.example\r\n250 SIZE\r\n';

/** What the capture says of a connection to the port, and the connection itself. */
function warningsOf(serverPort: number, speak: (talk: Conversation) => void): { notes: string[]; warnings: string[] } {
  const talk = conversation({ serverPort });
  talk.open();
  speak(talk);
  const counter = createNoteCounter();
  const connections = connectionsOf(talk.segments);
  for (const connection of connections) counter.add(connection);
  return {
    notes: connections.flatMap(({ notes }) => notes.map(said)),
    warnings: (counter.warnings().get(0) ?? []).map(said),
  };
}

const leave = (talk: Conversation): void => {
  talk.fin('client');
  talk.fin('server');
  talk.ack('client');
};
const askForList = (talk: Conversation): void => {
  talk.say('server', '220 mail.example ESMTP\r\n');
  talk.say('client', 'EHLO client.example\r\n');
  talk.say('server', LIST);
};

describe('a client that leaves because the server does not offer TLS, or after a check', () => {
  test('is noted, with its server, and not called a failure: without a word (MySQL)', () => {
    const { notes, warnings } = warningsOf(3306, (talk) => {
      talk.say('server', MYSQL);
      leave(talk);
    });
    assert.deepEqual(notes, ['the server did not offer TLS (MySQL SSLRequest), and the client left']);
    assert.deepEqual(warnings, [
      '1 of 1 connections ended after the server had not offered TLS (first seen at 198.51.100.2:3306): clients that insist on TLS leave then, and so do checks of a server',
    ]);
  });

  test('and with a good-bye (msmtp, swaks, Postfix)', () => {
    const { notes } = warningsOf(587, (talk) => {
      askForList(talk);
      talk.say('client', 'QUIT\r\n');
      leave(talk);
    });
    assert.deepEqual(notes, ['the server did not offer TLS (SMTP STARTTLS), and the client left']);
  });

  test('is not, where it goes on, breaks off, or is still there', () => {
    const silent: readonly ((talk: Conversation) => void)[] = [
      (talk) => {
        askForList(talk);
        talk.say('client', 'MAIL FROM:<a@client.example>\r\n');
        leave(talk);
      },
      (talk) => {
        askForList(talk);
        leave(talk);
      },
      (talk) => {
        askForList(talk);
        talk.say('client', 'QUIT\r\n');
      },
    ];
    for (const speak of silent) assert.deepEqual(warningsOf(587, speak), { notes: [], warnings: [] });
  });
});
