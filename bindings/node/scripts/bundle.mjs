// Bundles the facade into one CommonJS file, and writes the ESM entry over it, so that both have one instance of every class.
// One file, because every `require` of another makes Node's resolver hotter: a dozen modules are enough for V8 to start its
// optimizing compiler while the package loads, which costs more resident memory than the package itself.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const dist = path.join(root, 'dist');
const outfile = path.join(dist, 'index.js');
await build({
  entryPoints: [path.join(root, 'src/index.ts')], outfile, bundle: true, platform: 'node', target: 'node18', format: 'cjs', logLevel: 'warning',
});
// A class that names itself is called `_Name` within the bundle; esbuild's `keepNames` would mend that, but names every closure at
// every call as well, which costs waiting calls memory.
const bundled = fs.readFileSync(outfile, 'utf8');
const renamed = [...bundled.matchAll(/^var (\w+) = class _\1\b/gm)].map((match) => match[1]);
fs.appendFileSync(outfile, renamed.map((name) => `Object.defineProperty(${name}, "name", { value: "${name}", configurable: true });\n`).join(''));
// The names are those that the bundle announces to Node's own reader of CommonJS: loading it would need the native library.
const announced = /0 && \(module\.exports = \{([^}]*)\}\)/.exec(bundled);
const names = (announced?.[1] ?? '').split(',').map((name) => name.trim()).filter(Boolean).sort();
if (names.length === 0) throw new Error('dist/index.js exports nothing');
fs.writeFileSync(path.join(dist, 'index.mjs'), `import graphbit from './index.js';\nexport const {\n${names.map((name) => `  ${name},\n`).join('')}} = graphbit;\nexport default graphbit;\n`);
fs.writeFileSync(path.join(dist, 'index.d.mts'), `import * as graphbit from './index.js';\nexport * from './index.js';\nexport default graphbit;\n`);
