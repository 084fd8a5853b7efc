/**
 * `compute`, with its last answer remembered: one rule after another asks the same of one connection, and to look it up in
 * a map would cost more than most answers.
 */
export function remembering<Subject extends object, Answer>(
  compute: (subject: Subject) => Answer,
): (subject: Subject) => Answer {
  let last: { readonly subject: Subject; readonly answer: Answer } | undefined;
  return (subject) => {
    if (last?.subject !== subject) last = { subject, answer: compute(subject) };
    return last.answer;
  };
}
