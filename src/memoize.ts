/**
 * Caches the last answer of `compute`: one rule after another asks about the same connection, and a map lookup would
 * cost more than most answers.
 */
export function memoizeLast<Subject extends object, Answer>(
  compute: (subject: Subject) => Answer,
): (subject: Subject) => Answer {
  let last: Subject | undefined;
  let answer: Answer | undefined;
  return (subject) => {
    if (last !== subject) {
      answer = compute(subject);
      last = subject;
    }
    return answer as Answer;
  };
}

/**
 * Caches the answers of `compute` for as long as their subjects live: for what many connections share, such as
 * certificates and the lists of ClientHellos.
 */
export function memoize<Subject extends object, Answer extends object | string | boolean | number | null>(
  compute: (subject: Subject) => Answer,
): (subject: Subject) => Answer {
  const known = new WeakMap<Subject, Answer>();
  return (subject) => {
    let answer = known.get(subject);
    if (answer === undefined) known.set(subject, (answer = compute(subject)));
    return answer;
  };
}

/** Caches what `make` returns, from the first call on. */
export function lazy<Value extends object>(make: () => Value): () => Value {
  let value: Value | undefined;
  return () => (value ??= make());
}

/** Caches the answers of `compute` for good: for keys of which the program, and not a capture, knows a limited number. */
export function memoizeByKey<Key extends string | number, Answer extends object | null>(
  compute: (key: Key) => Answer,
): (key: Key) => Answer {
  const known = new Map<Key, Answer>();
  return (key) => {
    let answer = known.get(key);
    if (answer === undefined) known.set(key, (answer = compute(key)));
    return answer;
  };
}

/**
 * Caches the last answer about each subject: the next question about it is usually the same, by `===` if not by
 * `isSame`.
 */
export function memoizeLastQuestion<Subject extends object, Question, Answer>(
  compute: (subject: Subject, question: Question) => Answer,
  isSame: (one: Question, other: Question) => boolean = (one, other) => one === other,
): (subject: Subject, question: Question) => Answer {
  const known = new WeakMap<Subject, { readonly question: Question; readonly answer: Answer }>();
  return (subject, question) => {
    const last = known.get(subject);
    if (last !== undefined && isSame(last.question, question)) return last.answer;
    const answer = compute(subject, question);
    known.set(subject, { question, answer });
    return answer;
  };
}

/**
 * Caches the answers of a `compute` that uses only these fields, by the first of them. ClientHellos of one client
 * program share their lists, so comparing the other fields takes no time.
 */
export function memoizeByFields<Field extends string, Answer>(
  fields: readonly [Field, ...Field[]],
  compute: (lists: Lists<Field>) => Answer,
): (lists: Lists<Field>) => Answer {
  const known = new WeakMap<readonly string[], { readonly lists: Lists<Field>; readonly answer: Answer }>();
  return (lists) => {
    const first = lists[fields[0]];
    const last = known.get(first);
    if (last !== undefined && areAlike(fields, last.lists, lists)) return last.answer;
    const answer = compute(lists);
    known.set(first, { lists, answer });
    return answer;
  };
}

type Lists<Field extends string> = Readonly<Record<Field, readonly string[]>>;

function areAlike<Field extends string>(fields: readonly Field[], one: Lists<Field>, other: Lists<Field>): boolean {
  for (const field of fields) {
    if (!isSameList(one[field], other[field])) return false;
  }
  return true;
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one === other || (one.length === other.length && one.every((name, index) => name === other[index]));
}
