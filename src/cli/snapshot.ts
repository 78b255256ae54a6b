// The command line with all of its programs loaded, which `node --build-snapshot` writes down (scripts/setup/snapshot.mjs): whoever starts from that loads
// nothing. Modules are evaluated at that time, on behalf of everybody: none of them may look at the environment, the user, the clock or the node before
// it runs (test/cli/snapshot.test.ts).
import { startupSnapshot } from 'node:v8';
import { loadPrograms, runProgram } from './program.ts';

void loadPrograms();
// what every verb that changes something needs: 5 ms for it, less than 1 for whoever does not
for (const name of ['node:child_process', 'node:net']) process.getBuiltinModule(name);
startupSnapshot.setDeserializeMainFunction(runProgram);
