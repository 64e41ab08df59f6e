import type { Pool } from '../state/pool.js';
import type { Operations } from './operation.js';

/** TODO */
export function deviceOperations(_pool: Pool): Operations {
  return {};
}
