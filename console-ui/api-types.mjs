// Writes src/api/schema.ts, the types of the operator API, from its OpenAPI document. Every build and test begins with it,
// so that the page does not compile against an API that is no more.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCUMENT = join(import.meta.dirname, '../amends-console/src/main/resources/META-INF/amends/openapi.json');
const TARGET = join(import.meta.dirname, 'src/api/schema.ts');

const property = (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name));

function type(schema) {
  if (schema.$ref) return schema.$ref.replace('#/components/schemas/', '');
  if (schema.oneOf) return schema.oneOf.map(type).join(' | ');
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value).replace(/^"(.*)"$/, "'$1'")).join(' | ');
  const types = [schema.type ?? 'unknown'].flat();
  return types
    .map((one) => {
      switch (one) {
        case 'string':
        case 'boolean':
        case 'null':
        case 'unknown':
          return one;
        case 'integer':
        case 'number':
          return 'number';
        case 'array': {
          const items = type(schema.items);
          return items.includes(' ') ? `readonly (${items})[]` : `readonly ${items}[]`;
        }
        case 'object':
          return schema.additionalProperties ? `Readonly<Record<string, ${type(schema.additionalProperties)}>>` : 'Readonly<Record<string, unknown>>';
        default:
          throw new Error(`no type for ${JSON.stringify(schema)}`);
      }
    })
    .join(' | ');
}

function declaration(name, schema) {
  const lines = [`export interface ${name} {`];
  for (const [key, value] of Object.entries(schema.properties)) {
    if (value.description) lines.push(`  /** ${value.description.replaceAll('*/', '* /')} */`);
    lines.push(`  readonly ${property(key)}${(schema.required ?? []).includes(key) ? '' : '?'}: ${type(value)};`);
  }
  return [...lines, '}'].join('\n');
}

function generate() {
  const document = JSON.parse(readFileSync(DOCUMENT, 'utf8'));
  const operations = Object.values(document.paths)
    .flatMap((path) => Object.values(path))
    .map((operation) => operation.operationId)
    .sort();
  return [
    "// Generated from the operator API's OpenAPI document by api-types.mjs; not to be edited, not in version control.",
    `/** The operations of the API. */\nexport type Operation =\n${operations.map((id) => `  | '${id}'`).join('\n')};`,
    ...Object.entries(document.components.schemas).map(([name, schema]) => declaration(name, schema)),
    '',
  ].join('\n\n').replace(/\n+$/, '\n');
}

writeFileSync(TARGET, generate());
