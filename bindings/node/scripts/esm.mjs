// Writes the ESM entry over the CommonJS one, so that both have one instance of every class.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = path.join(path.dirname(fileURLToPath(import.meta.url)), '../dist');
// The names are read from the compiled text: loading the entry would need the native library of this machine.
const text = fs.readFileSync(path.join(dist, 'index.js'), 'utf8');
const names = [...text.matchAll(/Object\.defineProperty\(exports, "(\w+)"/g)].map((match) => match[1]);
const unique = [...new Set(names)].filter((name) => name !== '__esModule').sort();
if (unique.length === 0) throw new Error('dist/index.js exports nothing: did tsc run?');
fs.writeFileSync(path.join(dist, 'index.mjs'), `import graphbit from './index.js';\nexport const {\n${unique.map((name) => `  ${name},\n`).join('')}} = graphbit;\nexport default graphbit;\n`);
fs.writeFileSync(path.join(dist, 'index.d.mts'), `import * as graphbit from './index.js';\nexport * from './index.js';\nexport default graphbit;\n`);
