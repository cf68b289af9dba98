import type { JSX } from 'preact';
import { t } from '../i18n';
import { Field } from '../ui/parts';

export function ReasonField({ required = false, label }: { required?: boolean; label?: string }): JSX.Element {
  const { common } = t();
  return (
    <Field label={label ?? common.reason} hint={required ? common.required : common.optional}>
      <input name="reason" required={required} maxLength={1000} autocomplete="off" data-first />
    </Field>
  );
}

/** What becomes of the events that wait for what is skipped; as the API names it in the form's `dependents`. */
export function DependentsField({ title }: { title: string }): JSX.Element {
  const { dialog } = t();
  return (
    <fieldset class="plan-line">
      <legend>{title}</legend>
      {(['PROCEED', 'FAIL', 'SKIP'] as const).map((one, i) => (
        <label key={one} class="choice check">
          <input type="radio" name="dependents" value={one} defaultChecked={i === 0} />
          <span>{dialog.dependents[one]}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** `90s`, `1.5h` and `2h 30m` as ISO 8601; null for another text. */
export function isoDuration(text: string): string | null {
  const found = text.trim().toLowerCase();
  if (!/^(\d+(\.\d+)?\s*(ms|s|m|min|h|d)\s*)+$/.test(found)) return null;
  const size: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
  let millis = 0;
  for (const [, amount, unit] of found.matchAll(/(\d+(?:\.\d+)?)\s*(ms|min|s|m|h|d)/g)) millis += Number(amount) * (size[unit ?? ''] ?? 0);
  return `PT${Math.round(millis) / 1000}S`;
}
