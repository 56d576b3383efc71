// The declarations: a program that uses all of them compiles, under the settings that programs have.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { PACKAGE } from './support.mjs';

const tsc = path.join(PACKAGE, 'node_modules/typescript/bin/tsc');
const dist = path.join(PACKAGE, 'dist');

for (const [what, options] of Object.entries({
  'ES modules, strict': ['--module', 'node16', '--moduleResolution', 'node16'],
  'ES modules, as strict as it gets': ['--module', 'node16', '--moduleResolution', 'node16', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--noPropertyAccessFromIndexSignature', '--verbatimModuleSyntax'],
  'a bundler': ['--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2022,dom,dom.asynciterable'],
})) {
  test(`the public types compile for ${what}`, () => {
    // `.mts` by its package: a copy beside the tests, so that the package's name leads to itself.
    const file = path.join(PACKAGE, `test/types/.${process.pid}.${options.length}.mts`);
    fs.copyFileSync(path.join(PACKAGE, 'test/types/usage.ts'), file);
    try {
      const { status, stdout } = spawnSync(process.execPath, [tsc, '--noEmit', '--strict', '--target', 'es2022', '--types', 'node', ...options, file], { cwd: PACKAGE, encoding: 'utf8' });
      assert.equal(status, 0, stdout);
    } finally {
      fs.unlinkSync(file);
    }
  });
}

test('the declarations show nothing internal, and reach only what is public', () => {
  const reached = new Set();
  const follow = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    const text = fs.readFileSync(path.join(dist, file), 'utf8');
    for (const [, name] of text.matchAll(/from '\.\/(\w+)\.js'/g)) follow(`${name}.d.ts`);
    assert.doesNotMatch(text, /@internal|Native|static (of|begin|from)\(native|blame|abandon/, file);
  };
  follow('index.d.ts');
  for (const file of ['native.d.ts', 'functions.d.ts', 'signal.d.ts', 'check.d.ts', 'reader.d.ts', 'later.d.ts']) assert.ok(!reached.has(file), `${file} is reached`);
});
