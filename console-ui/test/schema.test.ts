import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
// @ts-expect-error a script without types
import { generate } from '../api-types.mjs';

test("the types are those of the operator API's document", () => {
  expect(readFileSync(join(import.meta.dirname, '../src/api/schema.ts'), 'utf8'), 'run npm run api-types').toBe(generate());
});
