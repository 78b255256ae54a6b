// vzcpucheck: CPU units of all that runs against what the node's CPUs are worth.
import { Misuse, type Tool } from './tool.ts';

const USAGE = `Usage: vzcpucheck [-v]

    -v    container by container; 0 is the node itself
`;

export const VZCPUCHECK: Tool = {
  name: 'vzcpucheck',
  help: "CPU units of all that runs against what the node's CPUs are worth",
  usage: USAGE,
  options: ['-v'],
  operands: 'none',
  misuse: { to: 'err', exit: 2 },
  run(args, open) {
    const verbose = args[0] === '-v';
    if (args.length > (verbose ? 1 : 0)) throw new Misuse('');
    const tools = open().tools();
    const shares = tools.cpuShares();
    const power = Math.floor(tools.cpuPower());
    const sum = shares.reduce((total, { units }) => total + units, 0);
    process.stdout.write(
      [
        ...(verbose ? ['VEID\t\tCPUUNITS\n-------------------------\n', ...shares.map(({ id, units }) => `${id}\t\t${units}\n`)] : []),
        `Current CPU utilization: ${sum}\n`,
        `Power of the node: ${power}\n`,
        // a kernel that tells no BogoMIPS says nothing of its power
        ...(power > 0 && sum > power ? ['Warning: hardware node is overcommitted\n'] : []),
      ].join(''),
    );
    return 0;
  },
};
