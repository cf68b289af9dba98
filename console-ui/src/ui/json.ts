/** JSON text with line breaks and indents. Numbers stay as they are written: an id of 19 digits is not a double. */
export function prettyJson(text: string): string {
  let out = '';
  let depth = 0;
  let inText = false;
  const line = () => `\n${'  '.repeat(depth)}`;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    if (inText) {
      out += char;
      if (char === '\\') out += text[++i] ?? '';
      else if (char === '"') inText = false;
    } else if (char === '"') {
      inText = true;
      out += char;
    } else if (char === '{' || char === '[') {
      const close = char === '{' ? '}' : ']';
      const next = text.slice(i + 1).search(/\S/);
      if (next >= 0 && text[i + 1 + next] === close) {
        out += char + close;
        i += next + 1;
      } else {
        depth++;
        out += char + line();
      }
    } else if (char === '}' || char === ']') {
      depth = Math.max(0, depth - 1);
      out += line() + char;
    } else if (char === ',') out += char + line();
    else if (char === ':') out += ': ';
    else if (!/\s/.test(char)) out += char;
  }
  return out;
}
