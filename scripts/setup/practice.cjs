// What `node --build-snapshot` runs: makes the heap that is written down. The program of src/cli/snapshot.ts is loaded twice from one text. The first one
// practises in a prefix of its own and is forgotten; functions that ran meanwhile, node's own among them, keep their code, and the second one has it
// from the beginning. Nobody who starts from it compiles them again, and none that nobody needs are in the way.
const childProcess = require('node:child_process');
const { once } = require('node:events');
const { mkdirSync, readFileSync, readlinkSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { queryObjects, startupSnapshot } = require('node:v8');

/** The bundle, the program that it is called as, and the prefix, "" for none: nothing is practised then. */
const { BUNDLE, CALLED_AS, VZDECK_ROOT } = process.env;

const text = `${readFileSync(BUNDLE, 'utf8')}\n//# sourceURL=${BUNDLE}`;
const load = new Function('require', 'module', 'exports', text);
function program() {
  const made = { exports: {} };
  load(require, made, made.exports);
  return made.exports;
}

const CONFIG = 'PHYSPAGES="0:256M"\nSWAPPAGES="0:512M"\nNUMPROC="300"\nCPUUNITS="1000"\nVE_LAYOUT="simfs"\nOSTEMPLATE="busybox"\n';
/** 101 seems to run: as far as anybody can tell this process is its init and its keeper. 102 does not. */
function files() {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  const process101 = `${process.pid} ${started}\n`;
  return {
    'etc/vz/vz.conf': 'VE_ROOT="/vz/root/$VEID"\nVE_PRIVATE="/vz/private/$VEID"\n',
    'etc/vz/conf/101.conf': `${CONFIG}NAME="one"\nIP_ADDRESS="203.0.113.101"\n`,
    'etc/vz/conf/102.conf': `${CONFIG}NAME="two"\nIP_ADDRESS="203.0.113.102"\n`,
    'run/vzdeck/101/init': process101,
    'run/vzdeck/101/keeper': process101,
    'run/vzdeck/101/network': JSON.stringify({
      namespace: readlinkSync('/proc/self/ns/net'),
      values: { IP_ADDRESS: '203.0.113.101' },
      things: [],
    }),
    'vz/private/101/etc/network/interfaces': 'auto lo\niface lo inet loopback\n',
    'vz/private/102/etc/network/interfaces': 'auto lo\niface lo inet loopback\n',
    'vz/root/101/.none': '',
    'vz/root/102/.none': '',
  };
}

/** Of what people do most, as far as it changes nothing but the prefix: each is only planned, or done to 102, which does not run. */
const PRACTICE = [
  'vzctl --dry-run set 101 --ipadd 203.0.113.1 --save',
  'vzctl --dry-run set 101 --ipdel 203.0.113.101 --save',
  'vzctl --dry-run set 101 --numproc 200:200 --physpages 60000:60000 --swappages 60000:60000 --cpuunits 1001 --cpulimit 50 --save',
  'vzctl set 102 --ipadd 203.0.113.2 --numproc 200:200 --save',
  'vzctl --dry-run start 102',
  'vzctl --dry-run stop 101 --fast',
  'vzctl status 101',
  'vzlist -a',
  'vzubc',
];

const EVENTS = ['exit', 'beforeExit', 'SIGINT', 'SIGTERM', 'uncaughtException'];
const NOBODY = { write: () => true, on: () => NOBODY, once: () => NOBODY, isTTY: false };

/** What a program leaves to the end of its process, which would be in everybody's heap; returns the way back. */
function asIf() {
  const { spawn } = childProcess;
  const children = [];
  childProcess.spawn = (...words) => {
    const child = spawn(...words);
    children.push(child);
    return child;
  };
  const listeners = EVENTS.map((event) => [event, process.listeners(event)]);
  const { argv, exit } = process;
  const { setTimeout } = globalThis;
  const { timeout } = AbortSignal;
  const streams = ['stdout', 'stderr'].map((name) => [name, Object.getOwnPropertyDescriptor(process, name)]);
  for (const [name] of streams) Object.defineProperty(process, name, { value: NOBODY, configurable: true });
  process.exit = () => {};
  // one that has not come by the end would be in everybody's list, at a time of this process
  globalThis.setTimeout = () => undefined;
  AbortSignal.timeout = () => new AbortController().signal;
  return async () => {
    childProcess.spawn = spawn;
    for (const child of children) {
      for (const stream of child.stdio) stream?.destroy();
      child.ref();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    for (const [name, property] of streams) Object.defineProperty(process, name, property);
    for (const [event, before] of listeners) {
      process.removeAllListeners(event);
      for (const one of before) process.on(event, one);
    }
    globalThis.setTimeout = setTimeout;
    AbortSignal.timeout = timeout;
    process.exit = exit;
    process.argv = argv;
    process.exitCode = undefined;
  };
}

/** One after the other, each until nothing of it is awaited any more. */
async function practise() {
  for (const [file, contents] of Object.entries(files())) {
    mkdirSync(dirname(join(VZDECK_ROOT, file)), { recursive: true });
    writeFileSync(join(VZDECK_ROOT, file), contents);
  }
  const { main } = program();
  for (const words of PRACTICE) {
    const back = asIf();
    process.argv = [process.argv[0], CALLED_AS, ...words.split(' ')];
    const over = new Promise((resolve) => process.once('beforeExit', resolve));
    main();
    await over;
    await back();
  }
}

/** Of what was practised nothing stays: whatever waits for its end hears of it in a turn of its own. */
async function forget() {
  for (let turn = 0; turn < 5; turn++) {
    queryObjects(class Nothing {}, { format: 'count' });
    await new Promise(setImmediate);
  }
  // the last text that an expression was held against, and node's memory for small buffers
  /^/.test('');
  new Uint8Array(Buffer.allocUnsafe(1).buffer).fill(0);
}

async function make() {
  if (VZDECK_ROOT) await practise();
  await forget();
  startupSnapshot.setDeserializeMainFunction(program().main);
}

make();
