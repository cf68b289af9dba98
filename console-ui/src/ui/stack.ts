/** A stack trace in parts that fold: own frames one by one, runs of framework frames together. */
export type StackPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'own'; readonly text: string }
  | { readonly kind: 'framework'; readonly lines: readonly string[] };

const MAX_CHARS = 64 * 1024;
const MAX_LINES = 500;

const FRAMEWORK = [
  'java.',
  'javax.',
  'jdk.',
  'sun.',
  'com.sun.',
  'jakarta.',
  'kotlin.',
  'kotlinx.',
  'reactor.',
  'org.springframework.',
  'org.hibernate.',
  'org.apache.',
  'org.postgresql.',
  'org.aspectj.',
  'com.zaxxer.',
  'com.fasterxml.',
  'tools.jackson.',
  'io.netty.',
  'io.micrometer.',
  'io.amends.api.',
  'io.amends.core.',
  'io.amends.jdbc.',
  'io.amends.jackson.',
  'io.amends.spring.',
  'io.amends.testkit.',
];

/** The class and method of a frame's line without its module or loader; null for another line. */
function frame(line: string): string | null {
  const text = line.trimStart();
  if (!text.startsWith('at ')) return null;
  const call = text.slice(3);
  const open = call.indexOf('(');
  const slash = call.lastIndexOf('/', open < 0 ? call.length : open);
  return call.slice(slash + 1);
}

/** Line by line, in linear time, whatever the text is; it stops at 64 KiB and 500 lines as the server does. */
export function parseStack(stack: string): StackPart[] {
  const parts: StackPart[] = [];
  let run: string[] = [];
  const flush = () => {
    if (run.length > 0) parts.push({ kind: 'framework', lines: run });
    run = [];
  };
  let from = 0;
  const text = stack.length > MAX_CHARS ? stack.slice(0, MAX_CHARS) : stack;
  for (let n = 0; n < MAX_LINES && from < text.length; n++) {
    const end = text.indexOf('\n', from);
    const line = text.slice(from, end < 0 ? text.length : end).replace(/\r$/, '');
    from = end < 0 ? text.length : end + 1;
    const call = frame(line);
    if (call === null) {
      flush();
      if (line.trim() !== '') parts.push({ kind: 'text', text: line });
    } else if (FRAMEWORK.some((prefix) => call.startsWith(prefix)) || call.startsWith('$Proxy') || call.includes('$$')) {
      run.push(line.trim());
    } else {
      flush();
      parts.push({ kind: 'own', text: line.trim() });
    }
  }
  flush();
  return parts;
}

/** `Faults$FaultException` of `io.shop.Faults$FaultException`, and `FaultException` of that. */
export function shortName(className: string): string {
  return className.slice(Math.max(className.lastIndexOf('.'), className.lastIndexOf('$')) + 1) || className;
}
