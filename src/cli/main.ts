// The command line.
import { runProgram } from './program.ts';

runProgram();
