/** The text of a filter: `processor:points key:"order 7" words`. What a chip says, the text says as well. */
export interface Filter {
  /** By field, in the order of writing; the last one of a field counts. */
  readonly fields: ReadonlyMap<string, string>;
  /** What has no field. */
  readonly words: string;
}

export function parseFilter(text: string): Filter {
  const fields = new Map<string, string>();
  const words: string[] = [];
  let i = 0;
  while (i < text.length) {
    if (/\s/.test(text[i] ?? '')) {
      i++;
      continue;
    }
    const start = i;
    let name = '';
    while (i < text.length && /[a-z]/.test(text[i] ?? '')) i++;
    if (i > start && text[i] === ':' && i + 1 < text.length && !/\s/.test(text[i + 1] ?? '')) {
      name = text.slice(start, i);
      i++;
    } else i = start;
    let value = '';
    if (text[i] === '"') {
      i++;
      while (i < text.length && text[i] !== '"') {
        if (text[i] === '\\' && i + 1 < text.length) i++;
        value += text[i];
        i++;
      }
      i++;
    } else {
      while (i < text.length && !/\s/.test(text[i] ?? '')) {
        value += text[i];
        i++;
      }
    }
    if (name) {
      fields.delete(name);
      fields.set(name, value);
    } else if (value) words.push(value);
  }
  return { fields, words: words.join(' ') };
}

const needsQuotes = (value: string): boolean => value === '' || /[\s"\\]/.test(value);

const quoted = (value: string): string => (needsQuotes(value) ? `"${value.replace(/[\\"]/g, '\\$&')}"` : value);

export function printFilter(filter: Filter): string {
  const parts = [...filter.fields].map(([name, value]) => `${name}:${quoted(value)}`);
  if (filter.words) {
    // a word that looks like a field is quoted, so that it stays a word
    const plain = filter.words.split(' ').every((word) => word !== '' && !/["\\]/.test(word) && !/^[a-z]+:./.test(word));
    parts.push(plain ? filter.words : `"${filter.words.replace(/[\\"]/g, '\\$&')}"`);
  }
  return parts.join(' ');
}
