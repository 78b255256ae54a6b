// Before all tests: they start the programs as people do, from their bundles. From its sources a command takes ten times as long (0.7 s of a processor).
import { products } from '../scripts/setup/products.mjs';
import { runSteps } from '../scripts/setup/run.mjs';

export const setup = (): Promise<void> => runSteps(products);
