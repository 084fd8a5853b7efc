/**
 * tls-postmortem as a library:
 *
 *     import { analyze } from 'tls-postmortem';
 *     const { summary, diagnoses } = await analyze(['incident.pcap']);
 */
export { analyze, EndFileError, KeyLogError } from './analyze.js';
export type { Passwords } from './ends/stores/format.js';
export type { AnalyzeOptions, Progress } from './analyze.js';
export { CaptureError } from './capture/error.js';
export type { CaptureWarning } from './capture/frame.js';
export type { CaptureSummary } from './capture/open.js';
export { formatTimestamp, millisecondsBetween, toMilliseconds } from './capture/timestamp.js';
export type { Timestamp } from './capture/timestamp.js';
export type * from './connection/connection.js';
export type { Attempt, OfferChange, Retries, Try } from './diagnose/evidence/attempts.js';
export type { Context } from './diagnose/context.js';
export type { Change, Timeline, Success, Successes } from './diagnose/evidence/timeline.js';
export type { KeyResults, Results, Summary } from './diagnose/results.js';
export type { Actor, Command, CommandPlace, Data, Duration, List, Party, Phrase, Times, Value } from './message.js';
export type { Basis, Evidence, Remedy, Verdict } from './diagnose/verdict.js';
export { BaselineError, compareWithBaseline, parseBaseline } from './diagnose/baseline.js';
export type { Baseline, BaselineComparison, KnownDiagnosis } from './diagnose/baseline.js';
export type { Certainty } from './diagnose/certainty.js';
export type { DiagnosedConnection, Diagnosis, Finding, Role } from './diagnose/finding.js';
export type { Rule, Severity } from './diagnose/rule.js';
export { NOTICES } from './notices.js';
export type { Notice, NoticeCode } from './notices.js';
export { RULES } from './diagnose/rules/index.js';
export { DEFAULTS, formats, writeReport } from './report/index.js';
export type * from './report/json/contract.js';
export type { CreateWriter, Format, ReportOptions, ReportWriter, Selection } from './report/index.js';
export type { Preamble } from './preamble/preamble.js';
export type { Certificate } from './x509/certificate.js';
