// Functions and values that a file of the programs offers and nobody takes: neither another file, nor a test or a script. Exits with 1 if there are
// any. Types stand beside the functions that speak of them; what the engine offers is for whoever may come.
import { globSync, readFileSync } from 'node:fs';
import { inProject } from './setup/machine.mjs';

const OF = /^src\/(tui|cli)\//;
const OFFERED = /^export (?:async )?(?:const|let|function\*?|class) (\w+)|^export const \[([\w, ]+)\]/gm;

const files = globSync(['{src,test,scripts}/**/*.{ts,tsx,mjs}'], { cwd: inProject() });
const words = new Map(files.map((file) => [file, new Set(readFileSync(inProject(file), 'utf8').match(/\w+/g))]));

const unused = files
  .filter((file) => OF.test(file))
  .flatMap((file) => {
    const names = [...readFileSync(inProject(file), 'utf8').matchAll(OFFERED)].flatMap(([, one, several]) => one ?? several.split(/, */));
    const others = [...words].filter(([other]) => other !== file);
    return names.filter((name) => !others.some(([, taken]) => taken.has(name))).map((name) => `${file}: ${name}`);
  });

for (const one of unused) console.error(`${one} is exported, and nobody takes it`);
process.exitCode = unused.length > 0 ? 1 : 0;
