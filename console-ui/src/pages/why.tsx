import type { JSX } from 'preact';
import { t } from '../i18n';
import { causeName } from '../ui/cause';

/** What a fingerprint was made of: each line begins with what it is, in the words of the server. */
const PARTS = ['processor', 'error', 'frame', 'message', 'codec', 'event type', 'reason'] as const;
type Part = (typeof PARTS)[number];

/** The lines by what they are, in the order of the server; a line of a newer version is not lost. */
export function partsOf(lines: readonly string[]): readonly (readonly [Part | null, readonly string[]])[] {
  const parts = new Map<Part | null, string[]>();
  for (const line of lines) {
    const part = PARTS.find((one) => line.startsWith(`${one} `)) ?? null;
    const value = part === null ? line : line.slice(part.length + 1);
    parts.set(part, [...(parts.get(part) ?? []), value]);
  }
  return [...parts];
}

/** Why failures are in one group: all that is the same in them, and by which version of the rule. */
export function Why({ lines, fingerprint }: { lines: readonly string[]; fingerprint: string }): JSX.Element {
  const { why } = t().causes;
  if (lines.length === 0) return <p class="quiet small">{why.unknown}</p>;
  return (
    <>
      <dl class="facts">
        {partsOf(lines).map(([part, values]) => (
          <div key={part}>
            <dt>{part === null ? why.other : why.part[part]}</dt>
            <dd class={part === 'reason' ? undefined : 'mono'}>
              {values.map((value, i) => (
                <div key={i} lang={part === 'reason' ? undefined : 'en'}>
                  {part === 'reason' ? causeName({ errorCode: '', reason: value }) : value || t().common.none}
                </div>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <p class="quiet small">{why.rule(fingerprint.split(':')[0] ?? '')}</p>
    </>
  );
}
