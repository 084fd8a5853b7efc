import { innermost, preambleName, starttlsOption, stepOf, type Preamble } from '../../preamble/preamble.js';
import { closeEvidence, otherConnectionEvidence, preambleEvidence } from '../evidence/citations.js';
import { connectTo } from '../evidence/places.js';
import { defineRule } from '../rule.js';

export const starttlsNotOffered = defineRule({
  id: 'starttls-not-offered',
  title: 'STARTTLS is not offered, or masked on the path',
  description:
    'The server does not list TLS among its capabilities, or a device on the path overwrites that line; a client that insists on TLS leaves.',
  settledBy:
    'A capture on the server: if its greeting differs there from the one here, a device on the path rewrites it.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 3207 §4', 'RFC 3207 §6'],
  messages: {
    explanations: {
      masked:
        'In the list of its capabilities, {server} shows the line {line} in place of STARTTLS: a device on the path overwrote the offer, as firewalls with SMTP inspection do. The client {client} left without asking for TLS.',
      maskedAsked:
        'In the list of its capabilities, {server} shows the line {line} in place of STARTTLS: a device on the path overwrote the offer, as firewalls with SMTP inspection do. The client {client} asked for TLS all the same, and the answer was "{reply}".',
      maskedDemanded:
        'In the list of its capabilities, {server} shows the line {line} in place of STARTTLS: a device on the path overwrote the offer, as firewalls with SMTP inspection do. The client {client} went on without TLS, and the server refuses that: "{reply}".',
      absent:
        '{server} does not list STARTTLS among its capabilities. {client} left as soon as it had the list, without logging in or sending mail: it insists on TLS, or it only checked that the server is there.',
      absentHere:
        '{server} does not list STARTTLS among its capabilities here, although others switched to TLS there: a device on the path may remove it from the list. {client} left as soon as it had the list, without logging in or sending mail: it insists on TLS, or it only checked that the server is there.',
    },
    evidence: {},
    remedies: {
      enable:
        'Switch STARTTLS on at {server} (a certificate and its key are needed), or direct {client} to a port that offers it (SMTP: 587) or begins with TLS (SMTP: 465, IMAP: 993, POP3: 995).',
      network:
        'Switch the inspection of this protocol off on the firewall between {client} and {server} (on Cisco ASA: "no inspect esmtp", or allow-tls).',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {server} -starttls {protocol} </dev/null',
        does: 'shows whether the server goes over to TLS',
        where: 'from-client',
      },
    },
  },
  // Some clients send a ClientHello although the answer was no (OpenSSL's s_client).
  applies: ({ outcome, preamble, serverHello }) =>
    preamble !== null &&
    (outcome === 'not-tls' || (outcome === 'failed' && serverHello === null && innermost(preamble).state === 'masked')),
  judge(connection, context) {
    if (connection.preamble === null) return undefined;
    const preamble = innermost(connection.preamble);
    const offer = stepOf(preamble, 'offer');
    const protocol = starttlsOption(preamble.kind);
    // A client that continues without TLS does not insist on it: the mail is delivered, and nothing has failed.
    if (!isLacking(preamble) || offer === undefined || protocol === undefined) return undefined;
    const next = stepOf(preamble, 'plaintext');
    const isMasked = preamble.state === 'masked';
    // In other protocols, clients ask for nothing before they log in: a log-in says nothing about TLS.
    if (!isMasked && !ASKED_FOR.has(preamble.kind)) return undefined;
    if (connection.ending.how === 'none') return undefined;
    // A client that never sent anything only checked whether the server is there.
    const hasAsked = isMasked || connection.transport.client.bytes > 0;
    const isAsked = stepOf(preamble, 'request') !== undefined;
    const demand = connection.plaintext.find(({ demandsTls }) => demandsTls);
    const hasGoneOn = next !== undefined && !LEAVES.test(next.text) && !isAsked && demand === undefined;
    if (hasGoneOn || (next === undefined && !hasAsked)) return undefined;
    const other = context.serverHistory.acceptedBy(connection).beginnings.get(preamble.kind);
    // Health checks quit when they have the list (HAProxy's smtpchk, swaks), unless the server switches to TLS with others.
    if (!isMasked && next !== undefined && other === undefined) return undefined;
    const data = {
      server: connectTo(connection),
      client: connection.client.address,
      line: offer.text,
      reply: (isAsked ? preamble.reply : demand?.text) ?? '',
      protocol,
    };
    const evidence = [
      ...preambleEvidence(preamble),
      ...closeEvidence(connection),
      ...(isMasked || other === undefined ? [] : otherConnectionEvidence(other, preambleName(preamble.kind))),
    ];
    if (!isMasked) {
      return {
        support: 'open',
        basis: 'fact',
        explanation: { id: other === undefined ? 'absent' : 'absentHere', data },
        evidence,
        remedies: [{ who: 'server', id: 'enable', command: 'confirm', data }],
      };
    }
    return {
      support: 'supported',
      basis: 'fact',
      explanation: { id: isAsked ? 'maskedAsked' : demand === undefined ? 'masked' : 'maskedDemanded', data },
      evidence,
      remedies: [{ who: 'network', id: 'network', command: 'confirm', data }],
    };
  },
});

/** Protocols in which clients ask for the list of capabilities, and what they say next is known. */
const ASKED_FOR: ReadonlySet<Preamble['kind']> = new Set(['smtp-starttls', 'imap-starttls', 'pop3-starttls']);

/** Whether the server's list of capabilities lacks TLS, by itself or because of a device. */
const isLacking = ({ state }: Preamble): boolean => state === 'masked' || state === 'not-offered';

/** How a client says goodbye: IMAP puts a tag first. */
const LEAVES = /^(?:\w+ )?(?:QUIT|LOGOUT)\b/i;
